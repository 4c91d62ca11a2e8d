/**
 * Runs one role in this process until it is told to stop: from plain configuration, in a lab or alone. Loads the one
 * role it is to be. SIGTERM and SIGINT stop it in order; what nobody caught is logged and ends it with code 1.
 */
import { dirname, join } from 'node:path';
import { LabError, exitCodeOf } from '../base/errors.js';
import { isWildcard } from '../base/host-port.js';
import { passGate, type GateWord } from '../cluster/gate.js';
import { refuseUnsupported } from '../config/hadoop/keys-refused.js';
import type { LoadedConfiguration } from '../config/hadoop/load.js';
import { listenHost, sameHost } from '../config/hadoop/nameservice.js';
import type { LiveHost } from '../host/live/index.js';
import type { RunningRole } from '../host/role.js';
import type { QuorumPeerConfig } from '../config/quorum-peer-config.js';
import {
  hadoopConfiguration,
  hostFor,
  ownNameNode,
  roleContext,
  userName,
  type Invocation,
  type RoleContext,
} from './role-context.js';

/** A stop that takes longer has met something that no longer answers: the disk is safe by design, so leave. */
const STOP_LIMIT_MS = 5000;

interface Prepared {
  readonly host: LiveHost;
  start(): Promise<RunningRole>;
  /** What a first use needs before; each resolves with an exit code. */
  readonly first?: Partial<Record<GateWord, () => Promise<{ exitCode: number }>>>;
}

const STARTERS: Readonly<Record<string, (context: RoleContext, args: readonly string[]) => Promise<Prepared>>> = {
  async zookeeper(context, [file, confDir]) {
    const [{ loadZooConfig, systemProperties, zooEnvironment }, { startQuorumPeer }, { OVERLAYS }] = await Promise.all([
      import('../config/zoo.js'),
      import('../zookeeper/quorum-peer.js'),
      import('../config/profile.js'),
    ]);
    const path = file ?? zooFileFromEnv(context.env);
    const env = await zooEnvironment(context.env, confDir ?? context.env['ZOOCFGDIR'] ?? dirname(path));
    const { config: loaded, warnings } = loadZooConfig(path, {
      ...(context.root === undefined ? {} : { root: context.root }),
      overlay: OVERLAYS[context.profile].zoo,
      properties: systemProperties(env),
    });
    checkPlace(context, loaded, path);
    const config = confined(context, loaded);
    const host = hostFor(context, context.id ?? `zk${loaded.sid}`);
    warn(host, warnings);
    return { host, start: () => startQuorumPeer(host, config) };
  },

  async journalnode(context) {
    const [conf, { journalNodeConfigFrom }, { startJournalNode }] = await Promise.all([
      roleConfiguration(context),
      import('../journal/config.js'),
      import('../journal/journal-node.js'),
    ]);
    const host = hostFor(context, context.id ?? 'journalnode');
    warn(host, conf.warnings);
    const config = journalNodeConfigFrom(conf, context.address === undefined ? {} : { address: context.address });
    return { host, start: () => startJournalNode(host, config) };
  },

  async namenode(context) {
    const [conf, { nameNodeConfigFrom }, { bootstrapStandby, formatNameNode, startNameNode }] = await Promise.all([
      roleConfiguration(context),
      import('../namenode/config.js'),
      import('../namenode/name-node.js'),
    ]);
    const { nameserviceId, nameNodeId } = await ownNameNode(context, conf);
    const host = hostFor(context, context.id ?? nameNodeId);
    warn(host, conf.warnings);
    const config = nameNodeConfigFrom(conf, {
      nameserviceId,
      nameNodeId,
      user: userName(),
      ...(context.address === undefined ? {} : { address: context.address }),
    });
    return {
      host,
      start: () => startNameNode(host, config),
      first: {
        format: () => formatNameNode(host, config, { interactive: false }),
        // Without an image there is nothing to lose: a directory that was half made is made anew.
        bootstrap: () => bootstrapStandby(host, config, { force: true, interactive: false }),
      },
    };
  },

  async zkfc(context) {
    const [conf, { zkfcConfigOn }, { startZkfc }] = await Promise.all([
      roleConfiguration(context),
      import('../cluster/election-auth.js'),
      import('../zkfc/zkfc.js'),
    ]);
    const { nameserviceId, nameNodeId } = await ownNameNode(context, conf);
    const host = hostFor(context, context.id ?? `zkfc-${nameNodeId}`);
    warn(host, conf.warnings);
    const config = zkfcConfigOn(conf, { nameserviceId, nameNodeId, user: userName(), address: context.address });
    return { host, start: () => startZkfc(host, config) };
  },
};

