/** Edits that are not on a majority yet, oldest first, and how long the oldest may still wait. A part of the writer. */
import { Deadline } from './deadline.js';
import type { Batch } from './types.js';

export class Unacknowledged {
  readonly #timeoutMs: number;
  #batches: Batch[] = [];
  #deadline: Deadline | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  get newest(): Batch | undefined {
    return this.#batches.at(-1);
  }

  /** undefined: nothing waits. */
  get deadline(): Deadline | undefined {
    return this.#deadline;
  }

  put(batch: Batch): void {
    this.#batches.push(batch);
    this.#deadline ??= new Deadline(this.#timeoutMs, batch.writtenMs);
  }

  /** Takes out what is on a majority now: all up to this transaction. */
  takeUpTo(txid: bigint, nowMs: number): readonly Batch[] {
    let done = 0;
    while (done < this.#batches.length && this.#batches[done]!.lastTxid <= txid) done++;
    if (done === 0) return [];
    const taken = this.#batches.splice(0, done);
    const oldest = this.#batches[0];
    this.#deadline =
      oldest === undefined
        ? undefined
        : new Deadline(this.#timeoutMs, Math.max(oldest.writtenMs, nowMs - this.#timeoutMs));
    return taken;
  }
}
