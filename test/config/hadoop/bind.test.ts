/** Wildcards: on a lab's host they mean the host's own address, elsewhere what they say. */
import { expect, test } from 'vitest';
import { configurationOf } from '../../../src/config/hadoop/load.js';
import { journalNodeConfigFrom } from '../../../src/journal/config.js';
import { nameNodeConfigFrom } from '../../../src/namenode/config.js';
import { zkfcConfigFrom } from '../../../src/zkfc/config.js';

const ids = { nameserviceId: 'c', nameNodeId: 'nn1', user: 'hdfs' };
const own = { address: '127.80.1.11' };

const cluster = {
  'dfs.nameservices': 'c',
  'dfs.ha.namenodes.c': 'nn1,nn2',
  'dfs.namenode.rpc-address.c.nn1': 'm1:8020',
  'dfs.namenode.rpc-address.c.nn2': 'm2:8020',
  'dfs.namenode.shared.edits.dir': 'qjournal://m1;m2;m3/c',
};
const everywhere = {
  ...cluster,
  'dfs.namenode.servicerpc-address.c.nn1': 'm1:8021',
  'dfs.namenode.lifeline.rpc-address.c.nn1': 'm1:8050',
  'dfs.namenode.rpc-bind-host': '0.0.0.0',
  'dfs.namenode.servicerpc-bind-host': '0.0.0.0',
  'dfs.namenode.lifeline.rpc-bind-host': '::',
  'dfs.namenode.http-bind-host': '0.0.0.0',
  'dfs.journalnode.rpc-bind-host': '0.0.0.0',
  'dfs.journalnode.http-bind-host': '0.0.0.0',
};

test('a NameNode', () => {
  const bind = (values: Record<string, string>, more: { address?: string } = {}) =>
    nameNodeConfigFrom(configurationOf(values), { ...ids, ...more }).bind;
  expect(bind(everywhere, own)).toEqual({
    rpc: { host: own.address, port: 8020 },
    serviceRpc: { host: own.address, port: 8021 },
    lifelineRpc: { host: own.address, port: 8050 },
    http: { host: own.address, port: 9870 },
  });
  expect(bind(everywhere)).toEqual({
    rpc: { host: '0.0.0.0', port: 8020 },
    serviceRpc: { host: '0.0.0.0', port: 8021 },
    lifelineRpc: { host: '::', port: 8050 },
    http: { host: '0.0.0.0', port: 9870 },
  });
  // Nobody asked for a wildcard: the default's is not taken at its word.
  expect(bind(cluster).http).toEqual({ host: 'm1', port: 9870 });
  expect(bind({ ...cluster, 'dfs.namenode.http-address': '0.0.0.0:50070' }).http).toEqual({
    host: '0.0.0.0',
    port: 50070,
  });
});

test('a JournalNode', () => {
  const conf = configurationOf(everywhere);
  expect(journalNodeConfigFrom(conf, own)).toMatchObject({
    rpc: { host: own.address, port: 8485 },
    http: { host: own.address, port: 8480 },
  });
  expect(journalNodeConfigFrom(conf)).toMatchObject({ rpc: { host: '0.0.0.0', port: 8485 } });
  const named = configurationOf({ 'dfs.journalnode.rpc-address': 'm1:8485' });
  expect(journalNodeConfigFrom(named, own).rpc).toEqual({ host: 'm1', port: 8485 });
});

test('a ZKFC is bound as its NameNode is', () => {
  const conf = configurationOf(everywhere);
  expect(zkfcConfigFrom(conf, { ...ids, ...own }).bind).toEqual({ host: own.address, port: 8019 });
  expect(zkfcConfigFrom(conf, ids).bind).toEqual({ host: '0.0.0.0', port: 8019 });
  expect(zkfcConfigFrom(configurationOf(cluster), { ...ids, ...own }).bind).toEqual({ host: 'm1', port: 8019 });
});
