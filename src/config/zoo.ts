/**
 * zoo.cfg -> QuorumPeerConfig: Java properties syntax, Apache 3.8.4's keys, rules and defaults, with errors that name
 * file, line and key. What the server does with them is zookeeper/'s business. Mirrors QuorumPeerConfig.parse and
 * QuorumServer.
 *
 * Left out, and refused where setting them would change what is served: TLS ports, SASL between servers, groups and
 * weights, a dynamic configuration file.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../base/errors.js';
import {
  quorumPeerConfig,
  QUORUM_PEER_DEFAULTS,
  type QuorumPeerConfig,
  type QuorumServer,
} from './quorum-peer-config.js';
import { parseJavaProperties, type JavaProperty } from './properties.js';

export interface ZooFile {
  readonly file: string;
  /** In the order of the file; of a key set twice, the last counts. */
  readonly properties: ReadonlyMap<string, JavaProperty>;
  readonly servers: readonly QuorumServer[];
  readonly dataDir: string;
  readonly clientPort: number | undefined;
  readonly warnings: readonly string[];
}

export interface ZooOptions {
  /** Prefix under which the directories of the file lie: a lab's host has a root of its own. */
  readonly root?: string;
  /** Overrides the file, as `-Dzookeeper.…` would; a lab's profile. */
  readonly overlay?: Readonly<Record<string, string>>;
}

/**
 * Keys the file may hold that mean nothing here, without a word. Anything else unknown is kept as a system property
 * would be.
 */
const REFUSED: Readonly<Record<string, string>> = {
  secureClientPort: 'TLS is not offered',
  secureClientPortAddress: 'TLS is not offered',
  sslQuorum: 'TLS between servers is not offered',
  dynamicConfigFile: 'reconfiguration is not offered: keep the server.N lines in this file',
  observerMasterPort: 'observer masters are not offered',
  oraclePath: 'the quorum oracle is not offered',
};

/** Reads and checks what does not depend on myid. Throws LabError `CONFIG_MISSING`, `BAD_CONFIG`. */
export function readZooFile(file: string, overlay: Readonly<Record<string, string>> = {}): ZooFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new LabError('CONFIG_MISSING', `${file}: cannot be read: ${(error as Error).message}`, {
      remedy: 'give the path of a zoo.cfg, or set ZOOCFGDIR to the directory that holds it',
    });
  }
  return parseZoo(text, file, overlay);
}

export function parseZoo(text: string, file: string, overlay: Readonly<Record<string, string>> = {}): ZooFile {
  const properties = new Map<string, JavaProperty>();
  for (const property of parseJavaProperties(text, file)) properties.set(property.key, property);
  for (const [key, value] of Object.entries(overlay)) properties.set(key, { key, value, line: 0 });
  const warnings: string[] = [];
  const servers: QuorumServer[] = [];
  for (const property of properties.values()) {
    const { key, value } = property;
    const refusal = REFUSED[key];
    if (refusal !== undefined && value !== 'false' && value !== '0')
      throw bad(file, property, refusal, `remove ${key}`);
    if (
      /^(quorum\.auth\.enableSasl|quorum\.auth\.serverRequireSasl|quorum\.auth\.learnerRequireSasl)$/.test(key) &&
      value === 'true'
    ) {
      throw bad(file, property, 'SASL between servers is not offered', `remove ${key}`);
    }
    if (/^(group|weight)\.?\d*/.test(key))
      throw bad(file, property, 'weights and groups are not offered', `remove ${key}`);
    if (key === 'electionAlg' && value !== '3')
      throw bad(file, property, `"${value}" is not supported: only 3, fast leader election, is`, 'remove electionAlg');
    if (key.startsWith('server.')) servers.push(parseServer(file, property));
  }
  const dataDir = properties.get('dataDir')?.value;
  if (dataDir === undefined || dataDir === '')
    throw new LabError('BAD_CONFIG', `${file}: dataDir is not set`, {
      remedy: 'add a line dataDir=/directory/for/snapshots',
    });
  const retain = properties.get('autopurge.snapRetainCount');
  if (retain !== undefined && integer(file, retain) < 3)
    warnings.push(
      `${file}: line ${retain.line}: autopurge.snapRetainCount is ${retain.value}; 3 is the least and is used`,
    );
  const participants = servers.filter((server) => server.type === 'participant').length;
  if (participants === 2) warnings.push(`${file}: two servers tolerate no failure: three are the least that do`);
  else if (participants > 2 && participants % 2 === 0)
    warnings.push(`${file}: an even number of servers tolerates no more failures than one fewer`);
  const clientPort = properties.get('clientPort');
  return {
    file,
    properties,
    servers,
    dataDir,
    clientPort: clientPort === undefined ? undefined : port(file, clientPort),
    warnings,
  };
}

