/**
 * A follower or an observer as a machine: what the leader sends and what the clock says go in, effects come out. The
 * stream, the log and the tree are learner-shell.ts's. Mirrors org.apache.zookeeper.server.quorum.Learner, Follower and
 * Observer.
 *
 * - connecting, until the connection is open.
 * - registering: FOLLOWERINFO (OBSERVERINFO) out; LEADERINFO in; the epoch is stored; ACKEPOCH out.
 * - mode, from then until the leader says DIFF, TRUNC or SNAP; snapshot, while one is coming.
 * - synchronizing: history in, all of it logged, none of it applied, until NEWLEADER.
 * - acknowledged: everything is synced, then currentEpoch is stored, then NEWLEADER is acknowledged, then what was
 *   proposed; until UPTODATE.
 * - broadcasting: what is committed is applied; PROPOSAL, ACK, COMMIT (an observer: INFORM).
 *
 * The order at NEWLEADER is that of later releases (ZOOKEEPER-4643, 4646, 4785), not 3.8.4's; on the wire they look
 * alike. Nothing is applied before UPTODATE, since nothing is known to be committed before a quorum has acknowledged
 * NEWLEADER.
 *
 * Proposals and COMMITs are only noted when they come. At the end of the turn (`turn`), or before anything else is
 * done, those that came together go to the disk, are acknowledged and are applied together.
 *
 * Calling order: `start`, then everything else. After `giveUp` the machine does nothing more.
 */
import { hasCode } from '../../base/errors.js';
import type { Machine } from '../../base/machine.js';
import { epochOf, makeZxid, zxidText } from '../../base/zxid.js';
import { Op } from '../../wire/zookeeper/op.js';
import {
  decodeLeaderInfo,
  decodeRevalidated,
  encodeAckEpoch,
  encodeLearnerInfo,
  encodeRequest,
  encodeRevalidate,
  encodeTouches,
  ZAB_PROTOCOL_VERSION,
} from '../../wire/zookeeper/quorum/payloads.js';
import { packet } from '../../wire/zookeeper/quorum/packet.js';
import type { QuorumPacket } from '../../wire/zookeeper/quorum/packet.js';
import { packetTypeName, PacketType } from '../../wire/zookeeper/quorum/packet-type.js';
import type { Request, Txn } from '../contract.js';
import { txnFromBytes } from '../storage/txn.js';
import { ConnectAttempts } from './connect-attempts.js';
import type { LearnerConfig, LearnerEffect, LearnerInput, SyncMode } from './learner-io.js';
import { ReceivedHistory } from './received-history.js';

/**
 * What we say our last zxid is when our log begins after the point the leader wants us to go back to: in no history,
 * and before all, so that the answer is a snapshot.
 */
const WANT_SNAPSHOT = 1n;

const NOTHING: readonly LearnerEffect[] = [];

type Phase = 'connecting' | 'registering' | 'mode' | 'snapshot' | Followed | 'ended';
/** From DIFF, TRUNC or SNAP on, history comes in. */
type Followed = 'synchronizing' | 'acknowledged' | 'broadcasting';

export class Learner implements Machine<LearnerInput, LearnerEffect> {
  readonly #config: LearnerConfig;
  #phase: Phase = 'connecting';
  #mode: SyncMode = 'DIFF';
  #nowMs = 0;
  readonly #attempts: ConnectAttempts;
  #acceptedEpoch = 0n;
  #currentEpoch = 0n;
  #epoch = 0n;
  #heardMs = 0;
  readonly #history = new ReceivedHistory();
  #pendingSyncs: Request[] = [];

  constructor(config: LearnerConfig) {
    this.#config = config;
    const { connectToLearnerMasterLimit, initLimit, tickTimeMs } = config;
    this.#attempts = new ConnectAttempts((connectToLearnerMasterLimit || initLimit) * tickTimeMs);
  }

  /** The leader's, once it has told it. */
  get epoch(): bigint {
    return this.#epoch;
  }

  get pendingSyncs(): number {
    return this.#pendingSyncs.length;
  }

