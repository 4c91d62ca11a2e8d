/**
 * The four-letter words: four bytes instead of a handshake, answered as text, then the connection ends. Mirrors
 * org.apache.zookeeper.server.command, whose output others parse, line by line.
 *
 * A word that is not on the whitelist is answered as Apache does; `srvr` always is on it. Words about a JVM (heap,
 * tracing) say what holds for us.
 */
import type { QuorumPeerConfig } from '../../config/quorum-peer-config.js';
import type { Consensus } from '../contract.js';
import type { DataTree } from '../tree/data-tree.js';
import type { Watcher } from '../tree/watches.js';
import type { ClientConnection } from './connection.js';
import { Membership } from '../membership.js';
import { sessionText } from './session-id.js';
import type { SessionTracker } from './session-tracker.js';
import type { ServerStats } from './stats.js';
import { averageText } from './stats.js';

/** Everything there is to see of a server. */
export interface ServerView {
  readonly config: QuorumPeerConfig;
  readonly mode: Consensus['mode'];
  readonly tree: DataTree;
  readonly stats: ServerStats;
  readonly status: ReturnType<Consensus['status']>;
  readonly connections: ReadonlySet<ClientConnection>;
  readonly sessions: ReadonlyMap<bigint, number>;
  readonly tracker: SessionTracker | undefined;
  readonly lastZxid: bigint;
  readonly sid: number;
  readonly nowMs: number;
  readonly wallMs: number;
  readonly uptimeMs: number;
}

export interface WordOptions {
  readonly whitelist: readonly string[];
  resetConnections(): void;
  resetServer(): void;
}

/** The protocol's version first, as clients that look at it expect. */
export const VERSION = '3.8.4-halab, built on 2024-02-12 22:16 UTC';
const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests\n';

const WORDS = [
  'conf',
  'cons',
  'crst',
  'dirs',
  'dump',
  'envi',
  'gtmk',
  'hash',
  'ruok',
  'srst',
  'srvr',
  'stat',
  'stmk',
  'wchc',
  'wchp',
  'wchs',
  'mntr',
  'isro',
] as const;
type Word = (typeof WORDS)[number];
const known = new Set<string>(WORDS);

/** True for four bytes that are one of the words, and so not the length of a packet. */
export function isFourLetterWord(head: Buffer): boolean {
  return known.has(head.toString('latin1', 0, 4));
}

/** The answer to a word that isFourLetterWord knows. */
export function fourLetterWord(word: string, view: ServerView, options: WordOptions): string {
  const { whitelist } = options;
  if (word !== 'srvr' && !whitelist.includes('*') && !whitelist.includes(word)) {
    return `${word} is not executed because it is not in the whitelist.\n`;
  }
  const serving = view.mode !== 'looking';
  switch (word as Word) {
    case 'ruok':
      return 'imok';
    case 'gtmk':
    // The mask stays what it is: there is nothing here that it would trace.
    case 'stmk':
      return '306';
    // No history of digests is kept.
    case 'hash':
      return '';
    case 'isro':
      return serving ? 'rw' : 'null';
    case 'envi':
      return environment();
    case 'srvr':
    case 'stat':
      return serving ? server(view, word === 'stat') : NOT_SERVING;
    case 'mntr':
      return serving ? monitor(view) : NOT_SERVING;
    case 'conf':
      return serving ? configuration(view) : NOT_SERVING;
    case 'cons':
      return serving
        ? `${[...view.connections].map((one) => `${connectionLine(one, false)}\n`).join('')}\n`
        : NOT_SERVING;
    case 'dump':
      return serving ? dump(view) : NOT_SERVING;
    case 'dirs':
      return serving ? 'datadir_size: 0\nlogdir_size: 0\n' : NOT_SERVING;
    case 'wchs':
      return serving ? watchSummary(view.tree) : NOT_SERVING;
    case 'wchc':
      return serving ? watchesBySession(view.tree) : NOT_SERVING;
    case 'wchp':
      return serving ? watchesByPath(view.tree) : NOT_SERVING;
    case 'crst':
      if (!serving) return NOT_SERVING;
      options.resetConnections();
      return 'Connection stats reset.\n';
    case 'srst':
      if (!serving) return NOT_SERVING;
      options.resetServer();
      return 'Server stats reset.\n';
  }
}

function outstanding(view: ServerView): number {
  let count = 0;
  for (const connection of view.connections) count += connection.waiting;
  return count;
}

