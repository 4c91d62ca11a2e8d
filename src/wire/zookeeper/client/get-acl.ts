/**
 * getACL. Mirrors org.apache.zookeeper.proto.GetACLRequest.
 *
 * GetAclRequest := path ustring
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readPath, writeUstring } from '../../jute/jute.js';

export interface GetAclRequest {
  readonly path: string;
}

export function writeGetAclRequest(w: ByteWriter, m: GetAclRequest): void {
  writeUstring(w, m.path);
}

/** Throws LabError MALFORMED. */
export function readGetAclRequest(r: ByteReader): GetAclRequest {
  return { path: readPath(r) };
}
