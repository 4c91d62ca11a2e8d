/**
 * Three JournalNodes and two NameNodes on the live host, in this process, on loopback addresses and directories of
 * their own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabEvent } from '../../src/base/events.js';
import { configurationOf } from '../../src/config/hadoop/load.js';
import type { Endpoint, Host } from '../../src/host/host.js';
import { createLiveHost } from '../../src/host/live/index.js';
import type { RunningRole } from '../../src/host/role.js';
import { journalNodeConfigFrom } from '../../src/journal/config.js';
import { startJournalNode } from '../../src/journal/journal-node.js';
import { nameNodeConfigFrom } from '../../src/namenode/config.js';
import type { NameNodeConfig } from '../../src/namenode/config.js';
import { bootstrapStandby, formatNameNode, startNameNode } from '../../src/namenode/name-node.js';
import { HARequestSource, HAServiceStateProto } from '../../src/wire/hadoop/gen/ha-service-protocol.js';
import type { HARequestSource as HARequestSourceType } from '../../src/wire/hadoop/gen/ha-service-protocol.js';
import { clientNamenodeProtocol } from '../../src/wire/hadoop/protocols/client-namenode.js';
import { haServiceProtocol } from '../../src/wire/hadoop/protocols/ha-service.js';
import { createRpcClient } from '../../src/wire/hadoop/rpc/client.js';
import type { RpcClient } from '../../src/wire/hadoop/rpc/client.js';

// Test files run in processes of their own, side by side: a network for each, a block of addresses for each cluster.
const network = `127.16.${(process.pid % 254) + 1}`;
let nextBlock = 0;

export interface NameNodeUnderTest {
  readonly id: string;
  readonly host: Host;
  readonly config: NameNodeConfig;
  readonly rpc: Endpoint;
  readonly events: LabEvent[];
  role: RunningRole | undefined;
  /** What the role asked for with host.exit. */
  exited: { code: number; reason: string } | undefined;
}

export interface Cluster {
  readonly directory: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly journalNodes: (RunningRole | undefined)[];
  readonly nn: readonly [NameNodeUnderTest, NameNodeUnderTest];
  readonly client: RpcClient;
  startJournal(node: number): Promise<void>;
  start(index: 0 | 1): Promise<void>;
  stop(index: 0 | 1): Promise<void>;
  transition(index: 0 | 1, to: 'ACTIVE' | 'STANDBY' | 'OBSERVER', source?: HARequestSourceType): Promise<void>;
  state(index: 0 | 1): Promise<string>;
  mkdirs(index: 0 | 1, path: string, user?: string): Promise<boolean>;
  exists(index: 0 | 1, path: string): Promise<boolean>;
  list(index: 0 | 1, path: string): Promise<string[]>;
  end(): Promise<void>;
}

function watched(host: Host, events: LabEvent[], onExit: (code: number, reason: string) => void): Host {
  return { ...host, emit: (event) => events.push(event), exit: onExit };
}

