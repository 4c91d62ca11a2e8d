/**
 * A node is deleted (types delete and deleteContainer). Mirrors org.apache.zookeeper.txn.DeleteTxn.
 *
 * DeleteTxn := path ustring
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, writeUstring } from '../../jute/jute.js';

export interface DeleteTxn {
  readonly path: string;
}

export function writeDeleteTxn(w: ByteWriter, m: DeleteTxn): void {
  writeUstring(w, m.path);
}

/** Throws LabError MALFORMED. */
export function readDeleteTxn(r: ByteReader): DeleteTxn {
  return { path: readUstring(r) };
}
