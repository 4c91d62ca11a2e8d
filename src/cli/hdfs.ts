/**
 * `hdfs [--config DIR] [--daemon start|stop|status] COMMAND …`, as Hadoop's script: the daemons and the tools that the
 * lab has, in a lab's shell or alone with plain configuration. Each command is loaded when it is asked for.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { LabError } from '../base/errors.js';
import type { RoleKindName } from '../cluster/launch.js';
import { readPidFile, removePidFile, writePidFile } from '../cluster/pid-file.js';
import { enterLab } from './enter-lab.js';
import { confirm } from './hdfs-confirm.js';
import { hadoopConfiguration, hostFor, ownNameNode, roleContext, userName } from './role-context.js';
import { exitCodeOf, runRole } from './run-role.js';
import { notice, print, report } from './terminal.js';

const USAGE = `Usage: hdfs [OPTIONS] SUBCOMMAND [SUBCOMMAND OPTIONS]

  OPTIONS is none or any of:

--config dir                       Hadoop config directory
--daemon (start|status|stop)       operate on a daemon
--help                             usage information

  SUBCOMMAND is one of:

    Admin Commands:

haadmin              run a DFS HA admin client

    Client Commands:

dfs                  run a filesystem command on the file system
getconf              get config values from configuration
version              print the version

    Daemon Commands:

datanode             run a DFS datanode (not there yet)
journalnode          run the DFS journalnode
namenode             run the DFS namenode
zkfc                 run the ZK Failover Controller daemon
`;

const DAEMONS: readonly string[] = ['namenode', 'journalnode', 'zkfc', 'datanode'];
type DaemonMode = 'start' | 'stop' | 'status';

export async function main(argv: readonly string[]): Promise<void> {
  try {
    await enterLab();
    process.exitCode = await hdfs([...argv]);
  } catch (error) {
    const code = report(error, 'hdfs');
    process.exitCode = exitCodeOf(error) === 1 ? code : exitCodeOf(error);
  }
}

async function hdfs(argv: string[]): Promise<number> {
  let daemonMode: DaemonMode | undefined;
  for (;;) {
    const option = argv[0];
    if (option === '--config') {
      const dir = argv[1];
      if (dir === undefined || !existsSync(dir))
        throw new LabError('CONFIG_MISSING', `--config ${dir ?? ''}: no such directory`, {
          remedy: 'name the directory that holds core-site.xml and hdfs-site.xml',
        });
      process.env['HADOOP_CONF_DIR'] = resolve(dir);
      argv.splice(0, 2);
    } else if (option === '--daemon') {
      const mode = argv[1];
      if (mode !== 'start' && mode !== 'stop' && mode !== 'status')
        throw new LabError('USAGE', `--daemon ${mode ?? ''}: must be start, stop or status`);
      daemonMode = mode;
      argv.splice(0, 2);
    } else if (option === '--loglevel') {
      process.env['HALAB_LOG_LEVEL'] = (argv[1] ?? '').toLowerCase();
      argv.splice(0, 2);
    } else {
      break;
    }
  }
  const [command, ...args] = argv;
  if (command === undefined || command === '--help' || command === '-help' || command === '-h' || command === 'help') {
    process.stdout.write(USAGE);
    return command === undefined ? 1 : 0;
  }
  if (command === 'datanode') {
    notice('hdfs: datanode: the lab has no DataNode yet');
    return 1;
  }
  if (DAEMONS.includes(command)) {
    if (daemonMode !== undefined) return daemon(command as RoleKindName, daemonMode, args);
    return foreground(command as RoleKindName, args);
  }
  if (daemonMode !== undefined)
    throw new LabError('USAGE', `${command} is no daemon`, { remedy: `the daemons are ${DAEMONS.join(', ')}` });
  switch (command) {
    case 'haadmin':
      return haadmin(args);
    case 'getconf':
      return (await import('./getconf.js')).getconf(await hadoopConfiguration(roleContext()), args);
    case 'dfs':
      return (await import('./fs-shell.js')).fsShell(args);
    case 'version':
      print(`halab ${(await import('./version.js')).version()} (speaks Hadoop 3.3.6)`);
      return 0;
    default:
      notice(`ERROR: ${command} is not COMMAND nor fully qualified CLASSNAME.`);
      notice(USAGE);
      return 1;
  }
}

async function daemon(kind: RoleKindName, mode: DaemonMode, args: readonly string[]): Promise<number> {
  const { daemonOf, locked, start, status, stop } = await import('./daemon.js');
  const found = daemonOf(kind, args);
  if (found === undefined) {
    const { whereAmI } = await import('../cluster/here.js');
    const here = whereAmI()!;
    throw new LabError('UNKNOWN_TARGET', `${here.host.name} has no ${kind} in lab ${here.lab.plan.name}`, {
      remedy: `hosts with one: ${here.lab.plan.hosts
        .filter((host) => host.roles.some((role) => role.kind === kind))
        .map((host) => host.name)
        .join(', ')}`,
    });
  }
  const spoken =
    mode === 'start' ? await start(found) : mode === 'stop' ? await locked(found, () => stop(found)) : status(found);
  for (const line of spoken.out) print(line);
  for (const line of spoken.error) notice(line);
  return spoken.code;
}

async function foreground(kind: RoleKindName, args: readonly string[]): Promise<number> {
  if (kind === 'namenode' && args.length > 0) return (await import('./namenode-options.js')).nameNodeOption(args);
  if (kind === 'zkfc' && args.length > 0) return zkfcOption(args);
  if (args.length > 0) throw new LabError('USAGE', `${kind} takes no ${args.join(' ')}`);
  await underPidFile(kind);
  await runRole(kind);
  // Never reached by a return: the process lives until it is stopped.
  return new Promise<number>(() => {});
}

/** In a lab, one that runs in the foreground is seen by `halab status` and `jps` as well. */
async function underPidFile(kind: RoleKindName): Promise<void> {
  const { daemonOf, locked } = await import('./daemon.js');
  const found = daemonOf(kind);
  if (found?.place === undefined) return;
  const { roleEnvironment } = await import('../cluster/environment.js');
  Object.assign(process.env, roleEnvironment(found.place.here.lab, found.place.role));
  await locked(found, async () => {
    const before = readPidFile(found.pidFile);
    if (before.kind === 'alive')
      throw new LabError(
        'ALREADY_RUNNING',
        `${kind} is running as process ${before.pid}.  Stop it first and ensure ${found.pidFile} file is empty ` +
          `before retry.`,
      );
    writePidFile(found.pidFile, process.pid);
  });
  process.once('exit', () => removePidFile(found.pidFile));
}

