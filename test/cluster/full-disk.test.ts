/**
 * A disk that takes no more: the role says which directory, and ends; the others go on and the lab serves; started
 * again with room, it has what it acknowledged. The limit is one on the size of a process's files (RLIMIT_FSIZE):
 * writes beyond it fail as they do on a full disk, in the middle of a record, and nobody has to be root.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientHost } from '../../src/cluster/client-host.js';
import { readEvents } from '../../src/cluster/events.js';
import { openLab, type Lab } from '../../src/cluster/lab.js';
import { readPidFile } from '../../src/cluster/pid-file.js';
import { hostRoot, logFile, pidFile } from '../../src/cluster/state-dir.js';
import { rolesOf, type RoleStatus } from '../../src/cluster/status.js';
import { missingOf, nameNodesOf } from '../../src/drill/round.js';
import { Workload } from '../../src/drill/writer.js';
import { ZooKeeperClient } from '../../src/zookeeper/client/client.js';
import { build, LabFixture, root } from './lab-fixture.js';

const possible = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;

describe.runIf(possible)('a full disk', () => {
  const at = new LabFixture();
  const directory = '/written';
  let lab: Lab;
  let workload: Workload;

  beforeAll(async () => {
    build();
    const conf = join(at.home, 'conf');
    cpSync(join(root, 'configs/book'), conf, { recursive: true });
    const file = join(conf, 'hdfs-site.xml');
    // A roll and a checkpoint soon: a JournalNode takes part again from the next segment on, and images are what a
    // standby writes.
    const property = (name: string, value: string): string =>
      `<property><name>${name}</name><value>${value}</value></property>`;
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(
        '</configuration>',
        [
          property('dfs.namenode.checkpoint.txns', '100'),
          property('dfs.namenode.checkpoint.check.period', '1'),
          property('dfs.ha.log-roll.period', '1'),
          property('dfs.ha.tail-edits.period', '1'),
          '</configuration>',
        ].join(''),
      ),
    );
    const up = await at.halab('up', conf);
    expect(up.code, up.err).toBe(0);
    lab = openLab({ dir: at.dir, name: undefined });
    workload = new Workload(clientHost(lab, 'client-writer'), nameNodesOf(lab), {
      user: 'root',
      directory,
      lanes: 2,
      pauseMs: 2,
    });
    await workload.begin();
  }, 180_000);
  afterAll(async () => {
    await workload.stop();
    await at.end();
  });

  const find = async (match: (role: RoleStatus) => boolean): Promise<RoleStatus> =>
    rolesOf(await at.status()).find(match)!;
  const until = async (what: string, holds: () => boolean, limitMs = 30_000): Promise<void> => {
    for (const end = Date.now() + limitMs; !holds(); await sleep(20))
      if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
  };

  /** Leaves the role so much room and sees it end as it should; resolves with what its log said. */
  async function fill(role: RoleStatus, roomBytes: number, work?: () => Promise<unknown>): Promise<string> {
    const others = rolesOf(await at.status())
      .filter(({ id }) => id !== role.id)
      .map(({ id, pid }) => ({ id, pid }));
    const sinceMs = Date.now();
    // What it has to say must find room in its log.
    execFileSync('prlimit', [
      '--pid',
      String(role.pid),
      `--fsize=${statSync(logFile(at.dir, role.id)).size + roomBytes}`,
    ]);
    const gone = (): boolean => readPidFile(pidFile(at.dir, role.id)).kind !== 'alive';
    if (work === undefined) await until(`${role.id} to end`, gone);
    else while (!gone()) await work();
    const said = readFileSync(logFile(at.dir, role.id), 'utf8')
      .split('\n')
      .filter((line) => / ERROR |^ {2}\S/.test(line))
      .slice(-2)
      .join('\n');
    const stopped = readEvents(at.dir, sinceMs).filter((event) => event.type === 'RoleStopped');
    expect(stopped.map((event) => [event.role, event.type === 'RoleStopped' ? event.code : 0])).toEqual([[role.id, 1]]);
    // It is served, and nobody else has minded.
    const served = Date.now();
    await workload.nextAcknowledged(served);
    const left = rolesOf(await at.status()).filter(({ id }) => id !== role.id);
    expect(left.map(({ id, pid }) => ({ id, pid }))).toEqual(others);
    expect((await at.status()).hosts.flatMap(({ roles }) => roles).find(({ id }) => id === role.id)).toMatchObject({
      state: 'dead',
    });
    return said;
  }

  test('of a JournalNode', async () => {
    const role = await find(({ id }) => id === 'jn3');
    expect(await fill(role, 4096)).toMatch(
      /code 1: \/root\/journalnode\/\S+ cannot be written: .*edits_inprogress_\d+: .*too large.*\n {2}check the disk/i,
    );
    expect(await at.halab('start', role.id)).toMatchObject({ code: 0 });
    const written = BigInt((await find(({ id }) => id === 'nn1')).txid!);
    await expect
      .poll(async () => BigInt((await find(({ id }) => id === role.id)).txid ?? 0) > written, { timeout: 60_000 })
      .toBe(true);
  }, 120_000);

  test('of a ZooKeeper server', async () => {
    const role = await find(({ kind, mode }) => kind === 'zookeeper' && mode === 'follower');
    const all = (await at.status()).hosts.map(({ address }) => `${address}:2181`).join(',');
    const client = new ZooKeeperClient(clientHost(lab, 'client-zk'), { connectString: all, sessionTimeoutMs: 10_000 });
    await client.connected(10_000);
    await client.create('/filled', null);
    let acknowledged = 0;
    const said = await fill(role, 100_000, () =>
      client.setData('/filled', Buffer.alloc(4000), -1).then(
        () => {
          acknowledged += 1;
        },
        () => sleep(10),
      ),
    );
    expect(said).toMatch(
      /exiting with code 1: \/root\/zookeeper\/data\/version-2\/txnlog: .*file too large\n {2}check the disk/i,
    );
    await client.close();
    expect(await at.halab('start', role.id)).toMatchObject({ code: 0 });
    // Asked itself, as far as it has come.
    const there = new ZooKeeperClient(clientHost(lab, 'client-zk'), {
      connectString: `${role.address}:2181`,
      sessionTimeoutMs: 10_000,
    });
    await there.connected(30_000);
    await there.sync('/filled');
    expect((await there.getData('/filled')).stat.version).toBeGreaterThanOrEqual(acknowledged);
    await there.close();
  }, 120_000);

  test('of the standby NameNode, whose image finds no room', async () => {
    await until('some namespace', () => workload.acknowledged.length > 400);
    const role = await find(({ haState }) => haState === 'STANDBY');
    expect(await fill(role, 4096)).toMatch(
      /code 1: Error: no image can be saved: \/root\S+\/current\/fsimage\.ckpt_\d+: .*too large.*\n {2}check the disk/i,
    );
    expect(await at.halab('start', role.id)).toMatchObject({ code: 0 });
    expect(
      readdirSync(join(hostRoot(at.dir, role.host), 'root/hdfs/namenode/current')).filter((name) =>
        name.includes('ckpt'),
      ),
    ).toEqual([]);
  }, 120_000);

  test('of the active NameNode: the other takes over, and nothing acknowledged is lost', async () => {
    await expect
      .poll(
        async () =>
          rolesOf(await at.status()).filter(({ kind, haState }) => kind === 'namenode' && haState === 'STANDBY').length,
        { timeout: 30_000 },
      )
      .toBe(1);
    const role = await find(({ haState }) => haState === 'ACTIVE');
    expect(await fill(role, 4096)).toMatch(
      /Error: (no edits directory is left|an image cannot be saved): \/root\S+: .*too large.*\n {2}check the disk/i,
    );
    expect((await at.status()).active).not.toBe(role.id);
    expect(await at.halab('start', role.id)).toMatchObject({ code: 0 });
    await workload.stop();
    expect(workload.acknowledged.length).toBeGreaterThan(500);
    expect(await missingOf(lab, directory, workload.acknowledged)).toEqual([]);
  }, 120_000);
});
