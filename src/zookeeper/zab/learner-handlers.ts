/**
 * What a leader knows of each learner that is connected, and how long it lets one be silent or lag behind. A part of
 * Leader (leader.ts), which takes what learners say. Mirrors what org.apache.zookeeper.server.quorum.LearnerHandler
 * holds, its ping and SyncLimitCheck, and the lists of learners in Leader.
 */
import { zxidText } from '../../base/zxid.js';
import type { LeaderConfig, LearnerId } from './leader-io.js';

export interface LearnerHandler {
  readonly id: LearnerId;
  /** -1 until it has said who it is. */
  sid: number;
  /** Its acknowledgements count. */
  voter: boolean;
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

/** In these phases a learner waits for us, until a quorum of others has come as far. */
const WAITING: readonly LearnerHandler['phase'][] = ['epoch', 'election', 'established'];

export class LearnerHandlers {
  readonly #config: LeaderConfig;
  readonly #initMs: number;
  readonly #syncMs: number;
  readonly #handlers = new Map<LearnerId, LearnerHandler>();
  #followers: readonly LearnerId[] = [];
  #observers: readonly LearnerId[] = [];

  constructor(config: LeaderConfig) {
    this.#config = config;
    this.#initMs = config.initLimit * config.tickTimeMs;
    this.#syncMs = config.syncLimit * config.tickTimeMs;
  }

  /** Those to whom proposals and COMMITs go. */
  get followers(): readonly LearnerId[] {
    return this.#followers;
  }

  /** Those to whom INFORMs go. */
  get observers(): readonly LearnerId[] {
    return this.#observers;
  }

  get(id: LearnerId): LearnerHandler | undefined {
    return this.#handlers.get(id);
  }

  all(): Iterable<LearnerHandler> {
    return this.#handlers.values();
  }

  inPhase(phase: LearnerHandler['phase']): readonly LearnerHandler[] {
    return [...this.#handlers.values()].filter((handler) => handler.phase === phase);
  }

  connected(id: LearnerId, nowMs: number): void {
    this.#handlers.set(id, {
      id,
      sid: -1,
      voter: false,
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
    this.#handlers.delete(id);
    this.#choose();
  }

  /** From now on it gets all that is proposed. */
  forward(handler: LearnerHandler): void {
    handler.forwarding = true;
    handler.waitingFor = 0n;
    this.#choose();
  }

  #choose(): void {
    const forwarding = [...this.#handlers.values()].filter((handler) => handler.forwarding);
    this.#followers = forwarding.filter(({ observer }) => !observer).map(({ id }) => id);
    this.#observers = forwarding.filter(({ observer }) => observer).map(({ id }) => id);
  }

  count(): { followers: number; syncedFollowers: number } {
    const voters = [...this.#handlers.values()].filter((handler) => handler.voter);
    return { followers: voters.length, syncedFollowers: voters.filter(({ phase }) => phase === 'serving').length };
  }

  /** Why we no longer lead; undefined as long as a quorum is heard from. */
  quorumLost(nowMs: number): string | undefined {
    const synced = new Set([this.#config.sid]);
    for (const { sid, phase, heardMs, connectedMs } of this.#handlers.values()) {
      const untilMs = phase === 'serving' ? heardMs + this.#syncMs : connectedMs + this.#initMs + this.#syncMs;
      if (nowMs <= untilMs) synced.add(sid);
    }
    if (this.#config.members.isQuorum(synced)) return undefined;
    return `not sufficient followers synced, only ${[...synced].sort((a, b) => a - b).join(', ')}`;
  }

  /** Why this one is to be hung up on, if it is. `next`: the oldest proposal that it has not acknowledged, or 0. */
  complaint(handler: LearnerHandler, next: bigint, nowMs: number): string | undefined {
    const { sid, phase, heardMs } = handler;
    if (WAITING.includes(phase)) return undefined;
    const serving = phase === 'serving';
    if (nowMs - heardMs > (serving ? this.#syncMs : this.#initMs))
      return `server ${sid} was silent for ${Math.round(nowMs - heardMs)} ms`;
    if (!serving || !handler.voter) return undefined;
    if (next !== handler.waitingFor) {
      handler.waitingFor = next;
      handler.waitingSinceMs = nowMs;
      return undefined;
    }
    return next !== 0n && nowMs - handler.waitingSinceMs > this.#syncMs
      ? `server ${sid} has not acknowledged ${zxidText(next)} within ${this.#syncMs} ms`
      : undefined;
  }
}
