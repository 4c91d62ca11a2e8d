/**
 * What start-dfs.sh and stop-dfs.sh do: the HDFS daemons of all hosts, in the order and with the lines of Hadoop's
 * scripts. There is no ssh: in a lab every host is this machine.
 */
import { LabError } from '../base/errors.js';
import { whereAmI } from '../cluster/here.js';
import { underLabLock } from '../cluster/lab-lock.js';
import type { RoleKindName } from '../cluster/launch.js';
import { hostOf, rolesOfPlan } from '../cluster/plan.js';
import { daemonOf, start, stop } from './daemon.js';
import { notice, print } from './terminal.js';

interface Step {
  readonly kind: RoleKindName;
  readonly line: (hosts: string) => string;
}

/** Resolves with the exit code: 0, or the number of steps that failed somewhere. */
export async function forAllHosts(what: 'start' | 'stop'): Promise<number> {
  const here = whereAmI();
  if (here === undefined) {
    throw new LabError('NO_LAB', 'this starts the hosts of a lab, and this shell is on none of them', {
      remedy: 'run it in `halab shell`, or start each daemon with `hdfs --daemon start NAME`',
    });
  }
  const { plan } = here.lab;
  const hostsWith = (kind: RoleKindName): string[] =>
    rolesOfPlan(plan)
      .filter((role) => role.kind === kind)
      .map((role) => role.host);
  const verb = what === 'start' ? 'Starting' : 'Stopping';
  const steps: Step[] = [
    { kind: 'namenode', line: (hosts) => `${verb} namenodes on [${hosts}]` },
    { kind: 'journalnode', line: (hosts) => `${verb} journal nodes [${hosts}]` },
    ...(plan.automaticFailover
      ? [{ kind: 'zkfc' as const, line: (hosts: string) => `${verb} ZK Failover Controllers on NN hosts [${hosts}]` }]
      : []),
  ];
  let failed = 0;
  const running: Promise<void>[] = [];
  for (const { kind, line } of steps) {
    const hosts = hostsWith(kind);
    print(line(hosts.join(' ')));
    const onAll = (): Promise<number[]> =>
      Promise.all(
        hosts.map(async (name) => {
          const daemon = daemonOf(kind, [], { lab: here.lab, host: hostOf(plan, name) })!;
          const spoken = what === 'start' ? await start(daemon) : await stop(daemon);
          for (const text of spoken.out) print(`${name}: ${text}`);
          for (const text of spoken.error) notice(`${name}: ${text}`);
          return spoken.code;
        }),
      );
    const step = (what === 'start' ? onAll() : underLabLock(here.lab, { notice }, onAll)).then((codes) => {
      if (codes.some((code) => code !== 0)) failed++;
    });
    // A NameNode looks for its JournalNodes at once: those may not wait until it is seen to live.
    if (what === 'start') running.push(step);
    else await step;
    if (kind === 'namenode') print(`${verb} datanodes`);
  }
  await Promise.all(running);
  return failed;
}
