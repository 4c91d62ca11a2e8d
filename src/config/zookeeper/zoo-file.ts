/**
 * zoo.cfg as it stands: Java properties, the keys that QuorumPeerConfig knows checked as it checks them, the servers,
 * and what there is to say of keys that mean nothing. What depends on myid, on directories and on system properties is
 * load.ts' business. Mirrors the first half of QuorumPeerConfig.parse and parseProperties.
 */
import { readFileSync } from 'node:fs';
import { LabError, messageOf } from '../../base/errors.js';
import { parseJavaProperties, type JavaProperty } from '../properties.js';
import type { QuorumServer } from '../quorum-peer-config.js';
import { findFileKey, findProperty } from './keys.js';
import { parseServerLine } from './server-line.js';
import { bad, badFile, boolean, integer, long, placeOf, portNumber } from './values.js';

export interface ZooFile {
  readonly file: string;
  /** In the order of the file; of a key set twice, the last counts. The servers of a dynamic file are among them. */
  readonly properties: ReadonlyMap<string, JavaProperty>;
  readonly servers: readonly QuorumServer[];
  readonly dataDir: string;
  readonly clientPort: number | undefined;
  readonly warnings: readonly string[];
}

/** Reads and checks what does not depend on myid. Throws LabError `CONFIG_MISSING`, `BAD_CONFIG`. */
export function readZooFile(file: string, overlay: Readonly<Record<string, string>> = {}): ZooFile {
  const text = readText(file, NO_FILE);
  return parseZoo(text, file, overlay);
}

/** Its lines by their keys, unchecked: for who looks for one of them, as zkServer.sh does. */
export function readLines(file: string): ReadonlyMap<string, JavaProperty> {
  return new Map(parseJavaProperties(readText(file, NO_FILE), file).map((property) => [property.key, property]));
}

const NO_FILE = 'give the path of a zoo.cfg, or set ZOOCFGDIR to the directory that holds it';

/** Java reads properties byte by byte, as ISO 8859-1. */
function readText(file: string, remedy: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    throw new LabError('CONFIG_MISSING', `${file}: cannot be read: ${messageOf(error)}`, {
      remedy,
      data: { file, exitCode: 2 },
    });
  }
}

export function parseZoo(text: string, file: string, overlay: Readonly<Record<string, string>> = {}): ZooFile {
  const warnings: string[] = [];
  const properties = collect(text, file, warnings);
  for (const [key, value] of Object.entries(overlay))
    properties.set(key, { key, raw: value, value, line: 0, file: 'profile' });
  readDynamicFile(file, properties);
  for (const property of properties.values()) checkKey(property, warnings);
  const servers = serversOf(properties, warnings);
  const dataDir = directory(properties.get('dataDir'));
  if (dataDir === undefined) throw badFile(file, 'dataDir is not set', 'add a line dataDir=/directory/for/snapshots');
  directory(properties.get('dataLogDir'));
  checkNumbers(properties, warnings);
  const participants = servers.filter((server) => server.type === 'participant').length;
  if (participants === 2) warnings.push(`${file}: two servers tolerate no failure: three are the least that do`);
  else if (participants > 2 && participants % 2 === 0)
    warnings.push(`${file}: an even number of servers tolerates no more failures than one fewer`);
  const clientPort = properties.get('clientPort');
  const port = clientPort === undefined ? 0 : portNumber(clientPort);
  return { file, properties, servers, dataDir, clientPort: port === 0 ? undefined : port, warnings };
}

function collect(text: string, file: string, warnings: string[]): Map<string, JavaProperty> {
  const properties = new Map<string, JavaProperty>();
  if (text.startsWith('\u00ef\u00bb\u00bf'))
    warnings.push(`${file}: line 1: begins with a byte order mark, which ZooKeeper takes for a part of its first key`);
  for (const property of parseJavaProperties(text, file)) {
    const before = properties.get(property.key);
    if (before !== undefined && before.value !== property.value)
      warnings.push(`${placeOf(property)}: was ${before.value} on line ${before.line}; the last counts`);
    properties.set(property.key, property);
  }
  return properties;
}

