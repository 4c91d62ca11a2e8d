/**
 * setWatches: what a client that comes back to another server still waits for. Mirrors
 * org.apache.zookeeper.proto.SetWatches.
 *
 * SetWatches := relativeZxid long, dataWatches vector<ustring>, existWatches vector<ustring>, childWatches
 * vector<ustring>
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstrings, writeUstrings } from '../../jute/jute.js';

export interface SetWatches {
  /** The last zxid the client has seen: what happened since must fire. */
  readonly relativeZxid: bigint;
  readonly dataWatches: readonly string[];
  readonly existWatches: readonly string[];
  readonly childWatches: readonly string[];
}

export function writeSetWatches(w: ByteWriter, m: SetWatches): void {
  w.i64(m.relativeZxid);
  writeUstrings(w, m.dataWatches);
  writeUstrings(w, m.existWatches);
  writeUstrings(w, m.childWatches);
}

/** Throws LabError MALFORMED. */
export function readSetWatches(r: ByteReader): SetWatches {
  return {
    relativeZxid: r.i64(),
    dataWatches: readUstrings(r),
    existWatches: readUstrings(r),
    childWatches: readUstrings(r),
  };
}
