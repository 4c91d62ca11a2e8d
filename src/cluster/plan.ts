/**
 * The plan of a lab: every role with its id, host, address and ports, worked out once from a topology and the user's
 * files, and kept as lab.json. Pure, save for reading those files; addresses are allotted by addresses.ts.
 */
import { LabError } from '../base/errors.js';
import { loadConfiguration, type LoadedConfiguration } from '../config/hadoop/load.js';
import {
  nameNodesOf,
  nameserviceIdOf,
  parseHostPort,
  zooKeeperQuorum,
  type HostPort,
} from '../config/hadoop/nameservice.js';
import { OVERLAYS, type Profile } from '../config/profile.js';
import {
  automaticFailover,
  deriveTopology,
  locateTopology,
  readTopology,
  sharedEdits,
  type RoleName,
  type Topology,
} from '../config/topology.js';
import { readZooFile, type ZooFile } from '../config/zoo.js';
import { surroundingsIn } from './surroundings.js';

export interface PlannedRole {
  readonly id: string;
  readonly kind: Exclude<RoleName, 'datanode'>;
  readonly host: string;
  /** What it listens on; the first is the one people talk to. */
  readonly ports: readonly number[];
  readonly httpPort?: number;
  /** ZooKeeper's server number. */
  readonly sid?: number;
  /** NameNode, and the ZKFC beside it. */
  readonly nameNodeId?: string;
}

export interface PlannedHost {
  readonly name: string;
  readonly address: string;
  /** Added to every port where all hosts share one address; 0 otherwise. */
  readonly portShift: number;
  readonly roles: readonly PlannedRole[];
}

export interface Plan {
  readonly version: 1;
  readonly name: string;
  readonly profile: Profile;
  /** The topology file or directory it was made from. */
  readonly source: string;
  readonly hadoopDir: string;
  readonly zooFile: string;
  readonly nameservice: string;
  readonly journal: string;
  readonly automaticFailover: boolean;
  readonly hosts: readonly PlannedHost[];
}

/** A plan with the directory that its state lies in. */
export interface Lab {
  readonly dir: string;
  readonly plan: Plan;
  /** Milliseconds since 1970 of the last `up`. */
  readonly startedAt: number | undefined;
}

/** A plan before addresses are allotted. */
export type Draft = Omit<Plan, 'hosts'> & {
  readonly hosts: readonly (Omit<PlannedHost, 'address' | 'portShift'> & { readonly wanted: string | undefined })[];
};

export function loadForProfile(hadoopDir: string, profile: Profile): LoadedConfiguration {
  return loadConfiguration(hadoopDir, {
    around: surroundingsIn(process.env),
    overlay: OVERLAYS[profile].hadoop,
    overlaySource: `profile ${profile}`,
  });
}

/** Reads topology (file, or directory) and configuration, and checks one against the other. Throws LabError. */
export function draftPlan(
  path: string,
  overrides: { name?: string | undefined; profile?: Profile | undefined } = {},
): { draft: Draft; warnings: readonly string[] } {
  const located = locateTopology(path);
  let topology: Topology | undefined;
  let conf: LoadedConfiguration;
  let zoo: ZooFile;
  if (located.kind === 'file') {
    topology = readTopology(located.file);
    const profile = overrides.profile ?? topology.profile;
    conf = loadForProfile(topology.hadoopDir, profile);
    zoo = readZooFile(topology.zooFile, OVERLAYS[profile].zoo);
  } else {
    const profile = overrides.profile ?? 'production';
    conf = loadForProfile(located.dir, profile);
    zoo = readZooFile(`${located.dir}/zoo.cfg`, OVERLAYS[profile].zoo);
    topology = deriveTopology(located.dir, conf, zoo);
  }
  const profile = overrides.profile ?? topology.profile;
  const nameservice = nameserviceIdOf(conf);
  const edits = sharedEdits(conf, nameservice);
  const automatic = automaticFailover(conf, nameservice);
  const hosts = topology.hosts.map((host) => ({
    name: host.name,
    wanted: host.address,
    roles: host.roles
      .filter((kind) => kind !== 'datanode')
      .map((kind) => planRole(kind, host.name, topology.source, { conf, zoo, nameservice, edits })),
  }));
  checkAllPlaced(topology, hosts, { conf, zoo, nameservice, edits, automatic });
  checkPortsDiffer(hosts, topology.source);
  const draft: Draft = {
    version: 1,
    name: overrides.name ?? topology.name,
    profile,
    source: topology.source,
    hadoopDir: topology.hadoopDir,
    zooFile: topology.zooFile,
    nameservice,
    journal: edits.journal,
    automaticFailover: automatic,
    hosts,
  };
  return { draft, warnings: [...conf.warnings, ...zoo.warnings] };
}

interface Files {
  readonly conf: LoadedConfiguration;
  readonly zoo: ZooFile;
  readonly nameservice: string;
  readonly edits: { readonly nodes: readonly HostPort[] };
}

