/** Every process reads a configuration file once, whatever it goes through from a topology to a running role. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build, LabFixture, root, run } from './lab-fixture.js';

const lab = new LabFixture();
const counts = join(lab.home, 'reads');
const env = {
  COUNT_READS: counts,
  NODE_OPTIONS: `--import ${pathToFileURL(join(root, 'test', 'cluster', 'count-reads.mjs')).href}`,
};
beforeAll(build, 120_000);
afterAll(() => lab.end());

/** Who read which file how often, since the last call: `role.js namenode hdfs-site.xml` -> one count a process. */
function reads(): Record<string, number[]> {
  const byProcess = new Map<string, { what: string; times: number }>();
  for (const line of readFileSync(counts, 'utf8').trim().split('\n')) {
    const [pid, program, file] = line.split('\t');
    const key = `${pid} ${file}`;
    const what = `${program!.replace(/ (--?|the state|topology).*/, '')} ${file}`;
    byProcess.set(key, { what, times: (byProcess.get(key)?.times ?? 0) + 1 });
  }
  writeFileSync(counts, '');
  const out: Record<string, number[]> = {};
  for (const { what, times } of byProcess.values()) (out[what] ??= []).push(times);
  return out;
}

test('up, its roles, haadmin, dfs', async () => {
  writeFileSync(counts, '');
  const halab = join(root, 'lab/bin/halab');
  const up = await run(halab, ['up', '--dir', lab.dir, '--profile', 'fast'], env);
  expect(up.code, up.err).toBe(0);
  expect(reads()).toEqual({
    'halab up core-site.xml': [1],
    'halab up hdfs-site.xml': [1],
    'halab up zoo.cfg': [1],
    'role.js zookeeper zoo.cfg zoo.cfg': [1, 1, 1],
    'role.js journalnode core-site.xml': [1, 1, 1],
    'role.js journalnode hdfs-site.xml': [1, 1, 1],
    'role.js namenode core-site.xml': [1, 1],
    'role.js namenode hdfs-site.xml': [1, 1],
    'role.js zkfc core-site.xml': [1, 1],
    'role.js zkfc hdfs-site.xml': [1, 1],
  });

  const hdfs = (...args: string[]) => run(join(root, 'lab/bin/hdfs'), args, { ...env, HALAB_DIR: lab.dir });
  for (const args of [
    ['haadmin', '-getAllServiceState'],
    ['dfs', '-ls', '/'],
    ['getconf', '-namenodes'],
  ]) {
    expect((await hdfs(...args)).code).toBe(0);
    expect(Object.values(reads()), args.join(' ')).toEqual([[1], [1]]);
  }
  expect((await run(halab, ['conf', '--dir', lab.dir, join(lab.home, 'conf')], env)).code).toBe(0);
  expect(Object.values(reads())).toEqual([[1], [1], [1]]);
}, 60_000);
