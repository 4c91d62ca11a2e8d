/** A Hadoop configuration as its user wrote it: what counts, what does not, and what is said of a mistake. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfiguration, type LoadOptions } from '../../../src/config/hadoop/load.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halab-conf-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const property = (name: string, value: string, more = ''): string =>
  `<property><name>${name}</name><value>${value}</value>${more}</property>`;
const configuration = (body: string): string => `<?xml version="1.0"?>\n<configuration>\n${body}\n</configuration>\n`;

function load(hdfs: string, core = '', options: LoadOptions = {}) {
  writeFileSync(join(dir, 'core-site.xml'), configuration(core));
  writeFileSync(join(dir, 'hdfs-site.xml'), configuration(hdfs));
  return loadConfiguration(dir, options);
}

describe('what counts', () => {
  test('the file over the default, the later over the earlier, trimmed', () => {
    const conf = load(`${property('dfs.replication', ' 2 ')}${property('dfs.replication', '\n  1\n')}`);
    expect(conf.getInt('dfs.replication')).toBe(1);
    expect(conf.sourceOf('dfs.replication')).toBe(`${join(dir, 'hdfs-site.xml')}: line 3`);
    expect(conf.getInt('dfs.replication.max')).toBe(512);
    expect(conf.sourceOf('dfs.replication.max')).toBe('default');
  });

  test('a final value stays, and the file that is ignored is told', () => {
    const conf = load(property('hadoop.tmp.dir', '/b'), property('hadoop.tmp.dir', '/a', '<final>true</final>'));
    expect(conf.get('hadoop.tmp.dir')).toBe('/a');
    expect(conf.warnings).toEqual([
      expect.stringMatching(/hdfs-site\.xml: line 3: hadoop\.tmp\.dir has no effect: .*core-site\.xml made it final/),
    ]);
  });

  test('an HDFS key in core-site.xml is behind hdfs-default.xml, as in Hadoop, and is told', () => {
    const conf = load('', property('dfs.replication', '1'));
    expect(conf.getInt('dfs.replication')).toBe(3);
    expect(conf.warnings).toEqual([expect.stringContaining('dfs.replication has no effect there')]);
  });

  test('old names set the new ones and answer for them', () => {
    const conf = load(
      `${property('dfs.name.dir', '/n')}${property('dfs.data.dir', '/d')}${property('dfs.http.address', 'a:1')}`,
      property('fs.default.name', 'hdfs://c'),
    );
    expect(conf.get('dfs.namenode.name.dir')).toBe('/n');
    expect(conf.get('dfs.name.dir')).toBe('/n');
    expect(conf.get('dfs.datanode.data.dir')).toBe('/d');
    expect(conf.get('dfs.namenode.http-address')).toBe('a:1');
    expect(conf.get('fs.defaultFS')).toBe('hdfs://c');
  });

  test('variables: other keys, properties, environment with fallbacks; the unbound stays', () => {
    const around = { env: { HOST: 'm1', EMPTY: '' }, properties: { 'user.name': 'ann' } };
    const conf = load(
      property('a', '${b}/x') +
        property('b', '/${user.name}') +
        property('c', '${env.HOST}:${env.NONE-9}:${env.EMPTY:-8}') +
        property('d', '${nobody}') +
        property('loop', '${loop}'),
      '',
      { around },
    );
    expect(conf.get('a')).toBe('/ann/x');
    expect(conf.get('c')).toBe('m1:9:8');
    expect(conf.get('d')).toBe('${nobody}');
    expect(conf.get('loop')).toBe('${loop}');
    expect(conf.get('dfs.namenode.name.dir')).toBe('file:///tmp/hadoop-ann/dfs/name');
  });

  test('comments, CDATA, entities, sources, the short form, unknown keys; an empty value sets nothing', () => {
    const conf = load(`<!-- <property><name>no</name><value>no</value></property> -->
      ${property('cdata', '<![CDATA[a < b && c]]>')}${property('entity', 'a&lt;b&amp;c')}
      ${property('mine', 'kept', '<source>somewhere</source><description>d</description>')}
      <property name="short" value="form"/>${property('dfs.nameservices', '')}`);
    expect(conf.get('cdata')).toBe('a < b && c');
    expect(conf.get('entity')).toBe('a<b&c');
    expect(conf.get('mine')).toBe('kept');
    expect(conf.get('short')).toBe('form');
    expect(conf.get('no')).toBeUndefined();
    expect(conf.get('dfs.nameservices')).toBeUndefined();
  });

  test('xi:include, relative to its file, with a fallback where it is missing', () => {
    mkdirSync(join(dir, 'more'));
    writeFileSync(join(dir, 'more', 'x.xml'), configuration(property('from.file', 'yes')));
    const conf = load(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="more/x.xml"/>
      <xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="none.xml">
        <xi:fallback>${property('fallback', 'used')}</xi:fallback>
      </xi:include>`);
    expect(conf.get('from.file')).toBe('yes');
    expect(conf.get('fallback')).toBe('used');
  });

  test('an include within an included file: below the configuration directory, else beside that file', () => {
    mkdirSync(join(dir, 'parts', 'deeper'), { recursive: true });
    const write = (name: string, body: string): void => writeFileSync(join(dir, name), configuration(body));
    const includes = (href: string): string =>
      `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${href}"/>`;
    write('parts/nested.xml', `${includes('inner.xml')}${includes('beside.xml')}${includes('parts/deeper/x.xml')}`);
    write('inner.xml', property('inner', 'from the directory'));
    write('parts/inner.xml', property('inner', 'from beside'));
    write('parts/beside.xml', property('beside', 'found'));
    write('parts/deeper/x.xml', property('deeper', 'found'));
    const conf = load(includes('parts/nested.xml'));
    expect(conf.get('inner')).toBe('from the directory');
    expect(conf.get('beside')).toBe('found');
    expect(conf.get('deeper')).toBe('found');
    expect(conf.sourceOf('beside')).toBe(`${join(dir, 'parts', 'beside.xml')}: line 3`);
  });

  test('an include by an absolute path or a file: address; of another address only where there is a fallback', () => {
    writeFileSync(join(dir, 'x y.xml'), configuration(property('x', 'yes')));
    const includes = (href: string, inside = ''): string =>
      `<xi:include xmlns:xi="x" href="${href}">${inside}</xi:include>`;
    expect(load(includes(join(dir, 'x y.xml'))).get('x')).toBe('yes');
    expect(load(includes(`file://${dir}/x%20y.xml`)).get('x')).toBe('yes');
    expect(load(includes('http://h/x.xml', '<xi:fallback/>')).get('x')).toBeUndefined();
    expect(() => load(includes('http://h/x.xml'))).toThrow(/line 3: includes http:\/\/h\/x\.xml, and only files/);
  });

  test('times in the unit that Hadoop gives the key, or in their own', () => {
    const conf = load(
      property('dfs.ha.log-roll.period', '7') +
        property('dfs.ha.tail-edits.period', '100ms') +
        property('ha.zookeeper.session-timeout.ms', '5s') +
        property('fs.trash.interval', '2'),
    );
    expect(conf.getTimeMs('dfs.ha.log-roll.period')).toBe(7000);
    expect(conf.getTimeMs('dfs.ha.tail-edits.period')).toBe(100);
    expect(conf.getTimeMs('ha.zookeeper.session-timeout.ms')).toBe(5000);
    expect(conf.getTimeMs('fs.trash.interval')).toBe(120_000);
    expect(conf.getTimeMs('dfs.qjournal.write-txns.timeout.ms')).toBe(20_000);
  });

  test('lists', () => {
    expect(load(property('dfs.ha.namenodes.c', ' nn1 , nn2,,\n nn3 ')).getList('dfs.ha.namenodes.c')).toEqual([
      'nn1',
      'nn2',
      'nn3',
    ]);
  });
});

describe('which files there are', () => {
  const only = (name: string, text: string) => {
    writeFileSync(join(dir, name), configuration(text));
    return loadConfiguration(dir);
  };

  test('hdfs-site.xml alone', () => {
    const conf = only('hdfs-site.xml', property('fs.defaultFS', 'hdfs://c'));
    expect(conf.get('fs.defaultFS')).toBe('hdfs://c');
    expect(conf.files).toEqual([join(dir, 'hdfs-site.xml')]);
    expect(conf.warnings).toEqual([]);
  });

  test('core-site.xml alone: its HDFS keys are behind hdfs-default.xml all the same', () => {
    const conf = only('core-site.xml', property('ha.zookeeper.quorum', 'm1') + property('dfs.replication', '1'));
    expect(conf.get('ha.zookeeper.quorum')).toBe('m1');
    expect(conf.getInt('dfs.replication')).toBe(3);
  });

  test('none, and no directory either: the defaults', () => {
    expect(loadConfiguration(dir).get('fs.defaultFS')).toBe('file:///');
    expect(loadConfiguration(join(dir, 'none')).getInt('dfs.replication')).toBe(3);
  });
});

describe('a value is expanded when it is read', () => {
  test('two keys that lead to each other harm nobody but their reader', () => {
    const conf = load(property('lab.a', '${lab.b}') + property('lab.b', '${lab.a}') + property('lab.c', 'fine'));
    expect(conf.get('lab.c')).toBe('fine');
    expect(() => conf.get('lab.a')).toThrow(/hdfs-site\.xml: line 3: lab\.a: more than 20 variables/);
    expect(conf.entries().get('lab.a')).toBe('${lab.b}');
    expect(conf.settings().get('lab.b')).toBe('${lab.a}');
  });

  test('a key that holds itself stays as it is written; a chain longer than 20 is refused when it is read', () => {
    const chain = Array.from({ length: 25 }, (_, n) => property(`deep${n}`, `\${deep${n + 1}}`)).join('\n');
    const conf = load(`${chain}${property('self', 'x ${self} y')}`);
    expect(conf.get('self')).toBe('x ${self} y');
    expect(conf.get('deep10')).toBe('${deep25}');
    expect(() => conf.get('deep0')).toThrow(/line 3: deep0: more than 20 variables/);
  });

  test('names are never expanded, and what follows an unbound variable stays too', () => {
    const conf = load(property('e', 'E') + property('ns.${e}', '1') + property('mixed', '${e}${nobody}${e}'));
    expect(conf.get('ns.E')).toBeUndefined();
    expect(conf.get('ns.${e}')).toBe('1');
    expect(conf.get('mixed')).toBe('E${nobody}${e}');
  });

  test("a default's key is seen by a variable, and no property of JavaScript's objects is", () => {
    const conf = load(property('a', '${io.seqfile.local.dir}') + property('b', '${constructor}'));
    expect(conf.get('a')).toMatch(/\/io\/local$/);
    expect(conf.get('b')).toBe('${constructor}');
  });

  test('raw entries are as written, the defaults of the release among them', () => {
    const raw = load(property('a', ' ${b} ')).rawEntries();
    expect(raw.get('a')).toBe(' ${b} ');
    expect(raw.get('dfs.namenode.name.dir')).toBe('file://${hadoop.tmp.dir}/dfs/name');
    expect(raw.size).toBe(820);
  });
});

describe('what is said of a mistake', () => {
  test.each([
    ['an unclosed element', '<configuration>\n<property>\n<name>a</name>\n', /hdfs-site\.xml: line \d/],
    ['no XML at all', 'dfs.replication=3\n', /hdfs-site\.xml: line 1/],
    ['an empty file', '', /hdfs-site\.xml: line 1: the file is empty/],
    ['another root', '<config></config>', /top-level element is <config>, not <configuration>/],
  ])('%s', (_name, text, message) => {
    writeFileSync(join(dir, 'core-site.xml'), configuration(''));
    writeFileSync(join(dir, 'hdfs-site.xml'), text);
    expect(() => loadConfiguration(dir)).toThrow(message);
  });

  test('the line is that of the fault', () => {
    writeFileSync(join(dir, 'core-site.xml'), configuration(''));
    writeFileSync(
      join(dir, 'hdfs-site.xml'),
      '<configuration>\n<property>\n<name>a</nam>\n</property>\n</configuration>\n',
    );
    expect(() => loadConfiguration(dir)).toThrow(/hdfs-site\.xml: line 3: /);
  });

  test('a missing include without a fallback', () => {
    expect(() => load('<xi:include xmlns:xi="x" href="none.xml"/>')).toThrow(
      /hdfs-site\.xml: line 3: includes .*none\.xml, which does not exist/,
    );
  });

  test('an include that includes itself', () => {
    expect(() => load('<xi:include xmlns:xi="x" href="hdfs-site.xml"/>')).toThrow(/nest deeper/);
  });

  test.each([
    ['getInt', 'dfs.replication', 'three', '"three" is not a whole number'],
    ['getBoolean', 'dfs.permissions.enabled', 'maybe', '"maybe" is not true or false'],
    ['getTimeMs', 'dfs.ha.log-roll.period', '2 weeks', '"2 weeks" is not a time'],
  ] as const)('%s names file, key and value', (getter, key, value, message) => {
    const conf = load(property(key, value));
    expect(() => conf[getter](key)).toThrow(`${join(dir, 'hdfs-site.xml')}: line 3: ${key}: ${message}`);
  });

  test('the name is the one the file uses', () => {
    expect(() => load(property('dfs.permissions', 'maybe')).getBoolean('dfs.permissions.enabled')).toThrow(
      /hdfs-site\.xml: line 3: dfs\.permissions: /,
    );
  });

  test('a key that nobody set', () => {
    expect(() => load('').getInt('no.such.key')).toThrow(/no\.such\.key is not set and has no default/);
  });
});
