/**
 * What goes into a Leader (leader.ts) and what comes out of it, as data. LeaderShell (leader-shell.ts) feeds the inputs
 * and carries the effects out. Mirrors what passes between Leader, LearnerHandler and the request processors of
 * org.apache.zookeeper.server.quorum.
 */
import type { TimerEffect, TimerInput } from '../../base/machine.js';
import type { QuorumPacket } from '../../wire/zookeeper/quorum/packet.js';
import type { Request, Txn } from '../contract.js';
import type { Membership } from '../membership.js';
import type { HistoryEffect } from './history-effect.js';
import type { SyncPlan } from './synchronization.js';

/** A connection to the quorum port, numbered by the shell. */
export type LearnerId = number;

/** `tick`: every half tick. */
export type LeaderTimer = 'tick';

export type LeaderInput =
  /** Comes first, and once: what is on disk. */
  | { readonly type: 'start'; readonly lastZxid: bigint; readonly acceptedEpoch: bigint; readonly currentEpoch: bigint }
  /** Somebody connected to the quorum port. */
  | { readonly type: 'connected'; readonly learner: LearnerId }
  | { readonly type: 'disconnected'; readonly learner: LearnerId }
  | { readonly type: 'packet'; readonly learner: LearnerId; readonly packet: QuorumPacket }
  /** A request of our own clients. */
  | { readonly type: 'request'; readonly request: Request }
  /** The answer to `turn`. */
  | { readonly type: 'turn' }
  /** The answer to `prepare`. */
  | { readonly type: 'prepared'; readonly txns: readonly Txn[] }
  /** The answer to `acknowledge`. */
  | { readonly type: 'durable'; readonly zxid: bigint }
  /** The answer to `findCommonPoint`; undefined: our history does not reach that far back. */
  | {
      readonly type: 'commonPoint';
      readonly learner: LearnerId;
      readonly zxid: bigint | undefined;
      /** All of our history after this zxid is in memory. */
      readonly memoryFloor: bigint;
    }
  /** The answer to `adoptSession`. */
  | { readonly type: 'adopted'; readonly learner: LearnerId; readonly sessionId: bigint; readonly valid: boolean }
  | TimerInput<LeaderTimer>;

export type LeaderEffect =
  | { readonly type: 'send'; readonly to: LearnerId; readonly packet: QuorumPacket; readonly after?: 'sync' }
  /** The same packets for many: encoded once, and sent in one piece. */
  | { readonly type: 'broadcast'; readonly to: readonly LearnerId[]; readonly packets: readonly QuorumPacket[] }
  | HistoryEffect
  /** Tell us (`durable`) when the disk holds our history up to this zxid. */
  | { readonly type: 'acknowledge'; readonly zxid: bigint; readonly after: 'sync' }
  /** Tell us (`turn`) when all that has arrived by now is taken in: what came together is then done together. */
  | { readonly type: 'turn' }
  /** Make transactions of these requests, the first with this zxid, and give them back (`prepared`). */
  | { readonly type: 'prepare'; readonly requests: readonly Request[]; readonly zxid: bigint }
  /** Tell us (`commonPoint`) the greatest zxid in our history up to and with this one. */
  | { readonly type: 'findCommonPoint'; readonly learner: LearnerId; readonly zxid: bigint }
  /**
   * Send the plan's packets and history: with COMMITs through `committed`, as bare PROPOSALs (participants only) to the
   * end. What is sent to this learner afterwards goes behind it.
   */
  | {
      readonly type: 'synchronize';
      readonly learner: LearnerId;
      readonly sid: number;
      readonly plan: SyncPlan;
      readonly committed: bigint;
      readonly observer: boolean;
    }
  /** A learner heard from these sessions (id -> time-out in milliseconds). */
  | { readonly type: 'touchSessions'; readonly sessions: ReadonlyMap<bigint, number> }
  /** A learner takes this session's connection over: tell us (`adopted`) whether the session is alive. */
  | {
      readonly type: 'adoptSession';
      readonly learner: LearnerId;
      readonly sid: number;
      readonly sessionId: bigint;
      readonly timeoutMs: number;
    }
  /** A `sync` of one of our own clients has come to its place in the order. */
  | { readonly type: 'syncDone'; readonly request: Request }
  | { readonly type: 'established'; readonly epoch: bigint; readonly supporters: readonly number[] }
  | { readonly type: 'hangUp'; readonly learner: LearnerId; readonly reason: string }
  | { readonly type: 'resign'; readonly reason: string }
  | TimerEffect<LeaderTimer>;

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
