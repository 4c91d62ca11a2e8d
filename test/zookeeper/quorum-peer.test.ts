/** Whole servers, simulated: what an operator and a client see of an ensemble. */
import { describe, expect, test } from 'vitest';
import { CreateMode } from '../../src/wire/zookeeper/client/modes.js';
import { encodeInitialMessage } from '../../src/wire/zookeeper/election/initial-message.js';
import { encodePacket, packet } from '../../src/wire/zookeeper/quorum/packet.js';
import { PacketType } from '../../src/wire/zookeeper/quorum/packet-type.js';
import { encodeLearnerInfo } from '../../src/wire/zookeeper/quorum/payloads.js';
import type { ZooKeeperClient } from '../../src/zookeeper/client/client.js';
import { startQuorumPeer } from '../../src/zookeeper/quorum-peer.js';
import { SimEnsemble } from './zab/sim-ensemble.js';

/** Runs this in a client's process, and the world until it is done. */
function asClient<T>(
  ensemble: SimEnsemble,
  name: string,
  use: (client: ZooKeeperClient) => Promise<T>,
  ...sids: number[]
): Promise<T> {
  return ensemble.during(
    new Promise<T>((resolve, reject) => {
      ensemble.client(
        name,
        async (client) => {
          try {
            await client.connected(10_000);
            resolve(await use(client));
          } catch (error) {
            reject(error as Error);
          }
        },
        ...sids,
      );
    }),
  );
}

describe('an ensemble', () => {
  test('serves soon after its start, and soon after its leader is lost', async () => {
    const ensemble = new SimEnsemble(1);
    ensemble.launch(1, 2, 3);
    await ensemble.serving(500, 1, 2, 3);
    const startedMs = ensemble.world.nowMs;
    expect(startedMs).toBeLessThan(500);
    const leader = ensemble.leader()!;
    const others = [1, 2, 3].filter((sid) => sid !== leader);
    ensemble.kill(leader);
    await ensemble.serving(1000, ...others);
    expect(ensemble.world.nowMs - startedMs).toBeLessThan(1000);
    ensemble.launch(leader);
    await ensemble.serving(500, 1, 2, 3);
    expect(ensemble.violations).toEqual([]);
  });

  test('without a quorum nothing is acknowledged; with one again it goes on', async () => {
    const ensemble = new SimEnsemble(2);
    ensemble.launch(1, 2, 3);
    await ensemble.serving(1000, 1, 2, 3);
    await asClient(ensemble, 'c1', (client) => client.create('/a', Buffer.from('1')));
    ensemble.kill(1);
    ensemble.kill(2);
    await ensemble.world.run({ untilMs: ensemble.world.nowMs + 5000 });
    expect(ensemble.peers.get(3)!.consensus.mode).toBe('looking');
    ensemble.launch(2);
    await ensemble.serving(2000, 2, 3);
    expect((await asClient(ensemble, 'c2', (client) => client.getData('/a'))).data!.toString()).toBe('1');
  });

  test('a leader cut off steps down, and what only it has logged is taken back', async () => {
    const ensemble = new SimEnsemble(3);
    ensemble.launch(1, 2, 3);
    const leader = await ensemble.serving(1000, 1, 2, 3);
    const others = [1, 2, 3].filter((sid) => sid !== leader);
    await asClient(ensemble, 'c1', (client) => client.create('/a', Buffer.from('kept')));
    for (const sid of others) ensemble.world.partition(`m${leader}`, `m${sid}`);
    ensemble.client(
      'c2',
      async (client) => {
        await client.connected(10_000);
        for (let i = 0; i < 5; i++) void client.setData('/a', Buffer.from('lost')).catch(() => undefined);
      },
      leader,
    );
    const next = await ensemble.serving(10_000, ...others);
    await asClient(ensemble, 'c3', (client) => client.setData('/a', Buffer.from('new')), ...others);
    ensemble.world.healAll();
    await ensemble.serving(10_000, 1, 2, 3);
    expect(ensemble.leader()).toBe(next);
    expect(
      (
        await asClient(
          ensemble,
          'c4',
          async (client) => {
            await client.sync('/a');
            return client.getData('/a');
          },
          leader,
        )
      ).data!.toString(),
    ).toBe('new');
    expect(ensemble.violations).toEqual([]);
  });

  test('an observer serves, and its vote is not asked for', async () => {
    const ensemble = new SimEnsemble(4, { observers: 1 });
    ensemble.launch(1, 2, 3, 4);
    await ensemble.serving(2000, 1, 2, 3, 4);
    expect(ensemble.peers.get(4)!.consensus.mode).toBe('observer');
    await asClient(
      ensemble,
      'c1',
      async (client) => {
        for (let i = 0; i < 20; i++) await client.create(`/n${i}`, null);
        await client.sync('/');
        expect(await client.exists('/n19')).toBeDefined();
      },
      4,
    );
    expect(ensemble.log.filter((line) => line.includes('zk4') && line.includes('looking for a leader again'))).toEqual(
      [],
    );
    ensemble.kill(1);
    ensemble.kill(2);
    await ensemble.world.run({ untilMs: ensemble.world.nowMs + 5000 });
    expect(ensemble.peers.get(3)!.consensus.mode).toBe('looking');
    expect(ensemble.violations).toEqual([]);
  });

  test('a session ends on all servers when its client is gone, with its ephemeral nodes', async () => {
    const ensemble = new SimEnsemble(5);
    ensemble.launch(1, 2, 3);
    await ensemble.serving(1000, 1, 2, 3);
    await asClient(ensemble, 'c1', (client) => client.create('/mine', null, { mode: CreateMode.EPHEMERAL }), 1);
    for (const instance of ensemble.world.machine('c1').instances) instance.kill();
    await ensemble.world.run({ untilMs: ensemble.world.nowMs + 8000 });
    for (const peer of ensemble.peers.values()) expect(peer.server.view.tree.node('/mine')).toBeUndefined();
  });
});

