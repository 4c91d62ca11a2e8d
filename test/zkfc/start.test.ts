/** Starting and formatting: each thing that is missing has its own exit code and message, as Hadoop's. */
import { describe, expect, test } from 'vitest';
import { LabError, exitCodeOf } from '../../src/base/errors.js';
import { configurationOf } from '../../src/config/hadoop/load.js';
import type { Host } from '../../src/host/host.js';
import { createWorld } from '../../src/host/sim/index.js';
import type { World } from '../../src/host/sim/index.js';
import { ANYONE, Perms } from '../../src/wire/zookeeper/data/acl.js';
import { zkfcConfigFrom } from '../../src/zkfc/config.js';
import type { ZkfcConfig } from '../../src/zkfc/config.js';
import { formatZk } from '../../src/zkfc/format-zk.js';
import type { FormatZkOptions } from '../../src/zkfc/format-zk.js';
import { startZkfc } from '../../src/zkfc/zkfc.js';
import { ZooKeeperClient } from '../../src/zookeeper/client/client.js';
import { quorumPeerConfig } from '../../src/config/quorum-peer-config.js';
import { startQuorumPeer } from '../../src/zookeeper/quorum-peer.js';

function world(withZooKeeper = true): World {
  const made = createWorld({ seed: 7 });
  made.addMachine('m1', '127.0.1.1');
  made.addMachine('m2', '127.0.1.2');
  if (withZooKeeper) {
    made.machine('m2').launch('zk1', (host) =>
      startQuorumPeer(
        host,
        quorumPeerConfig({
          sid: 1,
          servers: [],
          client: { host: 'm2', port: 2181 },
          dataDir: '/zk',
          tickTimeMs: 2000,
        }),
      ),
    );
  }
  return made;
}

const config = (more: Record<string, string> = {}): ZkfcConfig =>
  zkfcConfigFrom(
    configurationOf({
      'ha.zookeeper.quorum': 'm2:2181',
      'dfs.nameservices': 'ns',
      'dfs.ha.namenodes.ns': 'nn1,nn2',
      'dfs.namenode.rpc-address.ns.nn1': 'm1:9000',
      'dfs.namenode.rpc-address.ns.nn2': 'm2:9000',
      'dfs.ha.automatic-failover.enabled': 'true',
      'dfs.ha.fencing.methods': 'shell(/bin/true)',
      ...more,
    }),
    { nameserviceId: 'ns', nameNodeId: 'nn1', user: 'root' },
  );

async function on<T>(made: World, main: (host: Host) => Promise<T>): Promise<T> {
  let result: { value: T } | { error: unknown } | undefined;
  made.machine('m1').launch('zkfc1', async (host) => {
    result = await main(host).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
  });
  await made.run({ until: () => result !== undefined, untilMs: made.nowMs + 120_000 });
  if (result === undefined) throw new Error('did not finish');
  if ('error' in result) throw result.error;
  return result.value;
}

async function failure(action: Promise<unknown>): Promise<LabError> {
  const error: unknown = await action.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof LabError)) throw error;
  return error;
}

const format =
  (options: Partial<FormatZkOptions> = {}, more: Record<string, string> = {}) =>
  (host: Host): Promise<number> =>
    formatZk(host, config(more), {
      force: false,
      nonInteractive: false,
      confirm: () => Promise.resolve(false),
      ...options,
    });

const withClient =
  <T>(action: (client: ZooKeeperClient) => Promise<T>) =>
  async (host: Host): Promise<T> => {
    const client = new ZooKeeperClient(host, { connectString: 'm2:2181', sessionTimeoutMs: 10_000 });
    await client.connected(10_000);
    try {
      return await action(client);
    } finally {
      await client.close();
    }
  };

