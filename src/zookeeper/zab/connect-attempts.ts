/**
 * How long a learner goes on trying to reach its leader. The leader opens its port when it learns of its election,
 * which may be after we do: we knock again, soon at first. A part of Learner (learner.ts). Mirrors connectToLeader of
 * org.apache.zookeeper.server.quorum.Learner.
 */

/** Apache waits 100 ms each time and gives up after five attempts; so do we, as late. */
const RETRY_DELAYS_MS = [10, 20, 40, 80, 100, 100, 100];

export class ConnectAttempts {
  readonly #limitMs: number;
  #sinceMs = 0;
  #count = 0;

  /** `limitMs`: for all attempts together. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  start(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  /** Another one begins: how long it may take. */
  next(nowMs: number): number {
    this.#count++;
    return this.#leftMs(nowMs);
  }

  /** It led to nothing: how long to wait before the next one; undefined if there is none. */
  pauseMs(nowMs: number): number | undefined {
    const delayMs = RETRY_DELAYS_MS[this.#count - 1];
    return delayMs === undefined || this.#leftMs(nowMs) <= delayMs ? undefined : delayMs;
  }

  #leftMs(nowMs: number): number {
    return this.#limitMs - (nowMs - this.#sinceMs);
  }
}
