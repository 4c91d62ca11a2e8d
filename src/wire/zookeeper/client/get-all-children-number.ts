/**
 * getAllChildrenNumber. Mirrors org.apache.zookeeper.proto.GetAllChildrenNumberRequest.
 *
 * GetAllChildrenNumberRequest := path ustring
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readPath, writeUstring } from '../../jute/jute.js';

export interface GetAllChildrenNumberRequest {
  readonly path: string;
}

export function writeGetAllChildrenNumberRequest(w: ByteWriter, m: GetAllChildrenNumberRequest): void {
  writeUstring(w, m.path);
}

/** Throws LabError MALFORMED. */
export function readGetAllChildrenNumberRequest(r: ByteReader): GetAllChildrenNumberRequest {
  return { path: readPath(r) };
}
