/**
 * What the `hdfs` script itself understands, in front of the subcommand: `--config`, `--daemon`, `--loglevel` and the
 * like, with its words for what is wrong. Mirrors hadoop-functions.sh.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LOG_LEVELS } from '../host/live/index.js';

export type DaemonMode = 'start' | 'stop' | 'status';

export interface ScriptOptions {
  readonly confDir?: string;
  readonly daemonMode?: DaemonMode;
  /** One of the lab's own levels. */
  readonly logLevel?: string;
  /** `--workers`: do it on these hosts instead of this one. */
  readonly hosts?: readonly string[];
  /** The subcommand and its words. */
  readonly argv: readonly string[];
}

/** The line is wrong: what to say on standard error, before the usage. It is printed alone when help was asked for. */
export class ScriptFault extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const HELP = ['--help', '-help', '-h', 'help', '--h', '--?', '-?', '?'];

/** `defaultConfDir`: where `workers` lies unless `--config` says otherwise. Throws ScriptFault; empty for help. */
export function scriptOptions(argv: readonly string[], defaultConfDir: string): ScriptOptions {
  let confDir: string | undefined;
  let daemonMode: DaemonMode | undefined;
  let logLevel: string | undefined;
  let workers = false;
  let names: string | undefined;
  let file: string | undefined;
  let at = 0;
  for (let more = true; more; ) {
    const option = argv[at] ?? '';
    const value = argv[at + 1] ?? '';
    switch (option) {
      case '--config':
        if (value === '') throw new ScriptFault('ERROR: No parameter provided for --config ');
        if (!isDirectory(value)) throw new ScriptFault(`ERROR: Cannot find configuration directory "${value}"`);
        confDir = resolve(value);
        at += 2;
        break;
      case '--daemon':
        if (value !== 'start' && value !== 'stop' && value !== 'status')
          throw new ScriptFault('ERROR: --daemon must be followed by either "start", "stop", or "status".');
        daemonMode = value;
        at += 2;
        break;
      case '--loglevel':
        logLevel = levelOf(value);
        at += 2;
        break;
      case '--hostnames':
        names = value;
        at += 2;
        break;
      case '--hosts':
        file = [value, join(confDir ?? defaultConfDir, value)].find((path) => value !== '' && isFile(path));
        if (file === undefined) throw new ScriptFault(`ERROR: Cannot find hosts file "${value}"`);
        at += 2;
        break;
      case '--workers':
        workers = true;
        at += 1;
        break;
      case '--buildpaths':
      case '--debug':
        // Of the script's own making: there is no class path here, and nothing else to tell.
        at += 1;
        break;
      default:
        if (HELP.includes(option)) throw new ScriptFault('', 0);
        more = false;
    }
  }
  if (names !== undefined && file !== undefined)
    throw new ScriptFault('ERROR: Both HADOOP_WORKERS and HADOOP_WORKER_NAMES were defined. Aborting.');
  return {
    ...(confDir === undefined ? {} : { confDir }),
    ...(daemonMode === undefined ? {} : { daemonMode }),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(workers
      ? { hosts: names === undefined ? hostsIn(file ?? workersFile(confDir ?? defaultConfDir)) : split(names) }
      : {}),
    argv: argv.slice(at),
  };
}

/** Of log4j's levels, the nearest that the lab has; log4j takes an unknown one for DEBUG. */
function levelOf(text: string): string {
  const level = text.toLowerCase();
  if (level === 'fatal' || level === 'off') return 'error';
  return (LOG_LEVELS as readonly string[]).includes(level) ? level : 'debug';
}

function workersFile(confDir: string): string {
  const path = join(confDir, 'workers');
  if (!isFile(path)) throw new ScriptFault(`ERROR: Cannot find hosts file "${path}"`);
  return path;
}

function hostsIn(file: string): readonly string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => split(line.replace(/#.*$/, '')));
}

const split = (text: string): string[] => text.split(/[\s,]+/).filter((name) => name !== '');
const isDirectory = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();
const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();
