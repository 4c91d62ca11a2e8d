/** What a NameNode needs of a Hadoop configuration. Defaults are Hadoop 3.3.6's own; times in milliseconds. */
import { LabError } from '../base/errors.js';
import { isWildcard } from '../base/host-port.js';
import type { Configuration } from '../config/hadoop/contract.js';
import {
  getSuffixed,
  keySet,
  listenHost,
  nameNodeIds,
  nameNodesOf,
  nameserviceIds,
  parseHostPort,
  suffixed,
} from '../config/hadoop/nameservice.js';
import type { Endpoint } from '../host/host.js';
import { quorumJournalConfigFrom } from '../journal/writer/config.js';
import type { QuorumJournalConfig } from '../journal/writer/config.js';
import type { NamespaceLimits } from './namespace/namespace.js';

/** Another NameNode of the nameservice. */
export interface PeerNameNode {
  readonly nameNodeId: string;
  /** Its service RPC address if it has one, else its RPC address. */
  readonly rpc: Endpoint;
  readonly http: Endpoint;
}

export interface NameNodeConfig {
  /** Undefined: a NameNode without HA. */
  readonly nameserviceId: string | undefined;
  readonly nameNodeId: string | undefined;
  readonly rpc: Endpoint;
  readonly serviceRpc: Endpoint | undefined;
  readonly http: Endpoint;
  /** Where the sockets are bound, if *-bind-host says otherwise than the addresses above. */
  readonly bind: {
    readonly rpc: Endpoint;
    readonly serviceRpc: Endpoint | undefined;
    /** dfs.namenode.lifeline.rpc-address: a port for ZKFCs alone, which asks for health. */
    readonly lifelineRpc: Endpoint | undefined;
    readonly http: Endpoint;
  };
  readonly peers: readonly PeerNameNode[];
  /** dfs.namenode.name.dir */
  readonly imageDirs: readonly string[];
  /** dfs.namenode.edits.dir: without the shared ones. */
  readonly editsDirs: readonly string[];
  /** dfs.namenode.shared.edits.dir: a quorum journal; undefined without HA. */
  readonly sharedEdits: string | undefined;
  readonly quorumJournal: QuorumJournalConfig;
  readonly limits: NamespaceLimits;
  readonly automaticFailover: boolean;
  readonly allowStaleReads: boolean;
  readonly notBecomeActiveInSafeMode: boolean;
  readonly tailEditsPeriodMs: number;
  readonly tailInProgress: boolean;
  /** Negative: never asks the active to roll. */
  readonly logRollPeriodMs: number;
  readonly logRollRpcTimeoutMs: number;
  readonly standbyCheckpoints: boolean;
  readonly checkpointPeriodMs: number;
  readonly checkpointTxns: number;
  readonly checkpointCheckPeriodMs: number;
  readonly checkpointsRetained: number;
  readonly extraEditsRetained: number;
  readonly leaseHardLimitMs: number;
  readonly leaseRecheckMs: number;
  /** The active rolls by itself beyond this many transactions (checkpoint.txns times the multiplier). */
  readonly autoRollThreshold: number;
  readonly autoRollCheckMs: number;
  readonly safeModeThreshold: number;
  readonly imageTransferTimeoutMs: number;
  readonly maxIpcBytes: number;
  readonly connectTimeoutMs: number;
  /** Answers of getServerDefaults. */
  readonly serverDefaults: {
    readonly blockSize: number;
    readonly bytesPerChecksum: number;
    readonly writePacketSize: number;
    readonly replication: number;
    readonly fileBufferSize: number;
    readonly encryptDataTransfer: boolean;
    readonly trashIntervalMinutes: number;
  };
  /** hadoop.user.group.static.mapping.overrides: user -> groups. */
  readonly staticGroups: ReadonlyMap<string, readonly string[]>;
  /** All keys, for GET /conf. */
  readonly properties: ReadonlyMap<string, string>;
}

