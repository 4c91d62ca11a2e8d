/** Topology files: what they say, and where they are wrong. */
import { expect, test } from 'vitest';
import { fileURLToPath } from 'node:url';
import { readEnsemble } from '../../src/config/ensemble.js';
import { hadoopCluster, onlyNameservice } from '../../src/config/hadoop/cluster.js';
import { loadConfiguration } from '../../src/config/hadoop/load.js';
import { deriveTopology, findZooFiles, parseTopology, readTopology } from '../../src/config/topology.js';
import { nameNodesOf } from '../../src/config/hadoop/nameservice.js';

const book = fileURLToPath(new URL('../../configs/book/', import.meta.url));

test("the book's cluster", () => {
  const topology = readTopology(`${book}topology.yaml`);
  expect(topology).toMatchObject({
    name: 'book',
    profile: 'production',
    zooFiles: { shared: `${book}zoo.cfg`, byHost: {} },
  });
  expect(topology.hosts.map(({ name, roles }) => [name, roles.length])).toEqual([
    ['m1', 5],
    ['m2', 5],
    ['m3', 3],
  ]);
});

test("the book's files say what the chapter says, old names included", () => {
  const conf = loadConfiguration(book);
  expect(conf.warnings).toEqual([]);
  expect(conf.get('dfs.namenode.name.dir')).toBe('/root/hdfs/namenode');
  expect(conf.get('dfs.datanode.data.dir')).toBe('/root/hdfs/datanode');
  expect(conf.get('ha.zookeeper.quorum')).toBe('m1:2181,m2:2181,m3:2181');
  expect(conf.getBoolean('dfs.ha.automatic-failover.enabled')).toBe(true);
  expect(
    nameNodesOf(conf, 'hdfs-cluster').map(
      ({ nameNodeId, rpc, http }) => `${nameNodeId} ${rpc.host}:${rpc.port} ${http.port}`,
    ),
  ).toEqual(['nn1 m1:9000 50070', 'nn2 m2:9000 50070']);
});

test('a topology is there without a file: the configuration names every host', () => {
  const conf = loadConfiguration(book);
  const cluster = hadoopCluster(conf);
  const files = findZooFiles(book);
  const ensemble = readEnsemble(files, cluster.quorum, 'core-site.xml', {});
  const derived = deriveTopology(book, onlyNameservice(cluster), ensemble, files);
  expect(derived.hosts).toEqual([
    { name: 'm1', address: undefined, roles: ['zookeeper', 'journalnode', 'namenode', 'zkfc'] },
    { name: 'm2', address: undefined, roles: ['zookeeper', 'journalnode', 'namenode', 'zkfc'] },
    { name: 'm3', address: undefined, roles: ['zookeeper', 'journalnode'] },
  ]);
});

test('the long form gives an address', () => {
  const topology = parseTopology('hosts:\n  m1:\n    address: 127.9.0.1\n    roles: [zookeeper]\n', '/x/t.yaml');
  expect(topology.hosts).toEqual([{ name: 'm1', address: '127.9.0.1', roles: ['zookeeper'] }]);
  expect(topology).toMatchObject({
    name: 'lab',
    profile: 'production',
    hadoopDir: '/x',
    zooFiles: { shared: undefined, byHost: {} },
  });
});

test('zookeeper: one file for all, or one a host', () => {
  const files = (line: string) => parseTopology(`${line}\nhosts:\n  m1: [zookeeper]\n`, '/x/t.yaml').zooFiles;
  expect(files('zookeeper: z.cfg')).toEqual({ shared: '/x/z.cfg', byHost: {} });
  expect(files('zookeeper: {m1: a/z.cfg, m2: /b}')).toEqual({
    shared: undefined,
    byHost: { m1: '/x/a/z.cfg', m2: '/b' },
  });
  expect(() => files('zookeeper: {m1: [a]}')).toThrow(/line 1: zookeeper: not a host and its file/);
});

test.each([
  ['hosts:\n  m1: [zookeeper\n', /t\.yaml: line \d: /],
  ['- a\n', /line 1: a topology is a mapping/],
  ['name: x\n', /hosts is missing/],
  ['hosts:\n  m1: [zookeeper]\ncolour: red\n', /line 3: unknown key colour/],
  ['profile: slow\nhosts:\n  m1: [zookeeper]\n', /line 1: unknown profile slow/],
  ['hosts:\n  m1: [zookeeper, zookeper]\n', /line 2: hosts\.m1: unknown role zookeper/],
  ['hosts:\n  m1: [zkfc, zkfc]\n', /line 2: hosts\.m1: zkfc is there twice/],
  ['hosts:\n  m1: yes\n', /line 2: hosts\.m1: no list of roles/],
  [
    'hosts:\n  m1: {address: 10.0.0.1, roles: [zkfc]}\n',
    /line 2: hosts\.m1\.address: "10\.0\.0\.1" is not a loopback address/,
  ],
  ['hosts:\n  m1: {adress: x, roles: [zkfc]}\n', /line 2: hosts\.m1: unknown key adress/],
  ['hosts:\n  m1: [zkfc]\n  m1: [zkfc]\n', /line 3: /],
])('%j', (text, message) => {
  expect(() => parseTopology(text, '/x/t.yaml')).toThrow(message);
});
