/**
 * createTTL. Mirrors org.apache.zookeeper.proto.CreateTTLRequest.
 *
 * CreateTtlRequest := path ustring, data buffer, acl vector<ACL>, flags int, ttl long
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readBuffer, readPath, writeBuffer, writeUstring } from '../../jute/jute.js';
import { readAcls, writeAcls } from '../data/acl.js';
import type { Acl } from '../data/acl.js';

export interface CreateTtlRequest {
  readonly path: string;
  readonly data: Buffer | null;
  readonly acl: readonly Acl[];
  readonly flags: number;
  /** Milliseconds. */
  readonly ttl: bigint;
}

export function writeCreateTtlRequest(w: ByteWriter, m: CreateTtlRequest): void {
  writeUstring(w, m.path);
  writeBuffer(w, m.data);
  writeAcls(w, m.acl);
  w.i32(m.flags);
  w.i64(m.ttl);
}

/** Throws LabError MALFORMED. */
export function readCreateTtlRequest(r: ByteReader): CreateTtlRequest {
  return { path: readPath(r), data: readBuffer(r), acl: readAcls(r), flags: r.i32(), ttl: r.i64() };
}
