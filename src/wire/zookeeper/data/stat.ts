/**
 * What a client learns about a node beside its data, and what a snapshot keeps of it. Mirrors
 * org.apache.zookeeper.data.Stat and StatPersisted.
 *
 * Stat := czxid long, mzxid long, ctime long, mtime long, version int, cversion int, aversion int, ephemeralOwner long,
 *         dataLength int, numChildren int, pzxid long
 * StatPersisted := the same without dataLength and numChildren
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';

export interface StatPersisted {
  /** zxid that created it. */
  czxid: bigint;
  /** zxid that last set its data. */
  mzxid: bigint;
  /** Milliseconds since 1970. */
  ctime: bigint;
  mtime: bigint;
  version: number;
  /**
   * In memory and in snapshots: creations of children, from which sequential names are made; to a client: all changes.
   */
  cversion: number;
  aversion: number;
  /** Owning session, 0 if persistent; containers and nodes with a time to live use special values. */
  ephemeralOwner: bigint;
  /** zxid that last created or deleted a child. */
  pzxid: bigint;
}

export interface Stat extends StatPersisted {
  dataLength: number;
  numChildren: number;
}

export function writeStat(w: ByteWriter, s: Stat): void {
  w.i64(s.czxid).i64(s.mzxid).i64(s.ctime).i64(s.mtime).i32(s.version).i32(s.cversion).i32(s.aversion);
  w.i64(s.ephemeralOwner).i32(s.dataLength).i32(s.numChildren).i64(s.pzxid);
}

/** Throws LabError MALFORMED. */
export function readStat(r: ByteReader): Stat {
  return {
    czxid: r.i64(),
    mzxid: r.i64(),
    ctime: r.i64(),
    mtime: r.i64(),
    version: r.i32(),
    cversion: r.i32(),
    aversion: r.i32(),
    ephemeralOwner: r.i64(),
    dataLength: r.i32(),
    numChildren: r.i32(),
    pzxid: r.i64(),
  };
}

export function writeStatPersisted(w: ByteWriter, s: StatPersisted): void {
  w.i64(s.czxid).i64(s.mzxid).i64(s.ctime).i64(s.mtime).i32(s.version).i32(s.cversion).i32(s.aversion);
  w.i64(s.ephemeralOwner).i64(s.pzxid);
}

/** Throws LabError MALFORMED. */
export function readStatPersisted(r: ByteReader): StatPersisted {
  return {
    czxid: r.i64(),
    mzxid: r.i64(),
    ctime: r.i64(),
    mtime: r.i64(),
    version: r.i32(),
    cversion: r.i32(),
    aversion: r.i32(),
    ephemeralOwner: r.i64(),
    pzxid: r.i64(),
  };
}
