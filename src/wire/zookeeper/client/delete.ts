/**
 * delete. Mirrors org.apache.zookeeper.proto.DeleteRequest.
 *
 * DeleteRequest := path ustring, version int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readPath, writeUstring } from '../../jute/jute.js';

export interface DeleteRequest {
  readonly path: string;
  /** -1: any. */
  readonly version: number;
}

export function writeDeleteRequest(w: ByteWriter, m: DeleteRequest): void {
  writeUstring(w, m.path);
  w.i32(m.version);
}

/** Throws LabError MALFORMED. */
export function readDeleteRequest(r: ByteReader): DeleteRequest {
  return { path: readPath(r), version: r.i32() };
}
