/**
 * The answer to getChildren. Mirrors org.apache.zookeeper.proto.GetChildrenResponse.
 *
 * GetChildrenResponse := children vector<ustring>
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstrings, writeUstrings } from '../../jute/jute.js';

export interface GetChildrenResponse {
  readonly children: readonly string[];
}

export function writeGetChildrenResponse(w: ByteWriter, m: GetChildrenResponse): void {
  writeUstrings(w, m.children);
}

/** Throws LabError MALFORMED. */
export function readGetChildrenResponse(r: ByteReader): GetChildrenResponse {
  return { children: readUstrings(r) };
}
