/**
 * A lab's topology: which hosts there are, which roles run on each, whose Hadoop and ZooKeeper files they read. From
 * YAML, checked with line numbers; or derived from the user's files alone, which name every host already. Directories
 * are relative to the file.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { LineCounter, isMap, isScalar, isSeq, parseDocument, type Node, type Scalar } from 'yaml';
import { LabError } from '../base/errors.js';
import type { Ensemble, EnsembleFiles } from './ensemble.js';
import type { Nameservice } from './hadoop/cluster.js';
import { PROFILES, isProfile, type Profile } from './profile.js';

export const ROLE_NAMES = ['zookeeper', 'journalnode', 'namenode', 'zkfc', 'datanode'] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

export interface TopologyHost {
  readonly name: string;
  /** Asked for in the file; otherwise the lab allots one. */
  readonly address: string | undefined;
  readonly roles: readonly RoleName[];
}

export interface Topology {
  /** For messages: the YAML file, or the directory it was derived from. */
  readonly source: string;
  readonly name: string;
  readonly profile: Profile;
  /** Directory of core-site.xml and hdfs-site.xml. */
  readonly hadoopDir: string;
  readonly zooFiles: EnsembleFiles;
  readonly hosts: readonly TopologyHost[];
}

const KEYS = ['name', 'profile', 'hadoop', 'zookeeper', 'hosts'];
const HOST_KEYS = ['address', 'roles'];
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

/** Reads a topology file. Throws LabError `CONFIG_MISSING`, `BAD_TOPOLOGY` naming file, line and key. */
export function readTopology(file: string): Topology {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new LabError('CONFIG_MISSING', `${file}: cannot be read: ${(error as Error).message}`, {
      remedy: 'give a topology YAML, or a directory with core-site.xml and hdfs-site.xml',
    });
  }
  return parseTopology(text, resolve(file));
}

export function parseTopology(text: string, file: string): Topology {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const bad = (at: number | undefined, problem: string, remedy: string): LabError => {
    const line = at === undefined ? 1 : lines.linePos(at).line;
    return new LabError('BAD_TOPOLOGY', `${file}: line ${line}: ${problem}`, { remedy, data: { file, line } });
  };
  const first = document.errors[0];
  if (first !== undefined) throw bad(first.pos[0], first.message, 'mend the YAML at this line');
  const root = document.contents;
  if (!isMap(root))
    throw bad(
      root?.range?.[0],
      'a topology is a mapping with the keys name, profile, hadoop, zookeeper, hosts',
      'see configs/book/topology.yaml',
    );

  const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0] ?? undefined;
  const entries = new Map<string, { key: Scalar; value: unknown }>();
  for (const { key, value } of root.items) {
    if (!isScalar(key) || !KEYS.includes(String(key.value)))
      throw bad(startOf(key), `unknown key ${String((key as Scalar).value)}`, `the keys are ${KEYS.join(', ')}`);
    entries.set(String(key.value), { key, value });
  }
  const string = (name: string, fallback: string): string => {
    const entry = entries.get(name);
    if (entry === undefined) return fallback;
    if (!isScalar(entry.value) || typeof entry.value.value !== 'string')
      throw bad(startOf(entry.value) ?? startOf(entry.key), `${name} is not a text`, `write ${name}: ${fallback}`);
    return entry.value.value;
  };

  const base = dirname(file);
  const at = (path: string): string => (isAbsolute(path) ? path : join(base, path));
  /** One file for all; or a mapping of hosts to files. Not said: those that lie beside the topology. */
  const zooFiles = (): EnsembleFiles => {
    const entry = entries.get('zookeeper');
    if (entry === undefined) return findZooFiles(base);
    if (!isMap(entry.value)) return { shared: at(string('zookeeper', 'zoo.cfg')), byHost: {} };
    const byHost: Record<string, string> = {};
    for (const { key, value } of entry.value.items) {
      if (!isScalar(key) || !isScalar(value) || typeof value.value !== 'string')
        throw bad(startOf(key), 'zookeeper: not a host and its file', 'write zookeeper: {m1: m1/zoo.cfg}');
      byHost[String(key.value)] = at(value.value);
    }
    return { shared: undefined, byHost };
  };
  const name = string('name', 'lab');
  if (!NAME.test(name))
    throw bad(
      startOf(entries.get('name')?.value),
      `name "${name}" holds other characters than letters, digits, ., _ and -`,
      'choose a plain name',
    );
  const profile = string('profile', 'production');
  if (!isProfile(profile))
    throw bad(
      startOf(entries.get('profile')?.value),
      `unknown profile ${profile}`,
      `the profiles are ${PROFILES.join(', ')}`,
    );

  const hosts: TopologyHost[] = [];
  const hostsEntry = entries.get('hosts');
  if (hostsEntry === undefined || !isMap(hostsEntry.value) || hostsEntry.value.items.length === 0) {
    throw bad(
      startOf(hostsEntry?.value) ?? startOf(hostsEntry?.key),
      'hosts is missing or names none',
      'list the hosts, each with its roles: m1: [zookeeper, journalnode]',
    );
  }
  for (const { key, value } of hostsEntry.value.items) {
    const hostName = isScalar(key) ? String(key.value) : '';
    if (!NAME.test(hostName))
      throw bad(startOf(key), `"${hostName}" is no host name`, 'use letters, digits, ., _ and -');
    let address: string | undefined;
    let rolesNode: unknown = value;
    if (isMap(value)) {
      for (const item of value.items) {
        const itemName = isScalar(item.key) ? String(item.key.value) : '';
        if (!HOST_KEYS.includes(itemName))
          throw bad(
            startOf(item.key),
            `hosts.${hostName}: unknown key ${itemName}`,
            `the keys are ${HOST_KEYS.join(', ')}`,
          );
      }
      const given = value.get('address');
      if (given !== undefined) {
        if (typeof given !== 'string' || !/^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(given)) {
          throw bad(
            startOf(value.get('address', true)),
            `hosts.${hostName}.address: "${String(given)}" is not a loopback address`,
            'write one of 127.0.0.0/8, or leave it to the lab',
          );
        }
        address = given;
      }
      rolesNode = value.get('roles', true);
    }
    if (!isSeq(rolesNode))
      throw bad(
        startOf(rolesNode) ?? startOf(key),
        `hosts.${hostName}: no list of roles`,
        `write ${hostName}: [zookeeper, journalnode, namenode, zkfc]`,
      );
    const roles: RoleName[] = [];
    for (const item of rolesNode.items) {
      const role = isScalar(item) ? String(item.value) : '';
      if (!(ROLE_NAMES as readonly string[]).includes(role))
        throw bad(startOf(item), `hosts.${hostName}: unknown role ${role}`, `the roles are ${ROLE_NAMES.join(', ')}`);
      if (roles.includes(role as RoleName))
        throw bad(startOf(item), `hosts.${hostName}: ${role} is there twice`, 'one of a kind runs on a host');
      roles.push(role as RoleName);
    }
    if (hosts.some((other) => other.name === hostName))
      throw bad(startOf(key), `host ${hostName} is there twice`, 'give every host a name of its own');
    if (address !== undefined && hosts.some((other) => other.address === address))
      throw bad(
        startOf(value),
        `hosts.${hostName}.address: ${address} is another host's`,
        'give every host an address of its own',
      );
    hosts.push({ name: hostName, address, roles });
  }
  return {
    source: file,
    name,
    profile,
    hadoopDir: at(string('hadoop', '.')),
    zooFiles: zooFiles(),
    hosts,
  };
}

