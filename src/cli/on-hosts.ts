/**
 * `hdfs --workers ... --daemon start|stop|status NAME`: the same on several hosts, each line behind the host's name.
 * Hadoop's script goes there by ssh; the hosts of a lab are all here.
 */
import { LabError } from '../base/errors.js';
import { whereAmI } from '../cluster/here.js';
import type { RoleKindName } from '../cluster/launch.js';
import { hostOf } from '../cluster/plan.js';
import { daemonOf, locked, start, status, stop, type Daemon, type Spoken } from './daemon.js';
import type { DaemonMode } from './hdfs-script.js';
import { notice, print } from './terminal.js';

export function doDaemon(daemon: Daemon, mode: DaemonMode): Promise<Spoken> {
  switch (mode) {
    case 'start':
      return start(daemon);
    case 'stop':
      return locked(daemon, () => stop(daemon));
    case 'status':
      return Promise.resolve(status(daemon));
  }
}

/** Resolves with the highest exit code of the hosts. */
export async function onHosts(
  names: readonly string[],
  kind: RoleKindName,
  mode: DaemonMode,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  told: Readonly<Record<string, string>>,
): Promise<number> {
  const here = whereAmI(env);
  if (here === undefined)
    throw new LabError('NO_LAB', '--workers is for the hosts of a lab, and this shell is on none of them', {
      remedy: 'run it in `halab shell`, or run it without --workers on each host',
    });
  let highest = 0;
  for (const name of names) {
    const host = hostOf(here.lab.plan, name);
    const daemon = daemonOf(kind, args, { lab: here.lab, host }, env, told);
    const spoken =
      daemon === undefined
        ? { code: 1, out: [], error: [`there is no ${kind} on ${host.name}`] }
        : await doDaemon(daemon, mode);
    for (const line of spoken.out) print(`${host.name}: ${line}`);
    for (const line of spoken.error) notice(`${host.name}: ${line}`);
    highest = Math.max(highest, spoken.code);
  }
  return highest;
}
