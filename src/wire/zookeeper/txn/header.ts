/**
 * What stands before every transaction record, in the log and in PROPOSAL packets.
 * Mirrors org.apache.zookeeper.txn.TxnHeader.
 *
 * TxnHeader := clientId long, cxid int, zxid long, time long, type int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';

export interface TxnHeader {
  /** The session that asked for it. */
  readonly clientId: bigint;
  /** The xid of the request in that session. */
  readonly cxid: number;
  readonly zxid: bigint;
  /** Milliseconds since 1970, by the leader's clock. */
  readonly time: bigint;
  /** An Op: what the record is. */
  readonly type: number;
}

export function writeTxnHeader(w: ByteWriter, m: TxnHeader): void {
  w.i64(m.clientId);
  w.i32(m.cxid);
  w.i64(m.zxid);
  w.i64(m.time);
  w.i32(m.type);
}

/** Throws LabError MALFORMED. */
export function readTxnHeader(r: ByteReader): TxnHeader {
  return { clientId: r.i64(), cxid: r.i32(), zxid: r.i64(), time: r.i64(), type: r.i32() };
}
