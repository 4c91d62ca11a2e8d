/**
 * What the parts of the simulator need of the world: virtual time, scheduling, and chance. Kept apart from world.ts so
 * that the parts do not import the whole.
 */
import type { SeededRandom } from '../../base/prng.js';
import type { Scheduled } from './queue.js';

export interface Kernel {
  readonly nowMs: number;
  /** Runs in `delayMs` of virtual time, whatever becomes of any process. */
  schedule(delayMs: number, run: () => void): Scheduled;
  readonly random: SeededRandom;
}

/** A process as its machine's kernel sees it. */
export interface Process {
  readonly id: string;
  readonly dead: boolean;
  /** Runs `callback` as the process: never when it is dead, after the resumption when it is paused. */
  dispatch(callback: () => void): void;
  /** `dispatch` in `delayMs`. */
  schedule(delayMs: number, callback: () => void): Scheduled;
}
