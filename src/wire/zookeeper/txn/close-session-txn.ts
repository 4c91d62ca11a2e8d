/**
 * A session ends, by its own wish or by expiry. Since 3.6 the leader lists the ephemeral nodes that go with it; before,
 * the record was absent (see txn.ts). Mirrors org.apache.zookeeper.txn.CloseSessionTxn.
 *
 * CloseSessionTxn := paths2Delete vector<ustring>
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstrings, writeUstrings } from '../../jute/jute.js';

export interface CloseSessionTxn {
  readonly paths2Delete: readonly string[];
}

export function writeCloseSessionTxn(w: ByteWriter, m: CloseSessionTxn): void {
  writeUstrings(w, m.paths2Delete);
}

/** Throws LabError MALFORMED. */
export function readCloseSessionTxn(r: ByteReader): CloseSessionTxn {
  return { paths2Delete: readUstrings(r) };
}
