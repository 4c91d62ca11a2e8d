/** What the election's machine (elector.ts) is told, and what it asks for. */
import type { LabEvent } from '../base/events.js';
import type { TimerEffect, TimerInput } from '../base/machine.js';

/** ActiveStandbyElector.State: what the NameNode was last asked to be. */
export type ElectorState = 'INIT' | 'ACTIVE' | 'STANDBY' | 'NEUTRAL';

/**
 * `connect`: a session must stand by then. `reconnect`: between two attempts to get one. `rejoin`: after a failed
 * activation, so that another node has a chance.
 */
export type ElectorTimer = 'connect' | 'reconnect' | 'rejoin';

/** Those about a ZooKeeper client carry its number; what an earlier client has to say is ignored. */
export type ElectorInput =
  /** A client that is connected already: the one with which the start-up looked for the parent node. */
  | { readonly type: 'adopt'; readonly client: number; readonly session: bigint; readonly timeoutMs: number }
  | { readonly type: 'join'; readonly data: Buffer }
  /** `needFence`: the service may still be active, so the breadcrumb stays. */
  | { readonly type: 'quit'; readonly needFence: boolean }
  /** Asks for a time in which nothing of the election happens; `held` follows. */
  | { readonly type: 'hold' }
  /** Ends it: the election is left before anything that waited is looked at. */
  | { readonly type: 'release'; readonly needFence: boolean }
  /** `timeoutMs`: the session's, as the server set it. */
  | { readonly type: 'connected'; readonly client: number; readonly session: bigint; readonly timeoutMs: number }
  | { readonly type: 'disconnected'; readonly client: number }
  | { readonly type: 'expired'; readonly client: number }
  | { readonly type: 'authFailed'; readonly client: number }
  | { readonly type: 'closed'; readonly client: number }
  | { readonly type: 'lockCreated'; readonly client: number; readonly code: number }
  | { readonly type: 'lockStat'; readonly client: number; readonly code: number; readonly owner: bigint }
  | { readonly type: 'lockDeleted'; readonly client: number }
  /** Made, or written to. */
  | { readonly type: 'lockChanged'; readonly client: number }
  | {
      readonly type: 'breadcrumbRead';
      readonly client: number;
      readonly code: number;
      readonly data: Buffer;
      readonly version: number;
    }
  | { readonly type: 'breadcrumbWritten'; readonly client: number; readonly code: number }
  | { readonly type: 'breadcrumbDeleted'; readonly client: number; readonly code: number }
  | { readonly type: 'fenced'; readonly ok: boolean; readonly reason: string }
  | { readonly type: 'becameActive'; readonly ok: boolean; readonly reason: string }
  /** The request to go to standby was answered, or failed: all the same to the election. */
  | { readonly type: 'becameStandby' }
  | TimerInput<ElectorTimer>;

export type ElectorEffect =
  | { readonly type: 'openClient'; readonly client: number }
  | { readonly type: 'closeClient'; readonly client: number }
  | { readonly type: 'createLock'; readonly client: number; readonly data: Buffer }
  /** `exists` on the lock, with a watch. */
  | { readonly type: 'statLock'; readonly client: number }
  | { readonly type: 'readBreadcrumb'; readonly client: number }
  | { readonly type: 'createBreadcrumb'; readonly client: number; readonly data: Buffer }
  | { readonly type: 'setBreadcrumb'; readonly client: number; readonly data: Buffer; readonly version: number }
  | { readonly type: 'deleteBreadcrumb'; readonly client: number; readonly version: number }
  /** Answered by `fenced`. `data` is the breadcrumb's. */
  | { readonly type: 'fence'; readonly data: Buffer }
  | { readonly type: 'becomeActive' }
  | { readonly type: 'becomeStandby' }
  /** Nobody knows who is active. A NameNode stays what it is as long as nobody else was elected: asks for nothing. */
  | { readonly type: 'enterNeutralMode' }
  | { readonly type: 'held' }
  /** A `quit` or a `release` is carried out in full. */
  | { readonly type: 'quitDone' }
  | { readonly type: 'fatal'; readonly message: string }
  | { readonly type: 'event'; readonly event: ElectorEvent }
  | { readonly type: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly message: string }
  | TimerEffect<ElectorTimer>;

/** Those of LabEvent that tell of the election; the shell adds whose breadcrumb it was. */
export type ElectorEvent =
  | Extract<
      LabEvent,
      { type: 'ElectionJoined' | 'ElectionLeft' | 'LockCreated' | 'LockLost' | 'ZooKeeperSessionChanged' }
    >
  | { readonly type: 'BreadcrumbWritten' }
  | { readonly type: 'BreadcrumbDeleted' };
