/**
 * `zkServer.sh [--config DIR] start|start-foreground|stop|restart|status|version|print-cmd [zoo.cfg]`, with the lines
 * and exit codes of ZooKeeper's script. It reads zookeeper-env.sh and java.env beside zoo.cfg as that one does; what
 * they say to the server, the server's own process reads again. Mirrors bin/zkServer.sh and bin/zkEnv.sh of 3.8.4.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { LabError, exitCodeOf } from '../base/errors.js';
import { ZOOKEEPER_VERSION } from '../base/versions.js';
import { whereAmI, roleHere } from '../cluster/here.js';
import { nodeFlags, roleProgram } from '../cluster/launch.js';
import { readPidFile, removePidFile, writePidFile } from '../cluster/pid-file.js';
import { userName } from '../cluster/surroundings.js';
import { readLines, zooEnvironment } from '../config/zoo.js';
import { daemonOf, locked, start, stop, type Daemon } from './daemon.js';
import { enterLab } from './enter-lab.js';
import { runRole, zooFileFromEnv } from './run-role.js';
import { Exit, notice, print, report } from './terminal.js';
import { tellStatus } from './zk-server-status.js';

const VERBS = ['start', 'start-foreground', 'stop', 'restart', 'status', 'print-cmd', 'version'] as const;
type Verb = (typeof VERBS)[number];

/** Where a server's settings come from. */
interface Place {
  /** As it was given. */
  readonly config: string;
  readonly file: string;
  /** Where zookeeper-env.sh and java.env are looked for. */
  readonly confDir: string;
  /** The environment, and what those two set. */
  readonly env: NodeJS.ProcessEnv;
}

export async function main(argv: readonly string[]): Promise<void> {
  try {
    await enterLab();
    process.exitCode = await zkServer([...argv]);
  } catch (error) {
    const code = report(error, 'zkServer.sh');
    // In the foreground this process is the server, with the server's exit codes.
    process.exitCode = argv.includes('start-foreground') && code === Exit.FAILED ? exitCodeOf(error) : code;
  }
}

async function zkServer(argv: string[]): Promise<number> {
  let confDir = process.env['ZOOCFGDIR'];
  // As there, a --config behind which nothing stands is a verb that does not exist.
  if (argv[0] === '--config' && argv.length > 1) {
    const dir = argv[1]!;
    if (!existsSync(dir))
      throw new LabError('CONFIG_MISSING', `--config ${dir}: no such directory`, {
        remedy: 'name the directory that holds zoo.cfg',
      });
    confDir = resolve(dir);
    argv.splice(0, 2);
  }
  const [verb = '', file] = argv;
  const place = await placeOf(file, confDir);
  greet(place);
  if (!isVerb(verb)) {
    notice(`Usage: zkServer.sh [--config <conf-dir>] {start|start-foreground|stop|version|restart|status|print-cmd}`);
    return 0;
  }
  return run(verb, place);
}

function isVerb(word: string): word is Verb {
  return (VERBS as readonly string[]).includes(word);
}

async function run(verb: Verb, place: Place): Promise<number> {
  if (verb === 'version') {
    print(`Apache ZooKeeper, version ${ZOOKEEPER_VERSION} (the lab's own server)`);
    return 0;
  }
  if (verb === 'status') return tellStatus(place.file);
  const directories = directoriesOf(place.file);
  if (mayNotMake(place.env) && whereAmI() === undefined) {
    const missing = missingOf(directories);
    if (missing !== undefined) {
      print(missing);
      return 1;
    }
  }
  const daemon = zooDaemon(place, directories.dataDir);
  switch (verb) {
    case 'start':
      return begin(daemon);
    case 'stop':
      return end(daemon);
    case 'restart':
      // The script calls itself twice.
      greet(place);
      await end(daemon);
      greet(place);
      return begin(daemon);
    case 'print-cmd':
      print(
        [process.execPath, ...nodeFlags('zookeeper'), roleProgram, 'zookeeper', ...daemon.args]
          .map((part) => `"${part}"`)
          .join(' ') + ` > "${daemon.logFile}" 2>&1 < /dev/null`,
      );
      return 0;
    case 'start-foreground':
      return foreground(daemon);
  }
}

/** A bare name lies in ZOOCFGDIR; a path is one. */
async function placeOf(file: string | undefined, given: string | undefined): Promise<Place> {
  const env = given === undefined ? process.env : await zooEnvironment(process.env, given);
  const isPath = file !== undefined && (isAbsolute(file) || file.includes('/') || given === undefined);
  const config = isPath
    ? file
    : zooFileFromEnv({ ...env, ZOOCFGDIR: given, ...(file === undefined ? {} : { ZOOCFG: file }) });
  const confDir = given ?? dirname(resolve(config));
  return {
    config,
    file: resolve(config),
    confDir,
    env: given === undefined ? await zooEnvironment(process.env, confDir) : env,
  };
}