/** Connections that are more than a word. */
function alive(view: ServerView): number {
  let count = 0;
  for (const connection of view.connections) if (connection.state !== 'closed') count++;
  return count;
}

function server(view: ServerView, withClients: boolean): string {
  const { stats } = view;
  let text = `Zookeeper version: ${VERSION}\n`;
  if (withClients) {
    text += 'Clients:\n';
    for (const connection of view.connections) text += `${connectionLine(connection, true)}\n`;
    text += '\n';
  }
  text += `Latency min/avg/max: ${stats.latency.min}/${averageText(stats.latency.average)}/${stats.latency.max}\n`;
  text += `Received: ${stats.packetsReceived}\nSent: ${stats.packetsSent}\nConnections: ${alive(view)}\n`;
  text +=
    `Outstanding: ${outstanding(view)}\nZxid: ${hex(view.lastZxid)}\nMode: ${view.mode}\nNode count: ` +
    `${view.tree.nodeCount}\n`;
  if (view.mode === 'leader') text += `Proposal sizes last/min/max: ${stats.proposals.toString()}\n`;
  return text;
}

function connectionLine(connection: ClientConnection, brief: boolean): string {
  const { stream, latency } = connection;
  // Java's selection keys: 1 read, 4 write.
  const interest = (connection.paused ? 0 : 1) | (stream.queuedBytes > 0 ? 4 : 0);
  let text = ` ${socketText(connection)}[${connection.sessionId === 0n ? 0 : interest}]`;
  text += `(queued=${connection.waiting},recved=${connection.packetsReceived},sent=${connection.packetsSent}`;
  if (!brief && connection.sessionId !== 0n) {
    text += `,sid=${sessionText(connection.sessionId)},lop=${connection.lastOperation}`;
    text += `,est=${connection.establishedMs},to=${connection.timeoutMs}`;
    if (connection.lastXid >= 0) text += `,lcxid=0x${connection.lastXid.toString(16)}`;
    text += `,lzxid=${hex(connection.lastZxid)},lresp=${Math.floor(connection.lastResponseMs)}`;
    text += `,llat=${connection.lastLatencyMs}`;
    text += `,minlat=${latency.min},avglat=${Math.floor(latency.average)},maxlat=${latency.max}`;
  }
  return `${text})`;
}

function monitor(view: ServerView): string {
  const { stats, tree, status } = view;
  const rows: (readonly [string, string | number])[] = [
    ['version', VERSION],
    ['server_state', view.mode],
  ];
  if (view.mode === 'leader') rows.push(['peer_state', 'leading - broadcast']);
  if (view.mode === 'follower') rows.push(['peer_state', 'following - broadcast']);
  if (view.mode === 'observer') rows.push(['peer_state', 'observing - broadcast']);
  if (view.config.mode === 'quorum') {
    rows.push(['quorum_size', view.config.servers.filter((one) => one.type === 'participant').length]);
  }
  rows.push(
    ['avg_latency', averageText(stats.latency.average)],
    ['max_latency', stats.latency.max],
    ['min_latency', stats.latency.min],
    ['packets_received', stats.packetsReceived],
    ['packets_sent', stats.packetsSent],
    ['num_alive_connections', alive(view)],
    ['outstanding_requests', outstanding(view)],
    ['uptime', Math.floor(view.uptimeMs)],
    ['znode_count', tree.nodeCount],
    ['watch_count', tree.dataWatches.size + tree.childWatches.size],
    ['ephemerals_count', tree.ephemeralCount],
    ['approximate_data_size', tree.approximateDataSize],
    ['global_sessions', view.sessions.size],
    ['local_sessions', 0],
    ['last_proposal_size', stats.proposals.last],
    ['max_proposal_size', stats.proposals.max],
    ['min_proposal_size', stats.proposals.min],
  );
  if (view.mode === 'leader') {
    rows.push(
      ['learners', status.followers],
      ['synced_followers', status.syncedFollowers],
      ['pending_syncs', status.pendingSyncs],
    );
  }
  return rows.map(([key, value]) => `zk_${key}\t${value}\n`).join('');
}

