/**
 * A follower or an observer as a plain state machine: what the leader sends and what the clock says go in, effects come
 * out. The stream, the log and the tree are learner-shell.ts's. Mirrors org.apache.zookeeper.server.quorum.Learner,
 * Follower and Observer.
 *
 * | phase | what happens | ends when |
 * |---|---|---|
 * | registering | FOLLOWERINFO (OBSERVERINFO) out; LEADERINFO in; the epoch is stored; ACKEPOCH out | the leader says DIFF, TRUNC or SNAP |
 * | synchronizing | history in, all of it logged, none of it applied | NEWLEADER |
 * | acknowledged | everything is synced, then currentEpoch is stored, then NEWLEADER is acknowledged, then what was proposed | UPTODATE |
 * | broadcasting | what is committed is applied; PROPOSAL, ACK, COMMIT (an observer: INFORM) | the end |
 *
 * The order at NEWLEADER is that of later releases (ZOOKEEPER-4643, 4646, 4785), not 3.8.4's; on the wire they look
 * alike. Nothing is applied before UPTODATE, since nothing is known to be committed before a quorum has acknowledged
 * NEWLEADER.
 *
 * An effect with `after: 'sync'` waits until all that earlier effects store is durable. After `giveUp` the machine does
 * nothing more.
 */
import { epochOf, makeZxid, zxidText } from '../../base/zxid.js';
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
import type { ReplicatedServer, Request, Txn } from '../contract.js';
import { follows } from '../storage/history.js';
import { txnFromBytes } from '../storage/txn.js';
import type { HistoryEffect } from './history-effect.js';

const OP_SYNC = 9;

/**
 * What we say our last zxid is when our log begins after the point the leader wants us to go back to: in no history,
 * and before all, so that the answer is a snapshot.
 */
const WANT_SNAPSHOT = 1n;

export type LearnerEffect =
  | { readonly kind: 'send'; readonly packet: QuorumPacket; readonly after?: 'sync' }
  | HistoryEffect
  /** Drop all history after `zxid`. No input until it is done; then `truncated`. */
  | { readonly kind: 'truncate'; readonly zxid: bigint }
  /** History becomes this snapshot, in memory and on disk. */
  | { readonly kind: 'restore'; readonly zxid: bigint; readonly snapshot: Buffer }
  | { readonly kind: 'synchronized'; readonly mode: 'DIFF' | 'TRUNC' | 'SNAP'; readonly zxid: bigint }
  | { readonly kind: 'serve'; readonly epoch: bigint }
  | { readonly kind: 'syncDone'; readonly request: Request }
  | { readonly kind: 'revalidated'; readonly sessionId: bigint; readonly valid: boolean }
  /** `wantSnapshot`: the next learner must ask for one. */
  | { readonly kind: 'giveUp'; readonly reason: string; readonly wantSnapshot?: true };

export interface LearnerConfig {
  readonly sid: number;
  readonly leader: number;
  readonly observer: boolean;
  readonly tickTimeMs: number;
  readonly initLimit: number;
  readonly syncLimit: number;
  readonly wantSnapshot: boolean;
}

export type LearnerServer = Pick<ReplicatedServer, 'takeTouchedSessions'>;

/** What the machine reads of history. */
export interface LearnerHistory {
  readonly lastZxid: bigint;
  readonly lastCommitted: bigint;
}

export class Learner {
  readonly #config: LearnerConfig;
  readonly #server: LearnerServer;
  readonly #history: LearnerHistory;
  #phase: 'registering' | 'mode' | 'snapshot' | 'synchronizing' | 'acknowledged' | 'broadcasting' | 'ended' =
    'registering';
  #mode: 'DIFF' | 'TRUNC' | 'SNAP' = 'DIFF';
  #acceptedEpoch = 0n;
  #currentEpoch = 0n;
  #epoch = 0n;
  #heardMs = 0;
  /** The last transaction that the leader has said is committed. */
  #committed = 0n;
  /** Proposed, logged, and to be acknowledged once NEWLEADER is. */
  #unacknowledged: bigint[] = [];
  #pendingSyncs: Request[] = [];