describe('starting', () => {
  test('automatic failover off: 5', async () => {
    const error = await failure(
      on(world(), (host) => startZkfc(host, config({ 'dfs.ha.automatic-failover.enabled': 'false' }))),
    );
    expect(exitCodeOf(error)).toBe(5);
    expect(error.message).toBe(
      'Automatic failover is not enabled for NameNode at m1/127.0.1.1:9000. Please ensure that automatic failover ' +
        'is enabled in the configuration before running the ZK failover controller.',
    );
  });

  test('no ZooKeeper: 6, after the session time-out', async () => {
    const made = world(false);
    const error = await failure(on(made, (host) => startZkfc(host, config())));
    expect(exitCodeOf(error)).toBe(6);
    expect(error.message).toBe(
      'Unable to start failover controller. Unable to connect to ZooKeeper quorum at m2:2181. Please check the ' +
        'configured value for ha.zookeeper.quorum and ensure that ZooKeeper is running.',
    );
    expect(made.nowMs).toBeGreaterThan(10_000);
    expect(made.nowMs).toBeLessThan(11_000);
  });

  test('ZooKeeper comes up while it is looked for: no failure', async () => {
    const made = world(false);
    made.at(3000, () => {
      made.machine('m2').launch('zk1', (host) =>
        startQuorumPeer(
          host,
          quorumPeerConfig({
            sid: 1,
            servers: [],
            client: { host: 'm2', port: 2181 },
            dataDir: '/zk',
            tickTimeMs: 2000,
          }),
        ),
      );
    });
    expect(exitCodeOf(await failure(on(made, (host) => startZkfc(host, config()))))).toBe(3);
  });

  test('not formatted: 3', async () => {
    const error = await failure(on(world(), (host) => startZkfc(host, config())));
    expect(exitCodeOf(error)).toBe(3);
    expect(error.message).toBe(
      'Unable to start failover controller. Parent znode does not exist.\nRun with -formatZK flag to ' +
        'initialize ZooKeeper.',
    );
  });

  test.each([
    [
      { 'dfs.ha.fencing.methods': 'com.example.Nonesuch' },
      /Could not find configured fencing method com\.example\.Nonesuch/,
    ],
    [{ 'dfs.ha.fencing.methods': 'shell' }, /No argument passed to 'shell' fencing method/],
  ])('no usable fencing, %o: 4', async (more, reason) => {
    const made = world();
    await on(made, format());
    const error = await failure(on(made, (host) => startZkfc(host, config(more))));
    expect(exitCodeOf(error)).toBe(4);
    expect(error.message.split('\n')).toEqual([
      'Fencing is not configured for NameNode at m1/127.0.1.1:9000.',
      expect.stringMatching(/^You must configure a fencing method before using automatic failover\./),
    ]);
    expect(error.message).toMatch(reason);
  });

  test('no fencing at all: 4', async () => {
    const made = world();
    await on(made, format());
    const bare = { ...config(), local: { ...config().local, fencingMethods: undefined } };
    const error = await failure(on(made, (host) => startZkfc(host, bare)));
    expect(exitCodeOf(error)).toBe(4);
    expect(error.message).toContain('No fencer configured for NameNode at m1/127.0.1.1:9000');
  });

  test('no quorum configured, a port in use: 1, and what is wrong', async () => {
    const made = world();
    expect(
      (await failure(on(made, (host) => startZkfc(host, config({ 'ha.zookeeper.quorum': '' }))))).message,
    ).toContain('ha.zookeeper.quorum');
    expect(
      (await failure(on(made, (host) => startZkfc(host, config({ 'ha.zookeeper.quorum': 'm2:port' }))))).message,
    ).toMatch(/^ha\.zookeeper\.quorum: "m2:port"/);
    await on(made, format());
    const error = await failure(
      on(made, async (host) => {
        await host.net.listen({ host: 'm1', port: 8019 }, () => ({ onData: () => {}, onClose: () => {} }));
        return startZkfc(host, config());
      }),
    );
    expect(error.code).toBe('ADDRESS_IN_USE');
    expect(error.message).toContain('8019');
    expect(exitCodeOf(error)).toBe(1);
  });
});

describe('formatZK', () => {
  test('makes the parent, with its own parents', async () => {
    const made = world();
    expect(await on(made, format({}, { 'ha.zookeeper.parent-znode': '/a/b' }))).toBe(0);
    expect(
      await on(
        made,
        withClient(async (client) => (await client.exists('/a/b/ns')) !== undefined),
      ),
    ).toBe(true);
  });

  test("there already: asks, in Hadoop's words; no is 2, yes clears it with all that is in it", async () => {
    const made = world();
    await on(made, format());
    await on(
      made,
      withClient((client) => client.create('/hadoop-ha/ns/ActiveBreadCrumb', Buffer.from('x'))),
    );
    const asked: string[] = [];
    const confirm =
      (answer: boolean) =>
      (warning: string, question: string): Promise<boolean> => {
        asked.push(warning, question);
        return Promise.resolve(answer);
      };
    expect(await on(made, format({ confirm: confirm(false) }))).toBe(2);
    expect(asked[0]).toContain(
      'The configured parent znode /hadoop-ha/ns already exists.\nAre you sure you want to clear all failover ' +
        'information from\nZooKeeper?',
    );
    expect(asked[1]).toBe('Proceed formatting /hadoop-ha/ns?');
    expect(await on(made, format({ confirm: confirm(true) }))).toBe(0);
    expect(
      await on(
        made,
        withClient(async (client) => (await client.getChildren('/hadoop-ha/ns')).children),
      ),
    ).toEqual([]);
  });

  test('-nonInteractive never asks: 2, unless -force', async () => {
    const made = world();
    await on(made, format());
    const confirm = (): Promise<boolean> => Promise.reject(new Error('asked'));
    expect(await on(made, format({ nonInteractive: true, confirm }))).toBe(2);
    expect(await on(made, format({ nonInteractive: true, force: true, confirm }))).toBe(0);
    expect(await on(made, format({ force: true, confirm }))).toBe(0);
  });

  test('sets the configured ACLs, also on parents that were there; credentials from a file', async () => {
    const made = world();
    await on(made, format());
    const acl = await on(made, async (host) => {
      await host.disk.writeFile('/etc/zk-auth.txt', Buffer.from('digest:hdfs:secret\n'));
      const code = await format(
        { force: true },
        { 'ha.zookeeper.acl': 'auth::rwcda,world:anyone:r', 'ha.zookeeper.auth': '@/etc/zk-auth.txt' },
      )(host);
      expect(code).toBe(0);
      return withClient(async (client) => (await client.getAcl('/hadoop-ha')).acl)(host);
    });
    expect(acl).toContainEqual({ perms: Perms.READ, id: ANYONE });
    expect(acl.find(({ id }) => id.scheme === 'digest')).toMatchObject({
      perms: Perms.ALL,
      id: { id: expect.stringMatching(/^hdfs:/) as unknown },
    });
    await expect(
      on(
        made,
        withClient((client) => client.create('/hadoop-ha/x', null)),
      ),
    ).rejects.toMatchObject({ code: 'NoAuth' });
  });

  test('no ZooKeeper: 6; automatic failover off: 5', async () => {
    expect(exitCodeOf(await failure(on(world(false), format())))).toBe(6);
    expect(exitCodeOf(await failure(on(world(), format({}, { 'dfs.ha.automatic-failover.enabled': 'false' }))))).toBe(
      5,
    );
  });
});