export async function createCluster(overrides: Record<string, string> = {}): Promise<Cluster> {
  const directory = await mkdtemp(join(tmpdir(), 'namenode-test-'));
  const block = (nextBlock++ % 12) * 20;
  const address = (n: number): string => `${network}.${block + n}`;
  const journals = [1, 2, 3].map(address);
  const properties = {
    'fs.defaultFS': 'hdfs://ns1',
    'dfs.nameservices': 'ns1',
    'dfs.ha.namenodes.ns1': 'nn1,nn2',
    'dfs.namenode.rpc-address.ns1.nn1': `${address(11)}:9000`,
    'dfs.namenode.rpc-address.ns1.nn2': `${address(12)}:9000`,
    'dfs.namenode.http-address.ns1.nn1': `${address(11)}:50070`,
    'dfs.namenode.http-address.ns1.nn2': `${address(12)}:50070`,
    'dfs.namenode.shared.edits.dir': `qjournal://${journals.map((a) => `${a}:8485`).join(';')}/ns1`,
    'dfs.namenode.name.dir': join(directory, 'name'),
    'dfs.journalnode.edits.dir': join(directory, 'journal'),
    'hadoop.tmp.dir': directory,
    ...overrides,
  };
  const journalNodes: (RunningRole | undefined)[] = [];
  const startJournal = async (i: number): Promise<void> => {
    const host = createLiveHost({ id: `jn${i + 1}`, address: journals[i]!, logLevel: 'error' });
    const conf = configurationOf({ ...properties, 'dfs.journalnode.edits.dir': join(directory, `jn${i + 1}`) });
    journalNodes[i] = await startJournalNode(host, journalNodeConfigFrom(conf, { address: journals[i]! }));
  };
  const makeNode = (n: 1 | 2): NameNodeUnderTest => {
    const own = address(10 + n);
    const conf = configurationOf({ ...properties, 'dfs.namenode.name.dir': join(directory, `nn${n}`) });
    const events: LabEvent[] = [];
    const logStream = process.env['NN_LOG'] === undefined ? undefined : process.stderr;
    const node: NameNodeUnderTest = {
      id: `nn${n}`,
      host: watched(
        createLiveHost({ id: `nn${n}`, address: own, logLevel: logStream === undefined ? 'error' : 'info', logStream }),
        events,
        (code, reason) => {
          node.exited ??= { code, reason };
        },
      ),
      config: nameNodeConfigFrom(conf, { nameserviceId: 'ns1', nameNodeId: `nn${n}`, user: 'hdfs', address: own }),
      rpc: { host: own, port: 9000 },
      events,
      role: undefined,
      exited: undefined,
    };
    return node;
  };
  const nn: [NameNodeUnderTest, NameNodeUnderTest] = [makeNode(1), makeNode(2)];
  const client = createRpcClient(createLiveHost({ id: 'client-1', address: address(19), logLevel: 'error' }), {
    user: 'hdfs',
  });
  const cluster: Cluster = {
    directory,
    properties,
    journalNodes,
    nn,
    client,
    startJournal,
    async start(i) {
      nn[i].role = await startNameNode(nn[i].host, nn[i].config);
    },
    async stop(i) {
      await nn[i].role?.stop();
      nn[i].role = undefined;
      client.disconnect(nn[i].rpc);
    },
    async transition(i, to, source = HARequestSource.REQUEST_BY_USER) {
      const method = (
        { ACTIVE: 'transitionToActive', STANDBY: 'transitionToStandby', OBSERVER: 'transitionToObserver' } as const
      )[to];
      await client.call(haServiceProtocol, method, nn[i].rpc, { reqInfo: { reqSource: source } });
    },
    async state(i) {
      const { state } = await client.call(haServiceProtocol, 'getServiceStatus', nn[i].rpc, {});
      return Object.entries(HAServiceStateProto).find(([, value]) => value === state)![0];
    },
    async mkdirs(i, path, user) {
      const options = user === undefined ? {} : { user };
      return (
        await client.call(
          clientNamenodeProtocol,
          'mkdirs',
          nn[i].rpc,
          { src: path, masked: { perm: 0o755 }, createParent: true },
          options,
        )
      ).result;
    },
    async exists(i, path) {
      return (await client.call(clientNamenodeProtocol, 'getFileInfo', nn[i].rpc, { src: path })).fs !== undefined;
    },
    async list(i, path) {
      const { dirList } = await client.call(clientNamenodeProtocol, 'getListing', nn[i].rpc, {
        src: path,
        startAfter: Buffer.alloc(0),
        needLocation: false,
      });
      return (dirList?.partialListing ?? []).map((entry) => entry.path.toString('utf8'));
    },
    async end() {
      client.close();
      for (const node of nn) await node.role?.stop();
      for (const node of journalNodes) await node?.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  for (let i = 0; i < 3; i++) await startJournal(i);
  return cluster;
}

/** Formatted, both started, nn1 active. */
export async function startCluster(overrides: Record<string, string> = {}): Promise<Cluster> {
  const cluster = await createCluster(overrides);
  await formatNameNode(cluster.nn[0].host, cluster.nn[0].config, {});
  await cluster.start(0);
  await bootstrapStandby(cluster.nn[1].host, cluster.nn[1].config, {});
  await cluster.start(1);
  await cluster.transition(0, 'ACTIVE');
  return cluster;
}

/** Waits until `probe` is true. */
export async function until(what: string, probe: () => boolean | Promise<boolean>, limitMs = 15_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await probe())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
