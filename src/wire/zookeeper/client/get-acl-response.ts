/**
 * The answer to getACL. Mirrors org.apache.zookeeper.proto.GetACLResponse.
 *
 * GetAclResponse := acl vector<ACL>, stat Stat
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readAcls, writeAcls } from '../data/acl.js';
import type { Acl } from '../data/acl.js';
import { readStat, writeStat } from '../data/stat.js';
import type { Stat } from '../data/stat.js';

export interface GetAclResponse {
  readonly acl: readonly Acl[];
  readonly stat: Stat;
}

export function writeGetAclResponse(w: ByteWriter, m: GetAclResponse): void {
  writeAcls(w, m.acl);
  writeStat(w, m.stat);
}

/** Throws LabError MALFORMED. */
export function readGetAclResponse(r: ByteReader): GetAclResponse {
  return { acl: readAcls(r), stat: readStat(r) };
}
