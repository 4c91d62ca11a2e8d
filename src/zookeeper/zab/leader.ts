/**
 * A leader as a plain state machine: what learners send, what the disk has done and what the clock says go in, effects
 * come out. Streams, the log and the tree are leader-shell.ts's. Mirrors org.apache.zookeeper.server.quorum.Leader and
 * LearnerHandler.
 *
 * | phase | what happens | ends when |
 * |---|---|---|
 * | discovery | FOLLOWERINFO in; a new epoch, greater than any accepted, is stored; LEADERINFO out; ACKEPOCH in | a quorum has acknowledged the epoch |
 * | synchronization | the epoch becomes the current one; each learner gets DIFF, TRUNC or SNAP, history, NEWLEADER; ACK in | a quorum has acknowledged NEWLEADER |
 * | broadcast | history is committed; UPTODATE out; PROPOSAL, ACK, COMMIT | the leader resigns |
 *
 * Calling order: `start`, then everything else. An effect with `after: 'sync'` waits until all that earlier effects
 * store is durable. After a `resign` effect the machine does nothing more.
 */
import { counterOf, epochOf, isMajority, makeZxid, zxidText } from '../../base/zxid.js';
import {
  decodeAckEpoch,
  decodeLearnerInfo,
  decodeRequest,
  decodeRevalidate,
  decodeTouches,
  encodeLeaderInfo,
  encodeRevalidated,
  ZAB_PROTOCOL_VERSION,
} from '../../wire/zookeeper/quorum/payloads.js';
import { packet } from '../../wire/zookeeper/quorum/packet.js';
import type { QuorumPacket } from '../../wire/zookeeper/quorum/packet.js';
import { packetTypeName, PacketType } from '../../wire/zookeeper/quorum/packet-type.js';
import type { ReplicatedServer, Request, Txn } from '../contract.js';
import type { Membership } from '../election/membership.js';
import type { HistoryEffect } from './history-effect.js';
import { planSynchronization } from './synchronization.js';
import type { SyncPlan } from './synchronization.js';

/** ZooDefs.OpCode.sync */
const OP_SYNC = 9;
const LAST_COUNTER = 0xffffffffn;

/** A connection to the quorum port, numbered by the shell. */
export type LearnerId = number;

export type LeaderEffect =
  | { readonly kind: 'send'; readonly to: LearnerId; readonly packet: QuorumPacket; readonly after?: 'sync' }
  /** One packet for many: encoded once. */
  | { readonly kind: 'broadcast'; readonly to: readonly LearnerId[]; readonly packet: QuorumPacket }
  | HistoryEffect
  /** Tell us (`durable`) when the disk holds our history up to this zxid. */
  | { readonly kind: 'acknowledge'; readonly zxid: bigint; readonly after: 'sync' }
  /** Tell us (`commonPoint`) the greatest zxid in our history up to and with this one. */
  | { readonly kind: 'findCommonPoint'; readonly learner: LearnerId; readonly zxid: bigint }
  /**
   * Send the plan's packets and history: with COMMITs through `committed`, as bare PROPOSALs (participants only) to the
   * end. What is sent to this learner afterwards goes behind it.
   */
  | {
      readonly kind: 'synchronize';
      readonly learner: LearnerId;
      readonly sid: number;
      readonly plan: SyncPlan;
      readonly committed: bigint;
      readonly observer: boolean;
    }
  /** A `sync` of one of our own clients has come to its place in the order. */
  | { readonly kind: 'syncDone'; readonly request: Request }
  | { readonly kind: 'established'; readonly epoch: bigint; readonly supporters: readonly number[] }
  | { readonly kind: 'hangUp'; readonly learner: LearnerId; readonly reason: string }
  | { readonly kind: 'resign'; readonly reason: string };

export interface LeaderConfig {
  readonly sid: number;
  readonly members: Membership;
  readonly tickTimeMs: number;
  readonly initLimit: number;
  readonly syncLimit: number;
  /**
   * For tests of the roll-over: the counter of the first transaction is one more (Apache:
   * zookeeper.testingonly.initialZxid).
   */
  readonly initialCounter?: bigint;
}

/** What the machine asks of the server half; every call answers at once. */
export type LeaderServer = Pick<ReplicatedServer, 'prepare' | 'adoptSession' | 'touchSessions' | 'syncDone'>;

/** What the machine reads of history. */
export interface LeaderHistory {
  readonly lastZxid: bigint;
  readonly floor: bigint;
}

