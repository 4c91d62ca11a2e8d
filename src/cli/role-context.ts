/**
 * Where a role runs: in a lab, as its environment says (HALAB_…, written by cluster/environment.ts), or alone on this
 * machine. Knows what every role's start has in common: the Host, the configuration, which NameNode this is.
 */
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { LabError } from '../base/errors.js';
import { readHostsFile } from '../cluster/hosts-file.js';
import { userName } from '../cluster/surroundings.js';
import { isProfile, type Profile } from '../config/profile.js';
import { createLiveHost, LOG_LEVELS, type LiveHost, type LogLevel } from '../host/live/index.js';
import type { CommandLine, LoadedConfiguration } from '../config/hadoop/load.js';
import type { NameNodeAddress } from '../config/hadoop/nameservice.js';

/** What a command line and an environment say of where and how a command runs. */
export interface Invocation {
  readonly env?: NodeJS.ProcessEnv;
  /** The subcommand of `hdfs`, whose HDFS_..._OPTS count. */
  readonly command?: string;
  /** `--config DIR`; otherwise HADOOP_CONF_DIR. */
  readonly confDir?: string;
  /** Hadoop's generic options: `-D`, `-conf`, `-fs`, `-jt`. */
  readonly commandLine?: CommandLine;
  /** `--loglevel` */
  readonly logLevel?: string;
}

export interface RoleContext {
  /** Given in a lab; otherwise the role names itself. */
  readonly id: string | undefined;
  /** The lab host's name. */
  readonly hostName: string | undefined;
  /** What to listen on where the configuration says 0.0.0.0. */
  readonly address: string | undefined;
  readonly root: string | undefined;
  readonly hosts: ReadonlyMap<string, string> | undefined;
  readonly eventsFile: string | undefined;
  readonly profile: Profile;
  readonly confDir: string;
  readonly command: string | undefined;
  readonly commandLine: CommandLine;
  readonly logLevel: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

export function roleContext(invocation: Invocation = {}): RoleContext {
  const { env = process.env, command, commandLine = {} } = invocation;
  const set = (name: string): string | undefined =>
    env[name] === undefined || env[name] === '' ? undefined : env[name];
  const profile = set('HALAB_PROFILE') ?? 'production';
  if (!isProfile(profile))
    throw new LabError('USAGE', `HALAB_PROFILE=${profile} is no profile`, {
      remedy: 'unset it, or use production or fast',
    });
  const hostsFile = set('HALAB_HOSTS');
  return {
    id: set('HALAB_ID'),
    hostName: set('HALAB_HOST'),
    address: set('HALAB_ADDRESS'),
    root: set('HALAB_ROOT'),
    profile,
    hosts: hostsFile === undefined ? undefined : readHostsFile(hostsFile),
    eventsFile: set('HALAB_EVENTS'),
    env,
    command,
    commandLine,
    logLevel: invocation.logLevel ?? set('HALAB_LOG_LEVEL'),
    confDir:
      invocation.confDir ??
      set('HADOOP_CONF_DIR') ??
      (set('HADOOP_HOME') === undefined ? '/etc/hadoop/conf' : join(set('HADOOP_HOME')!, 'etc', 'hadoop')),
  };
}

/** The Host a role runs on; its log goes to standard error, which a supervisor points at the role's log file. */
export function hostFor(context: RoleContext, id: string, options: { quiet?: boolean } = {}): LiveHost {
  const level = context.logLevel;
  // A log that can take no more (its disk is full, its reader gone) loses lines, not the role.
  if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => {});
  return createLiveHost({
    id,
    address: context.address,
    root: context.root,
    hosts: context.hosts,
    eventsFile: context.eventsFile,
    env: context.env,
    ...(options.quiet === true ? {} : { logStream: process.stderr }),
    ...(level !== undefined && (LOG_LEVELS as readonly string[]).includes(level)
      ? { logLevel: level as LogLevel }
      : {}),
  });
}

export async function hadoopConfiguration(context: RoleContext): Promise<LoadedConfiguration> {
  const { readHadoop } = await import('../cluster/hadoop-conf.js');
  return readHadoop(context.confDir, context);
}

/** The NameNode of the configuration that this host is, by its rpc-address. Throws LabError `BAD_CONFIG`. */
export async function ownNameNode(context: RoleContext, conf: LoadedConfiguration): Promise<NameNodeAddress> {
  const { localNameNode, nameNodesOf, nameserviceIdOf, sameHost } = await import('../config/hadoop/nameservice.js');
  if (conf.files.length === 0) throw (await import('../config/hadoop/cluster.js')).withoutFiles(conf.dir);
  const nameserviceId = nameserviceIdOf(conf);
  if (context.hostName !== undefined) {
    const { hostName, address, hosts } = context;
    const isHere = (host: string): boolean =>
      sameHost(host, hostName) ||
      (address !== undefined && (host === address || hosts?.get(host.toLowerCase()) === address));
    // The hosts of a lab share one directory: dfs.ha.namenode.id in it is that of the host it was copied from.
    const here = nameNodesOf(conf, nameserviceId).filter(({ rpc }) => isHere(rpc.host));
    return here.length === 1 ? here[0]! : localNameNode(conf, nameserviceId, isHere);
  }
  const mine = new Set(
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((entry) => entry.address)),
  );
  const { lookup } = await import('node:dns/promises');
  const local = new Set<string>();
  for (const { rpc } of nameNodesOf(conf, nameserviceId)) {
    const found = await lookup(rpc.host, { all: true }).catch(() => []);
    if (found.some(({ address }) => address.startsWith('127.') || mine.has(address))) local.add(rpc.host);
  }
  return localNameNode(conf, nameserviceId, (host) => local.has(host));
}

export { userName };
