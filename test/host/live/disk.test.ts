import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLiveHost, processStartTicks } from '../../../src/host/live/index.js';
import { temporaryDirectory } from './temporary.js';

const root = temporaryDirectory();
const { disk } = createLiveHost({ id: 'test1', root });
const text = (value: string): Buffer => Buffer.from(value);

test('files are replaced whole, below the root', async () => {
  await disk.writeFile('/a/b/VERSION', text('one'));
  await disk.writeFile('/a/b/VERSION', text('two'));
  expect(readFileSync(join(root, 'a/b/VERSION'), 'utf8')).toBe('two');
  expect(readdirSync(join(root, 'a/b'))).toEqual(['VERSION']);
  expect((await disk.readFile('/a/b/VERSION'))?.toString()).toBe('two');
  expect((await disk.readRange('/a/b/VERSION', 1, 100)).toString()).toBe('wo');
  expect(await disk.readFile('/a/b/nothing')).toBeUndefined();
  await expect(disk.readRange('/a/b/nothing', 0, 1)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('/a/b/nothing'),
  });
  expect(await disk.list('/a/b')).toEqual(['VERSION']);
  expect(await disk.list('/nowhere')).toBeUndefined();
  expect(await disk.stat('/a/b')).toEqual({ kind: 'directory', size: 0 });
  expect(await disk.stat('/a/b/VERSION')).toEqual({ kind: 'file', size: 3 });
  await disk.makeDirectory('/c');
  await disk.rename('/a/b', '/c/moved');
  expect(await disk.list('/c/moved')).toEqual(['VERSION']);
  await disk.remove('/c');
  await disk.remove('/c');
  expect(await disk.stat('/c')).toBeUndefined();
});

test('an append file keeps the order, shares syncs, reads what is not yet synced, and is cut', async () => {
  const file = await disk.openAppend('/log/edits');
  const syncs: Promise<void>[] = [];
  for (let i = 0; i < 500; i++) {
    file.append(text(`${i}\n`));
    if (i % 50 === 0) syncs.push(file.sync());
  }
  const whole = Array.from({ length: 500 }, (_, i) => `${i}\n`).join('');
  expect(file.size).toBe(whole.length);
  expect((await file.read(0, 1000_000)).toString()).toBe(whole);
  await Promise.all([...syncs, file.sync()]);
  await file.truncate(6);
  file.append(text('x\n'));
  await file.sync();
  await file.close();
  expect(readFileSync(join(root, 'log/edits'), 'utf8')).toBe('0\n1\n2\nx\n');
  const again = await disk.openAppend('/log/edits');
  expect(again.size).toBe(8);
  await again.sync();
  await again.close();
});

test('a full disk is an error that stays', async () => {
  // /dev/full answers every write with ENOSPC.
  const full = await createLiveHost({ id: 'test2' })
    .disk.openAppend('/dev/full')
    .catch((error: unknown) => error);
  if (full instanceof Error) return; // no such device here
  const file = full as Awaited<ReturnType<typeof disk.openAppend>>;
  file.append(text('a'));
  await expect(file.sync()).rejects.toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining('/dev/full') });
  file.append(text('b'));
  await expect(file.sync()).rejects.toMatchObject({ code: 'DISK_FULL' });
});

test('a store is ordered, atomic, and open once', async () => {
  const store = await disk.openStore('/zk/log');
  await store.batch(
    [1, 5, 3, 4, 2].map((n) => ({ put: Buffer.from([n]), value: text(`v${n}`) })),
    { sync: true },
  );
  await store.batch([{ delete: Buffer.from([4]) }, { put: Buffer.from([9]), value: text('v9') }], { sync: false });
  const keys = async (range: Parameters<typeof store.entries>[0]): Promise<number[]> => {
    const found: number[] = [];
    for await (const [key, value] of store.entries(range)) {
      expect(value.toString()).toBe(`v${key[0]}`);
      found.push(key[0]!);
    }
    return found;
  };
  expect(await keys({})).toEqual([1, 2, 3, 5, 9]);
  expect(await keys({ gt: Buffer.from([1]), lte: Buffer.from([5]) })).toEqual([2, 3, 5]);
  expect(await keys({ reverse: true, limit: 2 })).toEqual([9, 5]);
  expect((await store.get(Buffer.from([3])))?.toString()).toBe('v3');
  expect(await store.get(Buffer.from([4]))).toBeUndefined();
  await expect(disk.openStore('/zk/log')).rejects.toMatchObject({
    code: 'LOCKED',
    message: expect.stringContaining('/zk/log'),
  });
  await store.close();
  mkdirSync(join(root, 'bad'));
  for (const name of readdirSync(join(root, 'zk/log'))) {
    if (name === 'CURRENT') writeFileSync(join(root, 'bad', name), 'MANIFEST-000099\n');
  }
  await expect(disk.openStore('/bad')).rejects.toMatchObject({
    code: expect.stringMatching(/CORRUPT|NOT_FOUND|DISK_FAILED/),
    message: expect.stringContaining('/bad'),
  });
});

test.runIf(process.platform === 'linux')(
  'a process that was killed holds no lock, though its parent has not fetched it',
  async () => {
    // The shell becomes a sleep, which never asks for the child it has.
    const parent = spawn('sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const pid = Number(String((await once(parent.stdout, 'data'))[0]));
      const ticks = processStartTicks(pid);
      mkdirSync(join(root, 'jn'));
      writeFileSync(join(root, 'jn/in_use.lock'), `${pid}@host ${ticks}\n`);
      while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')))
        await new Promise((resolve) => setTimeout(resolve, 5));
      await (await disk.lock('/jn/in_use.lock')).release();
    } finally {
      parent.kill('SIGKILL');
    }
  },
);

test('a lock holds while its process lives, and only then', async () => {
  const lock = await disk.lock('/nn/in_use.lock');
  await expect(disk.lock('/nn/in_use.lock')).rejects.toMatchObject({
    code: 'LOCKED',
    message: expect.stringContaining(String(process.pid)),
  });
  await lock.release();
  await (await disk.lock('/nn/in_use.lock')).release();

  const child = spawn('sleep', ['60']);
  const path = join(root, 'nn/in_use.lock');
  writeFileSync(path, `${child.pid}@host ${processStartTicks(child.pid!) ?? ''}\n`);
  await expect(disk.lock('/nn/in_use.lock')).rejects.toMatchObject({ code: 'LOCKED' });
  // The pid lives, but it is another process than the one that wrote the file.
  if (processStartTicks(child.pid!) !== undefined) {
    writeFileSync(path, `${child.pid}@host 1\n`);
    await (await disk.lock('/nn/in_use.lock')).release();
  }
  writeFileSync(path, `${child.pid}@host\n`);
  await new Promise((done) => {
    child.once('exit', done);
    child.kill('SIGKILL');
  });
  await (await disk.lock('/nn/in_use.lock')).release();
  expect(readdirSync(join(root, 'nn'))).toEqual([]);
});

test('batches happen in the order of the calls, though nobody waits between them', async () => {
  const store = await disk.openStore('/order');
  const key = Buffer.from('k');
  const all: Promise<void>[] = [];
  for (let i = 0; i < 300; i++)
    all.push(
      store.batch(
        [
          { put: key, value: text(String(i)) },
          { put: Buffer.from(`n${i}`), value: key },
        ],
        { sync: i % 50 === 0 },
      ),
    );
  const closed = store.close();
  await Promise.all([...all, closed]);
  const again = await disk.openStore('/order');
  expect((await again.get(key))?.toString()).toBe('299');
  await again.close();
});