  step(input: LearnerInput, nowMs: number): readonly LearnerEffect[] {
    if (this.#phase === 'ended') return NOTHING;
    this.#nowMs = nowMs;
    const effects: LearnerEffect[] = [];
    if (input.type === 'packet') {
      this.#received(input.packet, effects);
      return effects;
    }
    this.#flush(effects);
    switch (input.type) {
      case 'turn':
        this.#history.turn();
        break;
      case 'request':
        this.#request(input.request, effects);
        break;
      case 'revalidate':
        if (this.#phase !== 'broadcasting') break;
        this.#send(PacketType.REVALIDATE, -1n, effects, encodeRevalidate(input.sessionId, input.timeoutMs));
        break;
      case 'touched':
        this.#send(PacketType.PING, input.zxid, effects, encodeTouches(input.sessions));
        break;
      case 'timer':
        if (input.timer === 'tick') this.#tick(effects);
        else this.#connect(effects);
        break;
      case 'heard':
        this.#heardMs = nowMs;
        break;
      case 'snapshot':
        if (this.#phase !== 'snapshot') break;
        this.#phase = 'synchronizing';
        effects.push({ type: 'restore', zxid: this.#history.committed, snapshot: input.bytes });
        break;
      case 'truncated':
        this.#truncated(input.possible, input.lastZxid, effects);
        break;
      case 'connected':
        this.#connected(effects);
        break;
      case 'disconnected':
        this.#disconnected(input.why, effects);
        break;
      case 'start':
        this.#attempts.start(nowMs);
        this.#acceptedEpoch = input.acceptedEpoch;
        this.#currentEpoch = input.currentEpoch;
        this.#history.load(input.lastZxid, input.lastCommitted);
        this.#connect(effects);
    }
    return effects;
  }

  #received(p: QuorumPacket, effects: LearnerEffect[]): void {
    this.#heardMs = this.#nowMs;
    try {
      switch (this.#phase) {
        case 'broadcasting':
        case 'acknowledged':
        case 'synchronizing':
          this.#packet(p, effects);
          return;
        case 'registering':
          this.#leaderInfo(p, effects);
          return;
        case 'mode':
          this.#beginSynchronization(p, effects);
          return;
        case 'connecting':
        case 'snapshot':
        case 'ended':
      }
    } catch (error) {
      if (!hasCode(error, 'MALFORMED')) throw error;
      const { leader } = this.#config;
      this.#end(`the leader, server ${leader}, sends what cannot be read: ${error.message}`, effects);
    }
  }

  #send(type: number, zxid: bigint, effects: LearnerEffect[], data: Buffer | null = null): void {
    effects.push({ type: 'send', packet: packet(type, zxid, data) });
  }

  #end(reason: string, effects: LearnerEffect[]): void {
    this.#phase = 'ended';
    effects.push({ type: 'giveUp', reason });
  }

  // --- connecting

  #connect(effects: LearnerEffect[]): void {
    effects.push({ type: 'connect', timeoutMs: this.#attempts.next(this.#nowMs) });
  }

  #connected(effects: LearnerEffect[]): void {
    const { sid, observer } = this.#config;
    this.#phase = 'registering';
    this.#heardMs = this.#nowMs;
    this.#tickLater(effects);
    const info = encodeLearnerInfo({ sid, protocolVersion: ZAB_PROTOCOL_VERSION, configVersion: 0n });
    const type = observer ? PacketType.OBSERVERINFO : PacketType.FOLLOWERINFO;
    this.#send(type, makeZxid(this.#acceptedEpoch, 0), effects, info);
  }

  #disconnected(why: string, effects: LearnerEffect[]): void {
    const { leader, leaderAddress } = this.#config;
    if (this.#phase !== 'connecting') {
      this.#end(`the connection to the leader, server ${leader}, is gone: ${why}`, effects);
      return;
    }
    const delayMs = this.#attempts.pauseMs(this.#nowMs);
    if (delayMs === undefined)
      this.#end(`no connection to the leader, server ${leader}, at ${leaderAddress}: ${why}`, effects);
    else effects.push({ type: 'setTimer', timer: 'retry', delayMs });
  }

  #tickLater(effects: LearnerEffect[]): void {
    effects.push({ type: 'setTimer', timer: 'tick', delayMs: this.#config.tickTimeMs / 2 });
  }

  #tick(effects: LearnerEffect[]): void {
    const { leader, initLimit, syncLimit, tickTimeMs } = this.#config;
    const limit = this.#phase === 'acknowledged' || this.#phase === 'broadcasting' ? syncLimit : initLimit;
    const silentMs = this.#nowMs - this.#heardMs;
    if (silentMs > limit * tickTimeMs)
      this.#end(`the leader, server ${leader}, was silent for ${Math.round(silentMs)} ms`, effects);
    else this.#tickLater(effects);
  }

  // --- registering

  #leaderInfo(p: QuorumPacket, effects: LearnerEffect[]): void {
    if (p.type !== PacketType.LEADERINFO) {
      this.#end(`${packetTypeName(p.type)} from the leader where LEADERINFO was expected`, effects);
      return;
    }
    const { protocolVersion } = decodeLeaderInfo(p);
    const epoch = epochOf(p.zxid);
    if (protocolVersion < ZAB_PROTOCOL_VERSION || epoch < this.#acceptedEpoch) {
      this.#end(`the leader's epoch ${epoch} is less than the one we accepted, ${this.#acceptedEpoch}`, effects);
      return;
    }
    this.#epoch = epoch;
    this.#phase = 'mode';
    let vote = -1n;
    let { lastZxid } = this.#history;
    if (epoch > this.#acceptedEpoch) {
      vote = this.#currentEpoch;
      this.#acceptedEpoch = epoch;
      effects.push({ type: 'storeAcceptedEpoch', epoch });
    } else if (this.#config.wantSnapshot) {
      // Our vote for this epoch is given: what we say now is only for the synchronization.
      lastZxid = WANT_SNAPSHOT;
    }
    effects.push({ type: 'send', packet: packet(PacketType.ACKEPOCH, lastZxid, encodeAckEpoch(vote)), after: 'sync' });
  }