export interface NameNodeConfigOptions {
  readonly nameserviceId?: string;
  readonly nameNodeId?: string;
  /** The user the process runs as: owner of the file system and its superuser. */
  readonly user: string;
  /** What to bind to where the configuration says 0.0.0.0: a lab's host has an address of its own. */
  readonly address?: string;
}

/** Throws LabError BAD_CONFIG naming file and key. */
export function nameNodeConfigFrom(conf: Configuration, options: NameNodeConfigOptions): NameNodeConfig {
  const ns = options.nameserviceId;
  const nn = options.nameNodeId;
  const rpc = rpcAddress(conf, ns, nn);
  const serviceRpc = optionalAddress(conf, 'dfs.namenode.servicerpc-address', ns, nn, 8021);
  const lifelineRpc = optionalAddress(conf, 'dfs.namenode.lifeline.rpc-address', ns, nn, 8050);
  const httpConfigured = optionalAddress(conf, 'dfs.namenode.http-address', ns, nn, 9870) ?? {
    host: '0.0.0.0',
    port: 9870,
  };
  const httpIsDefault = conf.sourceOf(keySet(conf, 'dfs.namenode.http-address', ns, nn)) === 'default';
  const http = isWildcard(httpConfigured.host)
    ? { host: options.address ?? rpc.host, port: httpConfigured.port }
    : httpConfigured;
  const bind = (key: string, address: Endpoint): Endpoint => bound(conf, key, ns, nn, address, options.address);
  const sharedEdits = sharedEditsOf(conf, ns, nn);
  const imageDirs = directories(conf, 'dfs.namenode.name.dir', ns, nn);
  const editsKey = keySet(conf, 'dfs.namenode.edits.dir', ns, nn);
  const editsText = conf.get(editsKey);
  const editsDirs =
    editsText === undefined
      ? imageDirs
      : directories(conf, 'dfs.namenode.edits.dir', ns, nn).filter((dir) => dir !== sharedEdits);
  const checkpointTxns = conf.getInt('dfs.namenode.checkpoint.txns');
  return Object.freeze({
    nameserviceId: ns,
    nameNodeId: nn,
    rpc,
    serviceRpc,
    http,
    bind: {
      rpc: bind('dfs.namenode.rpc-bind-host', rpc),
      serviceRpc: serviceRpc === undefined ? undefined : bind('dfs.namenode.servicerpc-bind-host', serviceRpc),
      lifelineRpc: lifelineRpc === undefined ? undefined : bind('dfs.namenode.lifeline.rpc-bind-host', lifelineRpc),
      // A wildcard that somebody wrote is meant; the default's is not: it would open the port to the network.
      http: bind('dfs.namenode.http-bind-host', httpIsDefault ? http : httpConfigured),
    },
    peers: peersOf(conf, ns, nn),
    imageDirs,
    editsDirs,
    sharedEdits,
    quorumJournal: quorumJournalConfigFrom(conf),
    limits: Object.freeze({
      permissionsEnabled: conf.getBoolean('dfs.permissions.enabled'),
      superUser: options.user,
      superGroup: conf.get('dfs.permissions.superusergroup') ?? 'supergroup',
      maxComponentLength: conf.getInt('dfs.namenode.fs-limits.max-component-length'),
      maxDirectoryItems: conf.getInt('dfs.namenode.fs-limits.max-directory-items'),
      minBlockSize: conf.getInt('dfs.namenode.fs-limits.min-block-size'),
      minReplication: conf.getInt('dfs.namenode.replication.min'),
      maxReplication: conf.getInt('dfs.replication.max'),
      lsLimit: conf.getInt('dfs.ls.limit'),
      accessTimePrecisionMs: conf.getInt('dfs.namenode.accesstime.precision'),
      retryCacheExpiryMs: conf.getInt('dfs.namenode.retrycache.expirytime.millis'),
      retryCacheEnabled: conf.getBoolean('dfs.namenode.enable.retrycache'),
    }),
    automaticFailover: booleanOr(conf, keySet(conf, 'dfs.ha.automatic-failover.enabled', ns, nn), false),
    allowStaleReads: booleanOr(conf, 'dfs.ha.allow.stale.reads', false),
    notBecomeActiveInSafeMode: booleanOr(conf, 'dfs.ha.nn.not-become-active-in-safemode', false),
    tailEditsPeriodMs: conf.getTimeMs('dfs.ha.tail-edits.period'),
    tailInProgress: conf.getBoolean('dfs.ha.tail-edits.in-progress'),
    logRollPeriodMs: conf.getTimeMs('dfs.ha.log-roll.period'),
    logRollRpcTimeoutMs: conf.getTimeMs('dfs.ha.log-roll.rpc.timeout'),
    standbyCheckpoints: conf.getBoolean('dfs.ha.standby.checkpoints'),
    checkpointPeriodMs: conf.getTimeMs('dfs.namenode.checkpoint.period'),
    checkpointTxns,
    checkpointCheckPeriodMs: conf.getTimeMs('dfs.namenode.checkpoint.check.period'),
    checkpointsRetained: conf.getInt('dfs.namenode.num.checkpoints.retained'),
    extraEditsRetained: conf.getInt('dfs.namenode.num.extra.edits.retained'),
    leaseHardLimitMs: conf.getInt('dfs.namenode.lease-hard-limit-sec') * 1000,
    leaseRecheckMs: conf.getInt('dfs.namenode.lease-recheck-interval-ms'),
    autoRollThreshold: checkpointTxns * decimal(conf, 'dfs.namenode.edit.log.autoroll.multiplier.threshold'),
    autoRollCheckMs: conf.getInt('dfs.namenode.edit.log.autoroll.check.interval.ms'),
    safeModeThreshold: decimal(conf, 'dfs.namenode.safemode.threshold-pct'),
    imageTransferTimeoutMs: conf.getTimeMs('dfs.image.transfer.timeout'),
    maxIpcBytes: conf.getInt('ipc.maximum.data.length'),
    connectTimeoutMs: conf.getTimeMs('ipc.client.connect.timeout'),
    serverDefaults: Object.freeze({
      blockSize: size(conf, 'dfs.blocksize'),
      bytesPerChecksum: conf.getInt('dfs.bytes-per-checksum'),
      writePacketSize: conf.getInt('dfs.client-write-packet-size'),
      replication: conf.getInt('dfs.replication'),
      fileBufferSize: conf.getInt('io.file.buffer.size'),
      encryptDataTransfer: conf.getBoolean('dfs.encrypt.data.transfer'),
      trashIntervalMinutes: conf.getInt('fs.trash.interval'),
    }),
    staticGroups: staticGroups(conf.get('hadoop.user.group.static.mapping.overrides') ?? ''),
    // Made when somebody asks: eight hundred keys, each expanded.
    get properties() {
      return conf.entries();
    },
  });
}

