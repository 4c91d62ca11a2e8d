/**
 * The configuration of the server that runs here, from zoo.cfg, myid and system properties: Apache 3.8.4's rules and
 * defaults, with errors that name file, line and key. What the server does with it is zookeeper/'s business. Mirrors
 * the second half of QuorumPeerConfig.parseProperties, and the places where ZooKeeper's classes read their properties.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isWildcard } from '../../base/host-port.js';
import type { Endpoint } from '../../base/endpoint.js';
import { LabError } from '../../base/errors.js';
import {
  quorumPeerConfig,
  QUORUM_PEER_DEFAULTS,
  type QuorumPeerConfig,
  type QuorumServer,
} from '../quorum-peer-config.js';
import type { SystemProperties } from './jvm-flags.js';
import { readMyId } from './my-id.js';
import { Settings } from './settings.js';
import { bad, badFile, boolean, integer } from './values.js';
import { readZooFile, type ZooFile } from './zoo-file.js';

/** Apache's exit codes for what is wrong before a server runs: ExitCode.UNEXPECTED_ERROR, UNABLE_TO_ACCESS_DATADIR. */
const UNEXPECTED_ERROR = 1;
const UNABLE_TO_ACCESS_DATADIR = 3;

export interface ZooOptions {
  /** Prefix under which the directories of the file lie: a lab's host has a root of its own. */
  readonly root?: string;
  /** Lines over those of the file: a lab's profile. */
  readonly overlay?: Readonly<Record<string, string>>;
  /** What `-D` says. */
  readonly properties?: SystemProperties;
}

export interface LoadedZoo {
  readonly config: QuorumPeerConfig;
  readonly warnings: readonly string[];
}

/**
 * A server's number is `myid` in dataDir (below `root`), which only a standalone server may lack. Throws LabError
 * `BAD_CONFIG`, `CONFIG_MISSING`, `MYID_MISSING`, each with the exit code that Apache's server would end with.
 */
export function loadZooConfig(file: string, options: ZooOptions = {}): LoadedZoo {
  const zoo = readZooFile(file, options.overlay);
  const settings = new Settings(zoo, options.properties);
  const root = options.root ?? '';
  const int = (key: string, fallback: number): number => {
    const found = zoo.properties.get(key);
    return found === undefined ? fallback : integer(found);
  };
  const flag = (key: string, fallback: boolean): boolean => {
    const found = zoo.properties.get(key);
    return found === undefined ? fallback : boolean(found);
  };

  const distributed = isDistributed(zoo, flag('standaloneEnabled', true));
  // Also read, for its directory to say which server this is, where a standalone one has it.
  const myid = readMyId(root + zoo.dataDir, zoo.dataDir);
  const limits = timesOf(zoo, int);
  const client = clientOf(zoo, myid);
  if (distributed) checkEnsemble(zoo, root, myid, int);
  const dataLogDir = zoo.properties.get('dataLogDir')?.value ?? zoo.dataDir;
  if (!settings.flag('zookeeper.datadir.autocreate', true)) checkThere(zoo, root, [zoo.dataDir, dataLogDir], settings);
  const peerType = zoo.properties.get('peerType');
  const role = zoo.servers.find(({ sid }) => sid === myid)?.type ?? 'participant';
  const warnings = [...zoo.warnings];
  if (peerType !== undefined && peerType.value.toLowerCase() !== role)
    warnings.push(`${file}: line ${peerType.line}: peerType: is ${peerType.value}; its server line says ${role}`);

  const config = quorumPeerConfig({
    sid: distributed ? myid! : 1,
    servers: distributed ? zoo.servers : [],
    client,
    dataDir: zoo.dataDir,
    dataLogDir,
    ...limits,
    initLimit: int('initLimit', QUORUM_PEER_DEFAULTS.initLimit),
    syncLimit: int('syncLimit', QUORUM_PEER_DEFAULTS.syncLimit),
    connectToLearnerMasterLimit: int('connectToLearnerMasterLimit', 0),
    maxClientCnxns: int('maxClientCnxns', QUORUM_PEER_DEFAULTS.maxClientCnxns),
    quorumListenOnAllIPs: flag('quorumListenOnAllIPs', false),
    autopurge: {
      snapRetainCount: Math.max(3, int('autopurge.snapRetainCount', 3)),
      purgeIntervalHours: Math.max(0, int('autopurge.purgeInterval', 0)),
    },
    ...propertiesOf(settings, flag('syncEnabled', true)),
    source: file,
  });
  return { config, warnings: [...warnings, ...settings.warnings] };
}

