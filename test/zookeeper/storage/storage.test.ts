import { expect, test } from 'vitest';
import { ByteWriter } from '../../../src/base/bytes.js';
import { makeZxid } from '../../../src/base/zxid.js';
import type { Host } from '../../../src/host/host.js';
import { createWorld } from '../../../src/host/sim/index.js';
import type { World } from '../../../src/host/sim/index.js';
import { writeTxnHeader } from '../../../src/wire/zookeeper/txn/header.js';
import { quorumPeerConfig } from '../../../src/config/quorum-peer-config.js';
import type { ReplicatedServer, Txn } from '../../../src/zookeeper/contract.js';
import { Storage } from '../../../src/zookeeper/storage/storage.js';
import { txnFromBytes } from '../../../src/zookeeper/storage/txn.js';

const config = quorumPeerConfig({
  sid: 1,
  servers: [],
  client: { host: '127.0.0.1', port: 2181 },
  dataDir: '/data',
  dataLogDir: '/log',
  commitLogCount: 5,
});

function txn(zxid: bigint, mark = 0): Txn {
  const w = new ByteWriter();
  writeTxnHeader(w, { clientId: 1n, cxid: mark, zxid, time: 0n, type: -1 });
  return txnFromBytes(w.take());
}

/** A tree that is the list of zxids it was given; its snapshot is an empty tree with one session for each of them. */
class FakeServer implements Pick<ReplicatedServer, 'apply' | 'reset' | 'restoreSnapshot' | 'serializeSnapshot'> {
  zxids: bigint[] = [];
  get lastProcessedZxid(): bigint {
    return this.zxids.at(-1) ?? 0n;
  }
  apply({ zxid }: Txn): void {
    this.zxids.push(zxid);
  }
  reset(): void {
    this.zxids = [];
  }
  serializeSnapshot(): Buffer {
    const w = new ByteWriter().i32(this.zxids.length);
    for (const zxid of this.zxids) w.i64(zxid).i32(0);
    return w.i32(0).i32(1).utf8('/').take();
  }
  restoreSnapshot(bytes: Buffer): void {
    this.zxids = Array.from({ length: bytes.readInt32BE(0) }, (_, index) => bytes.readBigInt64BE(4 + 12 * index));
  }
}

const asServer = (fake: FakeServer): ReplicatedServer => fake as unknown as ReplicatedServer;
const zxids = (epoch: number, from: number, to: number): bigint[] =>
  Array.from({ length: to - from + 1 }, (_, index) => makeZxid(epoch, from + index));
const durable = (storage: Storage): Promise<void> =>
  new Promise((resolve) => {
    storage.whenDurable(resolve);
  });

function machine(seed = 1): World {
  const world = createWorld({ seed });
  world.addMachine('m1', '127.0.0.1');
  return world;
}

async function process<T>(world: World, main: (host: Host) => Promise<T>): Promise<T> {
  let outcome: { value: T } | { error: unknown } | undefined;
  world.machine('m1').launch('zk1', async (host) => {
    try {
      outcome = { value: await main(host) };
    } catch (error) {
      outcome = { error };
    }
  });
  await world.run({ until: () => outcome !== undefined });
  for (const instance of world.machine('m1').instances) instance.kill();
  if ('error' in outcome!) throw outcome.error;
  return outcome!.value;
}

async function load(host: Host, all = false): Promise<{ storage: Storage; server: FakeServer }> {
  const storage = await Storage.open(host, config);
  const server = new FakeServer();
  await storage.load(asServer(server), { all });
  return { storage, server };
}

