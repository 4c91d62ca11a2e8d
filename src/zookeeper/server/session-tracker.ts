/**
 * Who is alive, on the leader and on a standalone server: each session sits in the bucket of its expiry, rounded up to
 * the next tick, and moves on when it is heard from. Mirrors org.apache.zookeeper.server.SessionTrackerImpl and
 * ExpiryQueue.
 */
import type { Clock, Timer } from '../../host/host.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import type { SessionAuthority } from '../tree/prepare.js';

interface Tracked {
  readonly id: bigint;
  /** The server whose client it is; undefined until somebody speaks for it. */
  owner: number | undefined;
  closing: boolean;
  expiresMs: number;
}

export class SessionTracker implements SessionAuthority {
  readonly #clock: Clock;
  readonly #tickMs: number;
  readonly #expire: (sessionId: bigint) => void;
  readonly #sessions = new Map<bigint, Tracked>();
  readonly #buckets = new Map<number, Set<Tracked>>();
  #timer: Timer | undefined;
  #stopped = false;
  /** The sweep at hand has been put off once. */
  #waited = false;

  /** `expire` is called once for each session that was not heard from in time; it must bring about its closeSession. */
  constructor(clock: Clock, tickMs: number, expire: (sessionId: bigint) => void) {
    this.#clock = clock;
    this.#tickMs = tickMs;
    this.#expire = expire;
  }

  get size(): number {
    return this.#sessions.size;
  }

  isAlive(sessionId: bigint): boolean {
    return this.#alive(sessionId) !== undefined;
  }

  /** Starts or goes on watching it. */
  track(sessionId: bigint, timeoutMs: number): void {
    let session = this.#sessions.get(sessionId);
    if (session === undefined) {
      session = { id: sessionId, owner: undefined, closing: false, expiresMs: -1 };
      this.#sessions.set(sessionId, session);
    }
    this.#move(session, timeoutMs);
    this.#schedule();
  }

  /** It was heard from. False if it is not (or no longer) alive. */
  touch(sessionId: bigint, timeoutMs: number): boolean {
    const session = this.#alive(sessionId);
    if (session === undefined) return false;
    this.#move(session, timeoutMs);
    return true;
  }

  /** From now on `sid` speaks for it. False if it is not alive. */
  setOwner(sessionId: bigint, sid: number): boolean {
    const session = this.#alive(sessionId);
    if (session === undefined) return false;
    session.owner = sid;
    return true;
  }

  check(sessionId: bigint, origin: number): number {
    const session = this.#alive(sessionId);
    if (session === undefined) return ErrorCode.SESSIONEXPIRED;
    if (session.owner === undefined) session.owner = origin;
    else if (session.owner !== origin) return ErrorCode.SESSIONMOVED;
    return ErrorCode.OK;
  }

  open(sessionId: bigint, timeoutMs: number, origin: number): void {
    this.track(sessionId, timeoutMs);
    this.setOwner(sessionId, origin);
  }

  closing(sessionId: bigint): void {
    const session = this.#sessions.get(sessionId);
    if (session !== undefined) session.closing = true;
  }

  remove(sessionId: bigint): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    this.#sessions.delete(sessionId);
    this.#leaveBucket(session);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** For `dump`: expiry (by the monotonic clock) -> sessions, soonest first. */
  expiries(): readonly (readonly [number, readonly bigint[]])[] {
    return [...this.#buckets]
      .sort(([a], [b]) => a - b)
      .map(([expiresMs, sessions]) => [expiresMs, [...sessions].map((session) => session.id)] as const);
  }

  /** Nothing of a session that is closing is processed. */
  #alive(sessionId: bigint): Tracked | undefined {
    const session = this.#sessions.get(sessionId);
    return session === undefined || session.closing ? undefined : session;
  }

  #round(ms: number): number {
    return (Math.floor(ms / this.#tickMs) + 1) * this.#tickMs;
  }

  #move(session: Tracked, timeoutMs: number): void {
    const expiresMs = this.#round(this.#clock.nowMs() + timeoutMs);
    if (expiresMs === session.expiresMs) return;
    this.#leaveBucket(session);
    let bucket = this.#buckets.get(expiresMs);
    if (bucket === undefined) {
      bucket = new Set();
      this.#buckets.set(expiresMs, bucket);
    }
    bucket.add(session);
    session.expiresMs = expiresMs;
  }

  #leaveBucket(session: Tracked): void {
    const bucket = this.#buckets.get(session.expiresMs);
    if (bucket === undefined) return;
    bucket.delete(session);
    if (bucket.size === 0) this.#buckets.delete(session.expiresMs);
  }

  /** One timer, for the first bucket; those that have emptied since only cost a wake-up. */
  #schedule(): void {
    if (this.#timer !== undefined || this.#stopped || this.#buckets.size === 0) return;
    const first = this.#firstBucket();
    this.#timer = this.#clock.after(Math.max(0, first - this.#clock.nowMs()), () => {
      this.#timer = undefined;
      // Held up ourselves (a busy machine, a pause): what has come in meanwhile is heard before anyone is given up.
      const late = this.#clock.nowMs() - first > this.#tickMs && !this.#waited;
      this.#waited = late;
      if (!late) this.#sweep();
      this.#schedule();
    });
  }

  #firstBucket(): number {
    let first = Infinity;
    for (const expiresMs of this.#buckets.keys()) if (expiresMs < first) first = expiresMs;
    return first;
  }

  /**
   * One bucket a turn, also when the process was held up: sessions whose pings wait in the socket get to be heard
   * before the next bucket goes.
   */
  #sweep(): void {
    if (this.#buckets.size === 0) return;
    const due = this.#firstBucket();
    if (this.#clock.nowMs() < due) return;
    const bucket = this.#buckets.get(due)!;
    this.#buckets.delete(due);
    for (const session of bucket) {
      if (session.closing) continue;
      session.closing = true;
      this.#expire(session.id);
    }
  }
}
