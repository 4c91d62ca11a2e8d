/**
 * exists. Mirrors org.apache.zookeeper.proto.ExistsRequest.
 *
 * ExistsRequest := path ustring, watch bool
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readPath, writeUstring } from '../../jute/jute.js';

export interface ExistsRequest {
  readonly path: string;
  readonly watch: boolean;
}

export function writeExistsRequest(w: ByteWriter, m: ExistsRequest): void {
  writeUstring(w, m.path);
  w.bool(m.watch);
}

/** Throws LabError MALFORMED. */
export function readExistsRequest(r: ByteReader): ExistsRequest {
  return { path: readPath(r), watch: r.bool() };
}
