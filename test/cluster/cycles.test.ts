/** Up and down again: one active, one standby, nothing left. HALAB_CYCLES says how often (test/bench/cycles.sh: 20). */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isSettled, rolesOf, type LabStatus } from '../../src/cluster/status.js';
import { build, LabFixture } from './lab-fixture.js';

const cycles = Number(process.env['HALAB_CYCLES'] ?? 2);
const lab = new LabFixture();
beforeAll(build, 120_000);
afterAll(() => lab.end());

test(
  `${cycles} cycles from format`,
  async () => {
    for (let cycle = 1; cycle <= cycles; cycle++) {
      const begun = performance.now();
      const up = await lab.halab('up', '--json');
      expect(up.code, up.err).toBe(0);
      const status = JSON.parse(up.out) as LabStatus;
      expect(isSettled(status)).toBe(true);
      expect(rolesOf(status).map(({ id, state }) => `${id} ${state}`)).toEqual(
        ['zk1', 'jn1', 'nn1', 'zkfc1', 'zk2', 'jn2', 'nn2', 'zkfc2', 'zk3', 'jn3'].map((id) => `${id} running`),
      );
      if (process.platform === 'linux') expect(status.pssKb! / 1024).toBeLessThan(450);
      if (process.env['HALAB_CYCLES'] !== undefined)
        console.log(
          `cycle ${cycle}: up in ${Math.round(performance.now() - begun)} ms, ` +
            `${Math.round((status.pssKb ?? 0) / 1024)} MB`,
        );
      const down = await lab.halab('down', '--wipe');
      expect(down.code, down.err).toBe(0);
      expect(lab.processes()).toEqual([]);
      expect(existsSync(lab.dir)).toBe(false);
    }
  },
  60_000 * cycles,
);

test('down stops what is paused and minds not what is dead; up again finds what was written', async () => {
  expect((await lab.halab('up')).code).toBe(0);
  expect((await lab.on('m1', 'hdfs dfs -mkdir -p /kept/here')).code).toBe(0);
  await lab.halab('pause', 'standby', 'jn1');
  await lab.halab('kill', 'zk2', 'active-zkfc');
  const down = await lab.halab('down');
  expect(down.code, down.err).toBe(0);
  expect(lab.processes()).toEqual([]);
  const again = await lab.halab('up', '--json');
  expect(again.code, again.err).toBe(0);
  expect((await lab.on('m3', 'hdfs dfs -ls /kept')).out).toContain('/kept/here');
  // Up again is nothing to do, and nothing is formatted twice.
  const pids = rolesOf(JSON.parse(again.out) as LabStatus).map(({ pid }) => pid);
  const third = await lab.halab('up', '--json');
  expect(rolesOf(JSON.parse(third.out) as LabStatus).map(({ pid }) => pid)).toEqual(pids);
}, 180_000);

test('conf writes files with addresses and no names', async () => {
  const { code, err } = await lab.halab('conf', `${lab.home}/conf`);
  expect(code, err).toBe(0);
  const hdfs = readFileSync(`${lab.home}/conf/hdfs-site.xml`, 'utf8');
  expect(hdfs).toMatch(
    /<name>dfs\.namenode\.rpc-address\.hdfs-cluster\.nn1<\/name>\n\s*<value>127\.\d+\.\d+\.\d+:9000</,
  );
  expect(hdfs).toMatch(/qjournal:\/\/127\.[\d.]+:8485;127\.[\d.]+:8485;127\.[\d.]+:8485\/hdfs-cluster/);
  expect(hdfs).not.toMatch(/\bm[123]:/);
  expect(readFileSync(`${lab.home}/conf/core-site.xml`, 'utf8')).toContain('hdfs://hdfs-cluster');
  expect(readFileSync(`${lab.home}/conf/zoo.cfg`, 'utf8')).toMatch(/^server\.1=127\.[\d.]+:2888:3888$/m);
});
