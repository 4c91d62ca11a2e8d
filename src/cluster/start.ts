/**
 * Starts single roles of a lab and waits until each answers; what dies while it starts is told with the end of its log.
 */
import { hasCode } from '../base/errors.js';
import { checkPort, portInUse } from './addresses.js';
import { stopRoles } from './control.js';
import { writeMyId } from './first-use.js';
import type { Lab } from './lab.js';
import { underLabLock } from './lab-lock.js';
import { launch } from './launch.js';
import { readPidFile, removePidFile } from './pid-file.js';
import { hostOf, type PlannedRole } from './plan.js';
import { createProber } from './probe.js';
import { waitFor } from './ready.js';
import { pidFile } from './state-dir.js';

export interface StartOptions {
  readonly limitMs?: number;
  readonly notice?: (text: string) => void;
  /** Stops them first, so that nobody else starts one in between. */
  readonly restart?: boolean;
}

interface Started {
  readonly role: PlannedRole;
  readonly pid: number;
  /** It ran already. */
  readonly ran: boolean;
}

/**
 * In the order of their needs, each kind at once. Rejects LabError `ADDRESS_IN_USE`, `ROLE_DIED`, `LOCKED`; the pid
 * file of one that died goes, others stay as they are.
 */
export async function startRoles(
  lab: Lab,
  roles: readonly PlannedRole[],
  options: StartOptions = {},
): Promise<readonly Started[]> {
  const prober = createProber(lab);
  let mustStop = options.restart === true;
  try {
    const out: Started[] = [];
    for (const kinds of [['zookeeper', 'journalnode'], ['namenode'], ['zkfc']]) {
      const wave = roles.filter((role) => kinds.includes(role.kind));
      if (wave.length === 0) continue;
      const launched = await underLabLock(lab, { notice: options.notice }, async () => {
        if (mustStop) await stopRoles(lab, roles);
        mustStop = false;
        // All of them, whatever becomes of one: nothing is launched behind the lock's back.
        return Promise.allSettled(wave.map((role) => launchOne(lab, role, options)));
      });
      const failed = launched.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      const wellLaunched = launched.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      out.push(...wellLaunched);
      await Promise.all(
        wellLaunched
          .filter(({ ran }) => !ran)
          .map(({ role }) => untilItAnswers(lab, role, prober, options.limitMs ?? 30_000)),
      );
    }
    return out;
  } finally {
    await prober.close();
  }
}

async function launchOne(lab: Lab, role: PlannedRole, options: StartOptions): Promise<Started> {
  const found = readPidFile(pidFile(lab.dir, role.id));
  if (found.kind === 'alive') return { role, pid: found.pid, ran: true };
  const { address } = hostOf(lab.plan, role.host);
  for (const port of role.ports)
    if ((await checkPort(address, port)) === 'in-use') throw portInUse(address, port, role.id);
  if (role.kind === 'zookeeper') writeMyId(lab, role);
  const { pid, stale } = launch(lab, role);
  if (stale !== undefined) options.notice?.(`${role.id}: removed the pid file of process ${stale}, which is gone`);
  return { role, pid, ran: false };
}

async function untilItAnswers(
  lab: Lab,
  role: PlannedRole,
  prober: ReturnType<typeof createProber>,
  limitMs: number,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    try {
      await waitFor(
        lab,
        { what: `${role.id} to answer`, limitMs: Math.max(0, deadline - Date.now()), roles: [role], pollMs: 15 },
        async () => {
          const { answers, detail } = await prober.look(role);
          if (!answers && detail !== '') throw new Error(detail); // why, should it never answer
          return answers ? true : undefined;
        },
      );
      return;
    } catch (error) {
      // It may be gone because another command is restarting it: then that one's process is the one to wait for.
      const runs = await underLabLock(lab, {}, async () => {
        const alive = readPidFile(pidFile(lab.dir, role.id)).kind === 'alive';
        if (!alive) removePidFile(pidFile(lab.dir, role.id));
        return alive;
      });
      if (!runs || !hasCode(error, 'ROLE_DIED')) throw error;
    }
  }
}
