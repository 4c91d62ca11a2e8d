/**
 * A node gets a new ACL. Mirrors org.apache.zookeeper.txn.SetACLTxn.
 *
 * SetAclTxn := path ustring, acl vector<ACL>, version int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, writeUstring } from '../../jute/jute.js';
import { readAcls, writeAcls } from '../data/acl.js';
import type { Acl } from '../data/acl.js';

export interface SetAclTxn {
  readonly path: string;
  readonly acl: readonly Acl[];
  /** The ACL version afterwards. */
  readonly version: number;
}

export function writeSetAclTxn(w: ByteWriter, m: SetAclTxn): void {
  writeUstring(w, m.path);
  writeAcls(w, m.acl);
  w.i32(m.version);
}

/** Throws LabError MALFORMED. */
export function readSetAclTxn(r: ByteReader): SetAclTxn {
  return { path: readUstring(r), acl: readAcls(r), version: r.i32() };
}
