/**
 * setWatches2: setWatches with persistent watches. Mirrors org.apache.zookeeper.proto.SetWatches2.
 *
 * SetWatches2 := relativeZxid long, dataWatches vector<ustring>, existWatches vector<ustring>, childWatches
 * vector<ustring>, persistentWatches vector<ustring>, persistentRecursiveWatches vector<ustring>
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstrings, writeUstrings } from '../../jute/jute.js';

export interface SetWatches2 {
  readonly relativeZxid: bigint;
  readonly dataWatches: readonly string[];
  readonly existWatches: readonly string[];
  readonly childWatches: readonly string[];
  readonly persistentWatches: readonly string[];
  readonly persistentRecursiveWatches: readonly string[];
}

export function writeSetWatches2(w: ByteWriter, m: SetWatches2): void {
  w.i64(m.relativeZxid);
  writeUstrings(w, m.dataWatches);
  writeUstrings(w, m.existWatches);
  writeUstrings(w, m.childWatches);
  writeUstrings(w, m.persistentWatches);
  writeUstrings(w, m.persistentRecursiveWatches);
}

/** Throws LabError MALFORMED. */
export function readSetWatches2(r: ByteReader): SetWatches2 {
  return {
    relativeZxid: r.i64(),
    dataWatches: readUstrings(r),
    existWatches: readUstrings(r),
    childWatches: readUstrings(r),
    persistentWatches: readUstrings(r),
    persistentRecursiveWatches: readUstrings(r),
  };
}
