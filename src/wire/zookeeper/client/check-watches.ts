/**
 * checkWatches. Mirrors org.apache.zookeeper.proto.CheckWatchesRequest.
 *
 * CheckWatchesRequest := path ustring, type int
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, writeUstring } from '../../jute/jute.js';

export interface CheckWatchesRequest {
  readonly path: string;
  /** A WatcherType. */
  readonly type: number;
}

export function writeCheckWatchesRequest(w: ByteWriter, m: CheckWatchesRequest): void {
  writeUstring(w, m.path);
  w.i32(m.type);
}

/** Throws LabError MALFORMED. */
export function readCheckWatchesRequest(r: ByteReader): CheckWatchesRequest {
  return { path: readUstring(r), type: r.i32() };
}