  constructor(config: LearnerConfig, server: LearnerServer, history: LearnerHistory) {
    this.#config = config;
    this.#server = server;
    this.#history = history;
  }

  get epoch(): bigint {
    return this.#epoch;
  }

  get broadcasting(): boolean {
    return this.#phase === 'broadcasting';
  }

  get pendingSyncs(): number {
    return this.#pendingSyncs.length;
  }

  /** The connection to the leader is open. */
  start(nowMs: number, stored: { readonly acceptedEpoch: bigint; readonly currentEpoch: bigint }): LearnerEffect[] {
    this.#heardMs = nowMs;
    this.#acceptedEpoch = stored.acceptedEpoch;
    this.#currentEpoch = stored.currentEpoch;
    this.#committed = this.#history.lastCommitted;
    const info = encodeLearnerInfo({ sid: this.#config.sid, protocolVersion: ZAB_PROTOCOL_VERSION, configVersion: 0n });
    const type = this.#config.observer ? PacketType.OBSERVERINFO : PacketType.FOLLOWERINFO;
    return [{ kind: 'send', packet: packet(type, makeZxid(this.#acceptedEpoch, 0), info) }];
  }

  /** Throws LabError MALFORMED: the shell gives up. */
  received(p: QuorumPacket, nowMs: number): LearnerEffect[] {
    const effects: LearnerEffect[] = [];
    this.#heardMs = nowMs;
    switch (this.#phase) {
      case 'registering':
        this.#leaderInfo(p, effects);
        break;
      case 'mode':
        this.#beginSynchronization(p, effects);
        break;
      case 'synchronizing':
      case 'acknowledged':
      case 'broadcasting':
        this.#packet(p, effects);
        break;
      case 'snapshot':
      case 'ended':
        break;
    }
    return effects;
  }

  /** The snapshot that SNAP announced has arrived, whole. */
  snapshot(bytes: Buffer, nowMs: number): LearnerEffect[] {
    this.#heardMs = nowMs;
    if (this.#phase !== 'snapshot') return [];
    this.#phase = 'synchronizing';
    return [{ kind: 'restore', zxid: this.#committed, snapshot: bytes }];
  }

  /** The answer to `truncate`. */
  truncated(possible: boolean): LearnerEffect[] {
    if (this.#phase !== 'mode') return [];
    if (!possible)
      return [
        this.#end('our log begins after the point the leader wants us to go back to: a snapshot is needed', true),
      ];
    this.#phase = 'synchronizing';
    this.#committed = this.#history.lastZxid;
    return [];
  }

  /** Every half tick. Any byte of a long snapshot counts as a sign of life (`heard`). */
  tick(nowMs: number): LearnerEffect[] {
    if (this.#phase === 'ended') return [];
    const limit =
      this.#phase === 'acknowledged' || this.#phase === 'broadcasting'
        ? this.#config.syncLimit
        : this.#config.initLimit;
    const limitMs = limit * this.#config.tickTimeMs;
    if (nowMs - this.#heardMs <= limitMs) return [];
    return [
      this.#end(`the leader, server ${this.#config.leader}, was silent for ${Math.round(nowMs - this.#heardMs)} ms`),
    ];
  }

  heard(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  /** A request of our clients. */
  submit(request: Request): LearnerEffect[] {
    if (this.#phase !== 'broadcasting') return [];
    if (request.op === OP_SYNC) this.#pendingSyncs.push(request);
    return [{ kind: 'send', packet: packet(PacketType.REQUEST, -1n, encodeRequest(request), request.authInfo) }];
  }

  revalidate(sessionId: bigint, timeoutMs: number): LearnerEffect[] {
    if (this.#phase !== 'broadcasting') return [];
    return [{ kind: 'send', packet: packet(PacketType.REVALIDATE, -1n, encodeRevalidate(sessionId, timeoutMs)) }];
  }

  stop(): void {
    this.#phase = 'ended';
  }

  // ---- registering

  #leaderInfo(p: QuorumPacket, effects: LearnerEffect[]): void {
    if (p.type !== PacketType.LEADERINFO) {
      effects.push(this.#end(`${packetTypeName(p.type)} from the leader where LEADERINFO was expected`));
      return;
    }
    const { protocolVersion } = decodeLeaderInfo(p);
    const epoch = epochOf(p.zxid);
    if (protocolVersion < ZAB_PROTOCOL_VERSION || epoch < this.#acceptedEpoch) {
      effects.push(this.#end(`the leader's epoch ${epoch} is less than the one we accepted, ${this.#acceptedEpoch}`));
      return;
    }
    this.#epoch = epoch;
    this.#phase = 'mode';
    let vote = -1n;
    let lastZxid = this.#history.lastZxid;
    if (epoch > this.#acceptedEpoch) {
      vote = this.#currentEpoch;
      this.#acceptedEpoch = epoch;
      effects.push({ kind: 'storeAcceptedEpoch', epoch });
    } else if (this.#config.wantSnapshot) {
      // Our vote for this epoch is given: what we say now is only for the synchronization.
      lastZxid = WANT_SNAPSHOT;
    }
    effects.push({ kind: 'send', packet: packet(PacketType.ACKEPOCH, lastZxid, encodeAckEpoch(vote)), after: 'sync' });
  }

  // ---- synchronizing

  #beginSynchronization(p: QuorumPacket, effects: LearnerEffect[]): void {
    switch (p.type) {
      case PacketType.DIFF:
        this.#mode = 'DIFF';
        this.#phase = 'synchronizing';
        // What we had logged when we came is the leader's history too, although it does not say COMMIT for it.
        this.#committed = this.#history.lastZxid;
        return;
      case PacketType.TRUNC:
        this.#mode = 'TRUNC';
        // Stays in this phase until it is done.
        effects.push({ kind: 'truncate', zxid: p.zxid });
        return;
      case PacketType.SNAP:
        this.#mode = 'SNAP';
        this.#phase = 'snapshot';
        this.#committed = p.zxid;
        return;
      case PacketType.PING:
        return;
      default:
        effects.push(this.#end(`${packetTypeName(p.type)} from the leader where DIFF, TRUNC or SNAP was expected`));
    }
  }

  #packet(p: QuorumPacket, effects: LearnerEffect[]): void {
    switch (p.type) {
      case PacketType.PROPOSAL:
        this.#proposal(p, effects);
        return;
      case PacketType.COMMIT:
        this.#commit(p.zxid, effects);
        return;
      case PacketType.INFORM:
        this.#inform(p.data, effects);
        return;
      case PacketType.COMMITANDACTIVATE:
        // A reconfiguration: its transaction is data like any other; our membership is fixed by zoo.cfg.
        this.#commit(p.zxid, effects);
        return;
      case PacketType.INFORMANDACTIVATE:
        this.#inform(p.data === null ? null : p.data.subarray(8), effects);
        return;
      case PacketType.NEWLEADER:
        this.#newLeader(p, effects);
        return;
      case PacketType.UPTODATE:
        this.#upToDate(effects);
        return;
      case PacketType.PING:
        if (this.#phase === 'broadcasting')
          effects.push({
            kind: 'send',
            packet: packet(PacketType.PING, p.zxid, encodeTouches(this.#server.takeTouchedSessions())),
          });
        return;
      case PacketType.REVALIDATE: {
        const { sessionId, valid } = decodeRevalidated(p);
        effects.push({ kind: 'revalidated', sessionId, valid });
        return;
      }
      case PacketType.SYNC: {
        const request = this.#pendingSyncs.shift();
        if (request !== undefined) effects.push({ kind: 'syncDone', request });
        return;
      }
      default:
      // A release after ours may say more; what we do not know does no harm.
    }
  }

  #proposal(p: QuorumPacket, effects: LearnerEffect[]): void {
    const txn = this.#txn(p.data);
    if (txn.zxid > this.#history.lastZxid && !this.#append(txn, effects)) return;
    if (this.#config.observer) return;
    if (this.#phase === 'synchronizing') this.#unacknowledged.push(txn.zxid);
    else effects.push({ kind: 'send', packet: packet(PacketType.ACK, txn.zxid), after: 'sync' });
  }

  #inform(data: Buffer | null, effects: LearnerEffect[]): void {
    const txn = this.#txn(data);
    if (txn.zxid > this.#history.lastZxid && !this.#append(txn, effects)) return;
    this.#committedThrough(txn.zxid, effects);
  }

  #txn(data: Buffer | null): Txn {
    return txnFromBytes(data ?? Buffer.alloc(0));
  }

  #append(txn: Txn, effects: LearnerEffect[]): boolean {
    if (!follows(this.#history.lastZxid, txn.zxid)) {
      effects.push(
        this.#end(
          `the leader proposes ${zxidText(txn.zxid)}, but our history ends at ${zxidText(this.#history.lastZxid)}: ` +
            `something is missing between`,
        ),
      );
      return false;
    }
    effects.push({ kind: 'append', txn });
    return true;
  }

  #commit(zxid: bigint, effects: LearnerEffect[]): void {
    if (zxid <= this.#committed) return;
    if (zxid > this.#history.lastZxid) {
      effects.push(this.#end(`the leader commits ${zxidText(zxid)}, which it has not proposed to us`));
      return;
    }
    this.#committedThrough(zxid, effects);
  }

  #committedThrough(zxid: bigint, effects: LearnerEffect[]): void {
    if (zxid <= this.#committed) return;
    this.#committed = zxid;
    if (this.#phase === 'broadcasting') effects.push({ kind: 'commit', through: zxid });
  }

  #newLeader(p: QuorumPacket, effects: LearnerEffect[]): void {
    if (this.#phase !== 'synchronizing' || epochOf(p.zxid) !== this.#epoch) {
      effects.push(this.#end(`NEWLEADER ${zxidText(p.zxid)} from the leader of epoch ${this.#epoch}, out of place`));
      return;
    }
    this.#phase = 'acknowledged';
    // All of this goes through the one queue of the disk: history before the epoch, the epoch before the
    // acknowledgement.
    effects.push(
      { kind: 'storeCurrentEpoch', epoch: this.#epoch },
      { kind: 'synchronized', mode: this.#mode, zxid: this.#history.lastZxid },
      { kind: 'send', packet: packet(PacketType.ACK, p.zxid), after: 'sync' },
    );
    for (const zxid of this.#unacknowledged)
      if (zxid > this.#committed) effects.push({ kind: 'send', packet: packet(PacketType.ACK, zxid), after: 'sync' });
    this.#unacknowledged = [];
  }

  #upToDate(effects: LearnerEffect[]): void {
    if (this.#phase === 'broadcasting') return;
    if (this.#phase !== 'acknowledged') {
      effects.push(this.#end('UPTODATE from the leader before NEWLEADER'));
      return;
    }
    this.#phase = 'broadcasting';
    effects.push(
      { kind: 'send', packet: packet(PacketType.ACK, makeZxid(this.#epoch, 0)), after: 'sync' },
      { kind: 'commit', through: this.#committed },
      { kind: 'serve', epoch: this.#epoch },
    );
  }

  #end(reason: string, wantSnapshot = false): LearnerEffect {
    this.#phase = 'ended';
    return wantSnapshot ? { kind: 'giveUp', reason, wantSnapshot } : { kind: 'giveUp', reason };
  }
}
