/** Several commands on one lab at once: nothing is started twice, none undoes another, and nobody waits for ever. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openLab, type Lab } from '../../src/cluster/lab.js';
import { takeLabLock } from '../../src/cluster/lab-lock.js';
import { stateDir } from '../../src/cluster/state-dir.js';
import { rolesOf } from '../../src/cluster/status.js';
import { build, LabFixture, root } from './lab-fixture.js';

const at = new LabFixture();
let lab: Lab;
const held: { release(): Promise<void> }[] = [];

beforeAll(async () => {
  build();
  expect((await at.halab('shell', 'm1', '-c', 'true')).code).toBe(0);
  lab = openLab({ dir: at.dir, name: undefined });
}, 120_000);
afterEach(async () => {
  for (const lock of held.splice(0)) await lock.release();
});
afterAll(() => at.end());

const pidOf = (id: string): number => Number(readFileSync(join(at.dir, 'pids', `${id}.pid`), 'utf8').split('\n')[0]);

describe('commands at once', () => {
  test('start, from two sides and twice: one process', async () => {
    const started = await Promise.all([
      at.halab('start', 'jn1', 'zk1'),
      at.halab('start', 'jn1'),
      at.on('m1', 'zkServer.sh start'),
      at.on('m1', 'hdfs --daemon start journalnode'),
    ]);
    // halab is content with one that runs; the scripts say so and fail, as Apache's do.
    expect(started.slice(0, 2).map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(
      started
        .slice(2)
        .filter(({ code }) => code !== 0)
        .map(({ out, err }) => /(already )?running as process \d+/.test(out + err)),
    ).not.toContain(false);
    expect(at.processes()).toEqual([pidOf('zk1'), pidOf('jn1')].sort((a, b) => a - b));
  });

  test('restart and restart: both have restarted it, one process is left', async () => {
    const before = pidOf('jn1');
    const restarted = await Promise.all([at.halab('restart', 'jn1'), at.halab('restart', 'jn1', 'zk1')]);
    expect(restarted.map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(pidOf('jn1')).not.toBe(before);
    expect(at.processes()).toEqual([pidOf('zk1'), pidOf('jn1')].sort((a, b) => a - b));
    expect(rolesOf(await at.status()).find(({ id }) => id === 'jn1')).toMatchObject({
      state: 'running',
      answers: true,
    });
  });

  test('stop and start: one after the other', async () => {
    const done = await Promise.all([at.halab('stop', 'jn1'), at.halab('start', 'jn1')]);
    expect(done[0]!.code, done[0]!.err).toBe(0);
    const running = rolesOf(await at.status()).find(({ id }) => id === 'jn1')!.state;
    // Which of the two came last is chance; that the process table and the pid file agree is not.
    expect(at.processes()).toEqual(
      running === 'running' ? [pidOf('zk1'), pidOf('jn1')].sort((a, b) => a - b) : [pidOf('zk1')],
    );
  });
});

describe('while another command changes the lab', () => {
  test('stop waits and says for whom; a signal does not wait', async () => {
    await at.halab('start', 'jn1');
    const lock = await takeLabLock(lab);
    held.push(lock);
    const stopping = at.halab('stop', 'zk1');
    expect(await at.halab('pause', 'jn1')).toMatchObject({ code: 0, err: '' });
    expect(await at.halab('kill', 'jn1')).toMatchObject({ code: 0, err: '' });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(at.processes()).toEqual([pidOf('zk1')]);
    await lock.release();
    expect(await stopping).toMatchObject({
      code: 0,
      err: expect.stringMatching(new RegExp(`waiting for process ${process.pid}`)),
    });
    expect(at.processes()).toEqual([]);
  });

  test('it gives up after its time, naming file and process; where the lab is gone, at once', async () => {
    held.push(await takeLabLock(lab));
    await expect(takeLabLock(lab, { waitMs: 50 })).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining(`${lab.dir}/lock: process ${process.pid}`),
      remedy: expect.any(String),
    });
    const other: Lab = { ...lab, dir: join(at.home, 'other') };
    await expect(takeLabLock(other)).rejects.toMatchObject({ code: 'NO_LAB' });
    mkdirSync(other.dir);
    const first = await takeLabLock(other);
    const waiting = takeLabLock(other);
    rmSync(other.dir, { recursive: true });
    await expect(waiting).rejects.toMatchObject({ code: 'NO_LAB' });
    await first.release();
  });

  test('up waits for its time only; down goes on over a command that hangs, and leaves nothing', async () => {
    await at.halab('start', 'jn1');
    // A command that was stopped with Ctrl-Z in the middle of its work.
    const script =
      `import { takeLock } from ${JSON.stringify(join(root, 'dist/host/live/lock-file.js'))}; await ` +
      `takeLock(process.argv[1], 'lock'); console.log('held'); setInterval(() => {}, 1000);`;
    const hanging = spawn(process.execPath, ['--input-type=module', '-e', script, stateDir(at.dir).lockFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(hanging.stdout, 'data');
      hanging.kill('SIGSTOP');
      expect(await at.halab('up', '--timeout', '1')).toMatchObject({
        code: 1,
        err: expect.stringContaining(`/lock: process ${hanging.pid} is changing this lab`),
      });
      expect(at.processes()).toEqual([pidOf('jn1')]);
      expect(await at.halab('down')).toMatchObject({
        code: 0,
        err: expect.stringMatching(
          new RegExp(`process ${hanging.pid} is changing this lab; the roles are stopped all the same`),
        ),
      });
      expect(at.processes()).toEqual([]);
    } finally {
      hanging.kill('SIGKILL');
    }
    // It is dead: its lock is nobody's.
    expect((await at.halab('start', 'jn1')).code).toBe(0);
  });
});