describe('what does not belong on the quorum and election ports harms nobody', () => {
  const huge = Buffer.alloc(16);
  huge.writeInt32BE(PacketType.FOLLOWERINFO, 0);
  huge.writeInt32BE(0x7fffffff, 12);
  const electionFrame = Buffer.concat([
    encodeInitialMessage({ sid: 9, addresses: ['127.0.0.1:3888'] }),
    Buffer.from([0x7f, 0xff, 0xff, 0xff]),
  ]);
  test.each<[string, number, Buffer]>([
    ['noise', 2888, Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a length beyond all bounds', 2888, huge],
    [
      'half a packet',
      2888,
      encodePacket(
        packet(PacketType.FOLLOWERINFO, 0n, encodeLearnerInfo({ sid: 1, protocolVersion: 0x10000, configVersion: 0n })),
      ).subarray(0, 21),
    ],
    [
      'a learner that is none of ours',
      2888,
      encodePacket(
        packet(
          PacketType.FOLLOWERINFO,
          0n,
          encodeLearnerInfo({ sid: 77, protocolVersion: 0x10000, configVersion: 0n }),
        ),
      ),
    ],
    ['a packet out of place', 2888, encodePacket(packet(PacketType.ACK, 1n))],
    ['noise', 3888, Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['half a handshake', 3888, encodeInitialMessage({ sid: 1, addresses: ['127.0.0.1:3888'] }).subarray(0, 19)],
    ['a server that is none of ours', 3888, electionFrame],
    ['nothing at all', 3888, Buffer.alloc(0)],
  ])('%s on port %i', async (_, port, bytes) => {
    const ensemble = new SimEnsemble(6);
    ensemble.launch(1, 2, 3);
    const leader = await ensemble.serving(1000, 1, 2, 3);
    let closed = 0;
    ensemble.world.addMachine('stranger', '127.0.9.9').launch('stranger', (host) => {
      for (let i = 0; i < 10; i++) {
        const stream = host.net.connect(
          { host: `127.0.1.${leader}`, port },
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
    await asClient(ensemble, 'c1', async (client) => {
      for (let i = 0; i < 10; i++) await client.create(`/n${i}`, null);
    });
    await ensemble.world.run({ untilMs: ensemble.world.nowMs + 20_000 });
    expect(closed).toBe(10);
    expect(ensemble.leader()).toBe(leader);
    expect(ensemble.epochs).toBe(1);
    expect(ensemble.log.filter((line) => line.includes('looking for a leader again'))).toEqual([]);
    expect(ensemble.violations).toEqual([]);
  });
});

describe('a server that cannot start says why, and what to do', () => {
  async function startOn(prepare: (ensemble: SimEnsemble) => void, sid = 1): Promise<string> {
    const ensemble = new SimEnsemble(7);
    prepare(ensemble);
    await ensemble.world.run({ untilMs: 50 });
    ensemble.launch(sid);
    await ensemble.world.run({ untilMs: 2000 });
    expect(ensemble.machine(sid).instances.filter((instance) => instance.id === `zk${sid}`)).toEqual([]);
    return ensemble.violations.join('\n');
  }

  test.each([2888, 3888, 2181])('port %i is in use', async (port) => {
    const message = await startOn((ensemble) => {
      const machine = ensemble.machine(1);
      machine.launch('other', (host) =>
        host.net.listen({ host: '127.0.1.1', port }, () => ({ onData: () => undefined, onClose: () => undefined })),
      );
      // A machine with a process on it is taken for a running server.
      ensemble.launch = (): void => {
        machine.launch('zk1', (host) => startQuorumPeer(host, ensemble.config(1)));
      };
    });
    expect(message).toMatch(new RegExp(`127\\.0\\.1\\.1:${port}`));
  });

  test('myid says otherwise', async () => {
    const message = await startOn((ensemble) => {
      ensemble.machine(1).launch('hand', (host) => host.disk.writeFile('/zk/myid', Buffer.from('2\n')));
      ensemble.world.at(20, () => {
        for (const instance of ensemble.machine(1).instances) instance.kill();
      });
    });
    expect(message).toContain('/zk/myid says "2", but this server is server.1');
  });
});

test('a server alone: its log is its history, over a restart', async () => {
  const ensemble = new SimEnsemble(8, { voters: 1, config: { mode: 'standalone', servers: [], snapCount: 10 } });
  ensemble.launch(1);
  await asClient(ensemble, 'c1', async (client) => {
    for (let i = 0; i < 30; i++) await client.create(`/n${i}`, null);
    await client.sync('/');
    await client.create('/mine', null, { mode: CreateMode.EPHEMERAL });
  });
  for (const instance of ensemble.world.machine('c1').instances) instance.kill();
  ensemble.powerOff(1);
  ensemble.launch(1);
  await asClient(ensemble, 'c2', async (client) => {
    expect(await client.exists('/n29')).toBeDefined();
    expect(await client.exists('/mine')).toBeDefined();
  });
  await ensemble.world.run({ untilMs: ensemble.world.nowMs + 8000 });
  expect(ensemble.peers.get(1)!.server.view.tree.node('/mine')).toBeUndefined();
  expect(ensemble.violations).toEqual([]);
});
