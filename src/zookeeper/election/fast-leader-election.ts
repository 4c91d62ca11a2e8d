/**
 * FastLeaderElection as a machine: notifications and time-outs in, effects out. It owns the votes and the round; the
 * connections are connections.ts's, the consequences of an election ensemble-peer.ts's. Mirrors
 * org.apache.zookeeper.server.quorum.FastLeaderElection.
 *
 * Calling order: `look` opens a round; then `notification` and `timer` as things happen. When an `elected` effect comes
 * out, the machine has left LOOKING and only answers those who look, with the vote it settled on, until `leave`; then
 * `look` again. Before the first `look`, and between `leave` and `look`, it has no vote to give (history may still be
 * on its way to the disk): what arrives waits.
 *
 * | while LOOKING, a notification from a voter that is | does |
 * |---|---|
 * | LOOKING, later round | we join its round, with the better of its vote and our own; tell all |
 * | LOOKING, earlier round | it is told our vote; no more |
 * | LOOKING, same round | a better vote becomes ours, and all are told; a quorum for ours starts the final wait |
 * | FOLLOWING or LEADING, same round | counts among this round's votes |
 * | FOLLOWING or LEADING, any round | a quorum with a leader who says it leads: we join that ensemble |
 * | OBSERVING | nothing |
 *
 * One thing is quicker than Apache's: when every voter has voted for the same server in this round, nobody is left who
 * could bring a better vote, and the final wait is left out.
 */
import type { Machine, TimerEffect, TimerInput } from '../../base/machine.js';
import { PeerState, NOTIFICATION_VERSION } from '../../wire/zookeeper/election/notification.js';
import type { Notification } from '../../wire/zookeeper/election/notification.js';
import type { Membership } from '../membership.js';

/** What an observer votes for: nobody, with a history that loses against all. */
const NOBODY = Number(-(2n ** 63n));
const LOWEST = -(2n ** 63n);

/** After a quorum for our vote, silence this long ends the round. */
const FINALIZE_WAIT_MS = 200;
const MIN_NOTIFICATION_INTERVAL_MS = 200;
const MAX_NOTIFICATION_INTERVAL_MS = 60_000;

export interface Vote {
  readonly leader: number;
  readonly zxid: bigint;
  readonly round: bigint;
  readonly peerEpoch: bigint;
  /** The voter's state when it sent the vote, and the version of its message: both decide how votes compare. */
  readonly state: PeerState;
  readonly version: number;
}

/** `resend`: nobody answered, the vote is told again. `settle`: no better vote has come; the round is over. */
export type ElectionTimer = 'resend' | 'settle';

export type ElectionInput =
  /** Begins a round of our own, with our history: the zxid last logged and the current epoch. */
  | { readonly type: 'look'; readonly lastZxid: bigint; readonly currentEpoch: bigint }
  | { readonly type: 'notification'; readonly from: number; readonly notification: Notification }
  /** The epoch was established: from now on those who look are told of it. */
  | { readonly type: 'established'; readonly epoch: bigint }
  /** Leading or following is over; `look` comes as soon as our history is known. */
  | { readonly type: 'leave' }
  | TimerInput<ElectionTimer>;

export type ElectionEffect =
  | { readonly type: 'looking'; readonly round: bigint }
  | { readonly type: 'send'; readonly to: number; readonly notification: Notification }
  /** Make a connection to every server that has none. */
  | { readonly type: 'connectAll' }
  /** `supporters`: who voted so in this round; undefined when an ensemble that stands was joined. */
  | {
      readonly type: 'elected';
      readonly vote: Vote;
      readonly state: PeerState;
      readonly supporters?: readonly number[];
    }
  | TimerEffect<ElectionTimer>;

interface Proposal {
  readonly leader: number;
  readonly zxid: bigint;
  readonly peerEpoch: bigint;
}

export class FastLeaderElection implements Machine<ElectionInput, ElectionEffect> {
  readonly #sid: number;
  readonly #members: Membership;
  readonly #config: string;
  #state: PeerState = PeerState.LOOKING;
  /** The logical clock: it never goes back, not even when we join an ensemble of an earlier round. */
  #round = 0n;
  #proposed: Proposal;
  /** What we would vote for if we were alone: ourselves, with our history. */
  #initial: Proposal;
  /** Where we settled; while LOOKING, what we last voted for. */
  #current: Vote;
  #votes = new Map<number, Vote>();
  /** Votes of those who follow or lead, from any round. */
  #outOfElection = new Map<number, Vote>();
  #finalizing = false;
  #intervalMs = MIN_NOTIFICATION_INTERVAL_MS;
  /** The latest from each server while we have no vote; undefined while we have one. */
  #early: Map<number, Notification> | undefined = new Map();

