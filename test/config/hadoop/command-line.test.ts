/** What a command line says of a configuration, beside what the files say; the values are Hadoop 3.3.6's. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfiguration, type CommandLine } from '../../../src/config/hadoop/load.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halab-conf-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const xml = (settings: Record<string, string>, final = ''): string =>
  `<configuration>${Object.entries(settings)
    .map(([name, value]) => `<property><name>${name}</name><value>${value}</value>${final}</property>`)
    .join('')}</configuration>`;

function load(commandLine: CommandLine, overlay: Record<string, string> = {}) {
  return loadConfiguration(dir, { commandLine, overlay });
}

test('-D stands above everything, a final value and a profile too; its own value may hold =', () => {
  writeFileSync(join(dir, 'hdfs-site.xml'), xml({ a: '1', b: '1' }, '<final>true</final>'));
  const conf = load(
    {
      properties: [
        ['a', '9'],
        ['c', 'x=y'],
        ['d', '${a}'],
      ],
    },
    { a: 'profile' },
  );
  expect(['a', 'b', 'c', 'd'].map((key) => conf.get(key))).toEqual(['9', '1', 'x=y', '9']);
  expect(conf.sourceOf('a')).toBe('the command line');
});

test('-D by an old name sets the new one', () => {
  expect(load({ properties: [['dfs.http.address', 'z:1']] }).get('dfs.namenode.http-address')).toBe('z:1');
});

test('-D of an HDFS key stands above hdfs-default.xml, though the same key in core-site.xml does not', () => {
  writeFileSync(join(dir, 'core-site.xml'), xml({ 'dfs.replication': '2' }));
  expect(load({}).getInt('dfs.replication')).toBe(3);
  expect(load({ properties: [['dfs.replication', '1']] }).getInt('dfs.replication')).toBe(1);
});

test('-conf comes after hdfs-site.xml and heeds what is final; -D comes after -conf wherever it stands', () => {
  writeFileSync(join(dir, 'hdfs-site.xml'), xml({ fin: '1' }, '<final>true</final>'));
  const more = join(dir, 'more.xml');
  writeFileSync(more, xml({ fin: '2', e: 'conf', f: 'conf', 'fs.default.name': 'hdfs://old' }));
  const conf = load({ files: [more], properties: [['e', 'line']] });
  expect(['fin', 'e', 'f', 'fs.defaultFS'].map((key) => conf.get(key))).toEqual(['1', 'line', 'conf', 'hdfs://old']);
  expect(conf.sourceOf('f')).toBe(`${more}: line 1`);
});

test('-conf of a file that is not there says nothing, as in Hadoop', () => {
  expect(load({ files: [join(dir, 'none.xml')] }).get('fs.defaultFS')).toBe('file:///');
});

test.each([
  ['hdfs://c', 'hdfs://c'],
  ['m1:8020', 'hdfs://m1:8020'],
  ['m1', 'hdfs://m1'],
  ['local', 'file:///'],
])('-fs %s', (fs, value) => {
  expect(load({ fs }).get('fs.defaultFS')).toBe(value);
});

test('-jt local and -jt host:port', () => {
  expect(load({ jt: 'local' }).get('mapreduce.framework.name')).toBe('local');
  expect(load({ jt: 'm1:8032' }).get('yarn.resourcemanager.address')).toBe('m1:8032');
});
