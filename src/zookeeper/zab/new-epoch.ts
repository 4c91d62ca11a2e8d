/**
 * How a leader's epoch comes to be: it is one greater than any that a quorum has accepted; then a quorum says that it
 * has accepted this one; then a quorum acknowledges NEWLEADER. A part of Leader (leader.ts). Mirrors getEpochToPropose,
 * waitForEpochAck and waitForNewLeaderAck of org.apache.zookeeper.server.quorum.Leader.
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
  readonly #synchronized = new Set<number>();

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

  /** This voter's disk has our history and the epoch. */
  acknowledgeNewLeader(sid: number): void {
    this.#synchronized.add(sid);
  }

  /** Whose disks have it: a quorum, and we are among them; undefined before. */
  get supporters(): readonly number[] | undefined {
    if (!this.#synchronized.has(this.#sid) || !this.#members.isQuorum(this.#synchronized)) return undefined;
    return [...this.#synchronized].sort((a, b) => a - b);
  }

  /** What it has waited for, `limitMs` long. */
  missing(limitMs: number): string {
    if (this.elected)
      return `no quorum acknowledged NEWLEADER within ${limitMs} ms, only ${[...this.#synchronized].join(', ')}`;
    return this.#chosen
      ? `no quorum acknowledged epoch ${this.#number} within ${limitMs} ms`
      : `no quorum of followers within ${limitMs} ms, only ${[...this.#connecting].join(', ')}`;
  }
}
