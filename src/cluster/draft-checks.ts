/** What the files and a topology say against each other, found before anything starts: it would only show as a hang. */
import { LabError } from '../base/errors.js';
import { sameHost } from '../config/hadoop/nameservice.js';
import type { RoleName, Topology } from '../config/topology.js';
import type { Described, Draft } from './draft.js';

/** Throws LabError `BAD_TOPOLOGY`, `BAD_CONFIG`. */
export function checkDraft(topology: Topology, hosts: Draft['hosts'], described: Described): void {
  checkOneEach(described);
  checkAllPlaced(topology, hosts, described);
  checkQuorum(hosts, described);
  checkPortsDiffer(hosts, topology.source);
}

/** Two of a kind on one host would have the same directories. */
function checkOneEach({ cluster: { conf }, service, ensemble }: Described): void {
  const twice = <T>(all: readonly T[], hostOf: (one: T) => string): [T, T] | undefined => {
    for (const [index, one] of all.entries()) {
      const other = all.slice(index + 1).find((next) => sameHost(hostOf(next), hostOf(one)));
      if (other !== undefined) return [one, other];
    }
    return undefined;
  };
  const bad = (where: string, what: string, host: string): LabError =>
    new LabError('BAD_CONFIG', `${where}: ${what} are both on ${host}`, {
      remedy: 'give each a host of its own (any name will do: the lab has an address for each)',
    });
  const nameNodes = twice(service.nameNodes, ({ rpc }) => rpc.host);
  if (nameNodes !== undefined) {
    const [a, b] = nameNodes;
    const key = `dfs.namenode.rpc-address.${service.id}.${b.nameNodeId}`;
    throw bad(`${conf.sourceOf(key)}: ${key}`, `NameNodes ${a.nameNodeId} and ${b.nameNodeId}`, b.rpc.host);
  }
  const journals = twice(service.journal.nodes, ({ host }) => host);
  if (journals !== undefined) {
    const key = 'dfs.namenode.shared.edits.dir';
    const ports = journals.map(({ port }) => port).join(' and ');
    throw bad(`${conf.sourceOf(key)}: ${key}`, `the JournalNodes at ports ${ports}`, journals[1].host);
  }
  const servers = twice(ensemble.servers, ({ host }) => host);
  if (servers !== undefined)
    throw bad(ensemble.source, servers.map(({ sid }) => `server.${sid}`).join(' and '), servers[1].host);
}

/** Two servers of a host cannot have one port, whatever address the host gets. */
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

function checkAllPlaced(topology: Topology, hosts: Draft['hosts'], { service, ensemble }: Described): void {
  const places = (kind: RoleName, host: string): boolean =>
    hosts.some((candidate) => sameHost(candidate.name, host) && candidate.roles.some((role) => role.kind === kind));
  const need = (kind: RoleName, host: string, why: string): void => {
    if (places(kind, host)) return;
    throw new LabError(
      'BAD_TOPOLOGY',
      `${topology.source}: no host ${host} with the role ${kind}, which ${why} names`,
      {
        remedy: `add ${host}: [${kind}] to hosts`,
      },
    );
  };
  for (const { host, sid } of ensemble.servers) need('zookeeper', host, `${ensemble.source} server.${sid}`);
  for (const { host } of service.journal.nodes) need('journalnode', host, 'dfs.namenode.shared.edits.dir');
  for (const { rpc, nameNodeId } of service.nameNodes) {
    need('namenode', rpc.host, `dfs.namenode.rpc-address.${service.id}.${nameNodeId}`);
    if (service.automaticFailover) need('zkfc', rpc.host, 'dfs.ha.automatic-failover.enabled');
  }
}

function checkQuorum(hosts: Draft['hosts'], { cluster, service, ensemble }: Described): void {
  if (!service.automaticFailover) return;
  for (const { host, port } of cluster.quorum) {
    const known = hosts
      .find((candidate) => sameHost(candidate.name, host))
      ?.roles.some((role) => role.kind === 'zookeeper' && role.ports[0] === port);
    if (known !== true)
      throw new LabError(
        'BAD_CONFIG',
        `${cluster.conf.sourceOf('ha.zookeeper.quorum')}: ha.zookeeper.quorum names ${host}:${port}, where no ` +
          `ZooKeeper server of ${ensemble.source} listens`,
        { remedy: 'make ha.zookeeper.quorum and zoo.cfg agree' },
      );
  }
}
