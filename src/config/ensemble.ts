/**
 * The ZooKeeper ensemble that belongs to a Hadoop configuration: from one zoo.cfg for all, from one a host (whose own
 * line may say 0.0.0.0), or, where there is none, from ha.zookeeper.quorum with ZooKeeper's defaults. What the file of
 * a single server means is zoo.ts's business.
 */
import { LabError } from '../base/errors.js';
import { bracketed, isWildcard } from '../base/host-port.js';
import { sameHost, type HostPort } from './hadoop/nameservice.js';
import { clientOf, parseZoo, readZooFile, type ZooFile } from './zoo.js';

export interface EnsembleServer {
  readonly sid: number;
  readonly host: string;
  /** Undefined: it serves no clients. */
  readonly clientPort: number | undefined;
  /** Absent for a server that stands alone. */
  readonly peerPorts: readonly number[];
}

/** Where the files of an ensemble are. */
export interface EnsembleFiles {
  /** For every host that has none of its own; undefined: there is none. */
  readonly shared: string | undefined;
  readonly byHost: Readonly<Record<string, string>>;
}

export interface Ensemble {
  /** For messages. */
  readonly source: string;
  readonly servers: readonly EnsembleServer[];
  /** As they were read; of a host that has none of its own the shared one holds. */
  readonly shared: ZooFile | undefined;
  readonly own: readonly { readonly host: string; readonly zoo: ZooFile }[];
  /** The text to write down where there was no file. */
  readonly written: string | undefined;
  readonly warnings: readonly string[];
}

/** The file that holds on a host. */
export function zooFileFor({ shared, own }: Ensemble, host: string): ZooFile | undefined {
  return own.find((each) => sameHost(each.host, host))?.zoo ?? shared;
}

/**
 * `quorum`: ha.zookeeper.quorum, and where it stands. Throws LabError `CONFIG_MISSING`, `BAD_CONFIG` of the files, and
 * `BAD_CONFIG` where they do not fit together.
 */
export function readEnsemble(
  files: EnsembleFiles,
  quorum: readonly HostPort[],
  quorumSource: string,
  overlay: Readonly<Record<string, string>>,
): Ensemble {
  const own = Object.entries(files.byHost).map(([host, file]) => ({ host, zoo: readZooFile(file, overlay) }));
  if (own.length > 0)
    return fromHosts(own, files.shared === undefined ? undefined : readZooFile(files.shared, overlay));
  if (files.shared !== undefined) return fromOne(readZooFile(files.shared, overlay), quorum);
  return fromQuorum(quorum, quorumSource, overlay);
}

function fromOne(zoo: ZooFile, quorum: readonly HostPort[]): Ensemble {
  for (const { sid, host } of zoo.servers) if (isWildcard(host)) throw nameless(zoo, sid, host);
  const alone = zoo.servers.length === 0 && quorum.length === 1 ? quorum[0] : undefined;
  return {
    source: zoo.file,
    servers:
      alone === undefined
        ? zoo.servers.map((server) => serverOf(server, zoo, server.host))
        : [{ sid: 1, host: alone.host, clientPort: clientOf(zoo, 1)?.port, peerPorts: [] }],
    shared: zoo,
    own: [],
    written: undefined,
    warnings: zoo.warnings,
  };
}

/** Every host reads its own file: the ensemble is what they say together, and they must not contradict each other. */
function fromHosts(own: readonly { host: string; zoo: ZooFile }[], shared: ZooFile | undefined): Ensemble {
  const all = [...own, ...(shared === undefined ? [] : [{ host: undefined, zoo: shared }])];
  const servers = new Map<number, EnsembleServer>();
  for (const { host, zoo } of all) {
    for (const line of zoo.servers) {
      // A wildcard stands for the host whose file this is.
      const named = isWildcard(line.host) ? host : line.host;
      if (named === undefined) throw nameless(zoo, line.sid, line.host);
      const found = serverOf(line, own.find((other) => sameHost(other.host, named))?.zoo ?? zoo, named);
      const before = servers.get(line.sid);
      if (before !== undefined && !agree(before, found)) {
        throw new LabError(
          'BAD_CONFIG',
          `${zoo.file}: line ${zoo.properties.get(`server.${line.sid}`)?.line}: server.${line.sid} is ` +
            `${named}:${found.peerPorts.join(':')}, and another host's file says ` +
            `${before.host}:${before.peerPorts.join(':')}`,
          { remedy: 'make the server.N lines of all hosts agree', data: { file: zoo.file } },
        );
      }
      servers.set(line.sid, found);
    }
  }
  return {
    source: all.map(({ zoo }) => zoo.file).join(', '),
    servers: [...servers.values()].sort((a, b) => a.sid - b.sid),
    shared,
    own,
    written: undefined,
    warnings: [...new Set(all.flatMap(({ zoo }) => zoo.warnings))],
  };
}

function agree(a: EnsembleServer, b: EnsembleServer): boolean {
  return sameHost(a.host, b.host) && a.peerPorts.join() === b.peerPorts.join();
}

function serverOf(line: ZooFile['servers'][number], zoo: ZooFile, host: string): EnsembleServer {
  return {
    sid: line.sid,
    host,
    clientPort: clientOf(zoo, line.sid)?.port,
    peerPorts: [line.quorumPort, line.electionPort],
  };
}

/** As ZooKeeper's own sample of a configuration has it, on the hosts and ports of the quorum. */
function fromQuorum(quorum: readonly HostPort[], source: string, overlay: Readonly<Record<string, string>>): Ensemble {
  if (quorum.length === 0) return { source, servers: [], shared: undefined, own: [], written: undefined, warnings: [] };
  const twice = quorum.find((a, index) => quorum.findIndex((b) => sameHost(a.host, b.host)) !== index);
  if (twice !== undefined) {
    throw new LabError('BAD_CONFIG', `${source}: ha.zookeeper.quorum names two servers of ${twice.host}`, {
      remedy: 'give every ZooKeeper server a host of its own',
    });
  }
  const port = quorum.every((server) => server.port === quorum[0]!.port) ? quorum[0]!.port : undefined;
  const text = [
    'tickTime=2000',
    'initLimit=10',
    'syncLimit=5',
    'dataDir=/var/lib/zookeeper',
    ...(port === undefined ? [] : [`clientPort=${port}`]),
    ...(quorum.length === 1
      ? []
      : quorum.map(
          (server, index) =>
            `server.${index + 1}=${bracketed(server.host)}:2888:3888${port === undefined ? `;${server.port}` : ''}`,
        )),
    '',
  ].join('\n');
  const one = fromOne(parseZoo(text, source, overlay), quorum);
  const places = quorum.map((server) => `${server.host}:${server.port}`).join(', ');
  return {
    ...one,
    written: text,
    warnings: [
      `there is no zoo.cfg: ZooKeeper's defaults are used, on ${places} (ha.zookeeper.quorum)`,
      ...one.warnings,
    ],
  };
}

function nameless(zoo: ZooFile, sid: number, host: string): LabError {
  const line = zoo.properties.get(`server.${sid}`)?.line;
  return new LabError('BAD_CONFIG', `${zoo.file}: line ${line}: server.${sid}: ${host} does not say which host it is`, {
    remedy: `write the host's name, or give every host a file of its own: HOST/zoo.cfg beside the Hadoop files`,
    data: { file: zoo.file, line },
  });
}
