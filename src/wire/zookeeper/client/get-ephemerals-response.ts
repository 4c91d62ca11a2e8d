/**
 * The answer to getEphemerals. Mirrors org.apache.zookeeper.proto.GetEphemeralsResponse.
 *
 * GetEphemeralsResponse := ephemerals vector<ustring>
 */
import type { ByteReader } from '../../../base/bytes.js';
import { readUstrings } from '../../jute/jute.js';

export interface GetEphemeralsResponse {
  readonly ephemerals: readonly string[];
}

/** Throws LabError MALFORMED. */
export function readGetEphemeralsResponse(r: ByteReader): GetEphemeralsResponse {
  return { ephemerals: readUstrings(r) };
}
