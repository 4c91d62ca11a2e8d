/**
 * A node gets new data (types setData and reconfig). Mirrors org.apache.zookeeper.txn.SetDataTxn.
 *
 * SetDataTxn := path ustring, data buffer, version int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readBuffer, readUstring, writeBuffer, writeUstring } from '../../jute/jute.js';

export interface SetDataTxn {
  readonly path: string;
  readonly data: Buffer | null;
  /** The data version afterwards. */
  readonly version: number;
}

export function writeSetDataTxn(w: ByteWriter, m: SetDataTxn): void {
  writeUstring(w, m.path);
  writeBuffer(w, m.data);
  w.i32(m.version);
}

/** Throws LabError MALFORMED. */
export function readSetDataTxn(r: ByteReader): SetDataTxn {
  return { path: readUstring(r), data: readBuffer(r), version: r.i32() };
}