function configuration(view: ServerView): string {
  const { config } = view;
  let text = `clientPort=${config.client?.port ?? -1}\nsecureClientPort=-1\n`;
  text += `dataDir=${config.dataDir}/version-2\ndataDirSize=0\n`;
  text += `dataLogDir=${config.dataLogDir}/version-2\ndataLogSize=0\n`;
  text += `tickTime=${config.tickTimeMs}\nmaxClientCnxns=${config.maxClientCnxns}\n`;
  text += `minSessionTimeout=${config.minSessionTimeoutMs}\nmaxSessionTimeout=${config.maxSessionTimeoutMs}\n`;
  text += 'clientPortListenBacklog=-1\n';
  text += `serverId=${config.mode === 'standalone' ? 0 : view.sid}\n`;
  if (config.mode === 'standalone') return text;
  const own = config.servers.find((one) => one.sid === config.sid);
  text += `initLimit=${config.initLimit}\nsyncLimit=${config.syncLimit}\nelectionAlg=3\n`;
  text += `electionPort=${own?.electionPort ?? -1}\n`;
  text +=
    `quorumPort=${own?.quorumPort ?? -1}\npeerType=${own?.type === 'observer' ? 1 : 0}\nmembership: ` +
    `\n${new Membership(config.servers).text(0n)}`;
  return text;
}

function dump(view: ServerView): string {
  let text = 'SessionTracker dump:\n';
  if (view.tracker !== undefined) {
    const buckets = view.tracker.expiries();
    text += `Session Sets (${buckets.length})/(${view.tracker.size}):\n`;
    for (const [expiresMs, sessions] of buckets) {
      text += `${sessions.length} expire at ${javaDate(view.wallMs + expiresMs - view.nowMs)}:\n`;
      for (const session of sessions) text += `\t${sessionText(session)}\n`;
    }
  } else {
    text += `Global Sessions(${view.sessions.size}):\n`;
    const sorted = [...view.sessions].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [session, timeoutMs] of sorted) text += `${sessionText(session)}\t${timeoutMs}ms\n`;
  }
  text += `ephemeral nodes dump:\nSessions with Ephemerals (${view.tree.ephemerals.size}):\n`;
  for (const [session, paths] of view.tree.ephemerals) {
    text += `${sessionText(session)}:\n`;
    for (const path of paths) text += `\t${path}\n`;
  }
  const open = [...view.connections].filter((one) => one.state !== 'closed');
  const byExpiry = new Map<number, ClientConnection[]>();
  for (const one of open) {
    const expiresMs = one.idleUntilMs;
    byExpiry.set(expiresMs, [...(byExpiry.get(expiresMs) ?? []), one]);
  }
  text += `Connections dump:\nConnections Sets (${byExpiry.size})/(${open.length}):\n`;
  for (const [expiresMs, connections] of [...byExpiry].sort(([a], [b]) => a - b)) {
    text += `${connections.length} expire at ${javaDate(view.wallMs + expiresMs - view.nowMs)}:\n`;
    for (const one of connections) text += `\tip: ${socketText(one)} sessionId: ${sessionText(one.sessionId)}\n`;
  }
  return text;
}

/** As Java prints an InetSocketAddress without a name. */
function socketText(connection: ClientConnection): string {
  return `/${connection.stream.remote.host}:${connection.stream.remote.port}`;
}

/** As Java prints a Date where the time zone is UTC: Sat Nov 21 10:06:05 UTC 2026. */
function javaDate(wallMs: number): string {
  const [day, date, month, year, time] = new Date(wallMs).toUTCString().replace(',', '').split(' ');
  return `${day} ${month} ${date} ${time} UTC ${year}`;
}

function environment(): string {
  return `Environment:\nzookeeper.version=${VERSION}\nhost.name=<NA>\njava.version=<NA>\njava.vendor=<NA>\n`;
}

/** As Apache, of data watches only. */
function watchSummary(tree: DataTree): string {
  const watches = tree.dataWatches;
  return `${watches.watcherCount} connections watching ${watches.pathCount} paths\nTotal watches:${watches.size}\n`;
}

function watchesBySession(tree: DataTree): string {
  let text = '';
  for (const [watcher, paths] of tree.dataWatches.watchers()) {
    text += `${sessionText(watcher.sessionId)}\n`;
    for (const path of paths) text += `\t${path}\n`;
  }
  return `${text}\n`;
}

function watchesByPath(tree: DataTree): string {
  let text = '';
  for (const [path, watchers] of tree.dataWatches.paths()) {
    text += `${path}\n`;
    for (const watcher of watchers.keys() as Iterable<Watcher>) text += `\t${sessionText(watcher.sessionId)}\n`;
  }
  return `${text}\n`;
}

function hex(zxid: bigint): string {
  return `0x${BigInt.asUintN(64, zxid).toString(16)}`;
}
