/**
 * What a ZKFC needs to know, taken from a Hadoop configuration: its own NameNode, the others of the nameservice,
 * ZooKeeper, and every time-out. Keys and precedence are those of DFSZKFailoverController and NNHAServiceTarget of
 * Hadoop 3.3.6: a key may carry `.<nameservice>.<namenode>` or `.<nameservice>`, the longer one wins.
 */
import { LabError } from '../base/errors.js';
import type { Configuration } from '../config/hadoop/contract.js';
import {
  getSuffixed,
  listenHost,
  nameNodeIds,
  nameserviceIds,
  parseHostPort,
  suffixed,
} from '../config/hadoop/nameservice.js';
import type { Endpoint } from '../host/host.js';
import { targetSettings } from './target-settings.js';
import type { NameNodeName } from './target-settings.js';

/** One NameNode as an object of administration: where it, its health port and its ZKFC answer, and how to fence it. */
export interface HaTarget {
  readonly nameserviceId: string;
  readonly nameNodeId: string;
  /** dfs.namenode.servicerpc-address, else dfs.namenode.rpc-address. */
  readonly address: Endpoint;
  /** dfs.namenode.lifeline.rpc-address, where health is asked if it is set. */
  readonly lifeline: Endpoint | undefined;
  readonly zkfc: Endpoint;
  readonly autoFailoverEnabled: boolean;
  /** dfs.ha.fencing.methods as it stands, undefined if not set. */
  readonly fencingMethods: string | undefined;
  /** The configuration as this NameNode sees it, for a fencing script's environment. Made when asked for. */
  readonly settings: () => ReadonlyMap<string, string>;
}

/** How the ZKFC, and `hdfs haadmin`, call NameNodes and ZKFCs. */
export interface HaRpcConfig {
  /** The user that servers see. */
  readonly user: string;
  readonly connectTimeoutMs: number;
  readonly connectRetryIntervalMs: number;
  readonly connectRetriesOnTimeouts: number;
  readonly pingIntervalMs: number;
  readonly gracefulFenceTimeoutMs: number;
  readonly gracefulFenceConnectionRetries: number;
  readonly newActiveTimeoutMs: number;
  readonly cliCheckTimeoutMs: number;
}

export interface SshFenceConfig {
  readonly connectTimeoutMs: number;
  readonly privateKeyFiles: readonly string[];
}

export interface ZkfcConfig {
  readonly local: HaTarget;
  readonly others: readonly HaTarget[];
  /** Where ZKFCProtocol is served. */
  readonly bind: Endpoint;
  /** ha.zookeeper.quorum; undefined if nobody set it, which the start-up reports. */
  readonly quorum: string | undefined;
  readonly sessionTimeoutMs: number;
  /** ha.zookeeper.parent-znode/<nameservice> */
  readonly parentZnode: string;
  /** As configured: may be `@file`. */
  readonly zookeeperAcl: string;
  readonly zookeeperAuth: string | undefined;
  readonly zookeeperRetries: number;
  readonly health: {
    readonly checkIntervalMs: number;
    readonly connectRetryIntervalMs: number;
    readonly sleepAfterDisconnectMs: number;
    readonly rpcTimeoutMs: number;
    readonly rpcConnectRetries: number;
  };
  readonly rpc: HaRpcConfig;
  readonly ssh: SshFenceConfig;
  /** dfs.cluster.administrators: `user,user group,group`, or `*`. */
  readonly administrators: string;
}

/** Of a NameNode's address that names no port. */
const DEFAULT_RPC_PORT = 8020;

/**
 * Throws LabError `BAD_CONFIG` naming the key: no HA in this nameservice, an unknown NameNode, an address that does not
 * parse, a time-out that is none. `user`: the ZKFC's own (its login user in Hadoop's words).
 */
