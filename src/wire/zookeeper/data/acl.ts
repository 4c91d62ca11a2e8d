/**
 * Access control entries: which permissions an identity has on one node (not on its children). Mirrors
 * org.apache.zookeeper.data.ACL and Id and ZooDefs.Perms.
 *
 * ACL := perms int, id Id;  Id := scheme ustring, id ustring
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, readVectorLength, writeUstring } from '../../jute/jute.js';

export interface Id {
  /** `world`, `ip`, `digest`, `auth`, ... */
  readonly scheme: string;
  readonly id: string;
}

export interface Acl {
  /** Bits of Perms. */
  readonly perms: number;
  readonly id: Id;
}

export const Perms = { READ: 1, WRITE: 2, CREATE: 4, DELETE: 8, ADMIN: 16, ALL: 31 } as const;

export const ANYONE: Id = Object.freeze({ scheme: 'world', id: 'anyone' });
export const OPEN_ACL_UNSAFE: readonly Acl[] = Object.freeze([Object.freeze({ perms: Perms.ALL, id: ANYONE })]);
export const READ_ACL_UNSAFE: readonly Acl[] = Object.freeze([Object.freeze({ perms: Perms.READ, id: ANYONE })]);
/** Everything, for whoever is authenticated on the creating connection. */
export const CREATOR_ALL_ACL: readonly Acl[] = Object.freeze([
  Object.freeze({ perms: Perms.ALL, id: { scheme: 'auth', id: '' } }),
]);

export function writeAcl(w: ByteWriter, acl: Acl): void {
  w.i32(acl.perms);
  writeUstring(w, acl.id.scheme);
  writeUstring(w, acl.id.id);
}

/** Throws LabError MALFORMED. */
export function readAcl(r: ByteReader): Acl {
  return { perms: r.i32(), id: { scheme: readUstring(r), id: readUstring(r) } };
}

export function writeAcls(w: ByteWriter, acls: readonly Acl[]): void {
  w.i32(acls.length);
  for (const acl of acls) writeAcl(w, acl);
}

/** A null vector reads as an empty one. Throws LabError MALFORMED. */
export function readAcls(r: ByteReader): Acl[] {
  const count = readVectorLength(r, 12);
  const acls: Acl[] = [];
  for (let i = 0; i < count; i++) acls.push(readAcl(r));
  return acls;
}
