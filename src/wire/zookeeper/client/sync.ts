/**
 * sync; its answer has the same shape. Mirrors org.apache.zookeeper.proto.SyncRequest.
 *
 * SyncRequest := path ustring
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, writeUstring } from '../../jute/jute.js';

export interface SyncRequest {
  readonly path: string;
}

export function writeSyncRequest(w: ByteWriter, m: SyncRequest): void {
  writeUstring(w, m.path);
}

/** Throws LabError MALFORMED. */
export function readSyncRequest(r: ByteReader): SyncRequest {
  return { path: readUstring(r) };
}