function bad(conf: Configuration, key: string, problem: string, remedy: string): LabError {
  return new LabError('BAD_CONFIG', `${conf.sourceOf(key)}: ${key}: ${problem}`, { remedy, data: { key } });
}

function rpcAddress(conf: Configuration, ns: string | undefined, nn: string | undefined): Endpoint {
  const found = optionalAddress(conf, 'dfs.namenode.rpc-address', ns, nn, 8020);
  if (found !== undefined) return found;
  const fs = conf.get('fs.defaultFS');
  const match = /^hdfs:\/\/([^/]+)\/?$/.exec(fs ?? '');
  if (match === null || nameserviceIds(conf).includes(match[1]!)) {
    throw bad(
      conf,
      suffixed('dfs.namenode.rpc-address', ns, nn),
      'is not set',
      'set it to the host:port of this NameNode',
    );
  }
  return parseHostPort(match[1]!, 8020, `${conf.sourceOf('fs.defaultFS')}: fs.defaultFS`);
}

function optionalAddress(
  conf: Configuration,
  key: string,
  ns: string | undefined,
  nn: string | undefined,
  port: number,
): Endpoint | undefined {
  const where = keySet(conf, key, ns, nn);
  const text = conf.get(where);
  return text === undefined || text === '' ? undefined : parseHostPort(text, port, `${conf.sourceOf(where)}: ${where}`);
}

