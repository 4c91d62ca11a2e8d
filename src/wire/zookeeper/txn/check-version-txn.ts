/**
 * A version was checked, inside a multi. Mirrors org.apache.zookeeper.txn.CheckVersionTxn.
 *
 * CheckVersionTxn := path ustring, version int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, writeUstring } from '../../jute/jute.js';

export interface CheckVersionTxn {
  readonly path: string;
  readonly version: number;
}

export function writeCheckVersionTxn(w: ByteWriter, m: CheckVersionTxn): void {
  writeUstring(w, m.path);
  w.i32(m.version);
}

/** Throws LabError MALFORMED. */
export function readCheckVersionTxn(r: ByteReader): CheckVersionTxn {
  return { path: readUstring(r), version: r.i32() };
}