/** What ZooKeeper's classes read as system properties. */
function propertiesOf(settings: Settings, syncEnabled: boolean): Partial<QuorumPeerConfig> {
  return {
    snapCount: Math.max(2, settings.integer('zookeeper.snapCount', QUORUM_PEER_DEFAULTS.snapCount)),
    // Fewer than the default is not taken either.
    commitLogCount: Math.max(
      QUORUM_PEER_DEFAULTS.commitLogCount,
      settings.decimal('zookeeper.commitLogCount', QUORUM_PEER_DEFAULTS.commitLogCount),
    ),
    fourLetterWordWhitelist: fourLetterWords(settings.get('zookeeper.4lw.commands.whitelist')),
    syncEnabled: settings.flag('zookeeper.observer.syncEnabled', syncEnabled),
    leaderServes: settings.get('zookeeper.leaderServes') !== 'no',
    juteMaxBuffer: settings.integer('jute.maxbuffer', QUORUM_PEER_DEFAULTS.juteMaxBuffer),
    extendedTypesEnabled: settings.flag('zookeeper.extendedTypesEnabled', false),
    superDigest: settings.get('zookeeper.DigestAuthenticationProvider.superDigest'),
    enforceQuota: settings.flag('zookeeper.enforceQuota', false),
    skipAcl: settings.get('zookeeper.skipACL') === 'yes',
    maxCnxns: settings.integer('zookeeper.maxCnxns', 0),
    cnxTimeoutMs: settings.number('zookeeper.cnxTimeout', QUORUM_PEER_DEFAULTS.cnxTimeoutMs),
    containerCheckIntervalMs: Math.max(
      1,
      settings.integer('znode.container.checkIntervalMs', QUORUM_PEER_DEFAULTS.containerCheckIntervalMs),
    ),
    forceSync: settings.get('zookeeper.forceSync') !== 'no',
  };
}

