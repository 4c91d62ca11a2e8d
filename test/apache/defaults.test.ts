/** The table of defaults against what the real jars declare, key by key. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CORE_DEFAULTS, HDFS_DEFAULTS } from '../../src/config/hadoop/defaults.js';
import { readPropertyFile } from '../../src/config/hadoop/xml.js';
import { jar } from './apache.js';

const work = mkdtempSync(join(tmpdir(), 'halab-defaults-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Blanks within a value do not matter to Hadoop's getters. */
const plain = (value: string): string => value.trim().replace(/\s+/g, ' ');

function declared(prefix: string, file: string): Map<string, string> {
  execFileSync('jar', ['xf', jar('hadoop', prefix), file], { cwd: work });
  return new Map(
    readPropertyFile(join(work, file))
      .filter(({ value }) => value !== undefined)
      .map(({ name, value }) => [name, plain(value!)]),
  );
}

describe.each([
  ['core-default.xml', 'hadoop-common-3', CORE_DEFAULTS],
  ['hdfs-default.xml', 'hadoop-hdfs-3', HDFS_DEFAULTS],
])('%s', (file, prefix, table) => {
  const real = declared(prefix, file);

  const OF_HA = [
    'ha.',
    'dfs.ha.',
    'dfs.qjournal.',
    'dfs.journalnode.edits',
    'dfs.journalnode.rpc',
    'dfs.journalnode.http-',
    'dfs.namenode.checkpoint',
    'dfs.client.failover',
    'ipc.client.connect',
    'ipc.client.ping',
    'ipc.client.rpc',
  ];

  test('every key of ours is there with this value', () => {
    expect(Object.fromEntries(Object.keys(table).map((key) => [key, real.get(key)]))).toEqual(
      Object.fromEntries(Object.entries(table).map(([key, value]) => [key, plain(value)])),
    );
  });

  test('every key that decides how HA behaves is among ours', () => {
    const ha = [...real].filter(
      ([key, value]) =>
        value !== '' &&
        OF_HA.some((prefix) => key.startsWith(prefix)) &&
        !/kerberos|keytab|EXAMPLE|parallel-read|observer|https/.test(key),
    );
    expect(ha.filter(([key]) => !(key in table)).map(([key]) => key)).toEqual([]);
  });
});
