/**
 * check: only inside a multi. Mirrors org.apache.zookeeper.proto.CheckVersionRequest.
 *
 * CheckVersionRequest := path ustring, version int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, writeUstring } from '../../jute/jute.js';

export interface CheckVersionRequest {
  readonly path: string;
  readonly version: number;
}

export function writeCheckVersionRequest(w: ByteWriter, m: CheckVersionRequest): void {
  writeUstring(w, m.path);
  w.i32(m.version);
}

/** Throws LabError MALFORMED. */
export function readCheckVersionRequest(r: ByteReader): CheckVersionRequest {
  return { path: readUstring(r), version: r.i32() };
}
