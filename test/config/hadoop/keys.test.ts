/** The table of Hadoop's keys is the truth of the code: what works is read, what is refused is refused by name. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { hadoopCluster } from '../../../src/config/hadoop/cluster.js';
import { CODE_DEFAULTS } from '../../../src/config/hadoop/defaults.js';
import { CORE_DEFAULTS } from '../../../src/config/hadoop/gen/core-default.js';
import { HDFS_DEFAULTS } from '../../../src/config/hadoop/gen/hdfs-default.js';
import { findHadoopKey, HADOOP_KEYS, withoutEffect } from '../../../src/config/hadoop/keys.js';
import { configurationOf } from '../../../src/config/hadoop/load.js';

const src = fileURLToPath(new URL('../../../src/', import.meta.url));

/** Files that only list keys, and one that hands them on to fencing scripts. */
const LISTS = /config\/hadoop\/(gen\/|keys|deprecated|defaults|values)|zkfc\/target-settings/;

test('what works is read somewhere; what has no meaning is read nowhere', () => {
  const text = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !LISTS.test(name))
    .map((name) => readFileSync(join(src, name), 'utf8'))
    .join('\n');
  const isRead = (key: string): boolean => text.includes(`'${key}'`);
  const wrong = HADOOP_KEYS.filter(({ key, state }) =>
    key.endsWith('EXAMPLENAMESERVICE') ? false : state === 'works' ? !isRead(key) : state !== 'refused' && isRead(key),
  );
  // The addresses of what is not offered are read where all addresses of a NameNode are.
  expect(wrong.map(({ key }) => key)).toEqual(['dfs.namenode.https-address', 'dfs.namenode.https-bind-host']);
});

test('every key that the release declares with a value is listed, each once', () => {
  const declared = [CORE_DEFAULTS, HDFS_DEFAULTS, CODE_DEFAULTS].flatMap((table) => Object.keys(table));
  const ours = declared.filter((key) => /^(ha|dfs\.ha|dfs\.namenode|dfs\.journalnode|dfs\.qjournal|ipc)\./.test(key));
  expect(ours.filter((key) => findHadoopKey(key) === undefined)).toEqual([]);
  const keys = HADOOP_KEYS.map(({ key }) => key);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});

const base = {
  'dfs.nameservices': 'c',
  'dfs.ha.namenodes.c': 'nn1,nn2',
  'dfs.namenode.rpc-address.c.nn1': 'm1:8020',
  'dfs.namenode.rpc-address.c.nn2': 'm2:8020',
  'dfs.namenode.shared.edits.dir': 'qjournal://m1;m2;m3/c',
};

test.each([
  ['hadoop.security.authentication', 'kerberos', 'Simple'],
  ['dfs.http.policy', 'HTTPS_ONLY', 'HTTP_AND_HTTPS'],
  ['dfs.encrypt.data.transfer', 'true', 'false'],
  ['dfs.namenode.rpc-address.auxiliary-ports', '8030', ''],
  ['dfs.namenode.inode.attributes.provider.class', 'org.example.Provider', ''],
])('%s=%s is refused by name, %s is taken', (key, asking, idle) => {
  expect(() => hadoopCluster(configurationOf({ ...base, [key]: asking }))).toThrow(`given: ${key}: ${asking}: `);
  hadoopCluster(configurationOf({ ...base, [key]: idle }));
});

test('every refused key is tried above', () => {
  expect(HADOOP_KEYS.filter(({ state }) => state === 'refused').length).toBe(5);
});

test('what is set without effect is told in one line', () => {
  expect(withoutEffect(configurationOf(base))).toEqual([]);
  expect(
    withoutEffect(
      configurationOf({ ...base, 'dfs.namenode.handler.count': '100', 'dfs.namenode.ec.policies.max.cellsize': '1' }),
    ),
  ).toEqual([
    'given: without effect here (src/KEYS.md says why): dfs.namenode.ec.policies.max.cellsize, ' +
      'dfs.namenode.handler.count',
  ]);
});
