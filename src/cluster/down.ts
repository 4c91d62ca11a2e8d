/** `halab down`: no process of the lab is left, whatever state they were in; with `wipe`, nothing else either. */
import { rmSync } from 'node:fs';
import { hasCode } from '../base/errors.js';
import { stopProcess, stopRoles } from './control.js';
import type { Lab } from './lab.js';
import { takeLabLock } from './lab-lock.js';
import { rolesOfPlan } from './plan.js';
import { strayProcesses } from './strays.js';

export interface Downed {
  /** Ids of those that had to be killed. */
  readonly killed: readonly string[];
  /** Processes that no pid file spoke of. */
  readonly strays: readonly number[];
}

/** How long another command may go on. */
const LOCK_WAIT_MS = 5000;

export async function bringDown(
  lab: Lab,
  options: { wipe?: boolean; notice?: (text: string) => void } = {},
): Promise<Downed> {
  const lock = await takeLabLock(lab, { waitMs: LOCK_WAIT_MS, notice: options.notice }).catch((error: unknown) => {
    if (!hasCode(error, 'LOCKED', 'DISK_FULL', 'DISK_FAILED')) throw error;
    // The way out must be open, on a full disk, too: a command that hangs, or is paused, gives up when it finds its
    // roles gone.
    options.notice?.(`${(error as Error).message}; the roles are stopped all the same`);
    return undefined;
  });
  try {
    const killed = await stopRoles(lab, rolesOfPlan(lab.plan), options.wipe === true ? 1500 : undefined);
    const strays = strayProcesses(lab.dir);
    await Promise.all(strays.map((pid) => stopProcess(pid, 1500)));
    if (options.wipe === true) rmSync(lab.dir, { recursive: true, force: true, maxRetries: 3 });
    return { killed: killed.map((role) => role.id), strays };
  } finally {
    await lock?.release();
  }
}
