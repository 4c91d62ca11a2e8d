/**
 * Hadoop's own ZKFC and ours as the two of one nameservice, on Apache's ZooKeeper and on ours: each elects, cedes,
 * fences and is fenced by the other. The NameNodes are nothing but their HA state, so that what is seen here is the
 * ZKFCs' doing alone.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabEvent } from '../../src/base/events.js';
import { loadConfiguration } from '../../src/config/hadoop/load.js';
import type { Host } from '../../src/host/host.js';
import type { RunningRole } from '../../src/host/role.js';
import { createLiveHost } from '../../src/host/live/index.js';
import { HAServiceStateProto } from '../../src/wire/hadoop/gen/ha-service-protocol.js';
import { haServiceProtocol } from '../../src/wire/hadoop/protocols/ha-service.js';
import { bindProtocol, createRpcServer } from '../../src/wire/hadoop/rpc/server.js';
import type { RpcServer } from '../../src/wire/hadoop/rpc/server.js';
import { zkfcConfigFrom } from '../../src/zkfc/config.js';
import type { ZkfcConfig } from '../../src/zkfc/config.js';
import { formatZk } from '../../src/zkfc/format-zk.js';
import { HaServices } from '../../src/zkfc/ha-service.js';
import { startZkfc } from '../../src/zkfc/zkfc.js';
import { ZooKeeperClient } from '../../src/zookeeper/client/client.js';
import { quorumPeerConfig } from '../../src/config/quorum-peer-config.js';
import { startQuorumPeer } from '../../src/zookeeper/quorum-peer.js';
import { eventually, java, startJava, stopAll } from './apache.js';
import type { JavaResult } from './apache.js';

const ZKFC = 'org.apache.hadoop.hdfs.tools.DFSZKFailoverController';
const ZOOKEEPER = { host: '127.17.5.9', port: 2181 };
const ADDRESS = { nn1: '127.17.5.1', nn2: '127.17.5.2' } as const;
type Id = keyof typeof ADDRESS;

let directory: string;
let running: (() => Promise<unknown> | void)[];
let events: (LabEvent & { readonly role: string })[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'halab-zkfc-'));
  running = [];
  events = [];
});
afterEach(async () => {
  for (const stop of running.reverse()) await stop();
  await stopAll();
  rmSync(directory, { recursive: true, force: true });
});

function host(id: string, address: string): Host {
  const live = createLiveHost({ id, address });
  return { ...live, emit: (event) => void events.push({ ...event, role: id }) };
}

async function startZooKeeper(make: 'Apache' | 'our'): Promise<void> {
  mkdirSync(join(directory, 'zk'));
  if (make === 'our') {
    const config = quorumPeerConfig({
      sid: 1,
      servers: [],
      client: ZOOKEEPER,
      dataDir: join(directory, 'zk'),
      tickTimeMs: 500,
    });
    const peer = await startQuorumPeer(host('zk1', ZOOKEEPER.host), config);
    running.push(() => peer.stop());
    return;
  }
  const file = join(directory, 'zoo.cfg');
  writeFileSync(
    file,
    [
      'tickTime=500',
      `dataDir=${join(directory, 'zk')}`,
      `clientPort=${ZOOKEEPER.port}`,
      `clientPortAddress=${ZOOKEEPER.host}`,
      'admin.enableServer=false',
      '',
    ].join('\n'),
  );
  startJava('org.apache.zookeeper.server.quorum.QuorumPeerMain', [file], { classpath: 'zk' });
}

/** A configuration directory for one of the two, and what we make of it. */
function configure(id: Id, more: Record<string, string> = {}): { dir: string; config: ZkfcConfig } {
  const dir = join(directory, `conf-${id}`);
  mkdirSync(dir, { recursive: true });
  const file = (values: Record<string, string>): string =>
    `<configuration>${Object.entries(values)
      .map(([name, value]) => `<property><name>${name}</name><value>${value}</value></property>`)
      .join('')}</configuration>`;
  writeFileSync(
    join(dir, 'core-site.xml'),
    file({ 'fs.defaultFS': 'hdfs://ns', 'ha.zookeeper.quorum': `${ZOOKEEPER.host}:${ZOOKEEPER.port}` }),
  );
  writeFileSync(
    join(dir, 'hdfs-site.xml'),
    file({
      'dfs.nameservices': 'ns',
      'dfs.ha.namenodes.ns': 'nn1,nn2',
      'dfs.ha.namenode.id': id,
      'dfs.namenode.rpc-address.ns.nn1': `${ADDRESS.nn1}:9000`,
      'dfs.namenode.rpc-address.ns.nn2': `${ADDRESS.nn2}:9000`,
      'dfs.namenode.name.dir.ns.nn1': '/name/of/one',
      'dfs.namenode.name.dir.ns': '/name',
      'dfs.namenode.lifeline.rpc-bind-host': '${user.name}.example',
      'ha.zookeeper.acl.ns': 'world:anyone:rwcda',
      'dfs.ha.automatic-failover.enabled': 'true',
      'dfs.ha.fencing.methods': `shell(env -0 > ${join(directory, 'fenced-by-')}${id})`,
      ...more,
    }),
  );
  writeFileSync(
    join(dir, 'log4j.properties'),
    [
      'log4j.rootLogger=INFO,console',
      'log4j.appender.console=org.apache.log4j.ConsoleAppender',
      'log4j.appender.console.target=System.err',
      'log4j.appender.console.layout=org.apache.log4j.PatternLayout',
      'log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{2}: %m%n',
      '',
    ].join('\n'),
  );
  const user = process.env['HADOOP_USER_NAME'] ?? process.env['USER'] ?? 'root';
  return { dir, config: zkfcConfigFrom(loadConfiguration(dir), { nameserviceId: 'ns', nameNodeId: id, user }) };
}

