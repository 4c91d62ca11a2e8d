import { expect, test } from 'vitest';
import type { AppendFile, Host, Store } from '../../../src/host/host.js';
import { createWorld, type World } from '../../../src/host/sim/index.js';

const text = (value: string): Buffer => Buffer.from(value);

/** Runs `main` as a process of the world's one machine and gives what it returns. */
async function asProcess<T>(world: World, main: (host: Host) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined;
  let failure: unknown;
  world.machine('m1').launch('role', async (host) => {
    try {
      result = { value: await main(host) };
    } catch (error) {
      failure = error;
    }
  });
  await world.run({ until: () => result !== undefined || failure !== undefined });
  if (result === undefined) throw failure;
  return result.value;
}

function oneMachine(seed: number): World {
  const world = createWorld({ seed });
  world.addMachine('m1', '127.0.0.1');
  return world;
}

const power = (world: World): void => {
  world.machine('m1').powerOff();
  world.machine('m1').powerOn();
};
const kill = (world: World): void => {
  for (const instance of world.machine('m1').instances) instance.kill();
};

async function keysOf(store: Store): Promise<number[]> {
  const keys: number[] = [];
  for await (const [key] of store.entries({})) keys.push(key[0]!);
  return keys;
}

test('files, directories and locks', async () => {
  const world = oneMachine(1);
  await asProcess(world, async ({ disk }) => {
    await disk.writeFile('/a/VERSION', text('one'));
    await disk.writeFile('/a/VERSION', text('two'));
    expect(await disk.list('/a')).toEqual(['VERSION']);
    await disk.makeDirectory('/b');
    await disk.rename('/a', '/b/c');
    expect((await disk.readFile('/b/c/VERSION'))?.toString()).toBe('two');
    expect((await disk.readRange('/b/c/VERSION', 1, 9)).toString()).toBe('wo');
    await expect(disk.readRange('/a/VERSION', 0, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await disk.stat('/b/c/VERSION')).toEqual({ kind: 'file', size: 3 });
    expect(await disk.stat('/a')).toBeUndefined();
    await disk.lock('/b/in_use.lock');
    await expect(disk.lock('/b/in_use.lock')).rejects.toMatchObject({ code: 'LOCKED' });
    await disk.openStore('/s');
    await expect(disk.openStore('/s')).rejects.toMatchObject({ code: 'LOCKED' });
  });
  kill(world);
  await asProcess(world, async ({ disk }) => {
    await (await disk.lock('/b/in_use.lock')).release();
    await (await disk.openStore('/s')).close();
    await disk.remove('/b');
    expect(await disk.list('/b')).toBeUndefined();
  });
});

test('a store is ordered, and ranges are as LevelDB gives them', async () => {
  const world = oneMachine(1);
  await asProcess(world, async ({ disk }) => {
    const store = await disk.openStore('/s');
    await store.batch(
      [1, 200, 3, 4, 2].map((n) => ({ put: Buffer.from([n]), value: text(`v${n}`) })),
      { sync: false },
    );
    await store.batch([{ delete: Buffer.from([4]) }, { put: Buffer.from([9]), value: text('v9') }], { sync: true });
    expect(await keysOf(store)).toEqual([1, 2, 3, 9, 200]);
    const some: number[] = [];
    for await (const [key] of store.entries({ gt: Buffer.from([1]), lte: Buffer.from([9]), reverse: true, limit: 2 }))
      some.push(key[0]!);
    expect(some).toEqual([9, 3]);
    expect((await store.get(Buffer.from([3])))?.toString()).toBe('v3');
    expect(await store.get(Buffer.from([4]))).toBeUndefined();
  });
});

test(
  'kill -9 loses nothing that was written; a power loss keeps the synced part and a part of the rest, ' +
    'from the front',
  async () => {
    const losses = new Set<number>();
    const storeLosses = new Set<number>();
    for (let seed = 1; seed <= 60; seed++) {
      const world = oneMachine(seed);
      let file!: AppendFile;
      let store!: Store;
      await asProcess(world, async ({ disk, clock }) => {
        file = await disk.openAppend('/edits');
        file.append(text('0123456789'));
        await file.sync();
        file.append(text('abcdefghij'));
        store = await disk.openStore('/s');
        for (let i = 1; i <= 3; i++)
          await store.batch([{ put: Buffer.from([i]), value: text('x') }], { sync: i === 1 });
        await new Promise<void>((done) => void clock.after(5, done));
      });
      kill(world);
      await asProcess(world, async ({ disk }) => {
        expect((await disk.readFile('/edits'))?.toString()).toBe('0123456789abcdefghij');
        expect(await keysOf(await disk.openStore('/s'))).toEqual([1, 2, 3]);
      });
      power(world);
      await asProcess(world, async ({ disk }) => {
        const left = (await disk.readFile('/edits'))!.toString();
        expect('0123456789abcdefghij'.startsWith(left)).toBe(true);
        expect(left.length).toBeGreaterThanOrEqual(10);
        losses.add(left.length);
        const keys = await keysOf(await disk.openStore('/s'));
        expect([1, 2, 3].slice(0, keys.length)).toEqual(keys);
        expect(keys.length).toBeGreaterThan(0);
        storeLosses.add(keys.length);
      });
      power(world);
      await asProcess(world, async ({ disk }) => {
        expect(losses.has((await disk.readFile('/edits'))!.length)).toBe(true);
      });
    }
    expect(losses.size).toBeGreaterThan(5);
    expect(storeLosses).toEqual(new Set([1, 2, 3]));
  },
);

test('a power loss in the middle leaves the old file or the new one', async () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 40; seed++) {
    const world = oneMachine(seed);
    await asProcess(world, ({ disk }) => disk.writeFile('/f', text('old')));
    world.machine('m1').launch('writer', ({ disk }) => disk.writeFile('/f', text('new')));
    await world.run({ untilMs: world.nowMs + 0.5 + seed / 8 });
    power(world);
    seen.add((await asProcess(world, ({ disk }) => disk.readFile('/f')))!.toString());
  }
  expect([...seen].sort()).toEqual(['new', 'old']);
});

test('whoever is killed while it takes a lock or opens a store holds nothing', async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const world = oneMachine(seed);
    world.machine('m1').launch('role', async ({ disk }) => {
      await disk.lock('/in_use.lock');
      await disk.openStore('/s');
    });
    await world.run({ untilMs: 1 + seed / 8 });
    kill(world);
    await world.run({ untilMs: 100 });
    await asProcess(world, async ({ disk }) => {
      await (await disk.lock('/in_use.lock')).release();
      await (await disk.openStore('/s')).close();
    });
  }
});

test('a full disk fails what is written, for good where a log is concerned', async () => {
  const world = oneMachine(1);
  await asProcess(world, async ({ disk }) => {
    const file = await disk.openAppend('/edits');
    file.append(text('abc'));
    await file.sync();
    world.machine('m1').files.faults = { failure: 'full', slowMs: 0 };
    file.append(text('defghijkl'));
    await expect(file.sync()).rejects.toMatchObject({ code: 'DISK_FULL' });
    await expect(disk.writeFile('/f', text('x'))).rejects.toMatchObject({ code: 'DISK_FULL' });
    world.machine('m1').files.faults = { failure: undefined, slowMs: 300 };
    await expect(file.sync()).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect((await disk.readFile('/edits'))!.toString()).toMatch(/^abcd?e?f?g?h?i?j?k?l?$/);
  });
});
