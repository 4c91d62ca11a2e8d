/**
 * A leader as a machine: what learners send, what the disk has done and what the clock says go in, effects come out.
 * Streams, the log and the tree are leader-shell.ts's. What the leader keeps in mind stands in its parts: new-epoch.ts,
 * learner-handlers.ts and broadcast.ts. Mirrors org.apache.zookeeper.server.quorum.Leader and LearnerHandler.
 *
 * - discovery: FOLLOWERINFO in; a new epoch, greater than any accepted, is stored; LEADERINFO out; ACKEPOCH in, until a
 *   quorum has acknowledged the epoch.
 * - synchronization: the epoch becomes the current one; each learner gets DIFF, TRUNC or SNAP, history, NEWLEADER; ACK
 *   in, until a quorum has acknowledged NEWLEADER.
 * - broadcast: history is committed; UPTODATE out; PROPOSAL, ACK, COMMIT.
 *
 * Calling order: `start`, then everything else. After a `resign` effect the machine does nothing more.
 */
import { hasCode } from '../../base/errors.js';
import type { Machine } from '../../base/machine.js';
import { counterOf, epochOf, zxidText } from '../../base/zxid.js';
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
import { Broadcast } from './broadcast.js';
import type { LeaderConfig, LeaderEffect, LeaderInput, LearnerId } from './leader-io.js';
import { LearnerHandlers } from './learner-handlers.js';
import type { LearnerHandler } from './learner-handlers.js';
import { NewEpoch } from './new-epoch.js';
import { planSynchronization } from './synchronization.js';

const NOTHING: readonly LeaderEffect[] = [];

export class Leader implements Machine<LeaderInput, LeaderEffect> {
  readonly #config: LeaderConfig;
  readonly #learners: LearnerHandlers;
  readonly #epoch: NewEpoch;
  readonly #broadcast: Broadcast;
  #phase: 'discovery' | 'synchronization' | 'broadcast' | 'ended' = 'discovery';
  #phaseSinceMs = 0;
  #nowMs = 0;
  #currentEpoch = 0n;
  #initialZxid = 0n;
  #halfTicks = 0;

  constructor(config: LeaderConfig) {
    this.#config = config;
    this.#learners = new LearnerHandlers(config);
    this.#epoch = new NewEpoch(config.sid, config.members);
    this.#broadcast = new Broadcast(config, this.#learners);
  }

