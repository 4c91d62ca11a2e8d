/**
 * A write was refused: it takes a zxid and changes nothing. Mirrors org.apache.zookeeper.txn.ErrorTxn.
 *
 * ErrorTxn := err int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';

export interface ErrorTxn {
  /** An ErrorCode. */
  readonly err: number;
}

export function writeErrorTxn(w: ByteWriter, m: ErrorTxn): void {
  w.i32(m.err);
}

/** Throws LabError MALFORMED. */
export function readErrorTxn(r: ByteReader): ErrorTxn {
  return { err: r.i32() };
}