function planRole(
  kind: Exclude<RoleName, 'datanode'>,
  host: string,
  source: string,
  { conf, zoo, nameservice, edits }: Files,
): PlannedRole {
  const misplaced = (what: string, remedy: string): LabError =>
    new LabError('BAD_TOPOLOGY', `${source}: hosts.${host}: ${what}`, { remedy });
  switch (kind) {
    case 'zookeeper': {
      const server = zoo.servers.find((candidate) => candidate.host === host);
      if (server === undefined && zoo.servers.length > 0)
        throw misplaced(
          `a zookeeper here, but ${zoo.file} has no server.N=${host}:…`,
          `add a server.N line for ${host}, or take zookeeper off this host`,
        );
      const clientPort = server?.client?.port ?? zoo.clientPort ?? 2181;
      const sid = server?.sid ?? 1;
      return {
        id: `zk${sid}`,
        kind,
        host,
        sid,
        ports: server === undefined ? [clientPort] : [clientPort, server.quorumPort, server.electionPort],
      };
    }
    case 'journalnode': {
      const index = edits.nodes.findIndex((node) => node.host === host);
      if (index < 0)
        throw misplaced(
          'a journalnode here, but dfs.namenode.shared.edits.dir does not name it',
          `add ${host}:8485 to dfs.namenode.shared.edits.dir, or take journalnode off this host`,
        );
      const http = parseHostPort(
        conf.get('dfs.journalnode.http-address') ?? '0.0.0.0:8480',
        8480,
        `${conf.sourceOf('dfs.journalnode.http-address')}: dfs.journalnode.http-address`,
      );
      return { id: `jn${index + 1}`, kind, host, ports: [edits.nodes[index]!.port, http.port], httpPort: http.port };
    }
    case 'namenode':
    case 'zkfc': {
      const all = nameNodesOf(conf, nameservice);
      const index = all.findIndex((node) => node.rpc.host === host);
      const found = all[index];
      if (found === undefined)
        throw misplaced(
          `a ${kind} here, but no dfs.namenode.rpc-address.${nameservice}.* names this host`,
          `set one to ${host}:8020, or take ${kind} off this host`,
        );
      if (kind === 'namenode')
        return {
          id: found.nameNodeId,
          kind,
          host,
          nameNodeId: found.nameNodeId,
          ports: [found.rpc.port, found.http.port],
          httpPort: found.http.port,
        };
      const suffix = /^nn(\d+)$/.exec(found.nameNodeId)?.[1] ?? `-${found.nameNodeId}`;
      return { id: `zkfc${suffix}`, kind, host, nameNodeId: found.nameNodeId, ports: [zkfcPort(conf)] };
    }
  }
}

/** Throws LabError `BAD_CONFIG`. */
function zkfcPort(conf: LoadedConfiguration): number {
  const port = conf.getInt('dfs.ha.zkfc.port');
  if (port < 1 || port > 65_535)
    throw new LabError('BAD_CONFIG', `${conf.sourceOf('dfs.ha.zkfc.port')}: dfs.ha.zkfc.port: ${port} is not a port`, {
      remedy: 'a port is 1 to 65535',
    });
  return port;
}

/** Two servers of a host cannot have one port, whatever address the host gets. Throws LabError `BAD_CONFIG`. */
function checkPortsDiffer(hosts: Draft['hosts'], source: string): void {
  for (const { name, roles } of hosts) {
    const owners = new Map<number, string>();
    for (const { id, ports } of roles) {
      for (const port of ports) {
        const other = owners.get(port);
        if (other !== undefined)
          throw new LabError(
            'BAD_CONFIG',
            `${source}: on ${name}, ` +
              `${other === id ? `${id} needs port ${port} twice` : `${other} and ${id} both need port ${port}`}`,
            { remedy: 'give each a port of its own' },
          );
        owners.set(port, id);
      }
    }
  }
}

/** What the files name and no host of the topology runs would only show as a cluster that hangs. */
function checkAllPlaced(
  topology: Topology,
  hosts: Draft['hosts'],
  files: Files & { readonly automatic: boolean },
): void {
  const places = (kind: RoleName, host: string): boolean =>
    hosts.some((candidate) => candidate.name === host && candidate.roles.some((role) => role.kind === kind));
  const missing = (kind: RoleName, host: string, why: string): LabError =>
    new LabError('BAD_TOPOLOGY', `${topology.source}: no host ${host} with the role ${kind}, which ${why} names`, {
      remedy: `add ${host}: [${kind}] to hosts`,
    });
  for (const server of files.zoo.servers)
    if (!places('zookeeper', server.host))
      throw missing('zookeeper', server.host, `${files.zoo.file} server.${server.sid}`);
  for (const node of files.edits.nodes)
    if (!places('journalnode', node.host)) throw missing('journalnode', node.host, 'dfs.namenode.shared.edits.dir');
  for (const node of nameNodesOf(files.conf, files.nameservice)) {
    if (!places('namenode', node.rpc.host))
      throw missing('namenode', node.rpc.host, `dfs.namenode.rpc-address.${files.nameservice}.${node.nameNodeId}`);
    if (files.automatic && !places('zkfc', node.rpc.host))
      throw missing('zkfc', node.rpc.host, 'dfs.ha.automatic-failover.enabled');
  }
  if (files.automatic) {
    for (const { host, port } of zooKeeperQuorum(files.conf)) {
      const known = hosts
        .find((candidate) => candidate.name === host)
        ?.roles.some((role) => role.kind === 'zookeeper' && role.ports[0] === port);
      if (known !== true)
        throw new LabError(
          'BAD_CONFIG',
          `${files.conf.sourceOf('ha.zookeeper.quorum')}: ha.zookeeper.quorum names ${host}:${port}, where no ` +
            `ZooKeeper server of ${files.zoo.file} listens`,
          { remedy: 'make ha.zookeeper.quorum and zoo.cfg agree' },
        );
    }
  }
}

export function rolesOfPlan(plan: Plan): readonly PlannedRole[] {
  return plan.hosts.flatMap((host) => host.roles);
}

export function hostOf(plan: Plan, name: string): PlannedHost {
  const found = plan.hosts.find((host) => host.name === name);
  if (found === undefined)
    throw new LabError('UNKNOWN_TARGET', `no host ${name} in lab ${plan.name}`, {
      remedy: `the hosts are ${plan.hosts.map((host) => host.name).join(', ')}`,
    });
  return found;
}
