/**
 * A session is opened. Mirrors org.apache.zookeeper.txn.CreateSessionTxn.
 *
 * CreateSessionTxn := timeOut int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';

export interface CreateSessionTxn {
  /** Negotiated, milliseconds. */
  readonly timeOut: number;
}

export function writeCreateSessionTxn(w: ByteWriter, m: CreateSessionTxn): void {
  w.i32(m.timeOut);
}

/** Throws LabError MALFORMED. */
export function readCreateSessionTxn(r: ByteReader): CreateSessionTxn {
  return { timeOut: r.i32() };
}
