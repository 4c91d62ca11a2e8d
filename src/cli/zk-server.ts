/**
 * `zkServer.sh start|start-foreground|stop|restart|status|version|print-cmd [zoo.cfg]`, with the wording of ZooKeeper's
 * script.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { LabError } from '../base/errors.js';
import { ZOOKEEPER_VERSION } from '../base/versions.js';
import { clientHost } from '../cluster/client-host.js';
import { fourLetterWord, parseServerReport } from '../cluster/four-letter.js';
import { whereAmI, roleHere } from '../cluster/here.js';
import { nodeFlags, roleProgram } from '../cluster/launch.js';
import { readPidFile, removePidFile, writePidFile } from '../cluster/pid-file.js';
import { OVERLAYS } from '../config/profile.js';
import { readZooFile } from '../config/zoo.js';
import { userName } from '../cluster/surroundings.js';
import { daemonOf, locked, start, stop, type Daemon } from './daemon.js';
import { roleContext } from './role-context.js';
import { enterLab } from './enter-lab.js';
import { runRole, zooFileFromEnv } from './run-role.js';
import { notice, print, report } from './terminal.js';

export async function main(argv: readonly string[]): Promise<void> {
  try {
    await enterLab();
    process.exitCode = await zkServer([...argv]);
  } catch (error) {
    process.exitCode = report(error, 'zkServer.sh');
  }
}

async function zkServer(argv: string[]): Promise<number> {
  if (argv[0] === '--config') {
    const dir = argv[1];
    if (dir === undefined || !existsSync(dir))
      throw new LabError('CONFIG_MISSING', `--config ${dir ?? ''}: no such directory`, {
        remedy: 'name the directory that holds zoo.cfg',
      });
    process.env['ZOOCFGDIR'] = resolve(dir);
    argv.splice(0, 2);
  }
  const [verb, file] = argv;
  if (verb === 'version') {
    print(`Apache ZooKeeper, version ${ZOOKEEPER_VERSION} (the lab's own server)`);
    return 0;
  }
  if (verb === undefined || !['start', 'start-foreground', 'stop', 'restart', 'status', 'print-cmd'].includes(verb)) {
    notice('Usage: zkServer.sh [--config <conf-dir>] {start|start-foreground|stop|version|restart|status|print-cmd}');
    return verb === undefined || verb.startsWith('-') ? 0 : 1;
  }
  const config = configFile(file);
  notice(`Using config: ${config}`);
  const daemon = zooDaemon(config);
  switch (verb) {
    case 'start':
      return begin(daemon);
    case 'stop':
      return end(daemon);
    case 'restart':
      await end(daemon);
      return begin(daemon);
    case 'status':
      return tell(config);
    case 'print-cmd':
      print(
        [process.execPath, ...nodeFlags('zookeeper'), roleProgram, 'zookeeper', config]
          .map((part) => `"${part}"`)
          .join(' ') + ` > "${daemon.logFile}" 2>&1 < /dev/null`,
      );
      return 0;
    default:
      return foreground(daemon, config);
  }
}

/** A bare name lies in ZOOCFGDIR; a path is one. */
function configFile(file: string | undefined): string {
  if (file === undefined) return zooFileFromEnv();
  if (isAbsolute(file) || file.includes('/') || existsSync(file)) return resolve(file);
  return join(process.env['ZOOCFGDIR'] ?? '.', file);
}

function zooDaemon(config: string): Daemon {
  const here = whereAmI();
  if (here !== undefined) {
    const found = daemonOf('zookeeper', [], here);
    if (found === undefined || roleHere(here, 'zookeeper') === undefined)
      throw new LabError('UNKNOWN_TARGET', `${here.host.name} has no ZooKeeper server in lab ${here.lab.plan.name}`);
    return found;
  }
  const { dataDir } = readZooFile(config);
  const pidFile = process.env['ZOOPIDFILE'] ?? join(dataDir, 'zookeeper_server.pid');
  mkdirSync(dirname(pidFile), { recursive: true });
  const logs = process.env['ZOO_LOG_DIR'] ?? tmpdir();
  return {
    name: 'zookeeper',
    kind: 'zookeeper',
    pidFile,
    logFile: join(logs, `zookeeper-${userName()}-server-${hostname()}.out`),
    place: undefined,
    args: [config],
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

async function tell(config: string): Promise<number> {
  const context = roleContext();
  const zoo = readZooFile(config, OVERLAYS[context.profile].zoo);
  const port = zoo.clientPort ?? zoo.servers.find((server) => server.client !== undefined)?.client?.port;
  if (port === undefined) {
    print('Unable to find either secure or unsecure client port in any configs. Terminating.');
    return 1;
  }
  const configured = zoo.properties.get('clientPortAddress')?.value;
  const address = configured ?? 'localhost';
  print(`Client port found: ${port}. Client address: ${address}. Client SSL: false.`);
  const text = await fourLetterWord(
    clientHost(undefined, 'zkServer'),
    'srvr',
    { host: configured ?? context.address ?? '127.0.0.1', port },
    3000,
  ).catch(() => '');
  const { mode } = parseServerReport(text);
  if (mode === undefined) {
    print('Error contacting service. It is probably not running.');
    return 1;
  }
  print(`Mode: ${mode}`);
  return 0;
}

async function foreground(daemon: Daemon, config: string): Promise<number> {
  const { place } = daemon;
  if (place !== undefined) {
    const [{ roleEnvironment }, { writeMyId }] = await Promise.all([
      import('../cluster/environment.js'),
      import('../cluster/first-use.js'),
    ]);
    Object.assign(process.env, roleEnvironment(place.here.lab, place.role));
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
  await runRole('zookeeper', [config]);
  return new Promise<number>(() => {});
}