interface Learner {
  readonly id: LearnerId;
  sid: number;
  observer: boolean;
  /** What we wait for from it, or `serving`. */
  phase: 'info' | 'epoch' | 'ackEpoch' | 'election' | 'newLeaderAck' | 'established' | 'serving';
  peerLastZxid: bigint;
  /** All that is proposed is sent to it. */
  forwarding: boolean;
  readonly connectedMs: number;
  heardMs: number;
  /** The oldest proposal it has not acknowledged, as far as we look, and since when. */
  waitingFor: bigint;
  waitingSinceMs: number;
}

export class Leader {
  readonly #config: LeaderConfig;
  readonly #server: LeaderServer;
  readonly #history: LeaderHistory;
  readonly #learners = new Map<LearnerId, Learner>();
  #phase: 'discovery' | 'synchronization' | 'broadcast' | 'ended' = 'discovery';
  #phaseSinceMs = 0;
  #nowMs = 0;
  #acceptedEpoch = 0n;
  #currentEpoch = 0n;
  #initialZxid = 0n;
  #epoch = 0n;
  #epochChosen = false;
  #newLeaderZxid = 0n;
  readonly #connecting = new Set<number>();
  readonly #electing = new Set<number>();
  readonly #newLeaderAcks = new Set<number>();
  #lastProposed = 0n;
  #lastCommitted = 0n;
  /** Proposals in order; those from `#oldest` on are not committed. */
  #proposals: Txn[] = [];
  #oldest = 0;
  /** How far each voter's disk holds our history. */
  readonly #acked = new Map<number, bigint>();
  /** `sync` requests wait for the proposal that was the last when they came. */
  #pendingSyncs: { readonly zxid: bigint; readonly request: Request; readonly learner: LearnerId | undefined }[] = [];
  #followers: readonly LearnerId[] = [];
  #observers: readonly LearnerId[] = [];
  #tickHalf = 0;

  constructor(config: LeaderConfig, server: LeaderServer, history: LeaderHistory) {
    this.#config = config;
    this.#server = server;
    this.#history = history;
  }

  get epoch(): bigint {
    return this.#epoch;
  }

  get established(): boolean {
    return this.#phase === 'broadcast';
  }

  get lastProposed(): bigint {
    return this.#lastProposed;
  }

  status(): { followers: number; syncedFollowers: number; pendingSyncs: number } {
    let followers = 0;
    let synced = 0;
    for (const learner of this.#learners.values()) {
      if (!this.#config.members.isVoter(learner.sid) || learner.observer) continue;
      followers++;
      if (learner.phase === 'serving') synced++;
    }
    return { followers, syncedFollowers: synced, pendingSyncs: this.#pendingSyncs.length };
  }

  start(nowMs: number, stored: { readonly acceptedEpoch: bigint; readonly currentEpoch: bigint }): LeaderEffect[] {
    const effects: LeaderEffect[] = [];
    this.#nowMs = this.#phaseSinceMs = nowMs;
    this.#acceptedEpoch = stored.acceptedEpoch;
    this.#currentEpoch = stored.currentEpoch;
    this.#initialZxid = this.#history.lastZxid;
    this.#proposeEpoch(this.#config.sid, stored.acceptedEpoch, effects);
    return effects;
  }

  /** Somebody connected to the quorum port. */
  connected(id: LearnerId, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#learners.set(id, {
      id,
      sid: -1,
      observer: false,
      phase: 'info',
      peerLastZxid: 0n,
      forwarding: false,
      connectedMs: nowMs,
      heardMs: nowMs,
      waitingFor: 0n,
      waitingSinceMs: nowMs,
    });
  }

  disconnected(id: LearnerId): void {
    this.#learners.delete(id);
    this.#pendingSyncs = this.#pendingSyncs.filter((sync) => sync.learner !== id);
    this.#recipients();
  }