test('what is durable is there again: the committed part in the tree, the rest ready', async () => {
  const world = machine();
  await process(world, async (host) => {
    const { storage } = await load(host);
    for (const zxid of zxids(1, 1, 4)) storage.append([txn(zxid)]);
    storage.setAcceptedEpoch(2n);
    storage.setCurrentEpoch(1n);
    await durable(storage);
    storage.history.commit(makeZxid(1, 3));
    storage.append([txn(makeZxid(1, 5))]);
    await durable(storage);
  });
  world.machine('m1').powerOff();
  world.machine('m1').powerOn();
  await process(world, async (host) => {
    const { storage, server } = await load(host);
    expect(server.zxids).toEqual(zxids(1, 1, 3));
    expect(storage.history.lastZxid).toBe(makeZxid(1, 5));
    expect(storage.history.commit(makeZxid(1, 5)).map(({ zxid }) => zxid)).toEqual(zxids(1, 4, 5));
    expect([storage.acceptedEpoch, storage.currentEpoch]).toEqual([2n, 1n]);
    expect((await host.disk.readFile('/data/version-2/acceptedEpoch'))!.toString()).toBe('2');
    expect(await host.disk.list('/log/version-2')).toEqual(['txnlog']);
  });
  // A server alone has nobody else to ask: all that is logged is committed.
  await process(world, async (host) => expect((await load(host, true)).server.zxids).toEqual(zxids(1, 1, 5)));
});

test('transactions that wait for the disk go down together, and calls back come in order', async () => {
  const world = machine();
  await process(world, async (host) => {
    let batches = 0;
    const disk: typeof host.disk = {
      ...host.disk,
      openStore: async (path: string) => {
        const store = await host.disk.openStore(path);
        const counting: typeof store = {
          get: (key) => store.get(key),
          entries: (range) => store.entries(range),
          close: () => store.close(),
          batch: (operations, options) => {
            batches++;
            return store.batch(operations, options);
          },
        };
        return counting;
      },
    };
    const storage = await Storage.open({ ...host, disk }, config);
    await storage.load(asServer(new FakeServer()), { all: true });
    const order: number[] = [];
    for (let i = 1; i <= 100; i++) {
      storage.append([txn(makeZxid(1, i))]);
      storage.whenDurable(() => order.push(i));
    }
    await durable(storage);
    expect(batches).toBe(1);
    expect(order).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    // The group is not what counts afterwards.
    const read: bigint[] = [];
    for await (const { zxid } of storage.read(makeZxid(1, 1), makeZxid(1, 3))) read.push(zxid);
    expect(read).toEqual(zxids(1, 2, 3));
    expect(await storage.floor(makeZxid(1, 50))).toBe(makeZxid(1, 50));
  });
});

test('truncation is exact, and reaches below what the tree had applied', async () => {
  const world = machine();
  await process(world, async (host) => {
    const { storage, server } = await load(host);
    for (const zxid of [...zxids(1, 1, 6), ...zxids(2, 1, 3)]) storage.append([txn(zxid)]);
    for (const each of storage.history.commit(makeZxid(2, 1))) server.apply(each);
    const truncate = (zxid: bigint): Promise<boolean> =>
      new Promise((resolve) => {
        storage.truncate(zxid, asServer(server), resolve);
      });
    expect(await truncate(makeZxid(2, 2))).toBe(true);
    expect(storage.history.lastZxid).toBe(makeZxid(2, 2));
    expect(await truncate(makeZxid(1, 4))).toBe(true);
    expect(storage.history.lastZxid).toBe(makeZxid(1, 4));
    expect(server.zxids).toEqual(zxids(1, 1, 4));
    storage.append([txn(makeZxid(3, 1))]);
    await durable(storage);
  });
  await process(world, async (host) =>
    expect((await load(host, true)).server.zxids).toEqual([...zxids(1, 1, 4), makeZxid(3, 1)]),
  );
});

test("history that a leader's snapshot replaces: before or after, whenever the power fails", async () => {
  const old = zxids(1, 1, 7);
  const fresh = [...zxids(1, 1, 4), ...zxids(3, 1, 2)];
  const seen = new Set<string>();
  for (let seed = 1; seed <= 60; seed++) {
    const world = machine(seed);
    let acknowledged = false;
    await process(world, async (host) => {
      const { storage } = await load(host);
      for (const zxid of old) storage.append([txn(zxid)]);
      await durable(storage);
    });
    world.machine('m1').launch('zk1', async (host) => {
      const { storage } = await load(host);
      const leader = new FakeServer();
      leader.zxids = fresh.slice(0, -1);
      storage.replace(fresh.at(-2)!, leader.serializeSnapshot());
      storage.append([txn(fresh.at(-1)!)]);
      storage.whenDurable(() => {
        acknowledged = true;
      });
    });
    await world.run({ untilMs: world.nowMs + seed * 0.4 });
    world.machine('m1').powerOff();
    world.machine('m1').powerOn();
    const now = await process(world, async (host) => (await load(host, true)).server.zxids);
    const candidates = [old, fresh.slice(0, -1), fresh].map(String);
    expect(candidates).toContain(String(now));
    if (acknowledged) expect(now).toEqual(fresh);
    seen.add(String(now));
  }
  expect(seen.size).toBeGreaterThan(1);
});

