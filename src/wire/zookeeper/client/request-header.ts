/**
 * Stands before every request record. Mirrors org.apache.zookeeper.proto.RequestHeader.
 *
 * RequestHeader := xid int, type int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';

export interface RequestHeader {
  /** Chosen by the client; negative ones are special (see Xid). */
  readonly xid: number;
  /** An Op. */
  readonly type: number;
}

export function writeRequestHeader(w: ByteWriter, m: RequestHeader): void {
  w.i32(m.xid);
  w.i32(m.type);
}

/** Throws LabError MALFORMED. */
export function readRequestHeader(r: ByteReader): RequestHeader {
  return { xid: r.i32(), type: r.i32() };
}