function greet({ config, env }: Place): void {
  const disabled = env['JMXDISABLE'] ?? '';
  notice(disabled === '' || disabled === 'false' ? 'ZooKeeper JMX enabled by default' : 'JMX disabled by user request');
  notice(`Using config: ${config}`);
}

/** The script looks for two lines and minds no other: a server that cannot start can still be stopped. */
function directoriesOf(file: string): { readonly dataDir: string; readonly dataLogDir: string | undefined } {
  const lines = readLines(file);
  return { dataDir: lines.get('dataDir')?.value ?? '', dataLogDir: lines.get('dataLogDir')?.value };
}

function mayNotMake(env: NodeJS.ProcessEnv): boolean {
  return (env['ZOO_DATADIR_AUTOCREATE_DISABLE'] ?? '') !== '';
}

function missingOf({ dataDir, dataLogDir }: ReturnType<typeof directoriesOf>): string | undefined {
  if (!existsSync(join(dataDir, 'version-2')))
    return `ZooKeeper data directory is missing at ${dataDir} fix the path or run initialize`;
  if (dataLogDir !== undefined && !existsSync(join(dataLogDir, 'version-2')))
    return `ZooKeeper txnlog directory is missing at ${dataLogDir} fix the path or run initialize`;
  return undefined;
}

function zooDaemon({ file, confDir, env }: Place, dataDir: string): Daemon {
  const here = whereAmI();
  if (here !== undefined) {
    const found = daemonOf('zookeeper', [], here);
    if (found === undefined || roleHere(here, 'zookeeper') === undefined)
      throw new LabError('UNKNOWN_TARGET', `${here.host.name} has no ZooKeeper server in lab ${here.lab.plan.name}`);
    return { ...found, args: [file, confDir] };
  }
  const pidFile = env['ZOOPIDFILE'] ?? join(dataDir, 'zookeeper_server.pid');
  mkdirSync(dirname(pidFile), { recursive: true });
  const logs = env['ZOO_LOG_DIR'] ?? tmpdir();
  return {
    name: 'zookeeper',
    kind: 'zookeeper',
    pidFile,
    logFile: join(logs, `zookeeper-${userName()}-server-${hostname()}.out`),
    place: undefined,
    args: [file, confDir],
  };
}

async function begin(daemon: Daemon): Promise<number> {
  process.stdout.write('Starting zookeeper ... ');
  const before = readPidFile(daemon.pidFile);
  if (before.kind === 'alive') {
    print(`already running as process ${before.pid}.`);
    return 1;
  }
  const spoken = await start(daemon);
  print(spoken.code === 0 ? 'STARTED' : 'FAILED TO START');
  for (const line of spoken.error) notice(line);
  return spoken.code;
}

async function end(daemon: Daemon): Promise<number> {
  process.stdout.write('Stopping zookeeper ... ');
  const before = readPidFile(daemon.pidFile);
  if (before.kind === 'absent') {
    print(`no zookeeper to stop (could not find file ${daemon.pidFile})`);
    return 0;
  }
  await locked(daemon, () => stop(daemon));
  print('STOPPED');
  if (before.kind === 'stale') notice(`it was not running: ${daemon.pidFile} was left of process ${before.pid ?? '?'}`);
  return 0;
}

async function foreground(daemon: Daemon): Promise<number> {
  const { place } = daemon;
  let env: NodeJS.ProcessEnv = process.env;
  if (place !== undefined) {
    const [{ roleEnvironment }, { writeMyId }] = await Promise.all([
      import('../cluster/environment.js'),
      import('../cluster/first-use.js'),
    ]);
    env = { ...env, ...roleEnvironment(place.here.lab, place.role) };
    await locked(daemon, async () => {
      const before = readPidFile(daemon.pidFile);
      if (before.kind === 'alive')
        throw new LabError('ALREADY_RUNNING', `already running as process ${before.pid}.`, {
          remedy: 'zkServer.sh stop',
        });
      writeMyId(place.here.lab, place.role);
      writePidFile(daemon.pidFile, process.pid);
    });
    process.once('exit', () => removePidFile(daemon.pidFile));
  }
  await runRole('zookeeper', daemon.args, { env });
  return new Promise<number>(() => {});
}
