/** One node of the tree. Mirrors org.apache.zookeeper.server.DataNode. */
import type { Stat, StatPersisted } from '../../wire/zookeeper/data/stat.js';
import { ownerKind } from './ephemeral-owner.js';

export class DataNode {
  /** Never changed in place: replies and snapshots refer to it. */
  data: Buffer | null;
  /** Key into the AclCache. */
  acl: number;
  readonly stat: StatPersisted;
  /** Names, in order of creation; undefined as long as there was never one. */
  children: Set<string> | undefined = undefined;
  /** Cached digest of path, data and stat; -1: not known. */
  digest = -1;

  constructor(data: Buffer | null, acl: number, stat: StatPersisted) {
    this.data = data;
    this.acl = acl;
    this.stat = stat;
  }

  get childCount(): number {
    return this.children === undefined ? 0 : this.children.size;
  }

  /** What a client sees: cversion counts all changes of children, not only creations, and special owners are hidden. */
  clientStat(extendedTypes: boolean): Stat {
    const s = this.stat;
    const numChildren = this.childCount;
    return {
      czxid: s.czxid,
      mzxid: s.mzxid,
      ctime: s.ctime,
      mtime: s.mtime,
      version: s.version,
      cversion: (s.cversion * 2 - numChildren) | 0,
      aversion: s.aversion,
      ephemeralOwner:
        s.ephemeralOwner === 0n || ownerKind(s.ephemeralOwner, extendedTypes) !== 'session' ? 0n : s.ephemeralOwner,
      dataLength: this.data === null ? 0 : this.data.length,
      numChildren,
      pzxid: s.pzxid,
    };
  }
}

/** As of creation by the transaction `zxid` at `time`. */
export function newStat(zxid: bigint, time: bigint, ephemeralOwner: bigint): StatPersisted {
  return {
    czxid: zxid,
    mzxid: zxid,
    ctime: time,
    mtime: time,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner,
    pzxid: zxid,
  };
}
