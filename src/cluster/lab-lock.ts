/**
 * One command at a time launches or stops roles of a lab, so that two of them never start a role twice or undo each
 * other half-way. Held while something is launched or stopped, never while somebody waits for a role to answer; `up`
 * alone holds it to its end, since it may take everything back. A signal (kill, pause, resume) takes no lock: it is one
 * instant and starts nothing.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, LabError } from '../base/errors.js';
import { diskError } from '../host/live/errors.js';
import { takeLock } from '../host/live/lock-file.js';
import type { Lab } from './lab.js';
import { stateDir } from './state-dir.js';

export interface LabLockOptions {
  /** How long to wait for another command to be done. */
  readonly waitMs?: number;
  /** Something a user should know, as it happens. */
  readonly notice?: ((text: string) => void) | undefined;
}

/** As long as `up` takes by itself. */
const DEFAULT_WAIT_MS = 60_000;
const POLL_MS = 20;
/** A wait that a person notices is explained. */
const EXPLAIN_MS = 1000;

/**
 * Rejects LabError `LOCKED` naming the process that holds it, `NO_LAB` where the lab is removed meanwhile, `DISK_FULL`,
 * `DISK_FAILED`.
 */
export async function takeLabLock(lab: Lab, options: LabLockOptions = {}): Promise<{ release(): Promise<void> }> {
  const { dir, lockFile } = stateDir(lab.dir);
  const { waitMs = DEFAULT_WAIT_MS, notice } = options;
  const begun = Date.now();
  let explained = false;
  for (;;) {
    try {
      return await takeLock(lockFile, lockFile);
    } catch (error) {
      if (!existsSync(dir))
        throw new LabError('NO_LAB', `the lab in ${dir} was removed by another command`, {
          remedy: 'start one with `halab up`',
        });
      if (!hasCode(error, 'LOCKED')) throw diskError(error, lockFile);
      const waited = Date.now() - begun;
      const holder = error.data['pid'];
      const who = typeof holder === 'number' ? `process ${holder}` : 'another command';
      if (waited >= waitMs) {
        throw new LabError('LOCKED', `${lockFile}: ${who} is changing this lab`, {
          remedy: `wait until it is done${typeof holder === 'number' ? `, or end it: kill ${holder}` : ''}`,
          cause: error,
        });
      }
      if (!explained && waited >= EXPLAIN_MS) {
        explained = true;
        notice?.(`waiting for ${who}, which is changing this lab`);
      }
      await sleep(POLL_MS);
    }
  }
}

/**
 * Does the work while no other command changes the lab. Rejects as takeLabLock, and with what the work rejects with.
 */
export async function underLabLock<T>(lab: Lab, options: LabLockOptions, work: () => Promise<T>): Promise<T> {
  const { release } = await takeLabLock(lab, options);
  try {
    return await work();
  } finally {
    await release();
  }
}
