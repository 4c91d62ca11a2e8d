/** Whole servers, simulated: what an operator and a client see of an ensemble. */
import { describe, expect, test } from 'vitest';
import { CreateMode } from '../../src/wire/zookeeper/client/modes.js';
import { encodeInitialMessage } from '../../src/wire/zookeeper/election/initial-message.js';
import { encodePacket, packet } from '../../src/wire/zookeeper/quorum/packet.js';
import { PacketType } from '../../src/wire/zookeeper/quorum/packet-type.js';
import { encodeLearnerInfo } from '../../src/wire/zookeeper/quorum/payloads.js';
import { SimulatedEnsemble } from './simulated-ensemble.js';

const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests\n';

describe('an ensemble', () => {
  test('serves soon after its start, and soon after its leader is lost', async () => {
    const ensemble = new SimulatedEnsemble(1);
    ensemble.launch(1, 2, 3);
    const leader = await ensemble.serving(500, 1, 2, 3);
    const startedMs = ensemble.world.nowMs;
    ensemble.kill(leader);
    await ensemble.serving(1000, ...ensemble.sids.filter((sid) => sid !== leader));
    expect(ensemble.world.nowMs - startedMs).toBeLessThan(1000);
    ensemble.launch(leader);
    await ensemble.serving(500, 1, 2, 3);
    expect(ensemble.violations).toEqual([]);
  });

  test('without a quorum nothing is acknowledged; with one again it goes on', async () => {
    const ensemble = new SimulatedEnsemble(2);
    ensemble.launch(1, 2, 3);
    await ensemble.serving(1000, 1, 2, 3);
    await ensemble.client((client) => client.create('/a', Buffer.from('1')));
    ensemble.kill(1, 2);
    await ensemble.pass(5000);
    expect(await ensemble.word(3, 'srvr')).toBe(NOT_SERVING);
    ensemble.launch(2);
    await ensemble.serving(2000, 2, 3);
    expect((await ensemble.client((client) => client.getData('/a'))).data!.toString()).toBe('1');
  });

  test('a leader cut off steps down, and what only it has logged is taken back', async () => {
    const ensemble = new SimulatedEnsemble(3);
    ensemble.launch(1, 2, 3);
    const leader = await ensemble.serving(1000, 1, 2, 3);
    const others = ensemble.sids.filter((sid) => sid !== leader);
    await ensemble.client((client) => client.create('/a', Buffer.from('kept')));
    await ensemble.client(async (client, pause) => {
      for (const sid of others) ensemble.world.partition(`m${leader}`, `m${sid}`);
      for (let i = 0; i < 5; i++) void client.setData('/a', Buffer.from('lost')).catch(() => undefined);
      await pause(100);
    }, leader);
    const next = await ensemble.serving(10_000, ...others);
    await ensemble.client((client) => client.setData('/a', Buffer.from('new')), ...others);
    ensemble.world.healAll();
    expect(await ensemble.serving(10_000, 1, 2, 3)).toBe(next);
    const read = await ensemble.client(async (client) => {
      await client.sync('/a');
      return client.getData('/a');
    }, leader);
    expect(read.data!.toString()).toBe('new');
    expect(ensemble.violations).toEqual([]);
  });

  test('an observer serves, and its vote is not asked for', async () => {
    const ensemble = new SimulatedEnsemble(4, { observers: 1 });
    ensemble.launch(1, 2, 3, 4);
    await ensemble.serving(2000, 1, 2, 3, 4);
    expect(await ensemble.word(4, 'srvr')).toContain('\nMode: observer\n');
    await ensemble.client(async (client) => {
      for (let i = 0; i < 20; i++) await client.create(`/n${i}`, null);
      await client.sync('/');
      expect(await client.exists('/n19')).toBeDefined();
    }, 4);
    expect(ensemble.of('FollowingEnded')).toEqual([]);
    ensemble.kill(1, 2);
    await ensemble.pass(5000);
    expect(await ensemble.word(3, 'srvr')).toBe(NOT_SERVING);
    expect(ensemble.violations).toEqual([]);
  });

  test('a session ends on all servers when its client is gone, with its ephemeral nodes', async () => {
    const ensemble = new SimulatedEnsemble(5);
    ensemble.launch(1, 2, 3);
    await ensemble.serving(1000, 1, 2, 3);
    await ensemble.client((client) => client.create('/mine', null, { mode: CreateMode.EPHEMERAL }), 1);
    await ensemble.pass(8000);
    for (const sid of ensemble.sids)
      expect(await ensemble.client((client) => client.exists('/mine'), sid), `server ${sid}`).toBeUndefined();
  });
});

