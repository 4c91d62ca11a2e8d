/** Which NameNodes a configuration describes, and where they are. */
import { expect, test } from 'vitest';
import { configurationOf } from '../../../src/config/hadoop/load.js';
import {
  getSuffixed,
  localNameNode,
  nameNodesOf,
  nameserviceIdOf,
  parseHostPort,
  parseQuorumJournal,
  zooKeeperQuorum,
} from '../../../src/config/hadoop/nameservice.js';

const two = {
  'dfs.nameservices': 'c',
  'dfs.ha.namenodes.c': 'nn1,nn2',
  'dfs.namenode.rpc-address.c.nn1': 'm1:9000',
  'dfs.namenode.rpc-address.c.nn2': 'm2',
  'dfs.namenode.http-address.c.nn1': 'm1:50070',
};

test("addresses by nameservice and NameNode, with Hadoop's ports where none is given", () => {
  expect(nameNodesOf(configurationOf(two), 'c').map(({ nameNodeId, rpc, http }) => [nameNodeId, rpc, http])).toEqual([
    ['nn1', { host: 'm1', port: 9000 }, { host: 'm1', port: 50070 }],
    ['nn2', { host: 'm2', port: 8020 }, { host: 'm2', port: 9870 }],
  ]);
});

test('the longest suffix wins', () => {
  const conf = configurationOf({ k: 'all', 'k.c': 'service', 'k.c.nn1': 'node' });
  expect([
    getSuffixed(conf, 'k', 'c', 'nn1'),
    getSuffixed(conf, 'k', 'c', 'nn2'),
    getSuffixed(conf, 'k', 'd', 'nn2'),
  ]).toEqual(['node', 'service', 'all']);
});

test('the local NameNode is the one whose rpc-address is here', () => {
  const conf = configurationOf(two);
  expect(localNameNode(conf, 'c', (host) => host === 'm2').nameNodeId).toBe('nn2');
  expect(() => localNameNode(conf, 'c', () => false)).toThrow(
    /no NameNode of c has its rpc-address on this host: nn1 at m1:9000/,
  );
  expect(() => localNameNode(conf, 'c', () => true)).toThrow(/2 NameNodes/);
  expect(localNameNode(configurationOf({ ...two, 'dfs.ha.namenode.id': 'nn1' }), 'c', () => true).nameNodeId).toBe(
    'nn1',
  );
});

test('which nameservice is meant', () => {
  expect(nameserviceIdOf(configurationOf(two))).toBe('c');
  const both = { ...two, 'dfs.nameservices': 'c,d', 'dfs.ha.namenodes.d': 'x,y' };
  expect(() => nameserviceIdOf(configurationOf(both))).toThrow(/names c, d/);
  expect(nameserviceIdOf(configurationOf({ ...both, 'dfs.nameservice.id': 'd' }))).toBe('d');
  expect(() => nameserviceIdOf(configurationOf({}))).toThrow(/dfs\.nameservices is not set/);
});

test('a NameNode without an address is named', () => {
  expect(() => nameNodesOf(configurationOf({ 'dfs.nameservices': 'c', 'dfs.ha.namenodes.c': 'nn1' }), 'c')).toThrow(
    /dfs\.namenode\.rpc-address\.c\.nn1 is not set/,
  );
});

test('quorum journals and quorums', () => {
  expect(parseQuorumJournal('qjournal://m1:8485;m2:8486;m3/j', 'here')).toEqual({
    journal: 'j',
    nodes: [
      { host: 'm1', port: 8485 },
      { host: 'm2', port: 8486 },
      { host: 'm3', port: 8485 },
    ],
  });
  expect(() => parseQuorumJournal('file:///x', 'hdfs-site.xml: dfs.namenode.shared.edits.dir')).toThrow(
    /hdfs-site\.xml: dfs\.namenode\.shared\.edits\.dir: "file:\/\/\/x" is not a quorum journal/,
  );
  expect(zooKeeperQuorum(configurationOf({ 'ha.zookeeper.quorum': 'm1:2181,m2' }))).toEqual([
    { host: 'm1', port: 2181 },
    { host: 'm2', port: 2181 },
  ]);
  expect(() => zooKeeperQuorum(configurationOf({}))).toThrow(/ha\.zookeeper\.quorum is not set/);
});

test('host:port in its forms', () => {
  expect(parseHostPort('[::1]:80', undefined, 'k')).toEqual({ host: '::1', port: 80 });
  expect(parseHostPort('hdfs://m1:9000', undefined, 'k')).toEqual({ host: 'm1', port: 9000 });
  expect(() => parseHostPort('m1', undefined, 'k')).toThrow(/k: "m1" is not host:port/);
  expect(() => parseHostPort('m1:99999', undefined, 'k')).toThrow(/is not host:port/);
});
