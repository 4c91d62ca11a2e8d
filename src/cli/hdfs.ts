/**
 * `hdfs [OPTIONS] COMMAND …`, as Hadoop's script: the daemons and the tools that the lab has, in a lab's shell or alone
 * with plain configuration. Each command is loaded when it is asked for. What the script itself understands is
 * hdfs-script.ts, what every tool understands generic-options.ts.
 */
import { LabError, exitCodeOf } from '../base/errors.js';
import { HADOOP_VERSION } from '../base/versions.js';
import type { RoleKindName } from '../cluster/launch.js';
import { enterLab } from './enter-lab.js';
import { GENERAL_OPTIONS, GENERIC_USAGE, asksForHelp, genericOptions } from './generic-options.js';
import { ScriptFault, scriptOptions, type DaemonMode } from './hdfs-script.js';
import { onceOnly } from './once-only.js';
import { hadoopConfiguration, hostFor, roleContext, userName, type Invocation } from './role-context.js';
import { notice, print, report } from './terminal.js';

const USAGE = `Usage: hdfs [OPTIONS] SUBCOMMAND [SUBCOMMAND OPTIONS]

  OPTIONS is none or any of:

--buildpaths                       attempt to add class files from build tree
--config dir                       Hadoop config directory
--daemon (start|status|stop)       operate on a daemon
--debug                            turn on shell script debug mode
--help                             usage information
--hostnames list[,of,host,names]   hosts to use in worker mode
--hosts filename                   list of hosts to use in worker mode
--loglevel level                   set the log4j level for this command
--workers                          turn on worker mode

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

SUBCOMMAND may print help when invoked w/o parameters or with -h.
`;

const DAEMONS: readonly string[] = ['namenode', 'journalnode', 'zkfc'] satisfies RoleKindName[];
const TOOLS: readonly string[] = ['haadmin', 'dfs', 'getconf', 'version', 'datanode', ...DAEMONS];

const DATANODE_USAGE = `Usage: hdfs datanode [-regular | -rollback | -rollingupgrade rollback ]
    -regular                 : Normal DataNode startup (default).
    -rollback                : Rollback a standard or rolling upgrade.
    -rollingupgrade rollback : Rollback a rolling upgrade operation.
  Refer to HDFS documentation for the difference between standard
 and rolling upgrades.
`;

export async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = await hdfs(argv, { ...process.env });
}

/** Resolves with the exit code, once what is wrong has been told. */
export async function hdfs(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  try {
    await enterLab(env);
    return await script(argv, env);
  } catch (error) {
    if (error instanceof ScriptFault) {
      if (error.message !== '') notice(error.message);
      process.stdout.write(USAGE);
      return error.exitCode;
    }
    report(error, 'hdfs');
    return exitCodeOf(error);
  }
}

async function script(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const options = scriptOptions(argv, roleContext({ env }).confDir);
  const [command, ...words] = options.argv;
  if (command === undefined) throw new ScriptFault('');
  if (!TOOLS.includes(command))
    throw new ScriptFault(`ERROR: ${command} is not COMMAND nor fully qualified CLASSNAME.`);
  const { confDir, logLevel } = options;
  const told = {
    ...(confDir === undefined ? {} : { HADOOP_CONF_DIR: confDir }),
    ...(logLevel === undefined ? {} : { HALAB_LOG_LEVEL: logLevel }),
  };

  if (options.hosts !== undefined) {
    if (!DAEMONS.includes(command) || options.daemonMode === undefined)
      throw new LabError('UNSUPPORTED', `--workers: ${command} is not run on other hosts`, {
        remedy: 'it is for --daemon start, stop and status',
      });
    const { onHosts } = await import('./on-hosts.js');
    return onHosts(options.hosts, command as RoleKindName, options.daemonMode, words, env, told);
  }
  // A daemon reads its words itself; to another command --daemon means nothing, as with Hadoop's script.
  if (DAEMONS.includes(command) && options.daemonMode !== undefined)
    return daemon(command as RoleKindName, options.daemonMode, words, env, told);
  if (asksForHelp(words)) {
    const usage = await usageOf(command);
    if (usage !== undefined) {
      process.stdout.write(usage);
      return 0;
    }
  }
  const { commandLine, argv: args, fault } = genericOptions(words);
  if (fault !== undefined) {
    notice(`options parsing failed: ${fault}`);
    print(GENERAL_OPTIONS);
  }
  return run(command, args, {
    env,
    command,
    commandLine,
    ...(confDir === undefined ? {} : { confDir }),
    ...(logLevel === undefined ? {} : { logLevel }),
  });
}

