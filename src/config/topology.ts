/**
 * A lab's topology: which hosts there are, which roles run on each, whose Hadoop and ZooKeeper files they read. From
 * YAML, checked with line numbers; or derived from the user's files alone, which name every host already. Directories
 * are relative to the file.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { LineCounter, isMap, isScalar, isSeq, parseDocument, type Node, type Scalar } from 'yaml';
import { LabError } from '../base/errors.js';
import type { Configuration } from './hadoop/contract.js';
import { nameNodesOf, nameserviceIdOf, parseQuorumJournal } from './hadoop/nameservice.js';
import { PROFILES, isProfile, type Profile } from './profile.js';
import type { ZooFile } from './zoo.js';

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
  readonly zooFile: string;
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
      remedy: 'give a topology YAML, or a directory with core-site.xml, hdfs-site.xml and zoo.cfg',
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
    zooFile: at(string('zookeeper', 'zoo.cfg')),
    hosts,
  };
}

/**
 * A topology file, a directory that holds topology.yaml, or a directory with the three files from which one is derived.
 */
export function locateTopology(path: string): { kind: 'file'; file: string } | { kind: 'directory'; dir: string } {
  const absolute = resolve(path);
  if (/\.ya?ml$/.test(absolute)) return { kind: 'file', file: absolute };
  const file = join(absolute, 'topology.yaml');
  return existsSync(file) ? { kind: 'file', file } : { kind: 'directory', dir: absolute };
}

/** The hosts and roles that the files themselves name. */
export function deriveTopology(dir: string, conf: Configuration, zoo: ZooFile): Topology {
  const roles = new Map<string, Set<RoleName>>();
  const add = (host: string, role: RoleName): void => {
    const set = roles.get(host) ?? new Set<RoleName>();
    roles.set(host, set.add(role));
  };
  for (const server of zoo.servers) add(server.host, 'zookeeper');
  const nameserviceId = nameserviceIdOf(conf);
  const nameNodes = nameNodesOf(conf, nameserviceId);
  for (const node of sharedEdits(conf, nameserviceId).nodes) add(node.host, 'journalnode');
  for (const { rpc } of nameNodes) {
    add(rpc.host, 'namenode');
    if (automaticFailover(conf, nameserviceId)) add(rpc.host, 'zkfc');
  }
  const hosts = [...roles]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, set]) => ({ name, address: undefined, roles: ROLE_NAMES.filter((role) => set.has(role)) }));
  const label = dir.split('/').filter(Boolean).at(-1) ?? 'lab';
  return {
    source: dir,
    name: NAME.test(label) ? label : 'lab',
    profile: 'production',
    hadoopDir: dir,
    zooFile: zoo.file,
    hosts,
  };
}

export function sharedEdits(conf: Configuration, nameserviceId: string): ReturnType<typeof parseQuorumJournal> {
  const key = [`dfs.namenode.shared.edits.dir.${nameserviceId}`, 'dfs.namenode.shared.edits.dir'].find(
    (candidate) => conf.get(candidate) !== undefined,
  );
  if (key === undefined)
    throw new LabError('BAD_CONFIG', `${conf.sourceOf('dfs.nameservices')}: dfs.namenode.shared.edits.dir is not set`, {
      remedy: 'set it to qjournal://m1:8485;m2:8485;m3:8485/journal-name',
    });
  return parseQuorumJournal(conf.get(key)!, `${conf.sourceOf(key)}: ${key}`);
}

export function automaticFailover(conf: Configuration, nameserviceId: string): boolean {
  const key = `dfs.ha.automatic-failover.enabled.${nameserviceId}`;
  return conf.getBoolean(conf.get(key) === undefined ? 'dfs.ha.automatic-failover.enabled' : key);
}
