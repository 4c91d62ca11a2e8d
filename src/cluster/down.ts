/** `halab down`: no process of the lab is left, whatever state they were in; with `wipe`, nothing else either. */
import { rmSync } from 'node:fs';
import { stopProcess, stopRoles } from './control.js';
import type { Lab } from './lab.js';
import { rolesOfPlan } from './plan.js';
import { strayProcesses } from './strays.js';

export interface Downed {
  /** Ids of those that had to be killed. */
  readonly killed: readonly string[];
  /** Processes that no pid file spoke of. */
  readonly strays: readonly number[];
}

export async function bringDown(lab: Lab, options: { wipe?: boolean } = {}): Promise<Downed> {
  const killed = await stopRoles(lab, rolesOfPlan(lab.plan), options.wipe === true ? 1500 : undefined);
  const strays = strayProcesses(lab.dir);
  await Promise.all(strays.map((pid) => stopProcess(pid, 1500)));
  if (options.wipe === true) rmSync(lab.dir, { recursive: true, force: true, maxRetries: 3 });
  return { killed: killed.map((role) => role.id), strays };
}
