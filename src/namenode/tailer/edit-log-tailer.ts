/**
 * When the standby reads the shared edits, every dfs.ha.tail-edits.period, and when it asks an active to roll its log:
 * nothing was closed for dfs.ha.log-roll.period. Mirrors org.apache.hadoop.hdfs.server.namenode.ha.EditLogTailer.
 */
import type { Machine, TimerEffect, TimerInput } from '../../base/machine.js';

export type TailerInput =
  /** `txid`: the last one that the namespace holds. */
  | { readonly type: 'start'; readonly txid: bigint }
  | { readonly type: 'stop' }
  /** A reading is over: `edits` were applied, up to `txid`. */
  | { readonly type: 'tailed'; readonly txid: bigint; readonly edits: number }
  /** `fatal`: what was read cannot be applied, now or ever. */
  | { readonly type: 'tailFailed'; readonly reason: string; readonly fatal: boolean }
  /** The active has rolled, asked when the namespace ended at `txid`. */
  | { readonly type: 'rolled'; readonly txid: bigint }
  | TimerInput<'tail'>;

export type TailerEffect =
  /** Answered by `tailed` or `tailFailed`. */
  | { readonly type: 'tail' }
  /** Nobody waits for it: what it closes is read later. Answered by `rolled`, if it succeeds. */
  | { readonly type: 'rollActive'; readonly peer: number; readonly txid: bigint }
  | { readonly type: 'caughtUp'; readonly txid: bigint; readonly edits: number }
  | { readonly type: 'warn'; readonly text: string }
  | { readonly type: 'halt'; readonly reason: string }
  | { readonly type: 'stopped' }
  | TimerEffect<'tail'>;

export interface TailerOptions {
  readonly tailEditsPeriodMs: number;
  /** Negative: never asks for a roll. */
  readonly logRollPeriodMs: number;
  /** Other NameNodes, asked in turn. */
  readonly peers: number;
}

const NOTHING: readonly TailerEffect[] = [];

export class EditLogTailer implements Machine<TailerInput, TailerEffect> {
  readonly #options: TailerOptions;
  #running = false;
  #txid = 0n;
  #lastLoadMs = 0;
  /** Where the namespace ended when a roll was last asked for with success. */
  #rolledAtTxid = -1n;
  #nextPeer = 0;

  constructor(options: TailerOptions) {
    this.#options = options;
  }

  step(input: TailerInput, nowMs: number): readonly TailerEffect[] {
    switch (input.type) {
      case 'start':
        this.#running = true;
        this.#txid = input.txid;
        this.#lastLoadMs = nowMs;
        this.#rolledAtTxid = -1n;
        return this.#pass(nowMs);
      case 'stop':
        this.#running = false;
        return [{ type: 'clearTimer', timer: 'tail' }, { type: 'stopped' }];
      case 'timer':
        return this.#pass(nowMs);
      case 'tailed':
        return this.#tailed(input.txid, input.edits, nowMs);
      case 'tailFailed':
        if (input.fatal) {
          return [
            {
              type: 'halt',
              reason: `Unknown error encountered while tailing edits. Shutting down standby NN. ${input.reason}`,
            },
          ];
        }
        return [
          { type: 'warn', text: `Edits tailer failed to find any streams. Will try again later. ${input.reason}` },
          this.#again(),
        ];
      case 'rolled':
        this.#rolledAtTxid = input.txid;
        return NOTHING;
    }
  }

  #pass(nowMs: number): readonly TailerEffect[] {
    if (!this.#running) return NOTHING;
    const { logRollPeriodMs, peers } = this.#options;
    const wantsRoll =
      logRollPeriodMs >= 0 && nowMs - this.#lastLoadMs > logRollPeriodMs && this.#rolledAtTxid !== this.#txid;
    if (!wantsRoll || peers === 0) return [{ type: 'tail' }];
    // As of now: this very pass may load what the roll closes before its answer is here.
    return [{ type: 'rollActive', peer: this.#nextPeer++ % peers, txid: this.#txid }, { type: 'tail' }];
  }

  #tailed(txid: bigint, edits: number, nowMs: number): readonly TailerEffect[] {
    if (txid <= this.#txid) return [this.#again()];
    this.#txid = txid;
    this.#lastLoadMs = nowMs;
    return [{ type: 'caughtUp', txid, edits }, this.#again()];
  }

  #again(): TailerEffect {
    return { type: 'setTimer', timer: 'tail', delayMs: this.#options.tailEditsPeriodMs };
  }
}
