/**
 * A leader's broadcast: requests become proposals, proposals that a quorum's disks hold are committed, and `sync`
 * requests are answered in their place of the order. A part of Leader (leader.ts). Mirrors propose, processAck,
 * tryToCommit and processSync of org.apache.zookeeper.server.quorum.Leader.
 *
 * Requests and acknowledgements are only noted when they come. At the end of the turn (`turn`) those that came together
 * are proposed together, and committed together: one write to the disk and one piece for each learner.
 */
import { counterOf } from '../../base/zxid.js';
import { Op } from '../../wire/zookeeper/op.js';
import { packet } from '../../wire/zookeeper/quorum/packet.js';
import { PacketType } from '../../wire/zookeeper/quorum/packet-type.js';
import type { Request, Txn } from '../contract.js';
import type { LeaderConfig, LeaderEffect, LearnerId } from './leader-io.js';
import type { LearnerHandlers } from './learner-handlers.js';

const LAST_COUNTER = 0xffffffffn;

/** A request of a learner's client, or (undefined) of one of ours. */
interface Taken {
  readonly request: Request;
  readonly learner: LearnerId | undefined;
}

export class Broadcast {
  readonly #config: LeaderConfig;
  readonly #learners: LearnerHandlers;
  #begun = false;
  /** What came in since the last turn. */
  #requests: Taken[] = [];
  #turnAsked = false;
  #lastProposed = 0n;
  #lastCommitted = 0n;
  /** Nothing is under way when the last zxid given is this one. */
  #settled = 0n;
  /** Proposals in order; those from `#oldest` on are not committed. */
  #proposals: Txn[] = [];
  #oldest = 0;
  /** How far each voter's disk holds our history. */
  readonly #acked = new Map<number, bigint>();
  /** Each waits for the proposal that was the last one when it came. */
  #syncs: (Taken & { readonly zxid: bigint })[] = [];

  constructor(config: LeaderConfig, learners: LearnerHandlers) {
    this.#config = config;
    this.#learners = learners;
  }

  /** The zxid given last. */
  get lastProposed(): bigint {
    return this.#lastProposed;
  }

  get lastCommitted(): bigint {
    return this.#lastCommitted;
  }

  get pendingSyncs(): number {
    return this.#syncs.length;
  }

  /** The epoch is established. `zxid`: the first transaction has the next one. */
  begin(zxid: bigint, committed: bigint): void {
    this.#begun = true;
    this.#lastProposed = this.#settled = zxid;
    this.#lastCommitted = committed;
  }

  request(request: Request, learner: LearnerId | undefined, effects: LeaderEffect[]): void {
    if (!this.#begun) return;
    this.#requests.push({ request, learner });
    this.#askForTurn(effects);
  }

  /** A voter's disk holds our history up to `zxid`: logs are written in order. */
  acknowledge(sid: number, zxid: bigint, effects: LeaderEffect[]): void {
    if (!this.#config.members.isVoter(sid)) return;
    const before = this.#acked.get(sid);
    if (before !== undefined && before >= zxid) return;
    this.#acked.set(sid, zxid);
    if (this.#begun) this.#askForTurn(effects);
  }

  /** This server's disk is about to drop what comes after `zxid`: what it acknowledged of that counts no more. */
  takeBack(sid: number, zxid: bigint): void {
    const before = this.#acked.get(sid);
    if (before !== undefined && before > zxid) this.#acked.set(sid, zxid);
  }

  #askForTurn(effects: LeaderEffect[]): void {
    if (this.#turnAsked) return;
    this.#turnAsked = true;
    effects.push({ type: 'turn' });
  }

  /** What came in together goes on together. False: the zxid counter of this epoch is used up. */
  turn(effects: LeaderEffect[]): boolean {
    this.#turnAsked = false;
    this.#commit(effects);
    const zxid = this.#lastProposed + 1n;
    const requests: Request[] = [];
    for (const taken of this.#requests) {
      if (taken.request.op === Op.sync) {
        if (this.#lastProposed === this.#settled) syncDone(taken, effects);
        else this.#syncs.push({ ...taken, zxid: this.#lastProposed });
        continue;
      }
      if (counterOf(this.#lastProposed) >= LAST_COUNTER - 1n) return false;
      this.#lastProposed += 1n;
      requests.push(taken.request);
    }
    this.#requests = [];
    if (requests.length > 0) effects.push({ type: 'prepare', requests, zxid });
    return true;
  }

  propose(txns: readonly Txn[], effects: LeaderEffect[]): void {
    for (const txn of txns) this.#proposals.push(txn);
    effects.push({ type: 'append', txns });
    const { followers } = this.#learners;
    if (followers.length > 0) {
      const packets = txns.map(({ zxid, bytes }) => packet(PacketType.PROPOSAL, zxid, bytes));
      effects.push({ type: 'broadcast', to: followers, packets });
    }
    effects.push({ type: 'acknowledge', zxid: txns[txns.length - 1]!.zxid, after: 'sync' });
  }

  #commit(effects: LeaderEffect[]): void {
    const txns = this.#takeCommitted();
    if (txns.length === 0) return;
    const { followers, observers } = this.#learners;
    if (followers.length > 0) {
      const packets = txns.map(({ zxid }) => packet(PacketType.COMMIT, zxid));
      effects.push({ type: 'broadcast', to: followers, packets });
    }
    if (observers.length > 0) {
      const packets = txns.map(({ zxid, bytes }) => packet(PacketType.INFORM, zxid, bytes));
      effects.push({ type: 'broadcast', to: observers, packets });
    }
    this.#lastCommitted = this.#settled = txns[txns.length - 1]!.zxid;
    effects.push({ type: 'commit', through: this.#lastCommitted });
    while (this.#syncs.length > 0 && this.#syncs[0]!.zxid <= this.#lastCommitted)
      syncDone(this.#syncs.shift()!, effects);
  }

  /** The proposals, in order, that a quorum's disks hold and that were not given back before. */
  #takeCommitted(): readonly Txn[] {
    const through = this.#config.members.reachedByQuorum(this.#acked);
    if (through === undefined) return [];
    const from = this.#oldest;
    let to = from;
    while (to < this.#proposals.length && this.#proposals[to]!.zxid <= through) to++;
    if (to === from) return [];
    const committed = this.#proposals.slice(from, to);
    this.#oldest = to;
    if (to === this.#proposals.length || to > 1024) {
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

  /** Nobody is there to be answered any more. */
  forget(learner: LearnerId): void {
    this.#syncs = this.#syncs.filter((sync) => sync.learner !== learner);
  }
}

function syncDone({ request, learner }: Taken, effects: LeaderEffect[]): void {
  if (learner === undefined) effects.push({ type: 'syncDone', request });
  else effects.push({ type: 'send', to: learner, packet: packet(PacketType.SYNC, 0n) });
}
