/**
 * Which NameNodes a configuration describes: nameservices, NameNode ids, and the addresses that are set per NameNode by
 * suffix (`dfs.namenode.rpc-address.hdfs-cluster.nn1`). Mirrors org.apache.hadoop.hdfs.DFSUtil and HAUtil.
 */
import { LabError } from '../../base/errors.js';
import { isWildcard, parseHostPort as parseAddress } from '../../base/host-port.js';
import type { Configuration } from './contract.js';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** The ports of a NameNode that a configuration can move, each with the host that it is bound to if that is another. */
export interface NameNodeAddress {
  readonly nameserviceId: string;
  readonly nameNodeId: string;
  readonly rpc: HostPort;
  /** dfs.namenode.servicerpc-address and dfs.namenode.lifeline.rpc-address: only where they are set. */
  readonly serviceRpc: HostPort | undefined;
  readonly lifelineRpc: HostPort | undefined;
  readonly http: HostPort;
  readonly https: HostPort;
  /** dfs.namenode.*-bind-host */
  readonly bindHosts: {
    readonly rpc: string | undefined;
    readonly serviceRpc: string | undefined;
    readonly lifelineRpc: string | undefined;
    readonly http: string | undefined;
    readonly https: string | undefined;
  };
}

/** What to listen on: on a lab's host, which has `address` to itself, a wildcard means that address alone. */
export function listenHost(host: string, address: string | undefined): string {
  return isWildcard(host) && address !== undefined ? address : host;
}

