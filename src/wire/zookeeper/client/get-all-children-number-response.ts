/**
 * The answer to getAllChildrenNumber. Mirrors org.apache.zookeeper.proto.GetAllChildrenNumberResponse.
 *
 * GetAllChildrenNumberResponse := totalNumber int
 */
import type { ByteReader } from '../../../base/bytes.js';

export interface GetAllChildrenNumberResponse {
  readonly totalNumber: number;
}

/** Throws LabError MALFORMED. */
export function readGetAllChildrenNumberResponse(r: ByteReader): GetAllChildrenNumberResponse {
  return { totalNumber: r.i32() };
}
