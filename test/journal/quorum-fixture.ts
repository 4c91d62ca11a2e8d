/**
 * Three JournalNodes on the live host, on loopback addresses of their own, with directories that go when the test ends.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabEvent } from '../../src/base/events.js';
import type { Host } from '../../src/host/host.js';
import { createLiveHost } from '../../src/host/live/index.js';
import type { RunningRole } from '../../src/host/role.js';
import type { JournalNodeConfig } from '../../src/journal/config.js';
import { startJournalNode } from '../../src/journal/journal-node.js';
import type { NamespaceInfo, QuorumJournal, QuorumJournalOptions } from '../../src/journal/writer/api.js';
import type { QuorumJournalConfig } from '../../src/journal/writer/config.js';
import { openQuorumJournal } from '../../src/journal/writer/quorum-journal.js';
import { encodeOp, encodeStartLogSegment } from '../../src/wire/edits/segment/frame.js';

export const nsInfo: NamespaceInfo = {
  namespaceId: 1234567,
  clusterId: 'CID-test',
  blockPoolId: 'BP-1-127.0.0.1-1',
  cTime: 0n,
  layoutVersion: -66,
};

export const writerConfig: QuorumJournalConfig = {
  startSegmentTimeoutMs: 20000,
  prepareRecoveryTimeoutMs: 120000,
  acceptRecoveryTimeoutMs: 120000,
  finalizeSegmentTimeoutMs: 120000,
  selectInputStreamsTimeoutMs: 20000,
  getJournalStateTimeoutMs: 120000,
  newEpochTimeoutMs: 120000,
  writeTxnsTimeoutMs: 20000,
  operationsTimeoutMs: 60000,
  queuedEditsLimitBytes: 10 << 20,
  rpcMaxTxns: 5000,
  inProgressTailing: false,
  httpConnectTimeoutMs: 60000,
  httpReadTimeoutMs: 60000,
  connectTimeoutMs: 20000,
  // Quicker than Hadoop's ten tries, a second apart, to see that a node is gone.
  connectRetries: 3,
  connectRetryIntervalMs: 100,
};

/** A host whose events can be looked at. */
export function recordingHost(host: Host, events: LabEvent[]): Host {
  return { ...host, emit: (event) => events.push(event) };
}

export interface Quorum {
  readonly directory: string;
  readonly uri: string;
  readonly hosts: readonly Host[];
  readonly events: readonly LabEvent[][];
  readonly nodes: (RunningRole | undefined)[];
  editsDir(node: number): string;
  start(node: number): Promise<void>;
  stop(node: number): Promise<void>;
  open(options?: Partial<QuorumJournalOptions>): QuorumJournal;
  readonly clientHost: Host;
  readonly clientEvents: LabEvent[];
  end(): Promise<void>;
}

/** Test files run beside each other, in processes whose ids are neighbours: each gets networks of its own. */
let networks = 0;
const nextNetwork = (): string =>
  `127.${100 + (process.pid % 100)}.${(Math.floor(process.pid / 100) % 200) + networks++}`;

export async function startQuorum(options: { cacheBytes?: number } = {}): Promise<Quorum> {
  const directory = await mkdtemp(join(tmpdir(), 'journal-test-'));
  const network = nextNetwork();
  const addresses = [1, 2, 3].map((n) => `${network}.${n}`);
  const events: LabEvent[][] = [[], [], []];
  const hosts = addresses.map((address, i) =>
    recordingHost(createLiveHost({ id: `jn${i + 1}`, address, logLevel: 'error' }), events[i]!),
  );
  const clientEvents: LabEvent[] = [];
  const clientHost = recordingHost(
    createLiveHost({ id: 'client-1', address: `${network}.9`, logLevel: 'error' }),
    clientEvents,
  );
  const nodes: (RunningRole | undefined)[] = [undefined, undefined, undefined];
  const journals: QuorumJournal[] = [];
  const config = (i: number): JournalNodeConfig => ({
    editsDir: join(directory, `jn${i + 1}`),
    editsDirs: {},
    rpc: { host: addresses[i]!, port: 8485 },
    http: { host: addresses[i]!, port: 8480 },
    cacheBytes: options.cacheBytes,
    fetchTimeoutMs: 10000,
    connectTimeoutMs: 5000,
  });
  const quorum: Quorum = {
    directory,
    hosts,
    events,
    nodes,
    clientHost,
    clientEvents,
    uri: `qjournal://${addresses.map((a) => `${a}:8485`).join(';')}/book`,
    editsDir: (i) => config(i).editsDir,
    async start(i) {
      nodes[i] = await startJournalNode(hosts[i]!, config(i));
    },
    async stop(i) {
      await nodes[i]?.stop();
      nodes[i] = undefined;
    },
    open(extra = {}) {
      const journal = openQuorumJournal(clientHost, {
        uri: quorum.uri,
        nsInfo,
        config: writerConfig,
        rpcUser: 'hdfs',
        ...extra,
      });
      journals.push(journal);
      return journal;
    },
    async end() {
      for (const journal of journals) await journal.close();
      for (const node of nodes) await node?.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  for (let i = 0; i < 3; i++) await quorum.start(i);
  return quorum;
}

/** A first operation and `count - 1` more. */
export function startOps(first: bigint, count: number): Buffer {
  return Buffer.concat([encodeStartLogSegment(first), ops(first + 1n, count - 1)]);
}

/** Operations that look like a mkdir to the framing; `fill` tells writers apart. */
export function ops(first: bigint, count: number, fill = 7): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => encodeOp(3, first + BigInt(i), Buffer.alloc(40, fill))));
}

export async function readAll(
  journal: QuorumJournal,
  from: bigint,
  options = { inProgressOk: false, onlyDurable: false },
): Promise<{ first: bigint; last: bigint; bytes: Buffer } | undefined> {
  const pieces: Buffer[] = [];
  let first: bigint | undefined;
  let last = 0n;
  for await (const range of journal.readEdits(from, options)) {
    first ??= range.firstTxid;
    if (last !== 0n && range.firstTxid !== last + 1n) throw new Error(`hole before ${range.firstTxid}`);
    last = range.lastTxid;
    pieces.push(range.bytes);
  }
  return first === undefined ? undefined : { first, last, bytes: Buffer.concat(pieces) };
}
