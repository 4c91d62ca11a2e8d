/**
 * A node with a time to live is created. Mirrors org.apache.zookeeper.txn.CreateTTLTxn.
 *
 * CreateTtlTxn := path ustring, data buffer, acl vector<ACL>, parentCVersion int, ttl long
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readBuffer, readUstring, writeBuffer, writeUstring } from '../../jute/jute.js';
import { readAcls, writeAcls } from '../data/acl.js';
import type { Acl } from '../data/acl.js';

export interface CreateTtlTxn {
  readonly path: string;
  readonly data: Buffer | null;
  readonly acl: readonly Acl[];
  readonly parentCVersion: number;
  /** Milliseconds. */
  readonly ttl: bigint;
}

export function writeCreateTtlTxn(w: ByteWriter, m: CreateTtlTxn): void {
  writeUstring(w, m.path);
  writeBuffer(w, m.data);
  writeAcls(w, m.acl);
  w.i32(m.parentCVersion);
  w.i64(m.ttl);
}

/** Throws LabError MALFORMED. */
export function readCreateTtlTxn(r: ByteReader): CreateTtlTxn {
  return { path: readUstring(r), data: readBuffer(r), acl: readAcls(r), parentCVersion: r.i32(), ttl: r.i64() };
}