/** Undefined: it answers for itself. */
async function usageOf(command: string): Promise<string | undefined> {
  switch (command) {
    case 'namenode':
      return `${(await import('./namenode-options.js')).NAMENODE_USAGE}\n\n${GENERIC_USAGE}`;
    case 'zkfc':
      return `${(await import('../zkfc/format-zk.js')).ZKFC_USAGE}\n\n${GENERIC_USAGE}`;
    case 'journalnode':
      return `Usage: hdfs journalnode\n\n${GENERIC_USAGE}`;
    case 'datanode':
      return `${DATANODE_USAGE}\n${GENERIC_USAGE}`;
    default:
      return undefined;
  }
}

async function run(command: string, args: readonly string[], invocation: Invocation): Promise<number> {
  switch (command) {
    case 'haadmin':
      return haadmin(args, invocation);
    case 'getconf':
      return (await import('./getconf.js')).getconf(await hadoopConfiguration(roleContext(invocation)), args);
    case 'dfs':
      return (await import('./fs-shell.js')).fsShell(args, roleContext(invocation));
    case 'version':
      print(`halab ${(await import('./version.js')).version()} (speaks Hadoop ${HADOOP_VERSION})`);
      return 0;
    case 'datanode':
      notice(args.length > 0 ? DATANODE_USAGE : 'hdfs: datanode: the lab has no DataNode yet');
      return 1;
    case 'namenode':
    case 'zkfc': {
      const code = args.length === 0 ? undefined : await onceOnly(command, args, invocation);
      if (code !== undefined) return code;
      break;
    }
    default:
    // A JournalNode passes over words that it does not know, as Hadoop's does.
  }
  return (await import('./foreground.js')).foreground(command as RoleKindName, invocation);
}

async function daemon(
  kind: RoleKindName,
  mode: DaemonMode,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  told: Readonly<Record<string, string>>,
): Promise<number> {
  const [{ daemonOf }, { doDaemon }, { whereAmI }] = await Promise.all([
    import('./daemon.js'),
    import('./on-hosts.js'),
    import('../cluster/here.js'),
  ]);
  const here = whereAmI(env);
  const found = daemonOf(kind, args, here, env, told);
  if (found === undefined) {
    const { host, lab } = here!;
    throw new LabError('UNKNOWN_TARGET', `${host.name} has no ${kind} in lab ${lab.plan.name}`, {
      remedy: `hosts with one: ${lab.plan.hosts
        .filter((other) => other.roles.some((role) => role.kind === kind))
        .map((other) => other.name)
        .join(', ')}`,
    });
  }
  const spoken = await doDaemon(found, mode);
  for (const line of spoken.out) print(line);
  for (const line of spoken.error) notice(line);
  return spoken.code;
}

async function haadmin(args: readonly string[], invocation: Invocation): Promise<number> {
  const [{ runHaadmin }, { pathBetweenHosts }, { typedLines }] = await Promise.all([
    import('./haadmin/haadmin.js'),
    import('../cluster/environment.js'),
    import('./typed-lines.js'),
  ]);
  const plain = roleContext(invocation);
  // Fencing by hand reaches the lab's hosts, as the ZKFC's does.
  const context =
    plain.hostName === undefined
      ? plain
      : roleContext({ ...invocation, env: { ...plain.env, PATH: pathBetweenHosts(plain.env) } });
  return runHaadmin(
    hostFor(context, 'haadmin', { quiet: true }),
    await hadoopConfiguration(context),
    args,
    {
      out: (text) => void process.stdout.write(text),
      err: (text) => void process.stderr.write(text),
      lines: typedLines(),
    },
    { user: userName(), hostName: plain.hostName },
  );
}