  // --- synchronizing

  #beginSynchronization(p: QuorumPacket, effects: LearnerEffect[]): void {
    switch (p.type) {
      case PacketType.DIFF:
        this.#mode = 'DIFF';
        this.#phase = 'synchronizing';
        // What we had logged when we came is the leader's history too, although it does not say COMMIT for it.
        this.#history.agree(this.#history.lastZxid);
        return;
      case PacketType.TRUNC:
        this.#mode = 'TRUNC';
        // Nothing comes in until it is done.
        effects.push({ type: 'truncate', zxid: p.zxid });
        return;
      case PacketType.SNAP:
        this.#mode = 'SNAP';
        this.#phase = 'snapshot';
        this.#history.agree(p.zxid);
        return;
      case PacketType.PING:
        return;
      default:
        this.#end(`${packetTypeName(p.type)} from the leader where DIFF, TRUNC or SNAP was expected`, effects);
    }
  }

  #truncated(possible: boolean, lastZxid: bigint, effects: LearnerEffect[]): void {
    this.#heardMs = this.#nowMs;
    if (!possible) {
      this.#phase = 'ended';
      const reason = 'our log begins after the point the leader wants us to go back to: a snapshot is needed';
      effects.push({ type: 'giveUp', reason, wantSnapshot: true });
      return;
    }
    this.#phase = 'synchronizing';
    this.#history.agree(lastZxid);
  }

  // --- from synchronizing on

  #packet(p: QuorumPacket, effects: LearnerEffect[]): void {
    switch (p.type) {
      case PacketType.PROPOSAL:
        this.#proposal(p, effects);
        return;
      case PacketType.COMMIT:
      // A reconfiguration: its transaction is data like any other; our membership is fixed by zoo.cfg.
      case PacketType.COMMITANDACTIVATE:
        this.#commit(p.zxid, effects);
        return;
      case PacketType.INFORM:
        this.#inform(p.data, effects);
        return;
      case PacketType.INFORMANDACTIVATE:
        this.#inform(p.data === null ? null : p.data.subarray(8), effects);
        return;
    }
    this.#flush(effects);
    switch (p.type) {
      case PacketType.NEWLEADER:
        this.#newLeader(p, effects);
        return;
      case PacketType.UPTODATE:
        this.#upToDate(effects);
        return;
      case PacketType.PING:
        if (this.#phase === 'broadcasting') effects.push({ type: 'takeTouchedSessions', zxid: p.zxid });
        return;
      case PacketType.REVALIDATE:
        effects.push({ type: 'revalidated', ...decodeRevalidated(p) });
        return;
      case PacketType.SYNC: {
        const request = this.#pendingSyncs.shift();
        if (request !== undefined) effects.push({ type: 'syncDone', request });
        return;
      }
      default:
      // A release after ours may say more; what we do not know does no harm.
    }
  }

  #proposal(p: QuorumPacket, effects: LearnerEffect[]): void {
    const txn = this.#txn(p.data);
    if (!this.#take(txn, effects) || this.#config.observer) return;
    if (this.#phase === 'synchronizing') this.#history.acknowledgeBehindNewLeader(txn.zxid);
    else this.#history.acknowledge(txn.zxid, effects);
  }

  #inform(data: Buffer | null, effects: LearnerEffect[]): void {
    const txn = this.#txn(data);
    if (this.#take(txn, effects)) this.#commit(txn.zxid, effects);
  }

  #txn(data: Buffer | null): Txn {
    return txnFromBytes(data ?? Buffer.alloc(0));
  }

  #take(txn: Txn, effects: LearnerEffect[]): boolean {
    if (this.#history.take(txn, effects)) return true;
    this.#flush(effects);
    const where = `our history ends at ${zxidText(this.#history.lastZxid)}`;
    this.#end(`the leader proposes ${zxidText(txn.zxid)}, but ${where}: something is missing between`, effects);
    return false;
  }

  #commit(zxid: bigint, effects: LearnerEffect[]): void {
    if (this.#history.commit(zxid, effects)) return;
    this.#flush(effects);
    this.#end(`the leader commits ${zxidText(zxid)}, which it has not proposed to us`, effects);
  }

  /** What came in together goes on together. */
  #flush(effects: LearnerEffect[]): void {
    this.#history.flush(effects);
    if (this.#phase === 'broadcasting') this.#history.apply(effects);
  }

  // --- the end of the synchronization

  #newLeader(p: QuorumPacket, effects: LearnerEffect[]): void {
    if (this.#phase !== 'synchronizing' || epochOf(p.zxid) !== this.#epoch) {
      this.#end(`NEWLEADER ${zxidText(p.zxid)} from the leader of epoch ${this.#epoch}, out of place`, effects);
      return;
    }
    this.#phase = 'acknowledged';
    // All of this goes through the one queue of the disk: history before the epoch, the epoch before the
    // acknowledgement.
    effects.push(
      { type: 'storeCurrentEpoch', epoch: this.#epoch },
      { type: 'synchronized', mode: this.#mode, zxid: this.#history.lastZxid },
      { type: 'send', packet: packet(PacketType.ACK, p.zxid), after: 'sync' },
    );
    this.#history.newLeaderAcknowledged(effects);
  }

  #upToDate(effects: LearnerEffect[]): void {
    if (this.#phase === 'broadcasting') return;
    if (this.#phase !== 'acknowledged') {
      this.#end('UPTODATE from the leader before NEWLEADER', effects);
      return;
    }
    this.#phase = 'broadcasting';
    effects.push({ type: 'send', packet: packet(PacketType.ACK, makeZxid(this.#epoch, 0)), after: 'sync' });
    this.#history.apply(effects);
    effects.push({ type: 'serve', epoch: this.#epoch });
  }

  #request(request: Request, effects: LearnerEffect[]): void {
    if (this.#phase !== 'broadcasting') return;
    if (request.op === Op.sync) this.#pendingSyncs.push(request);
    const p = packet(PacketType.REQUEST, -1n, encodeRequest(request), request.authInfo);
    effects.push({ type: 'send', packet: p });
  }
}
