/**
 * Stands before every reply record and every watch event; the record is absent when err is not 0. Mirrors
 * org.apache.zookeeper.proto.ReplyHeader.
 *
 * ReplyHeader := xid int, zxid long, err int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';

export interface ReplyHeader {
  readonly xid: number;
  /** The last transaction this server has applied, or that of the request itself; -1 for watch events. */
  readonly zxid: bigint;
  /** An ErrorCode. */
  readonly err: number;
}

export function writeReplyHeader(w: ByteWriter, m: ReplyHeader): void {
  w.i32(m.xid);
  w.i64(m.zxid);
  w.i32(m.err);
}

/** Throws LabError MALFORMED. */
export function readReplyHeader(r: ByteReader): ReplyHeader {
  return { xid: r.i32(), zxid: r.i64(), err: r.i32() };
}
