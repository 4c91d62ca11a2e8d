/** The chapter's manual sequence, host by host, as printed, in the lab's shell: nothing is started by anything else. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build, LabFixture, type Ran } from './lab-fixture.js';

const lab = new LabFixture();
beforeAll(build, 120_000);
afterAll(() => lab.end());

async function well(host: string, line: string): Promise<Ran> {
  const ran = await lab.on(host, line);
  expect(ran.code, `[${host}] ${line}\n${ran.out}${ran.err}`).toBe(0);
  return ran;
}

async function until(host: string, line: string, match: RegExp): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const { out } = await lab.on(host, line);
    if (match.test(out)) return out;
    if (attempt >= 60) throw new Error(`${line}: ${out}`);
  }
}

test('from zkServer.sh start to haadmin -getServiceState', async () => {
  for (const host of ['m1', 'm2', 'm3'])
    expect((await well(host, 'zkServer.sh start')).out).toBe('Starting zookeeper ... STARTED\n');
  const modes = [];
  for (const host of ['m1', 'm2', 'm3'])
    modes.push((await until(host, 'zkServer.sh status', /Mode: /)).trim().split('\n').at(-1));
  expect(modes.sort()).toEqual(['Mode: follower', 'Mode: follower', 'Mode: leader']);
  await well('m1', 'hdfs zkfc -formatZK -nonInteractive');
  expect((await lab.on('m1', 'hdfs zkfc -formatZK -nonInteractive')).code).toBe(2);
  for (const host of ['m1', 'm2', 'm3'])
    expect(await well(host, 'hdfs --daemon start journalnode')).toMatchObject({ out: '', err: '' });
  await well('m1', 'hdfs namenode -format');
  await well('m1', 'hdfs --daemon start namenode');
  await well('m2', 'hdfs namenode -bootstrapStandby');
  const started = await lab.on('m1', 'start-dfs.sh');
  expect(started.out).toBe(
    'Starting namenodes on [m1 m2]\nStarting datanodes\nStarting journal nodes [m1 m2 m3]\nStarting ZK Failover ' +
      'Controllers on NN hosts [m1 m2]\n',
  );
  expect(started.err).toMatch(
    /^m1: namenode is running as process \d+\. {2}Stop it first and ensure .*nn1\.pid file is empty before retry\.$/m,
  );
  for (const [host, names] of [
    ['m1', ['QuorumPeerMain', 'JournalNode', 'NameNode', 'DFSZKFailoverController', 'Jps']],
    ['m3', ['QuorumPeerMain', 'JournalNode', 'Jps']],
  ] as const) {
    expect(
      (await well(host, 'jps')).out
        .trim()
        .split('\n')
        .map((line) => line.replace(/^\d+ /, ''))
        .sort(),
    ).toEqual([...names].sort());
  }
  // Which of the two it is depends on whose ZKFC was first.
  await until('m1', 'hdfs haadmin -getAllServiceState', /active[^]*standby|standby[^]*active/);
  expect(
    [
      (await well('m1', 'hdfs haadmin -getServiceState nn1')).out,
      (await well('m1', 'hdfs haadmin -getServiceState nn2')).out,
    ].sort(),
  ).toEqual(['active\n', 'standby\n']);
  expect((await well('m3', 'zkCli.sh ls /hadoop-ha/hdfs-cluster')).out).toContain(
    '[ActiveBreadCrumb, ActiveStandbyElectorLock]',
  );

  expect((await well('m1', 'hdfs --daemon status namenode')).out).toMatch(/^namenode is running as process \d+\.\n$/);
  expect((await well('m2', 'stop-dfs.sh')).out).toContain('Stopping journal nodes [m1 m2 m3]\n');
  expect((await lab.on('m1', 'hdfs --daemon status namenode')).code).toBe(3);
  expect((await well('m1', 'zkServer.sh stop')).out).toBe('Stopping zookeeper ... STOPPED\n');
  expect((await lab.on('m1', 'zkServer.sh status')).code).toBe(1);
}, 300_000);
