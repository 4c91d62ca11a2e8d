/** What lies in the lock and the breadcrumb, held against bytes that Hadoop 3.3.6's own ZKFC wrote. */
import { expect, test } from 'vitest';
import { configurationOf } from '../../src/config/hadoop/load.js';
import { createLiveHost } from '../../src/host/live/index.js';
import { decodeActiveNodeInfo, encodeActiveNodeInfo, targetOf } from '../../src/zkfc/breadcrumb.js';
import { zkfcConfigFrom } from '../../src/zkfc/config.js';

const conf = (nn2 = '127.17.0.2:9000'): ReturnType<typeof configurationOf> =>
  configurationOf({
    'dfs.nameservices': 'hc',
    'dfs.ha.namenodes.hc': 'nn1,nn2',
    'dfs.namenode.rpc-address.hc.nn1': '127.17.0.1:9000',
    'dfs.namenode.rpc-address.hc.nn2': nn2,
  });
const config = zkfcConfigFrom(conf(), { nameserviceId: 'hc', nameNodeId: 'nn1' });
const host = createLiveHost({ id: 'zkfc1' });
const byHadoop = Buffer.from('0a02686312036e6e311a0a3132372e31372e302e3120a84628d33e', 'hex');

test('byte for byte as Hadoop writes it', () => {
  expect(encodeActiveNodeInfo(config.local, 8019).toString('hex')).toBe(byHadoop.toString('hex'));
});

test('read back', () => {
  expect(decodeActiveNodeInfo(byHadoop)).toEqual({
    nameserviceId: 'hc',
    namenodeId: 'nn1',
    hostname: '127.17.0.1',
    port: 9000,
    zkfcPort: 8019,
  });
});

test('names the configured NameNode, with the ZKFC port of whoever wrote it', async () => {
  const target = await targetOf(host, config, encodeActiveNodeInfo(config.others[0]!, 18019));
  expect(target).toMatchObject({ nameNodeId: 'nn2', zkfc: { host: '127.17.0.2', port: 18019 } });
});

test('a NameNode at another address than ours is not fenced blindly', async () => {
  const other = zkfcConfigFrom(conf('127.17.0.2:9001'), { nameserviceId: 'hc', nameNodeId: 'nn1' });
  await expect(targetOf(host, other, encodeActiveNodeInfo(config.others[0]!, 8019))).rejects.toThrow(
    /Mismatched address stored in ZK/,
  );
});

test('bytes that are no ActiveNodeInfo are quoted', async () => {
  await expect(targetOf(host, config, Buffer.from('ff00ff', 'hex'))).rejects.toThrow('Invalid data in ZK: ff00ff');
});
