/**
 * Starts a role as a process of its own, detached from whoever started it: its output goes to its log, its pid to its
 * pid file. What the role then does is its own affair; whether it serves, ready.ts finds out.
 */
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { LabError } from '../base/errors.js';
import { diskError } from '../host/live/errors.js';
import type { Lab } from './lab.js';
import { roleEnvironment, zooFileOf } from './environment.js';
import { packageRoot } from './package-root.js';
import { closeGate, gateEnvironment } from './gate.js';
import type { PlannedRole } from './plan.js';
import { readPidFile, removePidFile, writePidFile } from './pid-file.js';
import { logFile, pidFile } from './state-dir.js';
import { writeLabEvent } from './lab-events.js';

export type RoleKindName = PlannedRole['kind'];

/** Small heaps, since ten processes share one machine: each collects its garbage a little sooner. */
export function nodeFlags(kind: RoleKindName): string[] {
  const oldSpaceMb = kind === 'namenode' ? 1024 : kind === 'zookeeper' ? 512 : 256;
  return [`--max-old-space-size=${oldSpaceMb}`, `--max-semi-space-size=${kind === 'zkfc' ? 1 : 4}`];
}

export const roleProgram = join(packageRoot, 'dist', 'bundle', 'role.js');

export interface Launched {
  readonly role: PlannedRole;
  readonly pid: number;
  /** A pid file was there, of a process that is gone. */
  readonly stale: number | undefined;
}

export interface LaunchOptions {
  /** Up to its gate only. */
  readonly gated?: boolean;
  /** Words behind those that every such role gets. */
  readonly args?: readonly string[] | undefined;
  /** Over what every such role is told. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/**
 * Starts it unless it runs. Throws LabError `ALREADY_RUNNING` (with `data.pid`),
 * `NOT_BUILT`, `LAUNCH_FAILED`, `DISK_FULL`.
 */
export function launch(lab: Lab, role: PlannedRole, options: LaunchOptions = {}): Launched {
  const path = pidFile(lab.dir, role.id);
  const before = readPidFile(path);
  if (before.kind === 'alive') {
    throw new LabError('ALREADY_RUNNING', `${role.id} is running as process ${before.pid}`, {
      remedy: `stop it first: halab stop ${role.id}`,
      data: { pid: before.pid },
    });
  }
  if (before.kind === 'stale') removePidFile(path);
  const env = {
    // glibc's heaps for other threads are a megabyte a process that is hardly used; Hadoop's scripts set this as well.
    MALLOC_ARENA_MAX: process.env['MALLOC_ARENA_MAX'] ?? '2',
    ...roleEnvironment(lab, role),
    ...(options.gated === true ? gateEnvironment(lab.dir, role.id) : {}),
    ...options.env,
  };
  if (options.gated === true) closeGate(lab.dir, role.id);
  const pid = spawnDetached(
    nodeFlags(role.kind),
    [...roleArguments(lab, role), ...(options.args ?? [])],
    env,
    logFile(lab.dir, role.id),
  );
  try {
    writePidFile(path, pid);
  } catch (error) {
    // Nobody could find it again.
    process.kill(pid, 'SIGKILL');
    throw diskError(error, path);
  }
  writeLabEvent(lab, { type: 'RoleLaunched', target: role.id, pid });
  return { role, pid, stale: before.kind === 'stale' ? before.pid : undefined };
}

export function roleArguments(lab: Lab, role: PlannedRole): string[] {
  return role.kind === 'zookeeper' ? ['zookeeper', zooFileOf(lab, role.host)] : [role.kind];
}

/** Returns the pid. Its standard output and error go behind what the log holds already. */
export function spawnDetached(
  flags: readonly string[],
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  log: string,
): number {
  if (!existsSync(roleProgram)) {
    throw new LabError('NOT_BUILT', `${roleProgram} is missing`, { remedy: 'run `npm ci && npm run build`' });
  }
  mkdirSync(join(log, '..'), { recursive: true });
  const output = openSync(log, 'a');
  try {
    // The one child that execa does not start: it goes on when its parent has ended, and writes to a file of its own.
    const child = spawn(process.execPath, [...flags, roleProgram, ...args], {
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...process.env, UV_THREADPOOL_SIZE: '4', ...env },
      cwd: '/',
    });
    // Without a listener a failed spawn would throw out of nowhere; the pid tells.
    child.on('error', () => {});
    if (child.pid === undefined)
      throw new LabError('LAUNCH_FAILED', `cannot start ${process.execPath}`, {
        remedy: 'is there memory and are there processes to be had (ulimit -u)?',
      });
    child.unref();
    return child.pid;
  } finally {
    closeSync(output);
  }
}