  /** Throws LabError MALFORMED: the shell hangs up. */
  received(id: LearnerId, p: QuorumPacket, nowMs: number): LeaderEffect[] {
    const effects: LeaderEffect[] = [];
    const learner = this.#learners.get(id);
    if (learner === undefined || this.#phase === 'ended') return effects;
    this.#nowMs = learner.heardMs = nowMs;
    switch (learner.phase) {
      case 'info':
        this.#info(learner, p, effects);
        break;
      case 'ackEpoch':
        this.#ackEpoch(learner, p, effects);
        break;
      case 'newLeaderAck':
        this.#newLeaderAck(learner, p, effects);
        break;
      case 'established':
      case 'serving':
        this.#serving(learner, p, effects);
        break;
      default:
        effects.push({
          kind: 'hangUp',
          learner: id,
          reason: `${packetTypeName(p.type)} from server ${learner.sid} before it was asked for`,
        });
    }
    return effects;
  }

  /** The disk holds our history up to `zxid` (or the current epoch, when that is the zxid it begins with). */
  durable(zxid: bigint): LeaderEffect[] {
    const effects: LeaderEffect[] = [];
    if (this.#phase === 'ended') return effects;
    if (zxid === this.#newLeaderZxid) {
      this.#newLeaderAcks.add(this.#config.sid);
      this.#maybeEstablish(effects);
    } else {
      this.#ack(this.#config.sid, zxid, effects);
    }
    return effects;
  }

  /** The answer to `findCommonPoint`. */
  commonPoint(id: LearnerId, floor: bigint | undefined): LeaderEffect[] {
    const effects: LeaderEffect[] = [];
    const learner = this.#learners.get(id);
    if (learner === undefined || this.#phase === 'ended') return effects;
    const committed = this.#phase === 'broadcast' ? this.#lastCommitted : this.#initialZxid;
    const plan = planSynchronization({
      peerLastZxid: learner.peerLastZxid,
      committed,
      floor,
      memoryFloor: this.#history.floor,
    });
    effects.push(
      { kind: 'synchronize', learner: id, sid: learner.sid, plan, committed, observer: learner.observer },
      {
        kind: 'send',
        to: id,
        packet: packet(
          PacketType.NEWLEADER,
          this.#newLeaderZxid,
          Buffer.from(this.#config.members.text(this.#newLeaderZxid)),
        ),
      },
    );
    learner.phase = 'newLeaderAck';
    learner.forwarding = true;
    learner.waitingFor = 0n;
    this.#recipients();
    return effects;
  }

  /** Every half tick. */
  tick(nowMs: number): LeaderEffect[] {
    const effects: LeaderEffect[] = [];
    if (this.#phase === 'ended') return effects;
    this.#nowMs = nowMs;
    const initMs = this.#config.initLimit * this.#config.tickTimeMs;
    const syncMs = this.#config.syncLimit * this.#config.tickTimeMs;
    if (this.#phase !== 'broadcast') {
      if (nowMs - this.#phaseSinceMs > initMs) {
        this.#resign(
          this.#phase === 'synchronization'
            ? `no quorum acknowledged NEWLEADER within ${initMs} ms, only ${[...this.#newLeaderAcks].join(', ')}`
            : this.#epochChosen
              ? `no quorum acknowledged epoch ${this.#epoch} within ${initMs} ms`
              : `no quorum of followers within ${initMs} ms, only ${[...this.#connecting].join(', ')}`,
          effects,
        );
        return effects;
      }
    } else if (++this.#tickHalf % 2 === 0) {
      const synced = new Set([this.#config.sid]);
      for (const learner of this.#learners.values()) {
        const silentMs =
          learner.phase === 'serving'
            ? nowMs - learner.heardMs - syncMs
            : nowMs - learner.connectedMs - initMs - syncMs;
        if (silentMs <= 0) synced.add(learner.sid);
      }
      if (!this.#config.members.isQuorum(synced)) {
        this.#resign(`not sufficient followers synced, only ${[...synced].sort((a, b) => a - b).join(', ')}`, effects);
        return effects;
      }
    }
    for (const learner of this.#learners.values()) {
      const serving = learner.phase === 'serving';
      // In these phases it waits for us, until a quorum of others has come as far.
      const waits = learner.phase === 'epoch' || learner.phase === 'election' || learner.phase === 'established';
      if (!waits && nowMs - learner.heardMs > (serving ? syncMs : initMs)) {
        effects.push({
          kind: 'hangUp',
          learner: learner.id,
          reason: `server ${learner.sid} was silent for ${Math.round(nowMs - learner.heardMs)} ms`,
        });
      } else if (serving && this.#lags(learner, syncMs)) {
        effects.push({
          kind: 'hangUp',
          learner: learner.id,
          reason: `server ${learner.sid} has not acknowledged ${zxidText(learner.waitingFor)} within ${syncMs} ms`,
        });
      } else if (learner.forwarding) {
        effects.push({ kind: 'send', to: learner.id, packet: packet(PacketType.PING, this.#lastProposed) });
      }
    }
    return effects;
  }

  /** A request of our own clients. */
  submit(request: Request): LeaderEffect[] {
    const effects: LeaderEffect[] = [];
    if (this.#phase === 'broadcast') this.#request(request, undefined, effects);
    return effects;
  }

  stop(): void {
    this.#phase = 'ended';
  }

  // ---- discovery

  #info(learner: Learner, p: QuorumPacket, effects: LeaderEffect[]): void {
    if (p.type !== PacketType.FOLLOWERINFO && p.type !== PacketType.OBSERVERINFO) {
      effects.push({
        kind: 'hangUp',
        learner: learner.id,
        reason: `${packetTypeName(p.type)} where FOLLOWERINFO or OBSERVERINFO was expected`,
      });
      return;
    }
    const info = decodeLearnerInfo(p);
    if (info.protocolVersion < ZAB_PROTOCOL_VERSION) {
      effects.push({
        kind: 'hangUp',
        learner: learner.id,
        reason:
          `server ${info.sid} speaks protocol version 0x${info.protocolVersion.toString(16)}, older than ` +
          `ZooKeeper 3.4`,
      });
      return;
    }
    learner.sid = info.sid;
    learner.observer = p.type === PacketType.OBSERVERINFO;
    learner.phase = 'epoch';
    this.#proposeEpoch(info.sid, epochOf(p.zxid), effects);
    if (this.#epochChosen && learner.phase === 'epoch') this.#leaderInfo(learner, effects);
  }

  /** Takes a server's accepted epoch into account; with a quorum, the epoch is chosen. */
  #proposeEpoch(sid: number, acceptedEpoch: bigint, effects: LeaderEffect[]): void {
    if (this.#epochChosen) return;
    if (acceptedEpoch >= this.#epoch) this.#epoch = acceptedEpoch + 1n;
    if (this.#config.members.isVoter(sid)) this.#connecting.add(sid);
    if (!this.#connecting.has(this.#config.sid) || !this.#config.members.isQuorum(this.#connecting)) return;
    this.#epochChosen = true;
    this.#acceptedEpoch = this.#epoch;
    this.#newLeaderZxid = makeZxid(this.#epoch, 0);
    this.#phaseSinceMs = this.#nowMs;
    effects.push({ kind: 'storeAcceptedEpoch', epoch: this.#epoch });
    for (const learner of this.#learners.values()) if (learner.phase === 'epoch') this.#leaderInfo(learner, effects);
    this.#electing.add(this.#config.sid);
    this.#maybeFinishElection(effects);
  }

  #leaderInfo(learner: Learner, effects: LeaderEffect[]): void {
    learner.phase = 'ackEpoch';
    effects.push({
      kind: 'send',
      to: learner.id,
      packet: packet(PacketType.LEADERINFO, this.#newLeaderZxid, encodeLeaderInfo(ZAB_PROTOCOL_VERSION)),
      after: 'sync',
    });
  }

  #ackEpoch(learner: Learner, p: QuorumPacket, effects: LeaderEffect[]): void {
    if (p.type !== PacketType.ACKEPOCH) {
      effects.push({
        kind: 'hangUp',
        learner: learner.id,
        reason: `${packetTypeName(p.type)} where ACKEPOCH was expected`,
      });
      return;
    }
    const { currentEpoch } = decodeAckEpoch(p);
    learner.peerLastZxid = p.zxid;
    learner.phase = 'election';
    if (this.#phase === 'discovery') {
      if (currentEpoch > this.#currentEpoch || (currentEpoch === this.#currentEpoch && p.zxid > this.#initialZxid)) {
        effects.push({
          kind: 'hangUp',
          learner: learner.id,
          reason:
            `server ${learner.sid} is ahead of us: epoch ${currentEpoch}, ${zxidText(p.zxid)} against epoch ` +
            `${this.#currentEpoch}, ${zxidText(this.#initialZxid)}`,
        });
        return;
      }
      // -1: it had accepted this epoch before, and its acknowledgement cannot count twice.
      if (currentEpoch >= 0n && this.#config.members.isVoter(learner.sid) && !learner.observer)
        this.#electing.add(learner.sid);
      this.#maybeFinishElection(effects);
    }
    if (this.#phase !== 'discovery' && learner.phase === 'election') this.#synchronize(learner, effects);
  }

  #maybeFinishElection(effects: LeaderEffect[]): void {
    if (this.#phase !== 'discovery' || !this.#epochChosen || !this.#config.members.isQuorum(this.#electing)) return;
    this.#phase = 'synchronization';
    this.#phaseSinceMs = this.#nowMs;
    this.#currentEpoch = this.#epoch;
    this.#lastProposed = this.#newLeaderZxid;
    effects.push(
      { kind: 'storeCurrentEpoch', epoch: this.#epoch },
      { kind: 'acknowledge', zxid: this.#newLeaderZxid, after: 'sync' },
    );
    for (const learner of this.#learners.values())
      if (learner.phase === 'election') this.#synchronize(learner, effects);
  }

  // ---- synchronization

  #synchronize(learner: Learner, effects: LeaderEffect[]): void {
    learner.phase = 'newLeaderAck';
    effects.push({ kind: 'findCommonPoint', learner: learner.id, zxid: learner.peerLastZxid });
  }

  #newLeaderAck(learner: Learner, p: QuorumPacket, effects: LeaderEffect[]): void {
    if (p.type !== PacketType.ACK) {
      effects.push({
        kind: 'hangUp',
        learner: learner.id,
        reason: `${packetTypeName(p.type)} where the ACK of NEWLEADER was expected`,
      });
      return;
    }
    if (p.zxid !== this.#newLeaderZxid) {
      // 3.8.4 logs what came before NEWLEADER beside the thread that acknowledges it, and may be quicker there
      // (ZOOKEEPER-4785).
      if (counterOf(p.zxid) === 0n)
        effects.push({
          kind: 'hangUp',
          learner: learner.id,
          reason: `ACK of ${zxidText(p.zxid)}, a NEWLEADER of another epoch`,
        });
      else if (!learner.observer) this.#ack(learner.sid, p.zxid, effects);
      return;
    }
    learner.phase = 'established';
    if (!learner.observer && this.#config.members.isVoter(learner.sid)) this.#newLeaderAcks.add(learner.sid);
    if (this.#phase === 'broadcast') this.#upToDate(learner, effects);
    else this.#maybeEstablish(effects);
  }

  #maybeEstablish(effects: LeaderEffect[]): void {
    if (
      this.#phase !== 'synchronization' ||
      !this.#newLeaderAcks.has(this.#config.sid) ||
      !this.#config.members.isQuorum(this.#newLeaderAcks)
    )
      return;
    this.#phase = 'broadcast';
    this.#phaseSinceMs = this.#nowMs;
    this.#lastCommitted = this.#initialZxid;
    this.#lastProposed = this.#newLeaderZxid + (this.#config.initialCounter ?? 0n);
    effects.push(
      { kind: 'commit', through: this.#initialZxid },
      { kind: 'established', epoch: this.#epoch, supporters: [...this.#newLeaderAcks].sort((a, b) => a - b) },
    );
    for (const learner of this.#learners.values())
      if (learner.phase === 'established') this.#upToDate(learner, effects);
  }

  #upToDate(learner: Learner, effects: LeaderEffect[]): void {
    learner.phase = 'serving';
    learner.heardMs = this.#nowMs;
    effects.push({ kind: 'send', to: learner.id, packet: packet(PacketType.UPTODATE, -1n) });
  }

  // ---- broadcast

  #serving(learner: Learner, p: QuorumPacket, effects: LeaderEffect[]): void {
    switch (p.type) {
      case PacketType.ACK:
        // NEWLEADER's is sent twice, before and after UPTODATE.
        if (counterOf(p.zxid) !== 0n && !learner.observer) this.#ack(learner.sid, p.zxid, effects);
        return;
      case PacketType.PING:
        this.#server.touchSessions(decodeTouches(p));
        return;
      case PacketType.REVALIDATE: {
        const { sessionId, timeoutMs } = decodeRevalidate(p);
        const valid = this.#server.adoptSession(sessionId, timeoutMs, learner.sid);
        effects.push({
          kind: 'send',
          to: learner.id,
          packet: packet(PacketType.REVALIDATE, p.zxid, encodeRevalidated(sessionId, valid)),
        });
        return;
      }
      case PacketType.REQUEST:
        if (this.#phase === 'broadcast')
          this.#request({ ...decodeRequest(p), authInfo: p.authinfo ?? [], origin: learner.sid }, learner.id, effects);
        return;
      default:
      // A release after ours may say more; what we do not know does no harm.
    }
  }

  #request(request: Request, learner: LearnerId | undefined, effects: LeaderEffect[]): void {
    if (request.op === OP_SYNC) {
      if (this.#oldest === this.#proposals.length) this.#syncDone(request, learner, effects);
      else this.#pendingSyncs.push({ zxid: this.#lastProposed, request, learner });
      return;
    }
    if (counterOf(this.#lastProposed) >= LAST_COUNTER - 1n) {
      this.#resign(`the zxid counter of epoch ${this.#epoch} is used up: a new epoch must begin`, effects);
      return;
    }
    const zxid = this.#lastProposed + 1n;
    const txn = this.#server.prepare(request, zxid);
    this.#lastProposed = zxid;
    this.#proposals.push(txn);
    effects.push(
      { kind: 'append', txn },
      { kind: 'broadcast', to: this.#followers, packet: packet(PacketType.PROPOSAL, zxid, txn.bytes) },
      { kind: 'acknowledge', zxid, after: 'sync' },
    );
  }

  #ack(sid: number, zxid: bigint, effects: LeaderEffect[]): void {
    if (!this.#config.members.isVoter(sid)) return;
    const before = this.#acked.get(sid);
    if (before !== undefined && before >= zxid) return;
    this.#acked.set(sid, zxid);
    this.#commitAcknowledged(effects);
  }

  /**
   * Commits, in order, all that a quorum's disks hold. Logs are written in order, so an ACK stands for all before it,
   * too.
   */
  #commitAcknowledged(effects: LeaderEffect[]): void {
    if (this.#phase !== 'broadcast') return;
    const from = this.#oldest;
    while (this.#oldest < this.#proposals.length && this.#onQuorum(this.#proposals[this.#oldest]!.zxid)) this.#oldest++;
    if (this.#oldest === from) return;
    for (let i = from; i < this.#oldest; i++) {
      const txn = this.#proposals[i]!;
      if (this.#followers.length > 0)
        effects.push({ kind: 'broadcast', to: this.#followers, packet: packet(PacketType.COMMIT, txn.zxid) });
      if (this.#observers.length > 0)
        effects.push({
          kind: 'broadcast',
          to: this.#observers,
          packet: packet(PacketType.INFORM, txn.zxid, txn.bytes),
        });
    }
    this.#lastCommitted = this.#proposals[this.#oldest - 1]!.zxid;
    if (this.#oldest === this.#proposals.length || this.#oldest > 1024) {
      this.#proposals = this.#proposals.slice(this.#oldest);
      this.#oldest = 0;
    }
    effects.push({ kind: 'commit', through: this.#lastCommitted });
    while (this.#pendingSyncs.length > 0 && this.#pendingSyncs[0]!.zxid <= this.#lastCommitted) {
      const { request, learner } = this.#pendingSyncs.shift()!;
      this.#syncDone(request, learner, effects);
    }
  }

  #onQuorum(zxid: bigint): boolean {
    let acks = 0;
    for (const acked of this.#acked.values()) if (acked >= zxid) acks++;
    return isMajority(acks, this.#config.members.voters.length);
  }

  #syncDone(request: Request, learner: LearnerId | undefined, effects: LeaderEffect[]): void {
    if (learner === undefined) effects.push({ kind: 'syncDone', request });
    else effects.push({ kind: 'send', to: learner, packet: packet(PacketType.SYNC, 0n) });
  }

  /** Whether it has kept us waiting for the same proposal longer than the limit. */
  #lags(learner: Learner, limitMs: number): boolean {
    if (learner.observer || !this.#config.members.isVoter(learner.sid)) return false;
    const acked = this.#acked.get(learner.sid) ?? 0n;
    let next = 0n;
    for (let i = this.#oldest; i < this.#proposals.length && next === 0n; i++)
      if (this.#proposals[i]!.zxid > acked) next = this.#proposals[i]!.zxid;
    if (next !== learner.waitingFor) {
      learner.waitingFor = next;
      learner.waitingSinceMs = this.#nowMs;
      return false;
    }
    return next !== 0n && this.#nowMs - learner.waitingSinceMs > limitMs;
  }

  #recipients(): void {
    const followers: LearnerId[] = [];
    const observers: LearnerId[] = [];
    for (const learner of this.#learners.values())
      if (learner.forwarding) (learner.observer ? observers : followers).push(learner.id);
    this.#followers = followers;
    this.#observers = observers;
  }

  #resign(reason: string, effects: LeaderEffect[]): void {
    this.#phase = 'ended';
    effects.push({ kind: 'resign', reason });
  }
}
