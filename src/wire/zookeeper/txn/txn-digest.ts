/**
 * The tail of a transaction since 3.6 with digestEnabled: what the whole tree hashes to once it is applied.
 * Mirrors org.apache.zookeeper.txn.TxnDigest.
 *
 * TxnDigest := version int, treeDigest long
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';

export interface TxnDigest {
  readonly version: number;
  readonly treeDigest: bigint;
}

export function writeTxnDigest(w: ByteWriter, m: TxnDigest): void {
  w.i32(m.version);
  w.i64(m.treeDigest);
}

/** Throws LabError MALFORMED. */
export function readTxnDigest(r: ByteReader): TxnDigest {
  return { version: r.i32(), treeDigest: r.i64() };
}