/** Names of hosts differ in more than their case. */
export function sameHost(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** `host:port`, `[v6]:port`, or `host` with the port given here. Throws LabError `BAD_CONFIG` naming the key. */
export function parseHostPort(text: string, defaultPort: number | undefined, where: string): HostPort {
  const found = parseAddress(text.trim().replace(/^\w+:\/\/|\/$/g, ''));
  const port = found?.port ?? defaultPort;
  if (found === undefined || port === undefined) {
    throw new LabError('BAD_CONFIG', `${where}: "${text}" is not host:port`, {
      remedy: 'write a host name or address, a colon and a port, for example m1:9000',
    });
  }
  return { host: found.host, port };
}

/** `base`, or `base.ns`, `base.ns.nn`. */
export function suffixed(base: string, ...suffixes: (string | undefined)[]): string {
  return [base, ...suffixes.filter((suffix) => suffix !== undefined && suffix !== '')].join('.');
}

/** The value under the longest suffix that is set: `key.ns.nn`, `key.ns` / `key.nn`, then `key`. */
export function getSuffixed(
  conf: Configuration,
  key: string,
  nameserviceId?: string,
  nameNodeId?: string,
): string | undefined {
  return conf.get(keySet(conf, key, nameserviceId, nameNodeId));
}

/** The key under which getSuffixed finds its value, `key` itself if none is set. */
export function keySet(conf: Configuration, key: string, nameserviceId?: string, nameNodeId?: string): string {
  const tries = [suffixed(key, nameserviceId, nameNodeId), suffixed(key, nameserviceId), suffixed(key, nameNodeId)];
  return tries.find((candidate) => candidate !== key && conf.get(candidate) !== undefined) ?? key;
}

export function nameserviceIds(conf: Configuration): readonly string[] {
  return conf.getList('dfs.nameservices');
}

/** Ids of the NameNodes of a nameservice; the chapter's `dfs.ha.namenodes.<ns>`. */
export function nameNodeIds(conf: Configuration, nameserviceId: string): readonly string[] {
  return conf.getList(suffixed('dfs.ha.namenodes', nameserviceId));
}

/**
 * The nameservices that are served here and not merely known to clients, of those that have NameNodes with ids:
 * `dfs.nameservice.id`, else `dfs.internal.nameservices`, else all. Throws LabError `BAD_CONFIG`.
 */
export function ownNameserviceIds(conf: Configuration): readonly string[] {
  const all = nameserviceIds(conf);
  const [key, asked] = [
    ['dfs.nameservice.id', conf.getList('dfs.nameservice.id')] as const,
    ['dfs.internal.nameservices', conf.getList('dfs.internal.nameservices')] as const,
  ].find(([, ids]) => ids.length > 0) ?? ['dfs.nameservices', all];
  const unknown = asked.find((id) => !all.includes(id));
  if (unknown !== undefined) {
    throw new LabError(
      'BAD_CONFIG',
      `${conf.sourceOf(key)}: ${key}: nameservice ${unknown} is not in dfs.nameservices (${all.join(', ') || 'none'})`,
      { remedy: `add ${unknown} to dfs.nameservices or name another` },
    );
  }
  return asked.filter((id) => nameNodeIds(conf, id).length > 0);
}

/** The only one of ownNameserviceIds. Throws LabError `BAD_CONFIG` if none or more than one is left. */
export function nameserviceIdOf(conf: Configuration): string {
  const own = ownNameserviceIds(conf);
  if (own.length === 1) return own[0]!;
  const all = nameserviceIds(conf);
  const where = `${conf.sourceOf('dfs.nameservices')}: dfs.nameservices`;
  throw new LabError(
    'BAD_CONFIG',
    all.length === 0
      ? 'dfs.nameservices is not set: HA needs a nameservice'
      : `${where} names ${all.join(', ')}: ` +
          `${own.length === 0 ? 'none of them has dfs.ha.namenodes' : 'which one is meant is not said'}`,
    {
      remedy:
        own.length > 1
          ? 'set dfs.nameservice.id, or dfs.internal.nameservices'
          : 'set dfs.nameservices and dfs.ha.namenodes.<nameservice> in hdfs-site.xml',
    },
  );
}

/** Addresses of all NameNodes of a nameservice, in the order of dfs.ha.namenodes. */
export function nameNodesOf(conf: Configuration, nameserviceId: string): readonly NameNodeAddress[] {
  const ids = nameNodeIds(conf, nameserviceId);
  if (ids.length === 0) {
    throw new LabError(
      'BAD_CONFIG',
      `${conf.sourceOf('dfs.nameservices')}: dfs.ha.namenodes.${nameserviceId} is not set`,
      { remedy: 'list the NameNodes of the nameservice there, for example nn1,nn2' },
    );
  }
  return ids.map((nameNodeId) => {
    const rpcKey = suffixed('dfs.namenode.rpc-address', nameserviceId, nameNodeId);
    const rpcText = conf.get(rpcKey);
    if (rpcText === undefined) {
      throw new LabError('BAD_CONFIG', `${conf.sourceOf('dfs.nameservices')}: ${rpcKey} is not set`, {
        remedy: `set ${rpcKey} to the host:port of this NameNode`,
      });
    }
    const rpc = parseHostPort(rpcText, 8020, `${conf.sourceOf(rpcKey)}: ${rpcKey}`);
    const own = (key: string): string | undefined => getSuffixed(conf, key, nameserviceId, nameNodeId) || undefined;
    const address = (name: string, port: number): HostPort | undefined => {
      const key = keySet(conf, name, nameserviceId, nameNodeId);
      const text = own(name);
      if (text === undefined) return undefined;
      const found = parseHostPort(text, port, `${conf.sourceOf(key)}: ${key}`);
      return isWildcard(found.host) ? { host: rpc.host, port: found.port } : found;
    };
    return {
      nameserviceId,
      nameNodeId,
      rpc,
      serviceRpc: address('dfs.namenode.servicerpc-address', 8021),
      lifelineRpc: address('dfs.namenode.lifeline.rpc-address', 8050),
      http: address('dfs.namenode.http-address', 9870) ?? { host: rpc.host, port: 9870 },
      https: address('dfs.namenode.https-address', 9871) ?? { host: rpc.host, port: 9871 },
      bindHosts: {
        rpc: own('dfs.namenode.rpc-bind-host'),
        serviceRpc: own('dfs.namenode.servicerpc-bind-host'),
        lifelineRpc: own('dfs.namenode.lifeline.rpc-bind-host'),
        http: own('dfs.namenode.http-bind-host'),
        https: own('dfs.namenode.https-bind-host'),
      },
    };
  });
}

/**
 * The NameNode that runs here: the id asked for, `dfs.ha.namenode.id`, or the one whose rpc-address is one of this
 * host's names and addresses. Throws LabError `BAD_CONFIG` if none fits, or more than one.
 */
export function localNameNode(
  conf: Configuration,
  nameserviceId: string,
  isLocal: (host: string) => boolean,
  wanted?: string,
): NameNodeAddress {
  const all = nameNodesOf(conf, nameserviceId);
  const asked = wanted ?? conf.get(suffixed('dfs.ha.namenode.id', nameserviceId)) ?? conf.get('dfs.ha.namenode.id');
  const list = all.map(({ nameNodeId, rpc }) => `${nameNodeId} at ${rpc.host}:${rpc.port}`).join(', ');
  if (asked !== undefined && asked !== '') {
    const found = all.find(({ nameNodeId }) => nameNodeId === asked);
    if (found === undefined)
      throw new LabError('BAD_CONFIG', `NameNode ${asked} is not in dfs.ha.namenodes.${nameserviceId}: ${list}`, {
        remedy: 'set dfs.ha.namenode.id to one of these',
      });
    return found;
  }
  const local = all.filter(({ rpc }) => isLocal(rpc.host));
  if (local.length === 1) return local[0]!;
  throw new LabError(
    'BAD_CONFIG',
    local.length === 0
      ? `no NameNode of ${nameserviceId} has its rpc-address on this host: ${list}`
      : `${local.length} NameNodes of ${nameserviceId} have their rpc-address on this host: ${list}`,
    { remedy: 'set dfs.ha.namenode.id to say which one runs here' },
  );
}

/** Where the JournalNodes of `qjournal://host:port;host:port/journal` are. Throws LabError `BAD_CONFIG`. */
export function parseQuorumJournal(
  text: string,
  where: string,
): { readonly nodes: readonly HostPort[]; readonly journal: string } {
  const match = /^qjournal:\/\/([^/]+)\/([^/]+)\/?$/.exec(text.trim());
  if (match === null) {
    throw new LabError('BAD_CONFIG', `${where}: "${text}" is not a quorum journal`, {
      remedy: 'write qjournal://m1:8485;m2:8485;m3:8485/journal-name',
    });
  }
  return {
    nodes: match[1]!
      .split(';')
      .filter((part) => part.trim() !== '')
      .map((part) => parseHostPort(part, 8485, where)),
    journal: match[2]!,
  };
}

/** ha.zookeeper.quorum as host and port pairs. Throws LabError `BAD_CONFIG` if it is not set. */
export function zooKeeperQuorum(conf: Configuration): readonly HostPort[] {
  const text = conf.get('ha.zookeeper.quorum');
  if (text === undefined || text === '') {
    throw new LabError('BAD_CONFIG', 'ha.zookeeper.quorum is not set', {
      remedy: 'set it in core-site.xml, for example m1:2181,m2:2181,m3:2181',
    });
  }
  const where = `${conf.sourceOf('ha.zookeeper.quorum')}: ha.zookeeper.quorum`;
  return text
    .replace(/\/.*$/, '')
    .split(',')
    .map((part) => parseHostPort(part, 2181, where));
}
