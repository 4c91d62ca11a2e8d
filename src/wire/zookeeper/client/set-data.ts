/**
 * setData. Mirrors org.apache.zookeeper.proto.SetDataRequest.
 *
 * SetDataRequest := path ustring, data buffer, version int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readBuffer, readUstring, writeBuffer, writeUstring } from '../../jute/jute.js';

export interface SetDataRequest {
  readonly path: string;
  readonly data: Buffer | null;
  /** -1: any. */
  readonly version: number;
}

export function writeSetDataRequest(w: ByteWriter, m: SetDataRequest): void {
  writeUstring(w, m.path);
  writeBuffer(w, m.data);
  w.i32(m.version);
}

/** Throws LabError MALFORMED. */
export function readSetDataRequest(r: ByteReader): SetDataRequest {
  return { path: readUstring(r), data: readBuffer(r), version: r.i32() };
}
