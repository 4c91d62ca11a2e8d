/** `halab kill|pause|resume|stop|start|restart TARGET…` */
import { control, stopRoles } from '../../cluster/control.js';
import { openLab, type Lab } from '../../cluster/lab.js';
import { underLabLock } from '../../cluster/lab-lock.js';
import type { PlannedRole } from '../../cluster/plan.js';
import { startRoles } from '../../cluster/start.js';
import { placeOf } from '../../cluster/state-dir.js';
import { resolveTargets } from '../../cluster/targets.js';
import type { PlaceOptions } from '../place-options.js';
import { notice, print, printJson } from '../terminal.js';

export type Verb = 'kill' | 'pause' | 'resume' | 'stop' | 'start' | 'restart';

interface Done {
  readonly id: string;
  readonly pid: number | undefined;
  readonly done: string;
}

const PAST: Readonly<Record<Verb, string>> = {
  kill: 'killed',
  pause: 'paused',
  resume: 'resumed',
  stop: 'stopped',
  start: 'started',
  restart: 'restarted',
};

export async function act(
  verb: Verb,
  targets: readonly string[],
  options: PlaceOptions & { json?: boolean },
): Promise<void> {
  const lab = openLab(placeOf(options));
  const roles = await resolveTargets(lab, targets);
  const done = await perform(lab, verb, roles, (text) => notice(`halab: ${text}`));
  if (options.json === true) printJson({ name: lab.plan.name, action: verb, roles: done });
  else for (const { id, pid, done: what } of done) print(`${id} ${what}${pid === undefined ? '' : ` (pid ${pid})`}`);
}

/** Also what the dashboard's keys do. */
export async function perform(
  lab: Lab,
  verb: Verb,
  roles: readonly PlannedRole[],
  tell: (text: string) => void = () => {},
): Promise<readonly Done[]> {
  switch (verb) {
    case 'kill':
    case 'pause':
    case 'resume':
      return (await control(lab, roles, verb)).map(({ role, pid }) => ({
        id: role.id,
        pid,
        done: pid === undefined ? 'was not running' : PAST[verb],
      }));
    case 'stop':
      await underLabLock(lab, { notice: tell }, () => stopRoles(lab, roles));
      return roles.map((role) => ({ id: role.id, pid: undefined, done: PAST.stop }));
    case 'restart':
      return started(await startRoles(lab, roles, { notice: tell, restart: true }), PAST.restart);
    case 'start':
      return started(await startRoles(lab, roles, { notice: tell }), PAST.start);
  }
}

function started(
  launched: readonly { readonly role: PlannedRole; readonly pid: number; readonly ran: boolean }[],
  what: string,
): readonly Done[] {
  return launched.map(({ role, pid, ran }) => ({ id: role.id, pid, done: ran ? 'is running already' : what }));
}
