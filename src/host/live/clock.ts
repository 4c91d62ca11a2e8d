/** Node's clock and timers as a Clock. */
import { performance } from 'node:perf_hooks';
import type { Clock, Timer } from '../host.js';

export const liveClock: Clock = Object.freeze({
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs: number, callback: () => void): Timer {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  every(periodMs: number, callback: () => void): Timer {
    const handle = setInterval(callback, periodMs);
    return { cancel: () => clearInterval(handle) };
  },
  // The check phase comes after every socket that is readable now has been read.
  soon: (callback: () => void) => void setImmediate(callback),
});