  status(): { followers: number; syncedFollowers: number; pendingSyncs: number } {
    return { ...this.#learners.count(), pendingSyncs: this.#broadcast.pendingSyncs };
  }

  step(input: LeaderInput, nowMs: number): readonly LeaderEffect[] {
    if (this.#phase === 'ended') return NOTHING;
    this.#nowMs = nowMs;
    const effects: LeaderEffect[] = [];
    switch (input.type) {
      case 'packet':
        this.#packet(input.learner, input.packet, effects);
        break;
      case 'request':
        this.#broadcast.request(input.request, undefined, effects);
        break;
      case 'turn':
        if (!this.#broadcast.turn(effects))
          this.#resign(`the zxid counter of epoch ${this.#epoch.number} is used up: a new epoch must begin`, effects);
        break;
      case 'prepared':
        this.#broadcast.propose(input.txns, effects);
        break;
      case 'durable':
        this.#durable(input.zxid, effects);
        break;
      case 'adopted':
        this.#send(input.learner, PacketType.REVALIDATE, -1n, effects, encodeRevalidated(input.sessionId, input.valid));
        break;
      case 'timer':
        this.#tick(effects);
        break;
      case 'commonPoint':
        this.#commonPoint(input.learner, input.zxid, input.memoryFloor, effects);
        break;
      case 'connected':
        this.#learners.connected(input.learner, nowMs);
        break;
      case 'disconnected':
        this.#learners.disconnected(input.learner);
        this.#broadcast.forget(input.learner);
        break;
      case 'start':
        this.#phaseSinceMs = nowMs;
        this.#currentEpoch = input.currentEpoch;
        this.#initialZxid = input.lastZxid;
        this.#tickLater(effects);
        this.#proposeEpoch(this.#config.sid, input.acceptedEpoch, effects);
    }
    return effects;
  }

  // --- learners come, speak and fall silent

  #packet(id: LearnerId, p: QuorumPacket, effects: LeaderEffect[]): void {
    const learner = this.#learners.get(id);
    if (learner === undefined) return;
    learner.heardMs = this.#nowMs;
    try {
      switch (learner.phase) {
        case 'serving':
        case 'established':
          this.#serving(learner, p, effects);
          return;
        case 'info':
          this.#info(learner, p, effects);
          return;
        case 'ackEpoch':
          this.#ackEpoch(learner, p, effects);
          return;
        case 'newLeaderAck':
          this.#newLeaderAck(learner, p, effects);
          return;
        case 'epoch':
        case 'election':
          this.#hangUp(id, `${packetTypeName(p.type)} from server ${learner.sid} before it was asked for`, effects);
      }
    } catch (error) {
      if (!hasCode(error, 'MALFORMED')) throw error;
      this.#hangUp(id, error.message, effects);
    }
  }

  #send(to: LearnerId, type: number, zxid: bigint, effects: LeaderEffect[], data: Buffer | null = null): void {
    effects.push({ type: 'send', to, packet: packet(type, zxid, data) });
  }

  #hangUp(learner: LearnerId, reason: string, effects: LeaderEffect[]): void {
    effects.push({ type: 'hangUp', learner, reason });
  }

  #tickLater(effects: LeaderEffect[]): void {
    effects.push({ type: 'setTimer', timer: 'tick', delayMs: this.#config.tickTimeMs / 2 });
  }

  #tick(effects: LeaderEffect[]): void {
    // Whether a quorum is still there is looked at once a tick.
    const lost =
      this.#phase !== 'broadcast'
        ? this.#late()
        : ++this.#halfTicks % 2 === 0
          ? this.#learners.quorumLost(this.#nowMs)
          : undefined;
    if (lost !== undefined) {
      this.#resign(lost, effects);
      return;
    }
    this.#tickLater(effects);
    const zxid = this.#phase === 'broadcast' ? this.#broadcast.lastProposed : this.#epoch.zxid;
    for (const learner of this.#learners.all()) {
      const why = this.#learners.complaint(learner, this.#broadcast.nextFor(learner.sid), this.#nowMs);
      if (why !== undefined) this.#hangUp(learner.id, why, effects);
      else if (learner.forwarding) this.#send(learner.id, PacketType.PING, zxid, effects);
    }
  }

