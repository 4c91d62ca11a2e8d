/**
 * What a role's process is told through its environment, and what a shell on a lab's host sees. One place writes it,
 * one place (cli/role-context.ts) reads it; outside a lab none of it is set and everything is the machine's own.
 */
import { accessSync, closeSync, constants, existsSync, openSync, readSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import type { Lab } from './lab.js';
import { packageRoot } from './package-root.js';
import { hostOf, type PlannedRole } from './plan.js';
import { eventsFile, hostConf, hostRoot, stateDir } from './state-dir.js';

/** For everything that runs on a host of a lab. */
export function hostEnvironment(lab: Lab, hostName: string): Record<string, string> {
  const host = hostOf(lab.plan, hostName);
  const zooFile = zooFileOf(lab, hostName);
  return {
    HALAB_DIR: lab.dir,
    HALAB_HOST: host.name,
    HALAB_ADDRESS: host.address,
    HALAB_ROOT: hostRoot(lab.dir, host.name),
    HALAB_HOSTS: stateDir(lab.dir).hostsFile,
    HALAB_PROFILE: lab.plan.profile,
    HADOOP_CONF_DIR: hadoopDirOf(lab, hostName),
    ZOOCFGDIR: dirname(zooFile),
    ZOOCFG: basename(zooFile),
  };
}

/** For a role's process. */
export function roleEnvironment(lab: Lab, role: PlannedRole): Record<string, string> {
  return {
    ...hostEnvironment(lab, role.host),
    HALAB_ID: role.id,
    HALAB_EVENTS: eventsFile(lab.dir, role.id),
    ...(role.kind === 'zkfc' ? { PATH: pathBetweenHosts() } : {}),
  };
}

/** The user's own files; where hosts share an address, files with shifted ports, written when the lab was made. */
function hadoopDirOf(lab: Lab, hostName: string): string {
  const { name, portShift } = hostOf(lab.plan, hostName);
  return portShift === 0 ? lab.plan.hadoopDir : hostConf(lab.dir, name);
}

export function zooFileOf(lab: Lab, hostName: string): string {
  const { name, portShift, zooFile } = hostOf(lab.plan, hostName);
  return portShift === 0 && zooFile !== undefined ? zooFile : join(hostConf(lab.dir, name), 'zoo.cfg');
}

/** lab/hosts-bin: commands between the hosts of a lab. */
export const hostsCommandsDir = join(packageRoot, 'lab', 'hosts-bin');

/**
 * The PATH of what fences, by itself or by hand: the lab's `ssh` stands in it before the machine's. Only an `ssh` that
 * somebody wrote to rehearse with comes before the lab's: the first one in the PATH, if it is a script.
 */
export function pathBetweenHosts(env: NodeJS.ProcessEnv = process.env): string {
  const path = (env['PATH'] ?? '/usr/bin:/bin').split(delimiter).filter((entry) => entry !== hostsCommandsDir);
  const first = path.findIndex((entry) => existsSync(join(entry, 'ssh')));
  const own = first >= 0 && isScript(join(path[first]!, 'ssh'));
  path.splice(own ? first + 1 : 0, 0, hostsCommandsDir);
  return path.join(delimiter);
}

/** It begins with `#!`. */
function isScript(file: string): boolean {
  let descriptor: number | undefined;
  try {
    accessSync(file, constants.X_OK);
    descriptor = openSync(file, 'r');
    const start = Buffer.alloc(2);
    return readSync(descriptor, start, 0, 2, 0) === 2 && start.toString('latin1') === '#!';
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** lab/bin: the commands by the names their users know. */
export const commandsDir = join(packageRoot, 'lab', 'bin');