/**
 * The configuration of the server that runs here. Its number is `myid` in dataDir (below `root`), which only a
 * standalone server may lack. Throws LabError `BAD_CONFIG`, `MYID_MISSING`.
 */
export function loadZooConfig(file: string, options: ZooOptions = {}): QuorumPeerConfig {
  const zoo = readZooFile(file, options.overlay);
  const root = options.root ?? '';
  const get = (key: string): JavaProperty | undefined => zoo.properties.get(key);
  const int = (key: string, fallback: number): number => {
    const found = get(key);
    return found === undefined ? fallback : integer(file, found);
  };
  const flag = (key: string, fallback: boolean): boolean => {
    const found = get(key);
    return found === undefined ? fallback : boolean(file, found);
  };

  const standaloneEnabled = flag('standaloneEnabled', true);
  const participants = zoo.servers.filter((server) => server.type === 'participant').length;
  if (participants <= 1 && standaloneEnabled && zoo.servers.length > participants) {
    throw new LabError('BAD_CONFIG', `${file}: observers need an ensemble to observe`, {
      remedy: 'add server.N lines of participants',
    });
  }
  const distributed = participants > 1 || (participants === 1 && !standaloneEnabled);
  if (zoo.servers.length === 0 && !standaloneEnabled) {
    throw new LabError('BAD_CONFIG', `${file}: standaloneEnabled=false and no server.N line`, {
      remedy: 'add server.N lines, or remove standaloneEnabled',
    });
  }
  // Also read, for its directory to say which server this is, where a standalone one has it.
  const myid = readMyId(root + zoo.dataDir, zoo.dataDir);
  if (distributed && myid === undefined) {
    throw new LabError('MYID_MISSING', `${file}: ${join(root + zoo.dataDir, 'myid')} is missing`, {
      remedy: `write this server's number into it, one of ${zoo.servers.map((server) => server.sid).join(', ')}`,
      data: { dataDir: root + zoo.dataDir },
    });
  }
  const own = zoo.servers.find((server) => server.sid === myid);
  const clientPortAddress = get('clientPortAddress')?.value;
  if (zoo.clientPort === undefined && clientPortAddress !== undefined) {
    throw bad(file, get('clientPortAddress')!, 'set, but clientPort is not', 'add a line clientPort=2181');
  }
  const client =
    own?.client ??
    (zoo.clientPort === undefined ? undefined : { host: clientPortAddress ?? '0.0.0.0', port: zoo.clientPort });
  if (client === undefined)
    throw new LabError('BAD_CONFIG', `${file}: clientPort is not set`, { remedy: 'add a line clientPort=2181' });
  if (distributed) {
    for (const key of ['initLimit', 'syncLimit']) {
      if (int(key, 0) === 0)
        throw new LabError('BAD_CONFIG', `${file}: ${key} is not set`, {
          remedy: `add a line ${key}=${key === 'initLimit' ? 10 : 5}`,
        });
    }
  }
  const tickTimeMs = int('tickTime', QUORUM_PEER_DEFAULTS.tickTimeMs);
  const minSession = int('minSessionTimeout', -1);
  const maxSession = int('maxSessionTimeout', -1);
  const dataLogDir = get('dataLogDir')?.value;
  return quorumPeerConfig({
    sid: distributed ? myid! : 1,
    servers: distributed ? zoo.servers : [],
    client,
    dataDir: zoo.dataDir,
    dataLogDir: dataLogDir === undefined || dataLogDir === '' ? zoo.dataDir : dataLogDir,
    tickTimeMs,
    initLimit: int('initLimit', QUORUM_PEER_DEFAULTS.initLimit),
    syncLimit: int('syncLimit', QUORUM_PEER_DEFAULTS.syncLimit),
    connectToLearnerMasterLimit: int('connectToLearnerMasterLimit', 0),
    minSessionTimeoutMs: minSession === -1 ? 2 * tickTimeMs : minSession,
    maxSessionTimeoutMs: maxSession === -1 ? 20 * tickTimeMs : maxSession,
    maxClientCnxns: int('maxClientCnxns', QUORUM_PEER_DEFAULTS.maxClientCnxns),
    // Apache never goes below two, and takes snapCount as a system property: the key in the file becomes one.
    snapCount: Math.max(2, int('snapCount', QUORUM_PEER_DEFAULTS.snapCount)),
    commitLogCount: int('commitLogCount', QUORUM_PEER_DEFAULTS.commitLogCount),
    fourLetterWordWhitelist: fourLetterWords(get('4lw.commands.whitelist')?.value),
    autopurge: {
      snapRetainCount: Math.max(3, int('autopurge.snapRetainCount', 3)),
      purgeIntervalHours: int('autopurge.purgeInterval', 0),
    },
    syncEnabled: flag('syncEnabled', true),
    quorumListenOnAllIPs: flag('quorumListenOnAllIPs', false),
    leaderServes: get('leaderServes')?.value !== 'no',
    juteMaxBuffer: int('jute.maxbuffer', QUORUM_PEER_DEFAULTS.juteMaxBuffer),
    source: file,
  });
}

