/**
 * The end of a learner's history, as the leader tells it: what came in since the last turn and still has to go to the
 * disk, be acknowledged, or be handed to the tree. A part of Learner (learner.ts). Stands where packetsNotCommitted and
 * packetsCommitted of org.apache.zookeeper.server.quorum.Learner and pendingTxns of FollowerZooKeeperServer do.
 */
import type { Txn } from '../contract.js';
import { follows } from '../storage/history.js';
import type { LearnerEffect } from './learner-io.js';

export class ReceivedHistory {
  #lastZxid = 0n;
  #committed = 0n;
  #applied = 0n;
  #proposed: Txn[] = [];
  #toAcknowledge: bigint[] = [];
  /** To be acknowledged behind NEWLEADER, unless they are committed by then. */
  #heldBack: bigint[] = [];
  #turnAsked = false;

  /** Where our history ends. */
  get lastZxid(): bigint {
    return this.#lastZxid;
  }

  /** The last transaction that the leader has said is committed. */
  get committed(): bigint {
    return this.#committed;
  }

  /** History as it is on disk, and as far as it is handed to the tree. */
  load(lastZxid: bigint, applied: bigint): void {
    this.#lastZxid = lastZxid;
    this.#committed = this.#applied = applied;
  }

  /** All up to here is the leader's history, too, and will be committed when its epoch is established. */
  agree(zxid: bigint): void {
    this.#lastZxid = this.#committed = zxid;
  }

  /** A transaction comes behind our history, unless we have it. False: something is missing before it. */
  take(txn: Txn, effects: LearnerEffect[]): boolean {
    if (txn.zxid <= this.#lastZxid) return true;
    if (!follows(this.#lastZxid, txn.zxid)) return false;
    this.#lastZxid = txn.zxid;
    this.#proposed.push(txn);
    this.#askForTurn(effects);
    return true;
  }

  acknowledge(zxid: bigint, effects: LearnerEffect[]): void {
    this.#toAcknowledge.push(zxid);
    this.#askForTurn(effects);
  }

  acknowledgeBehindNewLeader(zxid: bigint): void {
    this.#heldBack.push(zxid);
  }

  /** NEWLEADER is acknowledged. */
  newLeaderAcknowledged(effects: LearnerEffect[]): void {
    const zxids = this.#heldBack.filter((zxid) => zxid > this.#committed);
    this.#heldBack = [];
    if (zxids.length > 0) effects.push({ type: 'acknowledge', zxids, after: 'sync' });
  }

  /** False: it has not been proposed to us. */
  commit(zxid: bigint, effects: LearnerEffect[]): boolean {
    if (zxid > this.#lastZxid) return false;
    if (zxid > this.#committed) {
      this.#committed = zxid;
      this.#askForTurn(effects);
    }
    return true;
  }

  #askForTurn(effects: LearnerEffect[]): void {
    if (this.#turnAsked) return;
    this.#turnAsked = true;
    effects.push({ type: 'turn' });
  }

  /** The turn that was asked for. */
  turn(): void {
    this.#turnAsked = false;
  }

  /** Whatever came in goes to the disk, and is acknowledged after that. */
  flush(effects: LearnerEffect[]): void {
    if (this.#proposed.length > 0) {
      effects.push({ type: 'append', txns: this.#proposed });
      this.#proposed = [];
    }
    if (this.#toAcknowledge.length === 0) return;
    effects.push({ type: 'acknowledge', zxids: this.#toAcknowledge, after: 'sync' });
    this.#toAcknowledge = [];
  }

  /** What is committed goes to the tree. */
  apply(effects: LearnerEffect[]): void {
    if (this.#applied === this.#committed) return;
    this.#applied = this.#committed;
    effects.push({ type: 'commit', through: this.#committed });
  }
}
