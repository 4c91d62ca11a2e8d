/**
 * removeWatches. Mirrors org.apache.zookeeper.proto.RemoveWatchesRequest.
 *
 * RemoveWatchesRequest := path ustring, type int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, writeUstring } from '../../jute/jute.js';

export interface RemoveWatchesRequest {
  readonly path: string;
  /** A WatcherType. */
  readonly type: number;
}

export function writeRemoveWatchesRequest(w: ByteWriter, m: RemoveWatchesRequest): void {
  writeUstring(w, m.path);
  w.i32(m.type);
}

/** Throws LabError MALFORMED. */
export function readRemoveWatchesRequest(r: ByteReader): RemoveWatchesRequest {
  return { path: readUstring(r), type: r.i32() };
}
