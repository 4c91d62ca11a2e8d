/** A configuration that fences by ssh alone, as most production clusters do, in a lab whose hosts have no sshd. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { logFile } from '../../src/cluster/state-dir.js';
import { rolesOf } from '../../src/cluster/status.js';
import { build, LabFixture, root } from './lab-fixture.js';

const at = new LabFixture();
beforeAll(async () => {
  build();
  const conf = join(at.home, 'conf');
  cpSync(join(root, 'configs/book'), conf, { recursive: true });
  const file = join(conf, 'hdfs-site.xml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('shell(/bin/true)', 'sshfence'));
  const up = await at.halab('up', conf, '--profile', 'fast');
  expect(up.code, up.err).toBe(0);
}, 120_000);
afterAll(() => at.end());

const logOf = (id: string): string => readFileSync(logFile(at.dir, id), 'utf8');

test('the active is frozen: fuser kills it, and no other on its port', async () => {
  const before = await at.status();
  const active = before.active!;
  const other = active === 'nn1' ? 'nn2' : 'nn1';
  const watcher = `zkfc${other.at(-1)}`;
  expect((await at.halab('pause', active)).code).toBe(0);
  await expect.poll(async () => (await at.status()).active, { timeout: 60_000 }).toBe(other);
  expect(logOf(watcher)).toMatch(/Successfully killed process that was listening on port 9000/);
  const after = rolesOf(await at.status());
  expect(after.filter(({ state }) => state !== 'running').map(({ id, state }) => [id, state])).toEqual([
    [active, 'dead'],
  ]);
  expect((await at.halab('start', active)).code).toBe(0);
}, 120_000);

test('the active is killed: nothing is left to kill, which is looked after', async () => {
  const active = (await at.status()).active!;
  const other = active === 'nn1' ? 'nn2' : 'nn1';
  expect((await at.halab('kill', active)).code).toBe(0);
  await expect.poll(async () => (await at.status()).active, { timeout: 60_000 }).toBe(other);
  expect(logOf(`zkfc${other.at(-1)}`)).toMatch(/Verified that the service is down\./);
  expect((await at.halab('start', active)).code).toBe(0);
}, 120_000);

test("the active's host is lost: ssh cannot reach it, so nobody takes over until it answers", async () => {
  const before = await at.status();
  const active = before.active!;
  const other = active === 'nn1' ? 'nn2' : 'nn1';
  const host = rolesOf(before).find(({ id }) => id === active)!.host;
  expect((await at.halab('kill', host)).code).toBe(0);
  await expect
    .poll(() => logOf(`zkfc${other.at(-1)}`), { timeout: 60_000 })
    .toMatch(/No route to host[^]*Unable to fence service by any configured method/);
  expect((await at.status()).active).toBeUndefined();
  // As soon as the machine answers, whatever listens there on the old active's port is killed: so the NameNode comes
  // after that.
  const first = rolesOf(before).find((role) => role.host === host && role.kind === 'zookeeper')!.id;
  expect((await at.halab('start', first)).code).toBe(0);
  await expect.poll(async () => (await at.status()).active, { timeout: 60_000 }).toBe(other);
  expect((await at.halab('start', host)).code).toBe(0);
}, 180_000);
