/**
 * `--daemon start|stop|status`: a role in the background under a pid file, with the wording and exit codes of Hadoop's
 * scripts. In a lab the pid file and log are the lab's; outside they are where HADOOP_PID_DIR and HADOOP_LOG_DIR say.
 */
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accepts, checkPort, portInUse } from '../cluster/addresses.js';
import { stopProcess } from '../cluster/control.js';
import { whereAmI, roleHere, type Here } from '../cluster/here.js';
import { underLabLock } from '../cluster/lab-lock.js';
import { launch, nodeFlags, spawnDetached, type RoleKindName } from '../cluster/launch.js';
import { readPidFile, removePidFile, writePidFile } from '../cluster/pid-file.js';
import { writeMyId } from '../cluster/first-use.js';
import type { PlannedRole } from '../cluster/plan.js';
import { lastError } from '../cluster/ready.js';
import { logFile, pidFile } from '../cluster/state-dir.js';
import { userName } from '../cluster/surroundings.js';
import { notice } from './terminal.js';

export interface Daemon {
  /** As the scripts call it: `namenode`. */
  readonly name: string;
  readonly kind: RoleKindName;
  readonly pidFile: string;
  readonly logFile: string;
  /** In a lab. */
  readonly place: { readonly here: Here; readonly role: PlannedRole } | undefined;
  readonly args: readonly string[];
  /** What its process is told besides: a configuration directory or log level asked for. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Undefined if the lab's host has no such role. */
export function daemonOf(
  kind: RoleKindName,
  args: readonly string[] = [],
  here: Here | undefined = whereAmI(),
  env: NodeJS.ProcessEnv = process.env,
  told: Readonly<Record<string, string>> = {},
): Daemon | undefined {
  if (here !== undefined) {
    const role = roleHere(here, kind);
    if (role === undefined) return undefined;
    return {
      name: kind,
      kind,
      pidFile: pidFile(here.lab.dir, role.id),
      logFile: logFile(here.lab.dir, role.id),
      place: { here, role },
      args,
      env: told,
    };
  }
  const ident = env['HADOOP_IDENT_STRING'] ?? userName();
  const pids = env['HADOOP_PID_DIR'] ?? tmpdir();
  const logs =
    env['HADOOP_LOG_DIR'] ?? (env['HADOOP_HOME'] === undefined ? tmpdir() : join(env['HADOOP_HOME'], 'logs'));
  return {
    name: kind,
    kind,
    pidFile: join(pids, `hadoop-${ident}-${kind}.pid`),
    logFile: join(logs, `hadoop-${ident}-${kind}-${hostname()}.log`),
    place: undefined,
    args,
    env: told,
  };
}

export interface Spoken {
  readonly code: number;
  /** What to print, each a line; `error` on standard error. */
  readonly out: readonly string[];
  readonly error: readonly string[];
}

const silent = (code: number): Spoken => ({ code, out: [], error: [] });

/** 0 runs; 1 is gone and left its pid file; 3 does not run. */
export function status(daemon: Daemon): Spoken {
  const found = readPidFile(daemon.pidFile);
  switch (found.kind) {
    case 'alive':
      return { code: 0, out: [`${daemon.name} is running as process ${found.pid}.`], error: [] };
    case 'stale':
      return {
        code: 1,
        out: [`${daemon.name} is not running, but ${daemon.pidFile} is left of process ${found.pid ?? '?'}.`],
        error: [],
      };
    case 'absent':
      return { code: 3, out: [`${daemon.name} is not running.`], error: [] };
  }
}

/** How long a role of a lab may take to open its port; one that takes longer lives all the same. */
const PORT_LIMIT_MS = 15_000;
/** Outside a lab nothing says which port: for as long as Hadoop's scripts watch, and a little. */
const WATCH_MS = 1500;

/** Starts it and sees that it lives. In a lab, under its lock until it is launched. */
export async function start(daemon: Daemon): Promise<Spoken> {
  const launched = await locked(daemon, () => launchOnce(daemon));
  if ('refused' in launched) return launched.refused;
  const { notes } = launched;
  if (await livesOn(daemon)) return { code: 0, out: [], error: notes };
  const why = lastError(daemon.logFile) ?? 'it said nothing';
  await locked(daemon, async () => {
    if (readPidFile(daemon.pidFile).kind !== 'alive') removePidFile(daemon.pidFile);
  });
  return {
    code: 1,
    out: [],
    error: [...notes, `ERROR: ${daemon.name} ended at once: ${why}`, `  its log is ${daemon.logFile}`],
  };
}

/** Outside a lab there is no lock: there, as with Hadoop's scripts, the pid file is all. */
export function locked<T>(daemon: Daemon, work: () => Promise<T>): Promise<T> {
  return daemon.place === undefined ? work() : underLabLock(daemon.place.here.lab, { notice }, work);
}

async function launchOnce(
  daemon: Daemon,
): Promise<{ readonly refused: Spoken } | { readonly notes: readonly string[] }> {
  const found = readPidFile(daemon.pidFile);
  if (found.kind === 'alive') {
    return {
      refused: {
        code: 1,
        out: [],
        error: [
          `${daemon.name} is running as process ${found.pid}.  Stop it first and ensure ${daemon.pidFile} file is ` +
            `empty before retry.`,
        ],
      },
    };
  }
  const notes = found.kind === 'stale' ? [`removed ${daemon.pidFile}: process ${found.pid ?? '?'} is gone`] : [];
  removePidFile(daemon.pidFile);
  if (daemon.place !== undefined) {
    const { here, role } = daemon.place;
    for (const port of role.ports) {
      if ((await checkPort(here.host.address, port)) === 'in-use') {
        return {
          refused: {
            code: 1,
            out: [],
            error: [...notes, `ERROR: ${portInUse(here.host.address, port, role.id).toString()}`],
          },
        };
      }
    }
  }
  if (daemon.place?.role.kind === 'zookeeper') writeMyId(daemon.place.here.lab, daemon.place.role);
  begin(daemon);
  return { notes };
}

function begin(daemon: Daemon): void {
  if (daemon.place !== undefined) {
    launch(daemon.place.here.lab, daemon.place.role, { args: daemon.args, env: daemon.env });
    return;
  }
  const pid = spawnDetached(nodeFlags(daemon.kind), [daemon.kind, ...daemon.args], daemon.env ?? {}, daemon.logFile);
  writePidFile(daemon.pidFile, pid);
}

async function livesOn(daemon: Daemon): Promise<boolean> {
  const port =
    daemon.place === undefined
      ? undefined
      : { host: daemon.place.here.host.address, port: daemon.place.role.ports[0]! };
  const deadline = Date.now() + (port === undefined ? WATCH_MS : PORT_LIMIT_MS);
  while (Date.now() < deadline) {
    if (readPidFile(daemon.pidFile).kind !== 'alive') return false;
    if (port !== undefined && (await accepts(port.host, port.port))) return true;
    await sleep(20);
  }
  return readPidFile(daemon.pidFile).kind === 'alive';
}

/** HADOOP_STOP_TIMEOUT, seconds. */
const STOP_TIMEOUT_S = 5;

/** In a lab, the caller holds its lock: several may be stopped at once (`locked`). */
export async function stop(daemon: Daemon, env: NodeJS.ProcessEnv = process.env): Promise<Spoken> {
  const found = readPidFile(daemon.pidFile);
  if (found.kind !== 'alive') {
    removePidFile(daemon.pidFile);
    return silent(0);
  }
  const seconds = Number(env['HADOOP_STOP_TIMEOUT'] ?? STOP_TIMEOUT_S) || STOP_TIMEOUT_S;
  const orderly = await stopProcess(found.pid, seconds * 1000);
  removePidFile(daemon.pidFile);
  return {
    code: 0,
    out: [],
    error: orderly
      ? []
      : [`WARNING: ${daemon.name} did not stop gracefully after ${seconds} seconds: Trying to kill with kill -9`],
  };
}
