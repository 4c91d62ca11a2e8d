/**
 * A container node is created. Mirrors org.apache.zookeeper.txn.CreateContainerTxn.
 *
 * CreateContainerTxn := path ustring, data buffer, acl vector<ACL>, parentCVersion int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readBuffer, readUstring, writeBuffer, writeUstring } from '../../jute/jute.js';
import { readAcls, writeAcls } from '../data/acl.js';
import type { Acl } from '../data/acl.js';

export interface CreateContainerTxn {
  readonly path: string;
  readonly data: Buffer | null;
  readonly acl: readonly Acl[];
  readonly parentCVersion: number;
}

export function writeCreateContainerTxn(w: ByteWriter, m: CreateContainerTxn): void {
  writeUstring(w, m.path);
  writeBuffer(w, m.data);
  writeAcls(w, m.acl);
  w.i32(m.parentCVersion);
}

/** Throws LabError MALFORMED. */
export function readCreateContainerTxn(r: ByteReader): CreateContainerTxn {
  return { path: readUstring(r), data: readBuffer(r), acl: readAcls(r), parentCVersion: r.i32() };
}