async function zkfcOption(args: readonly string[]): Promise<number> {
  const { formatZk, ZKFC_USAGE } = await import('../zkfc/format-zk.js');
  const known = args[0] === '-formatZK' && args.slice(1).every((arg) => arg === '-force' || arg === '-nonInteractive');
  if (!known) {
    if (args[0] !== '-help' && args[0] !== '-h')
      notice(
        `Unrecognized argument: ` +
          `${args.find((arg) => !['-formatZK', '-force', '-nonInteractive'].includes(arg)) ?? args[0]}`,
      );
    print(ZKFC_USAGE);
    return args[0] === '-help' || args[0] === '-h' ? 0 : 255;
  }
  const context = roleContext();
  const conf = await hadoopConfiguration(context);
  const { nameserviceId, nameNodeId } = await ownNameNode(context, conf);
  const { zkfcConfigOn } = await import('../cluster/election-auth.js');
  return formatZk(
    hostFor(context, `zkfc-${nameNodeId}`),
    zkfcConfigOn(conf, { nameserviceId, nameNodeId, user: userName() }),
    {
      force: args.includes('-force'),
      nonInteractive: args.includes('-nonInteractive'),
      confirm(warning, question) {
        notice(warning);
        return confirm(question.replace(/ \(Y or N\) *$/, ''));
      },
    },
  );
}

async function haadmin(args: readonly string[]): Promise<number> {
  const { runHaadmin } = await import('./haadmin/haadmin.js');
  const context = roleContext();
  if (context.hostName !== undefined)
    process.env['PATH'] = (await import('../cluster/environment.js')).pathBetweenHosts();
  return runHaadmin(
    hostFor(context, 'haadmin', { quiet: true }),
    await hadoopConfiguration(context),
    args,
    {
      out: (text) => void process.stdout.write(text),
      err: (text) => void process.stderr.write(text),
      async prompt(question) {
        const lines = createInterface({ input: process.stdin, output: process.stderr });
        try {
          return await new Promise<string | undefined>((resolve) => {
            lines.once('close', () => resolve(undefined));
            void lines.question(question).then(resolve, () => resolve(undefined));
          });
        } finally {
          lines.close();
        }
      },
    },
    { user: userName() },
  );
}
