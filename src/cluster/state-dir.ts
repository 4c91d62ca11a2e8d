/**
 * Where a lab keeps what it needs to know: one directory, laid out as below. Nothing else knows these names.
 *
 *   lab.json   the plan: hosts, addresses, roles, whose configuration (written when the lab is made)
 *   hosts      address and names of each host, as /etc/hosts has them
 *   m1/ …      one root a host: what roles keep at absolute paths (/root/hdfs/namenode) lies below it
 *   conf/      m1/zoo.cfg … where the user's own files do not do: no zoo.cfg, or hosts that share an address
 *   logs/      nn1.log …        pids/  nn1.pid, nn1.gate …        events/  nn1.ndjson …
 *   lock       held while one command changes the lab        bashrc  of `halab shell`
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { LabError } from '../base/errors.js';

export interface StateDir {
  readonly dir: string;
  readonly labFile: string;
  readonly hostsFile: string;
  readonly eventsDir: string;
  readonly pidsDir: string;
  readonly logsDir: string;
  /** Held while one command changes the lab. */
  readonly lockFile: string;
}

export function stateDir(dir: string): StateDir {
  const absolute = resolve(dir);
  return {
    dir: absolute,
    labFile: join(absolute, 'lab.json'),
    hostsFile: join(absolute, 'hosts'),
    eventsDir: join(absolute, 'events'),
    pidsDir: join(absolute, 'pids'),
    logsDir: join(absolute, 'logs'),
    lockFile: join(absolute, 'lock'),
  };
}

/** What the lab writes for a host in place of the user's files. */
export const hostConf = (dir: string, host: string): string => join(dir, 'conf', host);
export const hostRoot = (dir: string, host: string): string => join(dir, host);
export const pidFile = (dir: string, id: string): string => join(dir, 'pids', `${id}.pid`);
/** What a process waits at before it begins (gate.ts). */
export const gateFile = (dir: string, id: string): string => join(dir, 'pids', `${id}.gate`);
export const shellFile = (dir: string): string => join(dir, 'bashrc');
export const logFile = (dir: string, id: string): string => join(dir, 'logs', `${id}.log`);
export const eventsFile = (dir: string, id: string): string => join(dir, 'events', `${id}.ndjson`);

/** `$XDG_STATE_HOME/halab`, by default `~/.local/state/halab`: one directory a lab. */
export function stateHome(env: NodeJS.ProcessEnv = process.env): string {
  const base = env['XDG_STATE_HOME'];
  return join(base !== undefined && base.startsWith('/') ? base : join(homedir(), '.local', 'state'), 'halab');
}

export interface LabPlace {
  readonly dir: string;
  /** Undefined where only a directory was named. */
  readonly name: string | undefined;
}

/** Which lab is meant: `--dir`, else `--name`, else the shell's own (HALAB_DIR), else the one called `book`. */
export function placeOf(
  options: { dir?: string | undefined; name?: string | undefined },
  env: NodeJS.ProcessEnv = process.env,
): LabPlace {
  if (options.name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/.test(options.name)) {
    throw new LabError('USAGE', `"${options.name}" is no name for a lab`, {
      remedy: 'use letters, digits, ., _ and -',
    });
  }
  if (options.dir !== undefined) return { dir: resolve(options.dir), name: options.name };
  if (options.name !== undefined) return { dir: join(stateHome(env), options.name), name: options.name };
  if (env['HALAB_DIR'] !== undefined && env['HALAB_DIR'] !== '') return { dir: env['HALAB_DIR'], name: undefined };
  return { dir: join(stateHome(env), 'book'), name: undefined };
}
