/**
 * getChildren and getChildren2. Mirrors org.apache.zookeeper.proto.GetChildrenRequest.
 *
 * GetChildrenRequest := path ustring, watch bool
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readPath, writeUstring } from '../../jute/jute.js';

export interface GetChildrenRequest {
  readonly path: string;
  readonly watch: boolean;
}

export function writeGetChildrenRequest(w: ByteWriter, m: GetChildrenRequest): void {
  writeUstring(w, m.path);
  w.bool(m.watch);
}

/** Throws LabError MALFORMED. */
export function readGetChildrenRequest(r: ByteReader): GetChildrenRequest {
  return { path: readPath(r), watch: r.bool() };
}
