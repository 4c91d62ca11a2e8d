/**
 * Several transactions under one zxid, all or nothing: if one is an error, all are. Mirrors
 * org.apache.zookeeper.txn.MultiTxn and Txn.
 *
 * MultiTxn := txns vector<Txn>;  Txn := type int, data buffer (the record of that type)
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readBuffer, readVectorLength, writeBuffer } from '../../jute/jute.js';

export interface SubTxn {
  /** An Op. */
  readonly type: number;
  readonly data: Buffer;
}

export interface MultiTxn {
  readonly txns: readonly SubTxn[];
}

export function writeMultiTxn(w: ByteWriter, m: MultiTxn): void {
  w.i32(m.txns.length);
  for (const txn of m.txns) {
    w.i32(txn.type);
    writeBuffer(w, txn.data);
  }
}

/** Throws LabError MALFORMED. */
export function readMultiTxn(r: ByteReader): MultiTxn {
  const count = readVectorLength(r, 8);
  const txns: SubTxn[] = [];
  for (let i = 0; i < count; i++) txns.push({ type: r.i32(), data: readBuffer(r) ?? Buffer.alloc(0) });
  return { txns };
}