export function zkfcConfigFrom(
  conf: Configuration,
  options: {
    readonly nameserviceId: string;
    readonly nameNodeId: string;
    readonly user?: string;
    /** What to listen on where the configuration names a wildcard: a lab's host has an address of its own. */
    readonly address?: string | undefined;
  },
): ZkfcConfig {
  const { nameserviceId, nameNodeId } = options;
  const ids = nameNodeIds(conf, nameserviceId);
  if (ids.length < 2) {
    throw new LabError('BAD_CONFIG', 'HA is not enabled for this namenode.', {
      remedy: `list at least two NameNodes in dfs.ha.namenodes.${nameserviceId}`,
    });
  }
  if (!ids.includes(nameNodeId)) {
    throw new LabError(
      'BAD_CONFIG',
      'Could not get the namenode ID of this node. You may run zkfc on the node other than namenode.',
      {
        remedy: `dfs.ha.namenodes.${nameserviceId} names ${ids.join(', ')}`,
      },
    );
  }
  const local = haTargetFrom(conf, nameserviceId, nameNodeId, options);
  const own = (key: string): string | undefined => getSuffixed(conf, key, nameserviceId, nameNodeId);
  const parent = own('ha.zookeeper.parent-znode') ?? '/hadoop-ha';
  const bindHost = own('dfs.namenode.servicerpc-bind-host') || own('dfs.namenode.rpc-bind-host') || local.address.host;
  return Object.freeze<ZkfcConfig>({
    local,
    others: Object.freeze(
      ids.filter((id) => id !== nameNodeId).map((id) => haTargetFrom(conf, nameserviceId, id, options)),
    ),
    bind: Object.freeze({ host: listenHost(bindHost, options.address), port: local.zkfc.port }),
    quorum: own('ha.zookeeper.quorum') || undefined,
    sessionTimeoutMs: positive(
      own('ha.zookeeper.session-timeout.ms'),
      'ha.zookeeper.session-timeout.ms',
      'Invalid ZK session timeout',
    ),
    parentZnode: `${parent.endsWith('/') ? parent : `${parent}/`}${nameserviceId}`,
    zookeeperAcl: own('ha.zookeeper.acl') ?? 'world:anyone:rwcda',
    zookeeperAuth: own('ha.zookeeper.auth') || undefined,
    zookeeperRetries: conf.getInt('ha.failover-controller.active-standby-elector.zk.op.retries'),
    health: Object.freeze({
      checkIntervalMs: conf.getTimeMs('ha.health-monitor.check-interval.ms'),
      connectRetryIntervalMs: conf.getTimeMs('ha.health-monitor.connect-retry-interval.ms'),
      sleepAfterDisconnectMs: conf.getTimeMs('ha.health-monitor.sleep-after-disconnect.ms'),
      rpcTimeoutMs: conf.getTimeMs('ha.health-monitor.rpc-timeout.ms'),
      rpcConnectRetries: conf.getInt('ha.health-monitor.rpc.connect.max.retries'),
    }),
    rpc: haRpcConfigFrom(conf, options.user),
    ssh: sshFenceConfigFrom(conf),
    administrators: conf.get('dfs.cluster.administrators') ?? ' ',
  });
}

/** Also for `hdfs haadmin`, which addresses NameNodes without being a ZKFC. Default user: `hdfs`. */
export function haRpcConfigFrom(conf: Configuration, user = 'hdfs'): HaRpcConfig {
  return Object.freeze<HaRpcConfig>({
    user,
    connectTimeoutMs: conf.getTimeMs('ipc.client.connect.timeout'),
    connectRetryIntervalMs: conf.getTimeMs('ipc.client.connect.retry.interval'),
    connectRetriesOnTimeouts: conf.getInt('ipc.client.connect.max.retries.on.timeouts'),
    pingIntervalMs: conf.getTimeMs('ipc.ping.interval'),
    gracefulFenceTimeoutMs: conf.getTimeMs('ha.failover-controller.graceful-fence.rpc-timeout.ms'),
    gracefulFenceConnectionRetries: conf.getInt('ha.failover-controller.graceful-fence.connection.retries'),
    newActiveTimeoutMs: conf.getTimeMs('ha.failover-controller.new-active.rpc-timeout.ms'),
    cliCheckTimeoutMs: conf.getTimeMs('ha.failover-controller.cli-check.rpc-timeout.ms'),
  });
}

