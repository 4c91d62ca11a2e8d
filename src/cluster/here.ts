/** The lab and the host that a command runs on, where it runs in a lab's shell. */
import { openLab, type Lab } from './lab.js';
import { hostOf, type PlannedHost, type PlannedRole } from './plan.js';

export interface Here {
  readonly lab: Lab;
  readonly host: PlannedHost;
}

/** Undefined outside any lab. */
export function whereAmI(env: NodeJS.ProcessEnv = process.env): Here | undefined {
  const dir = env['HALAB_DIR'];
  const name = env['HALAB_HOST'];
  if (dir === undefined || dir === '' || name === undefined) return undefined;
  const lab = openLab({ dir, name: undefined });
  return { lab, host: hostOf(lab.plan, name) };
}

/** The role of this kind on this host. */
export function roleHere(here: Here, kind: PlannedRole['kind']): PlannedRole | undefined {
  return here.host.roles.find((role) => role.kind === kind);
}
