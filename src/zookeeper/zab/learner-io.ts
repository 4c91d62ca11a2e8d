/**
 * What goes into a Learner (learner.ts) and what comes out of it, as data. LearnerShell (learner-shell.ts) feeds the
 * inputs and carries the effects out. Mirrors what passes between Learner, Follower, Observer and the request
 * processors of org.apache.zookeeper.server.quorum.
 */
import type { TimerEffect, TimerInput } from '../../base/machine.js';
import type { QuorumPacket } from '../../wire/zookeeper/quorum/packet.js';
import type { Request } from '../contract.js';
import type { HistoryEffect } from './history-effect.js';

/** `tick`: every half tick. `retry`: another attempt to connect. */
export type LearnerTimer = 'tick' | 'retry';

export type LearnerInput =
  /** Comes first, and once: what is on disk, and how far it is applied. */
  | {
      readonly type: 'start';
      readonly lastZxid: bigint;
      readonly lastCommitted: bigint;
      readonly acceptedEpoch: bigint;
      readonly currentEpoch: bigint;
    }
  /** `connect` led to a connection. */
  | { readonly type: 'connected' }
  /** `connect` led to nothing, or the connection is gone. */
  | { readonly type: 'disconnected'; readonly why: string }
  | { readonly type: 'packet'; readonly packet: QuorumPacket }
  /** Bytes of a snapshot have come: a sign of life. */
  | { readonly type: 'heard' }
  /** The snapshot that SNAP announced has arrived, whole. */
  | { readonly type: 'snapshot'; readonly bytes: Buffer }
  /** The answer to `truncate`; `lastZxid`: where our history ends now. */
  | { readonly type: 'truncated'; readonly possible: boolean; readonly lastZxid: bigint }
  /** A request of our clients. */
  | { readonly type: 'request'; readonly request: Request }
  | { readonly type: 'revalidate'; readonly sessionId: bigint; readonly timeoutMs: number }
  /** The answer to `takeTouchedSessions`: id -> time-out in milliseconds. */
  | { readonly type: 'touched'; readonly zxid: bigint; readonly sessions: ReadonlyMap<bigint, number> }
  /** The answer to `turn`. */
  | { readonly type: 'turn' }
  | TimerInput<LearnerTimer>;

export type LearnerEffect =
  | { readonly type: 'connect'; readonly timeoutMs: number }
  | { readonly type: 'send'; readonly packet: QuorumPacket; readonly after?: 'sync' }
  /** Send an ACK for each of these. */
  | { readonly type: 'acknowledge'; readonly zxids: readonly bigint[]; readonly after: 'sync' }
  | HistoryEffect
  /** Tell us (`turn`) when all that has arrived by now is taken in. */
  | { readonly type: 'turn' }
  /** Drop all history after `zxid`. No input until it is done; then `truncated`. */
  | { readonly type: 'truncate'; readonly zxid: bigint }
  /** History becomes this snapshot, in memory and on disk. */
  | { readonly type: 'restore'; readonly zxid: bigint; readonly snapshot: Buffer }
  | { readonly type: 'synchronized'; readonly mode: SyncMode; readonly zxid: bigint }
  | { readonly type: 'serve'; readonly epoch: bigint }
  | { readonly type: 'syncDone'; readonly request: Request }
  | { readonly type: 'revalidated'; readonly sessionId: bigint; readonly valid: boolean }
  /** A PING is to be answered: tell us (`touched`) which sessions were heard from. */
  | { readonly type: 'takeTouchedSessions'; readonly zxid: bigint }
  /** `wantSnapshot`: the next learner must ask for one. */
  | { readonly type: 'giveUp'; readonly reason: string; readonly wantSnapshot?: true }
  | TimerEffect<LearnerTimer>;

export type SyncMode = 'DIFF' | 'TRUNC' | 'SNAP';

export interface LearnerConfig {
  readonly sid: number;
  readonly leader: number;
  /** For messages: `host:port`. */
  readonly leaderAddress: string;
  readonly observer: boolean;
  readonly tickTimeMs: number;
  readonly initLimit: number;
  readonly syncLimit: number;
  /** Ticks for connecting, all attempts together; 0: initLimit. */
  readonly connectToLearnerMasterLimit: number;
  readonly wantSnapshot: boolean;
}
