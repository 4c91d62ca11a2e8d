/**
 * create and create2. Mirrors org.apache.zookeeper.proto.CreateRequest.
 *
 * CreateRequest := path ustring, data buffer, acl vector<ACL>, flags int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readBuffer, readPath, writeBuffer, writeUstring } from '../../jute/jute.js';
import { readAcls, writeAcls } from '../data/acl.js';
import type { Acl } from '../data/acl.js';

export interface CreateRequest {
  readonly path: string;
  readonly data: Buffer | null;
  readonly acl: readonly Acl[];
  /** A CreateMode. */
  readonly flags: number;
}

export function writeCreateRequest(w: ByteWriter, m: CreateRequest): void {
  writeUstring(w, m.path);
  writeBuffer(w, m.data);
  writeAcls(w, m.acl);
  w.i32(m.flags);
}

/** Throws LabError MALFORMED. */
export function readCreateRequest(r: ByteReader): CreateRequest {
  return { path: readPath(r), data: readBuffer(r), acl: readAcls(r), flags: r.i32() };
}