/** The servers may stand in a file of their own, and then all of them must. */
function readDynamicFile(file: string, properties: Map<string, JavaProperty>): void {
  const pointer = properties.get('dynamicConfigFile');
  if (pointer === undefined) return;
  for (const property of properties.values()) {
    if (/^(server\.|group|weight)/.test(property.key))
      throw bad(property, 'must stand in the dynamic configuration file', `move it to ${pointer.value}`);
  }
  const text = readText(pointer.value, `${placeOf(pointer)} names it: give the path of a file with server.N lines`);
  for (const property of parseJavaProperties(text, pointer.value)) {
    if (property.key === 'version')
      throw bad(property, 'stands in the name of the file, not inside', 'remove the line');
    if (!/^(server\.|group|weight)/.test(property.key))
      throw bad(property, 'has no place in a dynamic configuration file', `move it to ${file}`);
    properties.set(property.key, property);
  }
  // Who writes these lines down again writes one file.
  properties.delete(pointer.key);
}

/** Refuses what Apache refuses and what is not offered; says what has no effect. */
function checkKey(property: JavaProperty, warnings: string[]): void {
  const { key, value } = property;
  const entry = findFileKey(key);
  if (entry === undefined) {
    warnings.push(`${placeOf(property)}: ${whatUnknownMeans(key)}`);
    return;
  }
  if (entry.type === 'integer') integer(property);
  else if (entry.type === 'long') long(property);
  else if (entry.type === 'boolean') boolean(property);
  if (entry.state === 'works' || entry.asks?.(value) === false) return;
  if (entry.state === 'refused') throw bad(property, entry.note, `remove ${key}`);
  warnings.push(`${placeOf(property)}: has no effect here: ${entry.note}`);
}

function whatUnknownMeans(key: string): string {
  const plain = findProperty(key);
  if (plain !== undefined && plain.where === 'property')
    return `has no effect in zoo.cfg: set the system property, SERVER_JVMFLAGS=-D${key}=...`;
  if (key.startsWith('zookeeper.') && findProperty(key) !== undefined)
    return `has no effect in zoo.cfg: write ${key.slice('zookeeper.'.length)}, without "zookeeper."`;
  return 'ZooKeeper knows no such key';
}

function serversOf(properties: ReadonlyMap<string, JavaProperty>, warnings: string[]): QuorumServer[] {
  const servers = new Map<number, { server: QuorumServer; property: JavaProperty }>();
  for (const property of properties.values()) {
    if (!property.key.startsWith('server.')) continue;
    const server = parseServerLine(property);
    const before = servers.get(server.sid);
    if (before !== undefined)
      warnings.push(`${placeOf(property)}: is server ${server.sid} as ${before.property.key} is; the last counts`);
    servers.set(server.sid, { server, property });
  }
  return [...servers.values()].map(({ server }) => server);
}

/** Undefined where it is not set. */
function directory(property: JavaProperty | undefined): string | undefined {
  if (property?.value === '') throw bad(property, 'names no directory', `write ${property.key}=/a/directory`);
  return property?.value;
}

const PEER_TYPES: readonly string[] = ['participant', 'observer'];

const METRICS_PROVIDERS =
  /^org\.apache\.zookeeper\.metrics\.(impl\.(Default|Null)|prometheus\.Prometheus)MetricsProvider$/;

function checkNumbers(properties: ReadonlyMap<string, JavaProperty>, warnings: string[]): void {
  const algorithm = properties.get('electionAlg');
  if (algorithm !== undefined && integer(algorithm) !== 3)
    throw bad(
      algorithm,
      `"${algorithm.value}" is not supported: only 3, fast leader election, is`,
      'remove electionAlg',
    );
  const peerType = properties.get('peerType');
  if (peerType !== undefined && !PEER_TYPES.includes(peerType.value.toLowerCase()))
    throw bad(peerType, `"${peerType.value}" is no role`, 'write participant or observer');
  const metrics = properties.get('metricsProvider.className');
  if (metrics !== undefined && !METRICS_PROVIDERS.test(metrics.value))
    throw bad(metrics, `there is no class ${metrics.value}`, 'remove it: no metrics are exported');
  const version = properties.get('version');
  if (version !== undefined && !/^[+-]?[0-9a-fA-F]+$/.test(version.value))
    throw bad(version, `"${version.value}" is not a hexadecimal number`, 'remove it');
  const retain = properties.get('autopurge.snapRetainCount');
  if (retain !== undefined && integer(retain) < 3)
    warnings.push(`${placeOf(retain)}: is ${retain.value}; 3 is the least and is used`);
}