describe('settings of the ensemble', () => {
  test('leaderServes=no: the leader takes no clients and says so; the others serve', async () => {
    const ensemble = new SimulatedEnsemble(9, { config: { leaderServes: false } });
    ensemble.launch(1, 2, 3);
    const leader = await ensemble.serving(1000, 1, 2, 3);
    for (const word of ['srvr', 'stat', 'mntr', 'conf', 'cons', 'dirs'])
      expect(await ensemble.word(leader, word), word).toBe(NOT_SERVING);
    expect(await ensemble.word(leader, 'ruok')).toBe('imok');
    expect(await ensemble.word(leader, 'isro')).toBe('null');
    await expect(ensemble.client((client) => client.exists('/'), leader)).rejects.toThrow();
    // With all three in its connect string, a client finds one that serves it, and writes go through the leader.
    await ensemble.client((client) => client.create('/a', Buffer.from('1')));
    const [follower] = ensemble.sids.filter((sid) => sid !== leader);
    expect(await ensemble.word(follower!, 'srvr')).toContain('\nMode: follower\n');
    // A follower that becomes the leader drops its clients.
    ensemble.kill(leader);
    const next = await ensemble.serving(5000, ...ensemble.sids.filter((sid) => sid !== leader));
    expect(await ensemble.word(next, 'srvr')).toBe(NOT_SERVING);
    expect(ensemble.violations).toEqual([]);
  });

  test('leaderServes=no: sessions at the followers live, and end when they are not heard from', async () => {
    const ensemble = new SimulatedEnsemble(10, { config: { leaderServes: false } });
    ensemble.launch(1, 2, 3);
    await ensemble.serving(1000, 1, 2, 3);
    await ensemble.client(async (client, pause) => {
      await client.create('/mine', null, { mode: CreateMode.EPHEMERAL });
      // Longer than its time-out: the followers tell the leader that it was heard from.
      await pause(10_000);
      expect(await client.exists('/mine')).toBeDefined();
    });
    await ensemble.pass(8000);
    expect(await ensemble.client((client) => client.exists('/mine'))).toBeUndefined();
    expect(ensemble.of('SessionExpired').length).toBe(1);
  });

  test('syncEnabled=false: an observer keeps history in memory only, and is given it anew later', async () => {
    const ensemble = new SimulatedEnsemble(11, { observers: 1, config: { syncEnabled: false, snapCount: 4 } });
    ensemble.launch(1, 2, 3, 4);
    await ensemble.serving(2000, 1, 2, 3, 4);
    await ensemble.client(async (client) => {
      for (let i = 0; i < 30; i++) await client.create(`/n${i}`, null);
    }, 4);
    const voter = ensemble.sids.find((sid) => sid !== 4)!;
    expect(await snapshots(ensemble, voter)).not.toEqual([]);
    expect(await snapshots(ensemble, 4)).toEqual([]);
    ensemble.kill(4);
    await ensemble.pass(100);
    ensemble.launch(4);
    await ensemble.serving(2000, 1, 2, 3, 4);
    // It came with nothing, as it had logged nothing.
    const last = ensemble.of('LearnerSynchronized').at(-1);
    expect(last).toMatchObject({ learner: 4, mode: 'DIFF' });
    await ensemble.client(async (client) => {
      await client.sync('/');
      expect(await client.exists('/n29')).toBeDefined();
    }, 4);
    expect(ensemble.violations).toEqual([]);
  });

  test.each([
    [true, []],
    [false, ['zk1 forceSync=no: transactions are acknowledged before the disk holds them']],
  ])('forceSync %s: what a power failure may take', async (forceSync, warnings) => {
    const config = { mode: 'standalone', servers: [], forceSync } as const;
    const ensemble = new SimulatedEnsemble(12, { voters: 1, config });
    ensemble.launch(1);
    await ensemble.client(async (client) => {
      for (let i = 0; i < 30; i++) await client.create(`/n${i}`, null);
    });
    ensemble.cluster.powerOff('m1');
    ensemble.cluster.powerOn('m1');
    const kept = await ensemble.client((client) => client.exists('/n29'));
    expect(kept !== undefined).toBe(forceSync);
    const told = ensemble.warnings.filter((warning) => warning.includes('forceSync'));
    expect([...new Set(told)].map((warning) => warning.split(';')[0])).toEqual(warnings);
  });
});

/** Names of the snapshots that a server has on its disk. */
async function snapshots(ensemble: SimulatedEnsemble, sid: number): Promise<readonly string[]> {
  let names: readonly string[] = [];
  const reader = ensemble.world.machine(`m${sid}`).launch('reader', async (host) => {
    names = (await host.disk.list('/zookeeper/version-2')) ?? [];
  });
  await ensemble.pass(100);
  reader.kill();
  return names.filter((name) => name.startsWith('snapshot.'));
}

