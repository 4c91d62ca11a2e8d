/** Starts single roles of a lab and waits until each answers; what dies while it starts is told with the end of its log. */
import { checkPort, portInUse } from './addresses.js';
import { writeMyId } from './first-use.js';
import type { Lab } from './lab.js';
import { launch } from './launch.js';
import { readPidFile, removePidFile } from './pid-file.js';
import { hostOf, type PlannedRole } from './plan.js';
import { createProber } from './probe.js';
import { waitFor } from './ready.js';
import { pidFile } from './state-dir.js';

export interface StartOptions {
  readonly limitMs?: number;
  readonly notice?: (text: string) => void;
}

/**
 * In the order of their needs, each kind at once. Rejects LabError `ADDRESS_IN_USE`, `ROLE_DIED`; the pid file of one that died goes,
 * others stay as they are.
 */
export async function startRoles(lab: Lab, roles: readonly PlannedRole[], options: StartOptions = {}): Promise<readonly { role: PlannedRole; pid: number; ran: boolean }[]> {
  const prober = createProber(lab);
  try {
    const out: { role: PlannedRole; pid: number; ran: boolean }[] = [];
    for (const kinds of [['zookeeper', 'journalnode'], ['namenode'], ['zkfc']]) {
      const wave = roles.filter((role) => kinds.includes(role.kind));
      const launched = await Promise.all(wave.map((role) => launchOne(lab, role, options)));
      out.push(...launched);
      await Promise.all(launched.filter(({ ran }) => !ran).map(({ role }) => answers(lab, role, prober, options.limitMs ?? 30_000)));
    }
    return out;
  } finally {
    await prober.close();
  }
}

async function launchOne(lab: Lab, role: PlannedRole, options: StartOptions): Promise<{ role: PlannedRole; pid: number; ran: boolean }> {
  const found = readPidFile(pidFile(lab.dir, role.id));
  if (found.kind === 'alive') return { role, pid: found.pid, ran: true };
  const { address } = hostOf(lab.plan, role.host);
  for (const port of role.ports) if ((await checkPort(address, port)) === 'in-use') throw portInUse(address, port, role.id);
  if (role.kind === 'zookeeper') writeMyId(lab, role);
  const { pid, stale } = launch(lab, role);
  if (stale !== undefined) options.notice?.(`${role.id}: removed the pid file of process ${stale}, which is gone`);
  return { role, pid, ran: false };
}

async function answers(lab: Lab, role: PlannedRole, prober: ReturnType<typeof createProber>, limitMs: number): Promise<void> {
  try {
    await waitFor(lab, { what: `${role.id} to answer`, limitMs, roles: [role], pollMs: 15 }, async () => ((await prober.look(role)).answers ? true : undefined));
  } catch (error) {
    if (readPidFile(pidFile(lab.dir, role.id)).kind !== 'alive') removePidFile(pidFile(lab.dir, role.id));
    throw error;
  }
}
