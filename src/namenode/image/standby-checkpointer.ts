/**
 * When the standby saves what it has applied as an image: every dfs.namenode.checkpoint.period, or sooner when
 * dfs.namenode.checkpoint.txns were applied since the last one. Mirrors
 * org.apache.hadoop.hdfs.server.namenode.ha.StandbyCheckpointer.
 */
import type { Machine, TimerEffect, TimerInput } from '../../base/machine.js';

export type CheckpointerInput =
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  /** How far the namespace and the newest image go. */
  | { readonly type: 'seen'; readonly txid: bigint; readonly imageTxid: bigint }
  /** The image is saved and offered, or it was tried in vain. */
  | { readonly type: 'saved' }
  | TimerInput<'check'>;

export type CheckpointerEffect =
  /** Answered by `seen`. */
  | { readonly type: 'look' }
  /** Nobody waits for it: a transition may come meanwhile. Answered by `saved`. */
  | { readonly type: 'save' }
  | TimerEffect<'check'>;

export interface CheckpointerOptions {
  readonly checkPeriodMs: number;
  readonly periodMs: number;
  readonly txns: number;
}

const NOTHING: readonly CheckpointerEffect[] = [];

export class StandbyCheckpointer implements Machine<CheckpointerInput, CheckpointerEffect> {
  readonly #options: CheckpointerOptions;
  #lastMs = 0;
  #saving = false;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  step(input: CheckpointerInput, nowMs: number): readonly CheckpointerEffect[] {
    switch (input.type) {
      case 'start':
        this.#lastMs = nowMs;
        return [this.#again()];
      case 'stop':
        return [{ type: 'clearTimer', timer: 'check' }];
      case 'timer':
        return this.#saving ? [this.#again()] : [this.#again(), { type: 'look' }];
      case 'seen':
        return this.#seen(input.txid, input.imageTxid, nowMs);
      case 'saved':
        this.#saving = false;
        return NOTHING;
    }
  }

  #seen(txid: bigint, imageTxid: bigint, nowMs: number): readonly CheckpointerEffect[] {
    const { txns, periodMs } = this.#options;
    if (Number(txid - imageTxid) < txns && nowMs - this.#lastMs < periodMs) return NOTHING;
    this.#lastMs = nowMs;
    // Nothing new: Hadoop leaves it, too.
    if (txid === imageTxid) return NOTHING;
    this.#saving = true;
    return [{ type: 'save' }];
  }

  #again(): CheckpointerEffect {
    return { type: 'setTimer', timer: 'check', delayMs: this.#options.checkPeriodMs };
  }
}
