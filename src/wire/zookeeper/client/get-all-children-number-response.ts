/**
 * The answer to getAllChildrenNumber. Mirrors org.apache.zookeeper.proto.GetAllChildrenNumberResponse.
 *
 * GetAllChildrenNumberResponse := totalNumber int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';

export interface GetAllChildrenNumberResponse {
  readonly totalNumber: number;
}

export function writeGetAllChildrenNumberResponse(w: ByteWriter, m: GetAllChildrenNumberResponse): void {
  w.i32(m.totalNumber);
}

/** Throws LabError MALFORMED. */
export function readGetAllChildrenNumberResponse(r: ByteReader): GetAllChildrenNumberResponse {
  return { totalNumber: r.i32() };
}