export function sshFenceConfigFrom(conf: Configuration): SshFenceConfig {
  return Object.freeze<SshFenceConfig>({
    connectTimeoutMs: conf.getTimeMs('dfs.ha.fencing.ssh.connect-timeout'),
    privateKeyFiles: conf.getList('dfs.ha.fencing.ssh.private-key-files'),
  });
}

/**
 * A NameNode as haadmin and ZKFCs address it. Throws LabError `BAD_CONFIG`: no service address, or one that does not
 * parse. As in NNHAServiceTarget, `nameserviceId` undefined means the only one. `zkfcOf`: the NameNode of the ZKFC that
 * asks; absent for haadmin.
 */
export function haTargetFrom(
  conf: Configuration,
  nameserviceId: string | undefined,
  nameNodeId: string,
  zkfcOf?: NameNodeName,
): HaTarget {
  const ns = nameserviceId ?? onlyNameservice(conf);
  const addressKey = ['dfs.namenode.servicerpc-address', 'dfs.namenode.rpc-address']
    .map((key) => suffixed(key, ns, nameNodeId))
    .find((key) => conf.get(key) !== undefined);
  if (addressKey === undefined) {
    throw new LabError('BAD_CONFIG', `Unable to determine service address for namenode '${nameNodeId}'`, {
      remedy: `set ${suffixed('dfs.namenode.rpc-address', ns, nameNodeId)} in hdfs-site.xml`,
    });
  }
  const address = parseHostPort(conf.get(addressKey)!, DEFAULT_RPC_PORT, `${conf.sourceOf(addressKey)}: ${addressKey}`);
  const lifelineKey = suffixed('dfs.namenode.lifeline.rpc-address', ns, nameNodeId);
  const lifelineText = conf.get(lifelineKey);
  const own = (key: string): string | undefined => getSuffixed(conf, key, ns, nameNodeId);
  return Object.freeze<HaTarget>({
    nameserviceId: ns,
    nameNodeId,
    address,
    lifeline:
      lifelineText === undefined
        ? undefined
        : parseHostPort(lifelineText, undefined, `${conf.sourceOf(lifelineKey)}: ${lifelineKey}`),
    zkfc: Object.freeze({
      host: address.host,
      port: port(own('dfs.ha.zkfc.port') ?? '8019', `${conf.sourceOf('dfs.ha.zkfc.port')}: dfs.ha.zkfc.port`),
    }),
    autoFailoverEnabled:
      (getSuffixed(conf, 'dfs.ha.automatic-failover.enabled', ns) ?? 'false').toLowerCase() === 'true',
    fencingMethods: own('dfs.ha.fencing.methods'),
    settings: () => targetSettings(conf, { nameserviceId: ns, nameNodeId }, zkfcOf),
  });
}

function onlyNameservice(conf: Configuration): string {
  const all = nameserviceIds(conf);
  if (all.length === 1) return all[0]!;
  const more =
    all.length > 1
      ? ` This is an HA configuration with multiple name services configured. dfs.nameservices is set to ` +
        `[${all.join(', ')}].` +
        ' Please re-run with the -ns option.'
      : '';
  throw new LabError('BAD_CONFIG', `Unable to determine the name service ID.${more}`);
}

function positive(text: string | undefined, key: string, fault: string): number {
  const value = Number((text ?? '10000').trim());
  if (!Number.isSafeInteger(value) || value <= 0)
    throw new LabError('BAD_CONFIG', `${key}: ${fault} ${text}`, { remedy: 'give it in milliseconds' });
  return value;
}

function port(text: string, key: string): number {
  const value = Number(text.trim());
  if (!Number.isSafeInteger(value) || value < 0 || value > 65535)
    throw new LabError('BAD_CONFIG', `${key}: "${text}" is not a port`, { remedy: 'a port is 1 to 65535' });
  return value;
}