describe('what does not belong on the quorum and election ports harms nobody', () => {
  const huge = Buffer.alloc(16);
  huge.writeInt32BE(PacketType.FOLLOWERINFO, 0);
  huge.writeInt32BE(0x7fffffff, 12);
  const info = (sid: number): Buffer =>
    encodePacket(
      packet(PacketType.FOLLOWERINFO, 0n, encodeLearnerInfo({ sid, protocolVersion: 0x10000, configVersion: 0n })),
    );
  const electionFrame = Buffer.concat([
    encodeInitialMessage({ sid: 9, addresses: ['127.0.0.1:3888'] }),
    Buffer.from([0x7f, 0xff, 0xff, 0xff]),
  ]);
  test.each<[string, number, Buffer]>([
    ['noise', 2888, Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a length beyond all bounds', 2888, huge],
    ['half a packet', 2888, info(1).subarray(0, 21)],
    ['a learner that is none of ours', 2888, info(77)],
    ['a packet out of place', 2888, encodePacket(packet(PacketType.ACK, 1n))],
    ['noise', 3888, Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['half a handshake', 3888, encodeInitialMessage({ sid: 1, addresses: ['127.0.0.1:3888'] }).subarray(0, 19)],
    ['a server that is none of ours', 3888, electionFrame],
    ['nothing at all', 3888, Buffer.alloc(0)],
  ])('%s on port %i', async (_, port, bytes) => {
    const ensemble = new SimulatedEnsemble(6);
    ensemble.launch(1, 2, 3);
    const leader = await ensemble.serving(1000, 1, 2, 3);
    let closed = 0;
    ensemble.world.addMachine('stranger', '127.0.9.9').launch('stranger', (host) => {
      for (let i = 0; i < 10; i++) {
        const stream = host.net.connect(
          { host: `m${leader}`, port },
          { timeoutMs: 1000 },
          {
            onOpen: () => stream.write(bytes),
            onData: () => undefined,
            onClose: () => {
              closed++;
            },
          },
        );
      }
    });
    await ensemble.client(async (client) => {
      for (let i = 0; i < 10; i++) await client.create(`/n${i}`, null);
    });
    await ensemble.pass(20_000);
    expect(closed).toBe(10);
    expect(ensemble.leader).toBe(leader);
    expect(ensemble.of('LeaderEstablished').length).toBe(1);
    expect(ensemble.of('FollowingEnded')).toEqual([]);
    expect(ensemble.violations).toEqual([]);
  });
});

describe('a server that cannot start says why, and what to do', () => {
  test.each([2888, 3888, 2181])('port %i is in use', async (port) => {
    const ensemble = new SimulatedEnsemble(7);
    ensemble.world
      .machine('m1')
      .launch('other', (host) =>
        host.net.listen({ host: 'm1', port }, () => ({ onData: () => undefined, onClose: () => undefined })),
      );
    await ensemble.pass(50);
    ensemble.launch(1);
    await ensemble.pass(500);
    expect(ensemble.cluster.running('zk1')).toBeUndefined();
    expect(ensemble.exits.join('\n')).toMatch(new RegExp(`m1:${port}|127\\.0\\.0\\.1:${port}`));
  });

  test('myid says otherwise', async () => {
    const ensemble = new SimulatedEnsemble(7);
    const hand = ensemble.world
      .machine('m1')
      .launch('hand', (host) => host.disk.writeFile('/zookeeper/myid', Buffer.from('2\n')));
    await ensemble.pass(50);
    hand.kill();
    ensemble.launch(1);
    await ensemble.pass(500);
    expect(ensemble.cluster.running('zk1')).toBeUndefined();
    expect(ensemble.exits[0]).toContain('/zookeeper/myid says "2", but this server is server.1');
  });
});

test('a server alone: its log is its history, over a restart', async () => {
  const ensemble = new SimulatedEnsemble(8, {
    voters: 1,
    config: { mode: 'standalone', servers: [], snapCount: 10 },
  });
  ensemble.launch(1);
  await ensemble.client(async (client) => {
    for (let i = 0; i < 30; i++) await client.create(`/n${i}`, null);
    await client.sync('/');
    await client.create('/mine', null, { mode: CreateMode.EPHEMERAL });
  });
  ensemble.cluster.powerOff('m1');
  ensemble.cluster.powerOn('m1');
  await ensemble.client(async (client) => {
    expect(await client.exists('/n29')).toBeDefined();
    expect(await client.exists('/mine')).toBeDefined();
  });
  await ensemble.pass(8000);
  expect(await ensemble.client((client) => client.exists('/mine'))).toBeUndefined();
  expect(ensemble.violations).toEqual([]);
});

test('a server alone: writes and syncs that come together are answered in the order in which they came', async () => {
  const ensemble = new SimulatedEnsemble(13, { voters: 1, config: { mode: 'standalone', servers: [] } });
  ensemble.launch(1);
  const order: string[] = [];
  await ensemble.client(async (client) => {
    const note = (what: string) => (): void => void order.push(what);
    await Promise.all([
      client.sync('/').then(note('sync 1')),
      client.create('/a', Buffer.from('1')).then(note('create')),
      client.sync('/').then(note('sync 2')),
      client.setData('/a', Buffer.from('2')).then(note('set')),
      client.getData('/a').then(({ data }) => order.push(`get ${data!.toString()}`)),
      client.sync('/').then(note('sync 3')),
    ]);
  });
  expect(order).toEqual(['sync 1', 'create', 'sync 2', 'set', 'get 2', 'sync 3']);
});
