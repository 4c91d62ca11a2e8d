/** An election whose nodes are closed to strangers: seen with the daemons' own auth, and never called free. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LabStatus } from '../../src/cluster/status.js';
import { build, LabFixture, root } from './lab-fixture.js';

const lab = new LabFixture();
beforeAll(build, 120_000);
afterAll(() => lab.end());

test('auth and ACL in files on this machine; then the auth is gone', async () => {
  const conf = join(lab.home, 'conf');
  const auth = join(lab.home, 'auth.txt');
  const acl = join(lab.home, 'acl.txt');
  cpSync(join(root, 'test/cluster/strangers/11-closed-acls'), conf, { recursive: true });
  writeFileSync(auth, 'digest:hauser:hapass\n');
  writeFileSync(acl, 'digest:hauser:n6ELNiw2qUglLXQsh8dTVmN2kW8=:rwcda\n');
  const core = join(conf, 'core-site.xml');
  const changed = readFileSync(core, 'utf8')
    .replace('digest:hauser:hapass', `@${auth}`)
    .replace('digest:hauser:n6ELNiw2qUglLXQsh8dTVmN2kW8=:rwcda', `@${acl}`);
  writeFileSync(core, changed);

  const up = await lab.halab('up', conf, '--profile', 'fast');
  expect(up.code, up.err).toBe(0);
  const kill = await lab.halab('kill-active', '--json');
  expect(kill.code, kill.err).toBe(0);
  expect(JSON.parse(kill.out)).toMatchObject({ passed: 1, failed: 0 });
  const { active, lockHolder, breadcrumb } = await lab.status();
  expect([lockHolder?.id, breadcrumb]).toEqual([active, active]);
  expect((await lab.halab('dash', '--once', '--lines')).out).not.toContain('not readable');

  rmSync(auth);
  const said = await lab.halab('status');
  expect(said.out).toMatch(
    /lock not readable \(.*core-site\.xml: line \d+: ha\.zookeeper\.auth: .*auth\.txt cannot be/,
  );
  expect(said.out).toContain('breadcrumb not readable');
  const now: LabStatus = await lab.status();
  expect(now.electionUnreadable?.closed).toBe(true);
  expect(now.active).toBe(active);
}, 120_000);

test('a file that is not there is named by its own path before anything hangs', async () => {
  const other = new LabFixture();
  try {
    const conf = join(other.home, 'conf');
    cpSync(join(root, 'test/cluster/strangers/11-closed-acls'), conf, { recursive: true });
    const core = join(conf, 'core-site.xml');
    writeFileSync(core, readFileSync(core, 'utf8').replace('digest:hauser:hapass', '@/no/such/auth.txt'));
    const up = await other.halab('up', conf, '--profile', 'fast');
    expect(up.code).toBe(1);
    expect(up.err).toMatch(/core-site\.xml: line \d+: ha\.zookeeper\.auth: \/no\/such\/auth\.txt cannot be read/);
    expect(other.processes()).toEqual([]);
  } finally {
    await other.end();
  }
}, 60_000);
