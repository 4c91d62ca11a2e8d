/**
 * Sent unasked, behind a ReplyHeader with xid -1. Mirrors org.apache.zookeeper.proto.WatcherEvent.
 *
 * WatcherEvent := type int, state int, path ustring
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, writeUstring } from '../../jute/jute.js';

export interface WatcherEvent {
  /** A WatchEventType. */
  readonly type: number;
  /** A KeeperState. */
  readonly state: number;
  readonly path: string;
}

export function writeWatcherEvent(w: ByteWriter, m: WatcherEvent): void {
  w.i32(m.type);
  w.i32(m.state);
  writeUstring(w, m.path);
}

/** Throws LabError MALFORMED. */
export function readWatcherEvent(r: ByteReader): WatcherEvent {
  return { type: r.i32(), state: r.i32(), path: readUstring(r) };
}
