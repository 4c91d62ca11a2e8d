/**
 * A node is created (types create and create2). Mirrors org.apache.zookeeper.txn.CreateTxn.
 *
 * CreateTxn := path ustring, data buffer, acl vector<ACL>, ephemeral bool, parentCVersion int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readBuffer, readUstring, writeBuffer, writeUstring } from '../../jute/jute.js';
import { readAcls, writeAcls } from '../data/acl.js';
import type { Acl } from '../data/acl.js';

export interface CreateTxn {
  readonly path: string;
  readonly data: Buffer | null;
  readonly acl: readonly Acl[];
  readonly ephemeral: boolean;
  /** The parent's cversion once this is applied; -1 in logs older than 3.3: then the tree counts up by itself. */
  readonly parentCVersion: number;
}

export function writeCreateTxn(w: ByteWriter, m: CreateTxn): void {
  writeUstring(w, m.path);
  writeBuffer(w, m.data);
  writeAcls(w, m.acl);
  w.bool(m.ephemeral);
  w.i32(m.parentCVersion);
}

/** Throws LabError MALFORMED. */
export function readCreateTxn(r: ByteReader): CreateTxn {
  return { path: readUstring(r), data: readBuffer(r), acl: readAcls(r), ephemeral: r.bool(), parentCVersion: r.i32() };
}
