/**
 * The answer to getEphemerals. Mirrors org.apache.zookeeper.proto.GetEphemeralsResponse.
 *
 * GetEphemeralsResponse := ephemerals vector<ustring>
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstrings, writeUstrings } from '../../jute/jute.js';

export interface GetEphemeralsResponse {
  readonly ephemerals: readonly string[];
}

export function writeGetEphemeralsResponse(w: ByteWriter, m: GetEphemeralsResponse): void {
  writeUstrings(w, m.ephemerals);
}

/** Throws LabError MALFORMED. */
export function readGetEphemeralsResponse(r: ByteReader): GetEphemeralsResponse {
  return { ephemerals: readUstrings(r) };
}