  constructor(sid: number, members: Membership) {
    this.#sid = sid;
    this.#members = members;
    this.#config = members.text(0n);
    this.#initial = this.#proposed = { leader: NOBODY, zxid: LOWEST, peerEpoch: LOWEST };
    this.#current = this.#voteOf(this.#proposed);
  }

  get state(): PeerState {
    return this.#state;
  }

  get vote(): Vote {
    return this.#current;
  }

  step(input: ElectionInput): readonly ElectionEffect[] {
    const effects: ElectionEffect[] = [];
    switch (input.type) {
      case 'look':
        this.#look(input.lastZxid, input.currentEpoch, effects);
        break;
      case 'notification':
        this.#receive(input.from, input.notification, effects);
        break;
      case 'timer':
        if (input.timer === 'resend') this.#resend(effects);
        else this.#settled(effects);
        break;
      case 'established':
        this.#current = { ...this.#current, peerEpoch: input.epoch };
        break;
      case 'leave':
        this.#state = PeerState.LOOKING;
        this.#early = new Map();
    }
    return effects;
  }

  #look(lastZxid: bigint, currentEpoch: bigint, effects: ElectionEffect[]): void {
    this.#state = PeerState.LOOKING;
    this.#round += 1n;
    this.#initial = this.#members.isVoter(this.#sid)
      ? { leader: this.#sid, zxid: lastZxid, peerEpoch: currentEpoch }
      : { leader: NOBODY, zxid: LOWEST, peerEpoch: LOWEST };
    this.#votes.clear();
    this.#outOfElection.clear();
    this.#finalizing = false;
    this.#intervalMs = MIN_NOTIFICATION_INTERVAL_MS;
    effects.push({ type: 'looking', round: this.#round }, this.#resendLater());
    const early = this.#early ?? new Map<number, Notification>();
    this.#early = undefined;
    this.#propose(this.#initial, effects);
    for (const [from, notification] of early) this.#receive(from, notification, effects);
  }

  #receive(from: number, n: Notification, effects: ElectionEffect[]): void {
    if (this.#early !== undefined) {
      this.#early.set(from, n);
    } else if (!this.#members.isVoter(from)) {
      // Observers, and whoever is not one of us, are answered at once and never counted.
      effects.push(this.#answer(from, this.#state === PeerState.LOOKING ? this.#round : this.#current.round));
    } else if (this.#state !== PeerState.LOOKING) {
      if (n.state === PeerState.LOOKING) effects.push(this.#answer(from, this.#current.round));
    } else {
      if (n.state === PeerState.LOOKING && n.round < this.#round) effects.push(this.#answer(from, this.#round));
      this.#consider(from, n, effects);
    }
  }

  #resend(effects: ElectionEffect[]): void {
    if (this.#state !== PeerState.LOOKING || this.#early !== undefined) return;
    effects.push({ type: 'connectAll' });
    this.#tellAll(effects);
    this.#intervalMs = Math.min(this.#intervalMs * 2, MAX_NOTIFICATION_INTERVAL_MS);
    effects.push(this.#resendLater());
  }

  #resendLater(): ElectionEffect {
    return { type: 'setTimer', timer: 'resend', delayMs: this.#intervalMs };
  }

  /** Nobody has brought a better vote. */
  #settled(effects: ElectionEffect[]): void {
    if (this.#state !== PeerState.LOOKING || this.#early !== undefined) return;
    const ours = this.#voteOf(this.#proposed);
    this.#settle(ours, effects, supporters(this.#votes, ours));
  }

  #consider(from: number, n: Notification, effects: ElectionEffect[]): void {
    if (!this.#members.isVoter(n.leader)) return;
    if (n.state === PeerState.LOOKING) this.#considerLooking(from, n, effects);
    else if (n.state !== PeerState.OBSERVING) this.#considerSettled(from, n, effects);
  }

  #considerLooking(from: number, n: Notification, effects: ElectionEffect[]): void {
    if (n.zxid === -1n || n.round < this.#round) return;
    const theirs = { leader: n.leader, zxid: n.zxid, peerEpoch: n.peerEpoch };
    if (n.round > this.#round) {
      this.#round = n.round;
      this.#votes.clear();
      this.#votes.set(from, this.#heard(n));
      this.#propose(better(theirs, this.#initial) ? theirs : this.#initial, effects);
      return;
    }
    this.#votes.set(from, this.#heard(n));
    if (better(theirs, this.#proposed)) this.#propose(theirs, effects);
    else this.#checkQuorum(effects);
  }

  #considerSettled(from: number, n: Notification, effects: ElectionEffect[]): void {
    const vote = this.#heard(n);
    if (n.round === this.#round) {
      this.#votes.set(from, vote);
      if (this.#joinable(this.#votes, vote)) {
        this.#settle(vote, effects);
        return;
      }
    }
    this.#outOfElection.set(from, vote);
    if (this.#joinable(this.#outOfElection, vote)) {
      if (n.round > this.#round) this.#round = n.round;
      this.#settle(vote, effects);
    }
  }

  /** A quorum says so, and the leader itself says that it leads (or it is us, in this very round). */
  #joinable(votes: ReadonlyMap<number, Vote>, vote: Vote): boolean {
    if (!this.#members.isQuorum(supporters(votes, vote))) return false;
    return vote.leader === this.#sid ? vote.round === this.#round : votes.get(vote.leader)?.state === PeerState.LEADING;
  }

  /** Makes this our vote, counts it, and tells all. */
  #propose(proposal: Proposal, effects: ElectionEffect[]): void {
    this.#proposed = proposal;
    this.#current = this.#voteOf(proposal);
    if (this.#members.isVoter(this.#sid)) this.#votes.set(this.#sid, this.#current);
    if (this.#finalizing) {
      this.#finalizing = false;
      effects.push({ type: 'clearTimer', timer: 'settle' }, this.#resendLater());
    }
    this.#tellAll(effects);
    this.#checkQuorum(effects);
  }

  #checkQuorum(effects: ElectionEffect[]): void {
    if (this.#proposed.leader === NOBODY) return;
    const ours = this.#voteOf(this.#proposed);
    const agreed = supporters(this.#votes, ours);
    if (!this.#members.isQuorum(agreed)) return;
    if (agreed.length === this.#members.voters.length) {
      this.#settle(ours, effects, agreed);
    } else if (!this.#finalizing) {
      this.#finalizing = true;
      effects.push(
        { type: 'clearTimer', timer: 'resend' },
        { type: 'setTimer', timer: 'settle', delayMs: FINALIZE_WAIT_MS },
      );
    }
  }

  #settle(vote: Vote, effects: ElectionEffect[], supporters?: readonly number[]): void {
    this.#state =
      vote.leader === this.#sid
        ? PeerState.LEADING
        : this.#members.isVoter(this.#sid)
          ? PeerState.FOLLOWING
          : PeerState.OBSERVING;
    this.#current = {
      leader: vote.leader,
      zxid: vote.zxid,
      round: vote.round,
      peerEpoch: vote.peerEpoch,
      state: this.#state,
      version: NOTIFICATION_VERSION,
    };
    const timer = this.#finalizing ? 'settle' : 'resend';
    this.#finalizing = false;
    this.#votes.clear();
    this.#outOfElection.clear();
    effects.push(
      { type: 'clearTimer', timer },
      { type: 'elected', vote: this.#current, state: this.#state, ...(supporters === undefined ? {} : { supporters }) },
    );
  }

  #tellAll(effects: ElectionEffect[]): void {
    for (const sid of this.#members.voters) {
      if (sid !== this.#sid)
        effects.push({
          type: 'send',
          to: sid,
          notification: this.#notification(this.#voteOf(this.#proposed), this.#round),
        });
    }
  }

  #answer(to: number, round: bigint): ElectionEffect {
    return { type: 'send', to, notification: this.#notification(this.#current, round) };
  }

  #notification(vote: Vote, round: bigint): Notification {
    return {
      state: this.#state,
      leader: vote.leader,
      zxid: vote.zxid,
      round,
      peerEpoch: vote.peerEpoch,
      version: NOTIFICATION_VERSION,
      config: this.#config,
    };
  }

  #voteOf(proposal: Proposal): Vote {
    return { ...proposal, round: this.#round, state: PeerState.LOOKING, version: NOTIFICATION_VERSION };
  }

  #heard(n: Notification): Vote {
    return {
      leader: n.leader,
      zxid: n.zxid,
      round: n.round,
      peerEpoch: n.peerEpoch,
      state: n.state,
      version: n.version,
    };
  }
}

/** The order of votes: epoch, then history, then sid. */
function better(a: Proposal, b: Proposal): boolean {
  if (a.peerEpoch !== b.peerEpoch) return a.peerEpoch > b.peerEpoch;
  if (a.zxid !== b.zxid) return a.zxid > b.zxid;
  return a.leader > b.leader;
}

/**
 * Votes of those who look are equal only in everything. Those who have settled may differ in zxid and round, because
 * each has its own view of when the election ended; leader and epoch decide (ZOOKEEPER-1805). Before 3.4.6 the epoch
 * was not kept up to date after an election (ZOOKEEPER-1732), so it is not compared with such a server's.
 */
function sameVote(a: Vote, b: Vote): boolean {
  if (a.leader !== b.leader) return false;
  if (a.state === PeerState.LOOKING || b.state === PeerState.LOOKING) {
    return a.zxid === b.zxid && a.round === b.round && a.peerEpoch === b.peerEpoch;
  }
  return a.version > 0 !== b.version > 0 || a.peerEpoch === b.peerEpoch;
}

function supporters(votes: ReadonlyMap<number, Vote>, vote: Vote): number[] {
  const sids: number[] = [];
  for (const [sid, other] of votes) if (sameVote(vote, other)) sids.push(sid);
  return sids;
}
