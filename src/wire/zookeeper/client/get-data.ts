/**
 * getData. Mirrors org.apache.zookeeper.proto.GetDataRequest.
 *
 * GetDataRequest := path ustring, watch bool
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readPath, writeUstring } from '../../jute/jute.js';

export interface GetDataRequest {
  readonly path: string;
  readonly watch: boolean;
}

export function writeGetDataRequest(w: ByteWriter, m: GetDataRequest): void {
  writeUstring(w, m.path);
  w.bool(m.watch);
}

/** Throws LabError MALFORMED. */
export function readGetDataRequest(r: ByteReader): GetDataRequest {
  return { path: readPath(r), watch: r.bool() };
}
