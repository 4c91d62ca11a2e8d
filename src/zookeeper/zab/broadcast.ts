/**
 * What a leader has proposed and who has it: which proposals a quorum's disks hold, and which `sync` requests wait for
 * them. A part of Leader (leader.ts), which makes packets of it. Mirrors outstandingProposals, pendingSyncs and
 * tryToCommit of org.apache.zookeeper.server.quorum.Leader.
 */
import type { Request, Txn } from '../contract.js';
import type { Membership } from '../membership.js';
import type { LearnerId } from './leader-io.js';

/** A `sync` of a learner's client, or (undefined) of one of ours. */
export interface Sync {
  readonly request: Request;
  readonly learner: LearnerId | undefined;
}

export class Broadcast {
  readonly #members: Membership;
  /** Proposals in order; those from `#oldest` on are not committed. */
  #proposals: Txn[] = [];
  #oldest = 0;
  /** How far each voter's disk holds our history. */
  readonly #acked = new Map<number, bigint>();
  /** Each waits for the proposal that was the last one when it came. */
  #syncs: (Sync & { readonly zxid: bigint })[] = [];

  constructor(members: Membership) {
    this.#members = members;
  }

  get pendingSyncs(): number {
    return this.#syncs.length;
  }

  propose(txns: readonly Txn[]): void {
    for (const txn of txns) this.#proposals.push(txn);
  }

  /** A voter's disk holds our history up to `zxid`: logs are written in order. False: we knew. */
  acknowledge(sid: number, zxid: bigint): boolean {
    const before = this.#acked.get(sid);
    if (before !== undefined && before >= zxid) return false;
    this.#acked.set(sid, zxid);
    return true;
  }

  /** The proposals, in order, that a quorum's disks hold and that were not given back before. */
  commit(): readonly Txn[] {
    const through = this.#members.reachedByQuorum(this.#acked);
    if (through === undefined) return [];
    const from = this.#oldest;
    let to = from;
    while (to < this.#proposals.length && this.#proposals[to]!.zxid <= through) to++;
    if (to === from) return [];
    const committed = this.#proposals.slice(from, to);
    this.#oldest = to;
    if (to === this.#proposals.length) {
      this.#proposals = [];
      this.#oldest = 0;
    } else if (to > 1024) {
      this.#proposals = this.#proposals.slice(to);
      this.#oldest = 0;
    }
    return committed;
  }

  /** The oldest proposal that this server's disk does not hold; 0 if there is none. */
  nextFor(sid: number): bigint {
    const acked = this.#acked.get(sid) ?? 0n;
    for (let i = this.#oldest; i < this.#proposals.length; i++)
      if (this.#proposals[i]!.zxid > acked) return this.#proposals[i]!.zxid;
    return 0n;
  }

  awaitSync(zxid: bigint, sync: Sync): void {
    this.#syncs.push({ ...sync, zxid });
  }

  /** The syncs whose proposal is committed, in order; they wait no more. */
  takeSyncs(committed: bigint): readonly Sync[] {
    let count = 0;
    while (count < this.#syncs.length && this.#syncs[count]!.zxid <= committed) count++;
    return count === 0 ? [] : this.#syncs.splice(0, count);
  }

  /** Nobody is there to be answered any more. */
  forget(learner: LearnerId): void {
    this.#syncs = this.#syncs.filter((sync) => sync.learner !== learner);
  }
}