/** `srvr`, which zkServer.sh asks, is answered whatever the list says; `*` is all. */
function fourLetterWords(text: string | undefined): readonly string[] {
  const words = (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  return words.includes('srvr') ? words : [...words, 'srvr'];
}

/** Whether the servers are an ensemble; throws where observers have none to observe. */
function isDistributed(zoo: ZooFile, standaloneEnabled: boolean): boolean {
  const participants = zoo.servers.filter((server) => server.type === 'participant').length;
  if (participants === 0 && !standaloneEnabled)
    throw badFile(
      zoo.file,
      'standaloneEnabled=false and no server.N line of a participant',
      'add server.N lines, or remove standaloneEnabled',
    );
  if (participants <= 1 && standaloneEnabled && zoo.servers.length > participants)
    throw badFile(zoo.file, 'observers need an ensemble to observe', 'add server.N lines of participants');
  return participants > 1 || (participants === 1 && !standaloneEnabled);
}

/** Sums of 32 bits, as Java's: a tick of 25 days is too long for 20 of them. */
function timesOf(
  zoo: ZooFile,
  int: (key: string, fallback: number) => number,
): Pick<QuorumPeerConfig, 'tickTimeMs' | 'minSessionTimeoutMs' | 'maxSessionTimeoutMs'> {
  const tickTimeMs = int('tickTime', QUORUM_PEER_DEFAULTS.tickTimeMs);
  const tick = zoo.properties.get('tickTime');
  if (tickTimeMs <= 0) throw bad(tick!, `is ${tickTimeMs}`, 'write the milliseconds of a tick, for example 2000');
  const min = int('minSessionTimeout', -1);
  const max = int('maxSessionTimeout', -1);
  const minSessionTimeoutMs = min === -1 ? Math.imul(tickTimeMs, 2) : min;
  const maxSessionTimeoutMs = max === -1 ? Math.imul(tickTimeMs, 20) : max;
  if (minSessionTimeoutMs > maxSessionTimeoutMs)
    throw badFile(
      zoo.file,
      `minSessionTimeout (${minSessionTimeoutMs}) is larger than maxSessionTimeout (${maxSessionTimeoutMs})`,
      'make minSessionTimeout the smaller one; where they are not set they are 2 and 20 times tickTime',
    );
  return { tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs };
}

/** clientPort and clientPortAddress, or what stands behind the semicolon of the own line; undefined: no clients. */
export function clientOf(zoo: ZooFile, myid: number | undefined): Endpoint | undefined {
  const address = zoo.properties.get('clientPortAddress');
  if (zoo.clientPort === undefined && address !== undefined)
    throw bad(address, 'set, but clientPort is not', 'add a line clientPort=2181');
  const own = zoo.servers.find(({ sid }) => sid === myid);
  if (zoo.clientPort === undefined) return own?.client;
  const host = (address?.value ?? '0.0.0.0').replace(/^\[(.*)\]$/, '$1');
  const client: Endpoint = { host, port: zoo.clientPort };
  if (own?.client === undefined) return client;
  checkSameClient(zoo, client, own);
  return own.client;
}

/** Two different answers to one question are refused. Names may be addresses of each other: only ports tell then. */
function checkSameClient(zoo: ZooFile, client: Endpoint, own: QuorumServer): void {
  const there = own.client!;
  const wild = isWildcard(client.host);
  const hostsDiffer = !wild && client.host !== there.host && (isLiteral(client.host) || isWildcard(there.host));
  if (client.port === there.port && !hostsDiffer) return;
  throw bad(
    zoo.properties.get('clientPort')!,
    `clients connect to ${client.host}:${client.port}, but server.${own.sid} says ${there.host}:${there.port}`,
    'say it once: remove clientPort and clientPortAddress, or what follows the semicolon',
  );
}

function isLiteral(host: string): boolean {
  return host.includes(':') || /^[\d.]+$/.test(host);
}

function checkEnsemble(
  zoo: ZooFile,
  root: string,
  myid: number | undefined,
  int: (key: string, fallback: number) => number,
): void {
  for (const key of ['initLimit', 'syncLimit']) {
    const ticks = int(key, 0);
    if (ticks === 0) throw badFile(zoo.file, `${key} is not set`, `add a line ${key}=${key === 'initLimit' ? 10 : 5}`);
    if (ticks < 0) throw bad(zoo.properties.get(key)!, `is ${ticks}`, 'write a number of ticks');
  }
  const numbers = zoo.servers.map((server) => server.sid).join(', ');
  if (myid === undefined)
    throw new LabError('MYID_MISSING', `${zoo.file}: ${join(root + zoo.dataDir, 'myid')} is missing`, {
      remedy: `write this server's number into it, one of ${numbers}`,
      data: { dataDir: root + zoo.dataDir, exitCode: 2 },
    });
  if (!zoo.servers.some(({ sid }) => sid === myid))
    throw new LabError(
      'BAD_CONFIG',
      `${zoo.file}: my id ${myid} (${zoo.dataDir}/myid) is not among the servers ${numbers}`,
      {
        remedy: `write this server's number into ${zoo.dataDir}/myid, or add a line server.${myid}=host:2888:3888`,
        data: { exitCode: UNEXPECTED_ERROR },
      },
    );
}

/** Directories that must be there when none may be made. */
function checkThere(zoo: ZooFile, root: string, directories: readonly string[], settings: Settings): void {
  const missing = directories.map((directory) => join(root + directory, 'version-2')).find((path) => !existsSync(path));
  if (missing === undefined) return;
  throw new LabError('NOT_FOUND', `${missing} is missing, and none may be made`, {
    remedy: `make it, or take out ${settings.place('zookeeper.datadir.autocreate')} (${zoo.file})`,
    data: { exitCode: UNABLE_TO_ACCESS_DATADIR },
  });
}
