/**
 * A time-out that a pause of this very process does not use up: where the timer itself is late, the nodes had no chance
 * to be heard. Mirrors the pause that QuorumCall#waitFor looks out for.
 */

/** A timer this much (of its time-out) late means that this process stood still, not the nodes. */
const PAUSE_SHARE = 0.3;

export class Deadline {
  readonly timeoutMs: number;
  #dueMs: number;

  constructor(timeoutMs: number, nowMs: number) {
    this.timeoutMs = timeoutMs;
    this.#dueMs = nowMs + timeoutMs;
  }

  /** How long there is still time; undefined: it is over. To be asked when a timer has gone off, early or late. */
  leftMs(nowMs: number): number | undefined {
    const lateMs = nowMs - this.#dueMs;
    if (lateMs < 0) return -lateMs;
    if (lateMs <= this.timeoutMs * PAUSE_SHARE) return undefined;
    this.#dueMs = nowMs + lateMs;
    return lateMs;
  }
}