  /** Why there is no established leader after such a time; undefined while there is time. */
  #late(): string | undefined {
    const limitMs = this.#config.initLimit * this.#config.tickTimeMs;
    return this.#nowMs - this.#phaseSinceMs > limitMs ? this.#epoch.missing(limitMs) : undefined;
  }

  #resign(reason: string, effects: LeaderEffect[]): void {
    this.#phase = 'ended';
    effects.push({ type: 'resign', reason });
  }

  // --- discovery

  #info(learner: LearnerHandler, p: QuorumPacket, effects: LeaderEffect[]): void {
    if (p.type !== PacketType.FOLLOWERINFO && p.type !== PacketType.OBSERVERINFO) {
      const what = `${packetTypeName(p.type)} where FOLLOWERINFO or OBSERVERINFO was expected`;
      this.#hangUp(learner.id, what, effects);
      return;
    }
    const { sid, protocolVersion } = decodeLearnerInfo(p);
    if (protocolVersion < ZAB_PROTOCOL_VERSION) {
      const version = `0x${protocolVersion.toString(16)}`;
      this.#hangUp(learner.id, `server ${sid} speaks protocol version ${version}, older than ZooKeeper 3.4`, effects);
      return;
    }
    learner.sid = sid;
    learner.observer = p.type === PacketType.OBSERVERINFO;
    learner.voter = !learner.observer && this.#config.members.isVoter(sid);
    learner.phase = 'epoch';
    this.#proposeEpoch(sid, epochOf(p.zxid), effects);
    if (this.#epoch.chosen && learner.phase === 'epoch') this.#leaderInfo(learner, effects);
  }

  #proposeEpoch(sid: number, acceptedEpoch: bigint, effects: LeaderEffect[]): void {
    if (!this.#epoch.propose(sid, acceptedEpoch)) return;
    this.#phaseSinceMs = this.#nowMs;
    effects.push({ type: 'storeAcceptedEpoch', epoch: this.#epoch.number });
    for (const learner of this.#learners.inPhase('epoch')) this.#leaderInfo(learner, effects);
    this.#maybeFinishElection(effects);
  }

  #leaderInfo(learner: LearnerHandler, effects: LeaderEffect[]): void {
    learner.phase = 'ackEpoch';
    const info = packet(PacketType.LEADERINFO, this.#epoch.zxid, encodeLeaderInfo(ZAB_PROTOCOL_VERSION));
    effects.push({ type: 'send', to: learner.id, packet: info, after: 'sync' });
  }

  #ackEpoch(learner: LearnerHandler, p: QuorumPacket, effects: LeaderEffect[]): void {
    if (p.type !== PacketType.ACKEPOCH) {
      this.#hangUp(learner.id, `${packetTypeName(p.type)} where ACKEPOCH was expected`, effects);
      return;
    }
    const { currentEpoch } = decodeAckEpoch(p);
    learner.peerLastZxid = p.zxid;
    learner.phase = 'election';
    if (this.#phase === 'discovery') {
      if (currentEpoch > this.#currentEpoch || (currentEpoch === this.#currentEpoch && p.zxid > this.#initialZxid)) {
        const theirs = `epoch ${currentEpoch}, ${zxidText(p.zxid)}`;
        const ours = `epoch ${this.#currentEpoch}, ${zxidText(this.#initialZxid)}`;
        this.#hangUp(learner.id, `server ${learner.sid} is ahead of us: ${theirs} against ${ours}`, effects);
        return;
      }
      // -1: it had accepted this epoch before, and its acknowledgement cannot count twice.
      if (currentEpoch >= 0n && learner.voter) this.#epoch.acknowledge(learner.sid);
      this.#maybeFinishElection(effects);
    }
    if (this.#phase !== 'discovery' && learner.phase === 'election') this.#synchronize(learner, effects);
  }

  #maybeFinishElection(effects: LeaderEffect[]): void {
    if (this.#phase !== 'discovery' || !this.#epoch.elected) return;
    this.#phase = 'synchronization';
    this.#phaseSinceMs = this.#nowMs;
    this.#currentEpoch = this.#epoch.number;
    effects.push(
      { type: 'storeCurrentEpoch', epoch: this.#epoch.number },
      { type: 'acknowledge', zxid: this.#epoch.zxid, after: 'sync' },
    );
    for (const learner of this.#learners.inPhase('election')) this.#synchronize(learner, effects);
  }

  // --- synchronization

  #synchronize(learner: LearnerHandler, effects: LeaderEffect[]): void {
    learner.phase = 'newLeaderAck';
    effects.push({ type: 'findCommonPoint', learner: learner.id, zxid: learner.peerLastZxid });
  }

  #commonPoint(id: LearnerId, floor: bigint | undefined, memoryFloor: bigint, effects: LeaderEffect[]): void {
    const learner = this.#learners.get(id);
    if (learner === undefined) return;
    const { sid, observer, peerLastZxid } = learner;
    const committed = this.#phase === 'broadcast' ? this.#broadcast.lastCommitted : this.#initialZxid;
    const plan = planSynchronization({ peerLastZxid, committed, floor, memoryFloor });
    if (plan.mode !== 'DIFF') this.#broadcast.takeBack(sid, plan.mode === 'TRUNC' ? plan.after : committed);
    const members = Buffer.from(this.#config.members.text(this.#epoch.zxid));
    effects.push({ type: 'synchronize', learner: id, sid, plan, committed, observer });
    this.#send(id, PacketType.NEWLEADER, this.#epoch.zxid, effects, members);
    this.#learners.forward(learner);
  }

  #newLeaderAck(learner: LearnerHandler, p: QuorumPacket, effects: LeaderEffect[]): void {
    if (p.type !== PacketType.ACK) {
      this.#hangUp(learner.id, `${packetTypeName(p.type)} where the ACK of NEWLEADER was expected`, effects);
      return;
    }
    if (p.zxid !== this.#epoch.zxid) {
      // 3.8.4 logs what came before NEWLEADER beside the thread that acknowledges it, and may be quicker there
      // (ZOOKEEPER-4785).
      if (counterOf(p.zxid) === 0n)
        this.#hangUp(learner.id, `ACK of ${zxidText(p.zxid)}, a NEWLEADER of another epoch`, effects);
      else if (learner.voter) this.#broadcast.acknowledge(learner.sid, p.zxid, effects);
      return;
    }
    learner.phase = 'established';
    if (learner.voter) this.#epoch.acknowledgeNewLeader(learner.sid);
    if (this.#phase === 'broadcast') this.#upToDate(learner, effects);
    else this.#maybeEstablish(effects);
  }

  #maybeEstablish(effects: LeaderEffect[]): void {
    const { supporters } = this.#epoch;
    if (this.#phase !== 'synchronization' || supporters === undefined) return;
    this.#phase = 'broadcast';
    this.#phaseSinceMs = this.#nowMs;
    this.#broadcast.begin(this.#epoch.zxid + (this.#config.initialCounter ?? 0n), this.#initialZxid);
    effects.push(
      { type: 'commit', through: this.#initialZxid },
      { type: 'established', epoch: this.#epoch.number, supporters },
    );
    for (const learner of this.#learners.inPhase('established')) this.#upToDate(learner, effects);
  }

  #upToDate(learner: LearnerHandler, effects: LeaderEffect[]): void {
    learner.phase = 'serving';
    learner.heardMs = this.#nowMs;
    this.#send(learner.id, PacketType.UPTODATE, -1n, effects);
  }

  // --- broadcast

  #serving(learner: LearnerHandler, p: QuorumPacket, effects: LeaderEffect[]): void {
    switch (p.type) {
      case PacketType.ACK:
        // NEWLEADER's is sent twice, before and after UPTODATE.
        if (counterOf(p.zxid) !== 0n && learner.voter) this.#broadcast.acknowledge(learner.sid, p.zxid, effects);
        return;
      case PacketType.REQUEST: {
        const request = { ...decodeRequest(p), authInfo: p.authinfo ?? [], origin: learner.sid };
        this.#broadcast.request(request, learner.id, effects);
        return;
      }
      case PacketType.PING:
        effects.push({ type: 'touchSessions', sessions: decodeTouches(p) });
        return;
      case PacketType.REVALIDATE:
        effects.push({ type: 'adoptSession', learner: learner.id, sid: learner.sid, ...decodeRevalidate(p) });
        return;
      default:
      // A release after ours may say more; what we do not know does no harm.
    }
  }

  /** Our disk holds our history up to `zxid` (or the current epoch, when that is the zxid it begins with). */
  #durable(zxid: bigint, effects: LeaderEffect[]): void {
    if (zxid === this.#epoch.zxid) {
      this.#epoch.acknowledgeNewLeader(this.#config.sid);
      this.#maybeEstablish(effects);
    } else {
      this.#broadcast.acknowledge(this.#config.sid, zxid, effects);
    }
  }
}