/** A topology file, a directory that holds topology.yaml, or a directory of files from which one is derived. */
export function locateTopology(path: string): { kind: 'file'; file: string } | { kind: 'directory'; dir: string } {
  const absolute = resolve(path);
  if (/\.ya?ml$/.test(absolute)) return { kind: 'file', file: absolute };
  const file = join(absolute, 'topology.yaml');
  return existsSync(file) ? { kind: 'file', file } : { kind: 'directory', dir: absolute };
}

/** zoo.cfg in a directory, and HOST/zoo.cfg below it. */
export function findZooFiles(dir: string): EnsembleFiles {
  const shared = join(dir, 'zoo.cfg');
  let names: string[] = [];
  try {
    names = readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(dir, entry.name, 'zoo.cfg')))
      .map((entry) => entry.name)
      .sort();
  } catch {
    // Whoever reads the directory's files says what is wrong with it.
  }
  return {
    shared: existsSync(shared) ? shared : undefined,
    byHost: Object.fromEntries(names.map((name) => [name, join(dir, name, 'zoo.cfg')])),
  };
}

/** The hosts and roles that the files themselves name. Of a name written in two ways, the first way counts. */
export function deriveTopology(
  dir: string,
  { nameNodes, journal, automaticFailover }: Nameservice,
  ensemble: Ensemble,
  zooFiles: EnsembleFiles,
): Topology {
  const found = new Map<string, { name: string; roles: Set<RoleName> }>();
  const add = (name: string, role: RoleName): void => {
    const host = found.get(name.toLowerCase()) ?? { name, roles: new Set<RoleName>() };
    found.set(name.toLowerCase(), host);
    host.roles.add(role);
  };
  for (const { rpc } of nameNodes) {
    add(rpc.host, 'namenode');
    if (automaticFailover) add(rpc.host, 'zkfc');
  }
  for (const { host } of journal.nodes) add(host, 'journalnode');
  for (const { host } of ensemble.servers) add(host, 'zookeeper');
  const label = dir.split('/').filter(Boolean).at(-1) ?? 'lab';
  return {
    source: dir,
    name: NAME.test(label) ? label : 'lab',
    profile: 'production',
    hadoopDir: dir,
    zooFiles,
    hosts: [...found.values()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, roles }) => ({ name, address: undefined, roles: ROLE_NAMES.filter((role) => roles.has(role)) })),
  };
}
