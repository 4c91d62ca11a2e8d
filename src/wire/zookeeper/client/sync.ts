/**
 * sync; its answer has the same shape. Mirrors org.apache.zookeeper.proto.SyncRequest.
 *
 * SyncRequest := path ustring
 */
import type { ByteWriter } from '../../../base/bytes.js';
import { writeUstring } from '../../jute/jute.js';

export interface SyncRequest {
  readonly path: string;
}

export function writeSyncRequest(w: ByteWriter, m: SyncRequest): void {
  writeUstring(w, m.path);
}