function bound(
  conf: Configuration,
  key: string,
  ns: string | undefined,
  nn: string | undefined,
  address: Endpoint,
  own: string | undefined,
): Endpoint {
  return { host: listenHost(getSuffixed(conf, key, ns, nn) || address.host, own), port: address.port };
}

function peersOf(conf: Configuration, ns: string | undefined, nn: string | undefined): PeerNameNode[] {
  if (ns === undefined || nameNodeIds(conf, ns).length === 0) return [];
  return nameNodesOf(conf, ns)
    .filter((other) => other.nameNodeId !== nn)
    .map((other) => ({
      nameNodeId: other.nameNodeId,
      rpc: optionalAddress(conf, 'dfs.namenode.servicerpc-address', ns, other.nameNodeId, 8021) ?? other.rpc,
      http: other.http,
    }));
}

function sharedEditsOf(conf: Configuration, ns: string | undefined, nn: string | undefined): string | undefined {
  const key = keySet(conf, 'dfs.namenode.shared.edits.dir', ns, nn);
  const text = conf.get(key);
  if (text === undefined || text === '') {
    if (nn === undefined) return undefined;
    throw bad(
      conf,
      'dfs.namenode.shared.edits.dir',
      'is not set, and HA needs shared edits',
      'set it to qjournal://m1:8485;m2:8485;m3:8485/JOURNAL',
    );
  }
  if (!text.startsWith('qjournal://')) {
    throw bad(
      conf,
      key,
      `"${text}" is not a quorum journal, and no other shared edits are supported`,
      'use qjournal://m1:8485;m2:8485;m3:8485/JOURNAL',
    );
  }
  return text;
}

/** Comma-separated paths or file: URIs; duplicates count once. */
function directories(
  conf: Configuration,
  key: string,
  ns: string | undefined,
  nn: string | undefined,
): readonly string[] {
  const where = keySet(conf, key, ns, nn);
  const found = conf.getList(where).map((text) => {
    const path = text.replace(/^file:(\/\/)?(?=\/)/, '').replace(/(?<=.)\/+$/, '');
    if (!path.startsWith('/'))
      throw bad(conf, where, `"${text}" is not an absolute path`, 'write an absolute path, or file:///path');
    return path;
  });
  if (found.length === 0) throw bad(conf, where, 'names no directory', 'name at least one absolute path');
  return Object.freeze([...new Set(found)]);
}

function booleanOr(conf: Configuration, key: string, fallback: boolean): boolean {
  return conf.get(key) === undefined ? fallback : conf.getBoolean(key);
}

function decimal(conf: Configuration, key: string): number {
  const text = conf.get(key) ?? '';
  const value = Number(text.replace(/[fFdD]$/, ''));
  if (text === '' || !Number.isFinite(value))
    throw bad(conf, key, `"${text}" is not a number`, 'set it to a decimal number');
  return value;
}

/** Bytes, with Hadoop's binary suffixes k m g t p. */
function size(conf: Configuration, key: string): number {
  const match = /^(\d+)([kmgtp]?)$/i.exec(conf.get(key) ?? '');
  if (match === null)
    throw bad(conf, key, `"${conf.get(key)}" is not a size`, 'set it to a number of bytes, or a number with k, m or g');
  return Number(match[1]) * 1024 ** ' kmgtp'.indexOf(match[2]!.toLowerCase() || ' ');
}

/** `user=group,group;user=;`, as Groups.java reads it. */
function staticGroups(text: string): ReadonlyMap<string, readonly string[]> {
  const map = new Map<string, readonly string[]>();
  for (const part of text.split(';')) {
    const [user, groups] = part.split('=');
    if (user !== undefined && user.trim() !== '')
      map.set(
        user.trim(),
        (groups ?? '')
          .split(',')
          .map((group) => group.trim())
          .filter((group) => group !== ''),
      );
  }
  return map;
}
