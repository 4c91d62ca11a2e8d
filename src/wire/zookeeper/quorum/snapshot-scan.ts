/**
 * Finds where a serialized tree ends in a stream: after SNAP the leader sends one without saying how long it is. Only
 * the structure is followed; what the fields mean is the tree's business. Mirrors the layout that
 * org.apache.zookeeper.server.util.SerializeUtils.serializeSnapshot writes.
 *
 * Snapshot := count int, {session long, timeout int}*count, aclCount int, {key long, vector<ACL>}*aclCount, {path
 * ustring, Node}*, "/" ACL      := perms int, scheme ustring, id ustring Node     := data buffer, acl long,
 * StatPersisted (60 bytes)
 */
import { LabError } from '../../../base/errors.js';

/** Bytes as they arrive: `at` moves forward, `end` grows between two resumptions. */
export interface ScanWindow {
  bytes: Buffer;
  at: number;
  end: number;
}

const STAT_PERSISTED_SIZE = 60;

function malformed(what: string): LabError {
  return new LabError('MALFORMED', `malformed snapshot: ${what}`);
}

/** Waits until `count` more bytes are there, and returns where they start. */
function* take(w: ScanWindow, count: number): Generator<void, number, void> {
  while (w.end - w.at < count) yield;
  const at = w.at;
  w.at += count;
  return at;
}

function* length(w: ScanWindow, what: string, limit: number): Generator<void, number, void> {
  const at = yield* take(w, 4);
  const value = w.bytes.readInt32BE(at);
  if (value < -1 || value > limit) throw malformed(`${what} of length ${value}`);
  return value;
}

function* field(w: ScanWindow, what: string, limit: number): Generator<void, void, void> {
  const size = yield* length(w, what, limit);
  if (size > 0) yield* take(w, size);
}

/**
 * A coroutine that yields whenever it needs more bytes and returns when `w.at` stands behind the snapshot's last byte.
 * `limit` bounds each field (bytes). Throws LabError MALFORMED.
 */
export function* scanSnapshot(w: ScanWindow, limit: number): Generator<void, void, void> {
  const sessions = yield* length(w, 'a session table', 0x7fffffff);
  for (let i = 0; i < sessions; i++) yield* take(w, 12);
  const acls = yield* length(w, 'an ACL table', 0x7fffffff);
  for (let i = 0; i < acls; i++) {
    yield* take(w, 8);
    const entries = yield* length(w, 'an ACL', limit);
    for (let j = 0; j < entries; j++) {
      yield* take(w, 4);
      yield* field(w, 'a scheme', limit);
      yield* field(w, 'an id', limit);
    }
  }
  for (;;) {
    const size = yield* length(w, 'a path', limit);
    if (size > 0) {
      const at = yield* take(w, size);
      if (size === 1 && w.bytes[at] === 0x2f) return;
    }
    yield* field(w, 'node data', limit);
    yield* take(w, 8 + STAT_PERSISTED_SIZE);
  }
}

/**
 * The length of the snapshot at the start of `bytes` (more may follow it). Throws LabError MALFORMED when it is cut
 * short.
 */
export function snapshotLength(bytes: Buffer): number {
  const window: ScanWindow = { bytes, at: 0, end: bytes.length };
  if (scanSnapshot(window, 0x7fffffff).next().done !== true) throw malformed(`cut short after ${bytes.length} bytes`);
  return window.at;
}
