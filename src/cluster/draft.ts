/**
 * From a topology, or from a directory of files alone, to the plan of a lab, before its hosts have addresses. The
 * user's files are read here, once, and what is read goes on to whoever needs it.
 */
import { existsSync } from 'node:fs';
import { LabError } from '../base/errors.js';
import { readEnsemble, zooFileFor, type Ensemble, type EnsembleFiles } from '../config/ensemble.js';
import { hadoopCluster, onlyNameservice, type HadoopCluster, type Nameservice } from '../config/hadoop/cluster.js';
import { isWildcard } from '../base/host-port.js';
import { sameHost } from '../config/hadoop/nameservice.js';
import { withoutEffect } from '../config/hadoop/keys.js';
import { OVERLAYS, type Profile } from '../config/profile.js';
import {
  deriveTopology,
  findZooFiles,
  locateTopology,
  readTopology,
  type RoleName,
  type Topology,
} from '../config/topology.js';
import { checkDraft } from './draft-checks.js';
import { readHadoop } from './hadoop-conf.js';
import type { Plan, PlannedHost, PlannedRole } from './plan.js';

/** A plan before addresses are allotted. */
export type Draft = Omit<Plan, 'hosts'> & {
  readonly hosts: readonly (Omit<PlannedHost, 'address' | 'portShift'> & { readonly wanted: string | undefined })[];
};

/** What a configuration says of a cluster, and the ensemble that goes with it. */
export interface Described {
  readonly cluster: HadoopCluster;
  readonly service: Nameservice;
  readonly ensemble: Ensemble;
}

export interface Drafted extends Described {
  readonly draft: Draft;
  readonly warnings: readonly string[];
}

/** Reads topology (file, or directory) and configuration, and checks one against the other. Rejects LabError. */
export async function draftPlan(
  path: string,
  overrides: { name?: string | undefined; profile?: Profile | undefined } = {},
): Promise<Drafted> {
  const located = locateTopology(path);
  const given = located.kind === 'file' ? readTopology(located.file) : undefined;
  const profile = overrides.profile ?? given?.profile ?? 'production';
  const hadoopDir = given?.hadoopDir ?? (located as { dir: string }).dir;
  const files = given?.zooFiles ?? findZooFiles(hadoopDir);
  const described = await describe(hadoopDir, files, profile);
  const { cluster, service, ensemble } = described;
  const topology = given ?? deriveTopology(hadoopDir, service, ensemble, files);
  const hosts = topology.hosts.map((host) => {
    const zooFile = zooFileFor(ensemble, host.name)?.file;
    const aliases = aliasesOf(topology, host.name, service);
    return {
      name: host.name,
      ...(aliases.length === 0 ? {} : { aliases }),
      ...(zooFile === undefined || ensemble.written !== undefined ? {} : { zooFile }),
      wanted: host.address,
      roles: host.roles
        .filter((kind) => kind !== 'datanode')
        .map((kind) => planRole(kind, host.name, topology.source, described)),
    };
  });
  checkDraft(topology, hosts, described);
  const draft: Draft = {
    version: 1,
    name: overrides.name ?? topology.name,
    profile,
    source: topology.source,
    hadoopDir,
    nameservice: service.id,
    journal: service.journal.name,
    automaticFailover: service.automaticFailover,
    electionZnode: service.electionZnode,
    hosts,
  };
  return {
    ...described,
    draft,
    warnings: [...cluster.conf.warnings, ...withoutEffect(cluster.conf), ...ensemble.warnings],
  };
}

async function describe(hadoopDir: string, files: EnsembleFiles, profile: Profile): Promise<Described> {
  if (!existsSync(hadoopDir)) {
    throw new LabError('CONFIG_MISSING', `${hadoopDir}: no such directory`, {
      remedy: 'give a topology YAML, or a directory with core-site.xml and hdfs-site.xml',
    });
  }
  const cluster = hadoopCluster(await readHadoop(hadoopDir, { profile }));
  const service = onlyNameservice(cluster);
  const source = cluster.conf.sourceOf('ha.zookeeper.quorum');
  return { cluster, service, ensemble: readEnsemble(files, cluster.quorum, source, OVERLAYS[profile].zoo) };
}

/** Names that only a NameNode's further addresses have: its host answers to them too. */
function aliasesOf(topology: Topology, host: string, service: Nameservice): string[] {
  const known = (name: string): boolean => topology.hosts.some((other) => sameHost(other.name, name));
  const names = service.nameNodes
    .filter(({ rpc }) => sameHost(rpc.host, host))
    .flatMap(({ serviceRpc, lifelineRpc, http, https }) => [serviceRpc, lifelineRpc, http, https])
    .flatMap((address) => (address === undefined ? [] : [address.host.toLowerCase()]));
  return [...new Set(names)].filter((name) => !known(name) && !isWildcard(name));
}

function planRole(
  kind: Exclude<RoleName, 'datanode'>,
  host: string,
  source: string,
  { cluster, service, ensemble }: Described,
): PlannedRole {
  const misplaced = (what: string, remedy: string): LabError =>
    new LabError('BAD_TOPOLOGY', `${source}: hosts.${host}: ${what}`, { remedy });
  switch (kind) {
    case 'zookeeper': {
      const server = ensemble.servers.find((candidate) => sameHost(candidate.host, host));
      if (server === undefined)
        throw misplaced(
          `a zookeeper here, but ${ensemble.source} has no server.N=${host}:…`,
          `add a server.N line for ${host}, or take zookeeper off this host`,
        );
      const { sid, clientPort, peerPorts } = server;
      if (clientPort === undefined)
        throw new LabError(
          'BAD_CONFIG',
          `${ensemble.source}: clientPort is not set: nobody could ask the server on ${host}`,
          {
            remedy: 'add a line clientPort=2181',
          },
        );
      return { id: `zk${sid}`, kind, host, sid, ports: [clientPort, ...peerPorts] };
    }
    case 'journalnode': {
      const index = service.journal.nodes.findIndex((node) => sameHost(node.host, host));
      if (index < 0)
        throw misplaced(
          'a journalnode here, but dfs.namenode.shared.edits.dir does not name it',
          `add ${host}:8485 to dfs.namenode.shared.edits.dir, or take journalnode off this host`,
        );
      const httpPort = cluster.journalHttpPort;
      return { id: `jn${index + 1}`, kind, host, ports: [service.journal.nodes[index]!.port, httpPort], httpPort };
    }
    case 'namenode':
    case 'zkfc': {
      const found = service.nameNodes.find((node) => sameHost(node.rpc.host, host));
      if (found === undefined)
        throw misplaced(
          `a ${kind} here, but no dfs.namenode.rpc-address.${service.id}.* names this host`,
          `set one to ${host}:8020, or take ${kind} off this host`,
        );
      const { nameNodeId, rpc, http, serviceRpc, lifelineRpc, zkfcPort } = found;
      const more = [serviceRpc, lifelineRpc].flatMap((address) => (address === undefined ? [] : [address.port]));
      if (kind === 'namenode')
        return { id: nameNodeId, kind, host, nameNodeId, ports: [rpc.port, http.port, ...more], httpPort: http.port };
      const suffix = /^nn(\d+)$/.exec(nameNodeId)?.[1] ?? `-${nameNodeId}`;
      return { id: `zkfc${suffix}`, kind, host, nameNodeId, ports: [zkfcPort] };
    }
  }
}