test('snapshots: the newest whole one is taken, purging keeps three and the log behind them', async () => {
  const world = machine();
  await process(world, async (host) => {
    const { storage, server } = await load(host);
    for (let i = 1; i <= 50; i++) {
      storage.append([txn(makeZxid(1, i))]);
      for (const each of storage.history.commit(makeZxid(1, i))) server.apply(each);
      if (i % 10 === 0) {
        storage.saveSnapshot(makeZxid(1, i), () => server.serializeSnapshot());
        await durable(storage);
        while ((await host.disk.stat(`/data/version-2/snapshot.${makeZxid(1, i).toString(16)}`)) === undefined);
      }
    }
    storage.purge(3);
    await durable(storage);
    expect((await host.disk.list('/data/version-2'))!.filter((name) => name.startsWith('snapshot.'))).toEqual([
      'snapshot.10000001e',
      'snapshot.100000028',
      'snapshot.100000032',
    ]);
    expect(await storage.floor(makeZxid(1, 20))).toBeUndefined();
    expect(await storage.floor(makeZxid(1, 35))).toBe(makeZxid(1, 35));
  });
  await process(world, async (host) => {
    const path = '/data/version-2/snapshot.100000032';
    const file = (await host.disk.readFile(path))!;
    file[40]! ^= 1;
    await host.disk.writeFile(path, file);
    expect((await load(host, true)).server.zxids).toEqual(zxids(1, 1, 50));
  });
  await process(world, async (host) => {
    for (const name of ['snapshot.10000001e', 'snapshot.100000028', 'snapshot.100000032'])
      await host.disk.remove(`/data/version-2/${name}`);
    await expect(load(host)).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining('/data/version-2') as string,
    });
  });
});

test.each([
  ['flipped', 'damaged'],
  ['missing', 'missing'],
])('a transaction that is %s is recognised, and the message says what to do', async (what, word) => {
  const world = machine();
  await process(world, async (host) => {
    const { storage } = await load(host);
    for (const group of [zxids(1, 1, 2), zxids(1, 3, 3), zxids(1, 4, 5)]) {
      for (const zxid of group) storage.append([txn(zxid)]);
      await durable(storage);
    }
  });
  await process(world, async (host) => {
    const store = await host.disk.openStore('/log/version-2/txnlog');
    const key = Buffer.alloc(9, 0);
    key[0] = 0x4c;
    key.writeBigUInt64BE(makeZxid(1, 3), 1);
    const value = Buffer.from((await store.get(key))!);
    value[20]! ^= 0x40;
    await store.batch([what === 'flipped' ? { put: key, value } : { delete: key }], { sync: true });
    await store.close();
    await expect(load(host, true)).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringMatching(new RegExp(`/log/version-2/txnlog: .*${word}`)) as string,
      remedy: expect.stringContaining('move') as string,
    });
  });
});

test("a directory that Apache's server has logged in is refused, not misread", async () => {
  const world = machine();
  await process(world, async (host) => {
    await host.disk.writeFile('/log/version-2/log.100000001', Buffer.from('ZKLG'));
    await expect(Storage.open(host, config)).rejects.toMatchObject({
      code: 'FOREIGN_LOG',
      message: expect.stringContaining('/log/version-2') as string,
    });
  });
});

test('epochs that contradict each other, or are no numbers, are refused', async () => {
  const world = machine();
  await process(world, async (host) => {
    await host.disk.writeFile('/data/version-2/acceptedEpoch', Buffer.from('1'));
    await host.disk.writeFile('/data/version-2/currentEpoch', Buffer.from('2'));
    await expect(load(host)).rejects.toMatchObject({ code: 'CORRUPT' });
  });
  await process(world, async (host) => {
    await host.disk.writeFile('/data/version-2/currentEpoch', Buffer.from('two'));
    await expect(load(host)).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining('currentEpoch') as string,
    });
  });
});