/** As tools read it; but what a role cannot do it does not pretend to do. */
async function roleConfiguration(context: RoleContext): Promise<LoadedConfiguration> {
  const conf = await hadoopConfiguration(context);
  refuseUnsupported(conf);
  return conf;
}

/**
 * On a host of a lab, another host's number would make it listen at that one's address. Throws LabError `BAD_CONFIG`.
 */
function checkPlace(context: RoleContext, config: QuorumPeerConfig, file: string): void {
  const own = config.servers.find(({ sid }) => sid === config.sid);
  const { hostName, address, hosts } = context;
  if (
    hostName === undefined ||
    own === undefined ||
    // A host's own file may say "here" for its own line.
    isWildcard(own.host) ||
    sameHost(own.host, hostName) ||
    own.host === address ||
    (address !== undefined && hosts?.get(own.host.toLowerCase()) === address)
  )
    return;
  const here = config.servers.find(({ host }) => sameHost(host, hostName) || host === address);
  throw new LabError(
    'BAD_CONFIG',
    `${config.dataDir}/myid says ${config.sid}, which is ${own.host} in ${file}, and this is ${hostName}`,
    {
      remedy:
        here === undefined
          ? `add a line server.N=${hostName}:2888:3888, and write its number into myid`
          : `write ${here.sid} into it`,
    },
  );
}

/** On a host of a lab a wildcard means the host's own address, and `quorumListenOnAllIPs` has nothing to add. */
function confined({ address }: RoleContext, config: QuorumPeerConfig): QuorumPeerConfig {
  if (address === undefined) return config;
  return {
    ...config,
    quorumListenOnAllIPs: false,
    client: config.client && { ...config.client, host: listenHost(config.client.host, address) },
    servers: config.servers.map((server) =>
      server.sid === config.sid ? { ...server, host: listenHost(server.host, address) } : server,
    ),
  };
}

/** ZOOCFGDIR and ZOOCFG, as zkEnv.sh has them. */
export function zooFileFromEnv(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['ZOOCFGDIR'] ?? '/etc/zookeeper/conf', env['ZOOCFG'] ?? 'zoo.cfg');
}

function warn(host: LiveHost, warnings: readonly string[]): void {
  for (const warning of warnings) host.log.warn(warning);
}

/**
 * Resolves once the role serves; the process then lives until it is stopped. Rejects LabError for what is wrong before
 * it starts.
 */
export async function runRole(kind: string, args: readonly string[] = [], invocation: Invocation = {}): Promise<void> {
  const starter = STARTERS[kind];
  if (starter === undefined)
    throw new LabError('USAGE', `unknown role ${kind}`, {
      remedy: `the roles are ${Object.keys(STARTERS).join(', ')}`,
    });
  const { host, start, first } = await starter(roleContext({ command: kind, ...invocation }), args);

  const fatal = (error: unknown): void => {
    const text =
      error instanceof LabError && error.code !== 'ASSERTION'
        ? error.toString()
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error);
    host.exit(exitCodeOf(error), text);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);

  let running: RunningRole | undefined;
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    host.log.info(`stopping: ${signal}`);
    setTimeout(() => host.exit(0, `stopped after ${STOP_LIMIT_MS} ms of waiting`), STOP_LIMIT_MS).unref();
    Promise.resolve(running?.stop()).then(() => host.exit(0, 'stopped'), fatal);
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  // A terminal that closes must not take a daemon along.
  process.on('SIGHUP', () => {});

  try {
    const word = await passGate();
    const outcome = await first?.[word]?.();
    if (outcome !== undefined && outcome.exitCode !== 0)
      throw new LabError('FORMAT_FAILED', `${word} ended with code ${outcome.exitCode}`, {
        remedy: 'see the lines above',
      });
    running = await start();
  } catch (error) {
    fatal(error);
  }
}