/** Undefined if there is no myid. Throws LabError `BAD_CONFIG` if it holds no number. */
export function readMyId(directory: string, shownAs = directory): number | undefined {
  const path = join(directory, 'myid');
  if (!existsSync(path)) return undefined;
  const first = readFileSync(path, 'utf8').split(/\r?\n/, 1)[0]!.trim();
  if (!/^\d{1,3}$/.test(first) || Number(first) > 255) {
    throw new LabError('BAD_CONFIG', `${join(shownAs, 'myid')}: "${first}" is not a server number`, {
      remedy: "write the N of this host's server.N line into it, a number from 0 to 255",
    });
  }
  return Number(first);
}

/**
 * Every word where the file says nothing, so that health checks see (Apache: only `srvr`). A file that sets the list
 * means it: the strict switch is `4lw.commands.whitelist=srvr`.
 */
function fourLetterWords(text: string | undefined): readonly string[] {
  if (text === undefined) return ['*'];
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** `host:quorum:election[:role][;[address:]clientPort]`; of several addresses separated by `|` the first. */
function parseServer(file: string, property: JavaProperty): QuorumServer {
  const sid = Number(property.key.slice('server.'.length));
  const remedy = `write ${property.key}=host:2888:3888, with :observer and ;2181 where they are meant`;
  if (!/^server\.\d+$/.test(property.key) || sid > 255)
    throw bad(file, property, 'a server number is 0 to 255', remedy);
  const [quorum, clientText] = property.value.split(';', 2);
  const first = quorum!.split('|', 1)[0]!;
  const match = /^(\[[^\]]+\]|[^:]+):(\d+)(?::(\d+))?(?::(participant|observer))?$/i.exec(first.trim());
  if (match === null) throw bad(file, property, `"${property.value}" does not say host:port:port`, remedy);
  if (match[3] === undefined) throw bad(file, property, 'the election port is missing', remedy);
  const host = match[1]!.replace(/^\[|\]$/g, '');
  const number = (text: string): number => port(file, { ...property, value: text });
  let client: QuorumServer['client'];
  if (clientText !== undefined) {
    const parts = /^(?:(.+):)?(\d+)$/.exec(clientText.trim());
    if (parts === null) throw bad(file, property, `"${clientText}" after the semicolon is no client port`, remedy);
    client = { host: parts[1] ?? '0.0.0.0', port: number(parts[2]!) };
  }
  return {
    sid,
    host,
    quorumPort: number(match[2]!),
    electionPort: number(match[3]),
    type: match[4]?.toLowerCase() === 'observer' ? 'observer' : 'participant',
    client,
  };
}

function bad(file: string, property: JavaProperty, problem: string, remedy: string): LabError {
  return new LabError(
    'BAD_CONFIG',
    `${file}: ${property.line === 0 ? 'profile' : `line ${property.line}`}: ${property.key}: ${problem}`,
    { remedy, data: { file, key: property.key, line: property.line } },
  );
}

function integer(file: string, property: JavaProperty): number {
  if (!/^[+-]?\d+$/.test(property.value))
    throw bad(file, property, `"${property.value}" is not a whole number`, 'write digits only');
  return Number(property.value);
}

function port(file: string, property: JavaProperty): number {
  const value = integer(file, property);
  if (value < 1 || value > 65535)
    throw bad(file, property, `"${property.value}" is not a port`, 'a port is 1 to 65535');
  return value;
}

function boolean(file: string, property: JavaProperty): boolean {
  const lower = property.value.toLowerCase();
  if (lower !== 'true' && lower !== 'false')
    throw bad(file, property, `"${property.value}" is neither true nor false`, 'write true or false');
  return lower === 'true';
}
