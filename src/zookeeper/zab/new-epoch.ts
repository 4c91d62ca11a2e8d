/**
 * How a leader finds its epoch: one greater than any that a quorum has accepted, and then that quorum's word that it
 * has accepted this one. A part of Leader (leader.ts). Mirrors getEpochToPropose and waitForEpochAck of
 * org.apache.zookeeper.server.quorum.Leader.
 */
import { makeZxid } from '../../base/zxid.js';
import type { Membership } from '../membership.js';

export class NewEpoch {
  readonly #sid: number;
  readonly #members: Membership;
  #number = 0n;
  #chosen = false;
  readonly #connecting = new Set<number>();
  readonly #electing = new Set<number>();

  constructor(sid: number, members: Membership) {
    this.#sid = sid;
    this.#members = members;
  }

  /** Greater than all accepted so far; it may still grow until it is chosen. */
  get number(): bigint {
    return this.#number;
  }

  get chosen(): boolean {
    return this.#chosen;
  }

  /** NEWLEADER's: the zxid with which the epoch begins. */
  get zxid(): bigint {
    return makeZxid(this.#number, 0);
  }

  /** Who has come so far. */
  get connecting(): readonly number[] {
    return [...this.#connecting];
  }

  /** Takes a server's accepted epoch into account. True: with it there is a quorum, and the epoch is chosen. */
  propose(sid: number, acceptedEpoch: bigint): boolean {
    if (this.#chosen) return false;
    if (acceptedEpoch >= this.#number) this.#number = acceptedEpoch + 1n;
    if (this.#members.isVoter(sid)) this.#connecting.add(sid);
    if (!this.#connecting.has(this.#sid) || !this.#members.isQuorum(this.#connecting)) return false;
    this.#chosen = true;
    this.#electing.add(this.#sid);
    return true;
  }

  /** A voter has accepted the epoch. */
  acknowledge(sid: number): void {
    this.#electing.add(sid);
  }

  /** A quorum has accepted it. */
  get elected(): boolean {
    return this.#chosen && this.#members.isQuorum(this.#electing);
  }
}
