/**
 * setACL. Mirrors org.apache.zookeeper.proto.SetACLRequest.
 *
 * SetAclRequest := path ustring, acl vector<ACL>, version int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, writeUstring } from '../../jute/jute.js';
import { readAcls, writeAcls } from '../data/acl.js';
import type { Acl } from '../data/acl.js';

export interface SetAclRequest {
  readonly path: string;
  readonly acl: readonly Acl[];
  /** Of the ACL; -1: any. */
  readonly version: number;
}

export function writeSetAclRequest(w: ByteWriter, m: SetAclRequest): void {
  writeUstring(w, m.path);
  writeAcls(w, m.acl);
  w.i32(m.version);
}

/** Throws LabError MALFORMED. */
export function readSetAclRequest(r: ByteReader): SetAclRequest {
  return { path: readUstring(r), acl: readAcls(r), version: r.i32() };
}