class FakeNameNode {
  state: keyof typeof HAServiceStateProto = 'INITIALIZING';
  readonly #id: Id;
  #server: RpcServer | undefined;

  constructor(id: Id) {
    this.#id = id;
    running.push(() => this.kill());
  }

  async start(): Promise<void> {
    this.state = 'STANDBY';
    this.#server = await createRpcServer(
      host(this.#id, ADDRESS[this.#id]),
      { host: ADDRESS[this.#id], port: 9000 },
      {
        protocols: [
          bindProtocol(haServiceProtocol, {
            getServiceStatus: (_request, call) =>
              call.reply({ state: HAServiceStateProto[this.state], readyToBecomeActive: true }),
            monitorHealth: (_request, call) => call.reply({}),
            transitionToActive: (_request, call) => this.#become('ACTIVE', call),
            transitionToStandby: (_request, call) => this.#become('STANDBY', call),
          }),
        ],
      },
    );
  }

  #become(state: 'ACTIVE' | 'STANDBY', call: { reply(response: object): void }): void {
    this.state = state;
    call.reply({});
  }

  async kill(): Promise<void> {
    this.state = 'INITIALIZING';
    await this.#server?.close();
  }
}

const reached = (what: string, holds: () => boolean): Promise<true> =>
  eventually(what, () => (holds() ? true : undefined), 40_000);

/**
 * Apache's `-formatZK -force` deadlocks in some of its runs: the main thread waits in ZKUtil.deleteInBatch for the
 * event thread, which waits in processWatchEvent for the main thread. A run that hangs is ended and made again; it has
 * then deleted all or nothing, and the next one finds either.
 */
async function formatByJava(dir: string, ...options: string[]): Promise<JavaResult> {
  for (let attempt = 1; ; attempt++) {
    const result = await java(ZKFC, ['-formatZK', ...options], { classpath: 'hadoop', conf: dir, timeoutMs: 20_000 });
    const hung = result.code === null;
    if (!hung || attempt === 4) return result;
  }
}
const formatByUs = (config: ZkfcConfig, force = false): Promise<number> =>
  formatZk(host('zkfc2', ADDRESS.nn2), config, { force, nonInteractive: true, confirm: () => Promise.resolve(false) });

async function gracefulFailover(config: ZkfcConfig): Promise<void> {
  const services = new HaServices(host('admin', config.local.address.host), config.rpc);
  try {
    await services.gracefulFailover(config.local.zkfc, { timeoutMs: 60_000, connectRetries: 1 });
  } finally {
    services.close();
  }
}

async function read(path: string): Promise<string | undefined> {
  const client = new ZooKeeperClient(host('look', ADDRESS.nn2), {
    connectString: `${ZOOKEEPER.host}:${ZOOKEEPER.port}`,
    sessionTimeoutMs: 4000,
  });
  await client.connected(10_000);
  const found = await client.getData(path).catch(() => undefined);
  await client.close();
  return found?.data?.toString('hex');
}

/** What a fencing script had in its environment, as written by `env -0`. */
function environment(by: Id): Map<string, string> {
  const text = readFileSync(join(directory, `fenced-by-${by}`), 'utf8');
  return new Map(
    text
      .split('\0')
      .filter((entry) => entry !== '')
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

describe.each(['Apache', 'our'] as const)('on %s ZooKeeper', (make) => {
  test('they elect, cede to each other, fence each other', async () => {
    await startZooKeeper(make);
    const nn1 = configure('nn1');
    const nn2 = configure('nn2');
    await eventually('formatted', () => formatByUs(nn2.config, true).then((code) => (code === 0 ? code : undefined)));
    expect((await formatByJava(nn1.dir, '-nonInteractive')).code, "ours is there, so Hadoop's refuses").toBe(2);
    expect((await formatByJava(nn1.dir, '-force')).code).toBe(0);
    expect(await formatByUs(nn2.config), "Hadoop's is there, so ours refuses").toBe(2);

    const first = new FakeNameNode('nn1');
    const second = new FakeNameNode('nn2');
    await first.start();
    await second.start();
    const theirs = startJava(ZKFC, [], { classpath: 'hadoop', conf: nn1.dir });
    await reached("nn1 active by Hadoop's ZKFC", () => first.state === 'ACTIVE');
    const lockByJava = await eventually('the lock', () => read('/hadoop-ha/ns/ActiveStandbyElectorLock'));
    expect(await read('/hadoop-ha/ns/ActiveBreadCrumb')).toBe(lockByJava);

    const ours: RunningRole = await startZkfc(host('zkfc2', ADDRESS.nn2), nn2.config);
    running.push(() => ours.stop());
    await reached('nn2 is asked to be standby', () =>
      events.some(({ type, role }) => type === 'StandbyRequested' && role === 'zkfc2'),
    );

    await gracefulFailover(nn2.config);
    expect([first.state, second.state]).toEqual(['STANDBY', 'ACTIVE']);
    await gracefulFailover(nn1.config);
    expect([first.state, second.state]).toEqual(['ACTIVE', 'STANDBY']);
    expect(
      existsSync(join(directory, 'fenced-by-nn1')) || existsSync(join(directory, 'fenced-by-nn2')),
      'nobody was fenced so far',
    ).toBe(false);
    expect(await read('/hadoop-ha/ns/ActiveBreadCrumb'), 'byte for byte the same again').toBe(lockByJava);

    await reached(
      'ours is in the election again',
      () => events.findLast(({ role }) => role === 'zkfc2')?.type === 'StandbyRequested',
    );
    await first.kill();
    await reached('ours fences nn1 and makes nn2 active', () => second.state === 'ACTIVE');
    await first.start();
    // It asks over a connection that died with the first nn1, does not notice before, and does not ask again: so its
    // word counts.
    await reached("Hadoop's ZKFC is in the election again", () => /should become standby/.test(theirs.output()));
    await second.kill();
    await reached("Hadoop's fences nn2 and makes nn1 active", () => first.state === 'ACTIVE');

    const byUs = environment('nn2');
    const byJava = environment('nn1');
    for (const [env, id] of [
      [byUs, 'nn1'],
      [byJava, 'nn2'],
    ] as const) {
      expect(Object.fromEntries([...env].filter(([key]) => /^(target|source)_/.test(key)))).toEqual({
        target_host: ADDRESS[id],
        target_port: '9000',
        target_nameserviceid: 'ns',
        target_namenodeid: id,
        target_address: expect.stringMatching(new RegExp(`^(${ADDRESS[id]})?/${ADDRESS[id]}:9000$`)) as unknown,
      });
    }
    // The whole configuration, defaults included, with references as they are written: key for key and value for value
    // the same, save what names the one that is fenced.
    const OF_THE_FENCED = ['dfs_ha_namenode_id', 'dfs_namenode_rpc-address', 'fs_defaultFS', 'dfs_namenode_name_dir'];
    for (const [env, id, nameDir] of [
      [byUs, 'nn1', '/name/of/one'],
      [byJava, 'nn2', '/name'],
    ] as const) {
      const address = `${ADDRESS[id]}:9000`;
      expect(OF_THE_FENCED.map((key) => env.get(key))).toEqual([id, address, `hdfs://${address}`, nameDir]);
    }
    const SHELL = ['PWD', 'OLDPWD', 'SHLVL', '_', 'dfs_ha_fencing_methods'];
    const common = (env: ReadonlyMap<string, string>): Record<string, string> =>
      Object.fromEntries(
        [...env]
          .filter(([key]) => !key.startsWith('target_') && !OF_THE_FENCED.includes(key))
          .filter(([key]) => !SHELL.includes(key) && process.env[key] === undefined)
          .sort(([one], [other]) => (one < other ? -1 : 1)),
      );
    expect(Object.keys(common(byJava)).length).toBeGreaterThan(800);
    expect(common(byUs)).toEqual(common(byJava));
  });
});

test(
  'the lock of a Hadoop ZKFC that is killed goes with its session; its NameNode obeys, so ' + 'no script runs',
  async () => {
    await startZooKeeper('our');
    const nn1 = configure('nn1', { 'ha.zookeeper.session-timeout.ms': '2000' });
    const nn2 = configure('nn2');
    await formatByUs(nn2.config, true);
    const first = new FakeNameNode('nn1');
    const second = new FakeNameNode('nn2');
    await first.start();
    await second.start();
    const theirs = startJava(ZKFC, [], { classpath: 'hadoop', conf: nn1.dir });
    await reached("nn1 active by Hadoop's ZKFC", () => first.state === 'ACTIVE');
    const ours = await startZkfc(host('zkfc2', ADDRESS.nn2), nn2.config);
    running.push(() => ours.stop());
    await reached('nn2 is asked to be standby', () =>
      events.some(({ type, role }) => type === 'StandbyRequested' && role === 'zkfc2'),
    );
    theirs.kill();
    await reached('ours takes over', () => second.state === 'ACTIVE');
    expect(first.state).toBe('STANDBY');
    expect(existsSync(join(directory, 'fenced-by-nn2'))).toBe(false);
  },
);

test.each([
  ['automatic failover off', { 'dfs.ha.automatic-failover.enabled': 'false' }, 5],
  ['not formatted', {}, 3],
  ['no such fencing method', { 'dfs.ha.fencing.methods': 'com.example.Nonesuch' }, 4],
])('%s: the same exit code and message from both', async (_name, more, code) => {
  await startZooKeeper('our');
  const { dir, config } = configure('nn1', more);
  if (code === 4) await formatByUs(config, true);
  const theirs = await java(ZKFC, [], { classpath: 'hadoop', conf: dir });
  expect(theirs.code).toBe(code);
  const error = await startZkfc(host('zkfc1', ADDRESS.nn1), config).then(
    () => undefined,
    (reason: unknown) => reason as Error & { data: { exitCode: number } },
  );
  expect(error?.data.exitCode).toBe(code);
  // The NameNode's name may or may not be looked up by Java: /127... or name/127...
  const plain = (text: string): string =>
    text.replace(/NameNode at [^ ]*\/(127[\d.:]+)/g, 'NameNode at /$1').replace(/\s+/g, ' ');
  expect(plain(theirs.stderr + theirs.stdout)).toContain(plain(error!.message.replace(/ \(.*\)$/s, '')));
});
