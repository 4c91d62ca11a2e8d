/**
 * Hadoop's own defaults, as the jars declare them, are what `config/hadoop/gen` holds: `vitest -u` on this file writes
 * them anew for another release.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { findHadoopKey } from '../../src/config/hadoop/keys.js';
import { readPropertyFile } from '../../src/config/hadoop/xml.js';
import { jar } from './apache.js';

const work = mkdtempSync(join(tmpdir(), 'halab-defaults-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const gen = fileURLToPath(new URL('../../src/config/hadoop/gen/', import.meta.url));

/** The file as TypeScript: keys in the order of the alphabet, empty values left out since they set nothing. */
function asSource(file: string, name: string): string {
  const settings = new Map(readPropertyFile(join(work, file)).map(({ name: key, value }) => [key, value]));
  const lines = [...settings]
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`);
  return (
    `/** ${file} of Hadoop 3.3.6, written by test/apache/defaults.test.ts. */\n` +
    `export const ${name}: Readonly<Record<string, string>> = {\n${lines.join('')}};\n`
  );
}

/** The names that the release knows: in its two files, with a value or without, and as constants of its classes. */
function knownNames(): readonly string[] {
  const inFiles = ['core-default.xml', 'hdfs-default.xml'].flatMap((file) =>
    [...readFileSync(join(work, file), 'utf8').matchAll(/<name>([^<]+)<\/name>/g)].map(([, name]) => name!.trim()),
  );
  const classes = [
    'org.apache.hadoop.hdfs.DFSConfigKeys',
    'org.apache.hadoop.fs.CommonConfigurationKeys',
    'org.apache.hadoop.fs.CommonConfigurationKeysPublic',
  ];
  const text = execFileSync(
    'javap',
    ['-cp', jar('hadoop', 'hadoop-common-3') + delimiter + jar('hadoop', 'hadoop-hdfs-3'), '-constants', ...classes],
    { encoding: 'utf8' },
  );
  return [...inFiles, ...[...text.matchAll(/ = "([^"]+[^".])";/g)].map(([, name]) => name!)];
}

test('every key of high availability that the release knows is in the table of keys', () => {
  for (const [file, prefix] of [
    ['core-default.xml', 'hadoop-common-3'],
    ['hdfs-default.xml', 'hadoop-hdfs-3'],
  ] as const)
    execFileSync('jar', ['xf', jar('hadoop', prefix), file], { cwd: work });
  const ours = knownNames().filter((key) =>
    /^(ha|dfs\.ha|dfs\.namenode|dfs\.journalnode|dfs\.qjournal|ipc)\./.test(key),
  );
  expect(ours.length).toBeGreaterThan(300);
  expect(ours.filter((key) => findHadoopKey(key) === undefined)).toEqual([]);
});

test.each([
  ['core-default.xml', 'hadoop-common-3', 'CORE_DEFAULTS', 'core-default.ts'],
  ['hdfs-default.xml', 'hadoop-hdfs-3', 'HDFS_DEFAULTS', 'hdfs-default.ts'],
])('%s', async (file, prefix, name, source) => {
  execFileSync('jar', ['xf', jar('hadoop', prefix), file], { cwd: work });
  await expect(asSource(file, name)).toMatchFileSnapshot(join(gen, source));
});
