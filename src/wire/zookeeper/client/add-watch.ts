/**
 * addWatch. Mirrors org.apache.zookeeper.proto.AddWatchRequest.
 *
 * AddWatchRequest := path ustring, mode int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, writeUstring } from '../../jute/jute.js';

export interface AddWatchRequest {
  readonly path: string;
  /** An AddWatchMode. */
  readonly mode: number;
}

export function writeAddWatchRequest(w: ByteWriter, m: AddWatchRequest): void {
  writeUstring(w, m.path);
  w.i32(m.mode);
}

/** Throws LabError MALFORMED. */
export function readAddWatchRequest(r: ByteReader): AddWatchRequest {
  return { path: readUstring(r), mode: r.i32() };
}
