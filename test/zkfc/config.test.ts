/** Which key a ZKFC takes, and what it says when one is wrong. */
import { expect, test } from 'vitest';
import { configurationOf } from '../../src/config/hadoop/load.js';
import { haTargetFrom, zkfcConfigFrom } from '../../src/zkfc/config.js';

const base = {
  'ha.zookeeper.quorum': 'm1:2181,m2:2181,m3:2181',
  'dfs.nameservices': 'hdfs-cluster',
  'dfs.ha.namenodes.hdfs-cluster': 'nn1,nn2',
  'dfs.namenode.rpc-address.hdfs-cluster.nn1': 'm1:9000',
  'dfs.namenode.rpc-address.hdfs-cluster.nn2': 'm2:9000',
  'dfs.ha.automatic-failover.enabled': 'true',
};
const from = (more: Record<string, string> = {}, nameNodeId = 'nn1'): ReturnType<typeof zkfcConfigFrom> =>
  zkfcConfigFrom(configurationOf({ ...base, ...more }), { nameserviceId: 'hdfs-cluster', nameNodeId, user: 'root' });

test('defaults are those of Hadoop 3.3.6', () => {
  expect(from()).toMatchObject({
    parentZnode: '/hadoop-ha/hdfs-cluster',
    sessionTimeoutMs: 10_000,
    zookeeperAcl: 'world:anyone:rwcda',
    zookeeperAuth: undefined,
    zookeeperRetries: 3,
    bind: { host: 'm1', port: 8019 },
    health: {
      checkIntervalMs: 1000,
      connectRetryIntervalMs: 1000,
      sleepAfterDisconnectMs: 1000,
      rpcTimeoutMs: 45_000,
      rpcConnectRetries: 1,
    },
    rpc: {
      user: 'root',
      gracefulFenceTimeoutMs: 5000,
      gracefulFenceConnectionRetries: 1,
      newActiveTimeoutMs: 60_000,
      cliCheckTimeoutMs: 20_000,
      connectRetryIntervalMs: 1000,
    },
    ssh: { connectTimeoutMs: 30_000, privateKeyFiles: [] },
    local: {
      nameNodeId: 'nn1',
      address: { host: 'm1', port: 9000 },
      autoFailoverEnabled: true,
      fencingMethods: undefined,
    },
    others: [{ nameNodeId: 'nn2', zkfc: { host: 'm2', port: 8019 } }],
  });
});

test('automatic failover is off unless switched on', () => {
  expect(from({ 'dfs.ha.automatic-failover.enabled': 'false' }).local.autoFailoverEnabled).toBe(false);
  expect(
    from({ 'dfs.ha.automatic-failover.enabled': 'false', 'dfs.ha.automatic-failover.enabled.hdfs-cluster': 'true' })
      .local.autoFailoverEnabled,
  ).toBe(true);
});

test('a key of the NameNode goes before one of the nameservice, and that before the plain one', () => {
  const more = {
    'dfs.ha.zkfc.port': '1',
    'dfs.ha.zkfc.port.hdfs-cluster': '2',
    'dfs.ha.zkfc.port.hdfs-cluster.nn2': '3',
  };
  expect(from(more).bind.port).toBe(2);
  expect(from(more, 'nn2').bind.port).toBe(3);
  expect(from({ 'ha.zookeeper.parent-znode': '/a/', 'ha.zookeeper.parent-znode.hdfs-cluster': '/b' }).parentZnode).toBe(
    '/b/hdfs-cluster',
  );
  expect(
    from({ 'dfs.ha.fencing.methods': 'shell(a)', 'dfs.ha.fencing.methods.hdfs-cluster.nn2': 'shell(b)' }).others[0]!
      .fencingMethods,
  ).toBe('shell(b)');
});

test('the service address goes before the RPC address; health is asked at the lifeline address', () => {
  const { local } = from({
    'dfs.namenode.servicerpc-address.hdfs-cluster.nn1': 'm1:8022',
    'dfs.namenode.lifeline.rpc-address.hdfs-cluster.nn1': 'm1:8050',
  });
  expect(local).toMatchObject({ address: { host: 'm1', port: 8022 }, lifeline: { host: 'm1', port: 8050 } });
});

test('ZKFCProtocol is served where the NameNode is told to bind', () => {
  expect(from({ 'dfs.namenode.rpc-bind-host': '0.0.0.0' }).bind.host).toBe('0.0.0.0');
});

test.each([
  [{ 'ha.zookeeper.session-timeout.ms': '-1' }, /ha\.zookeeper\.session-timeout\.ms: Invalid ZK session timeout -1/],
  [{ 'dfs.ha.namenodes.hdfs-cluster': 'nn1' }, /HA is not enabled for this namenode\./],
  [{ 'dfs.ha.namenodes.hdfs-cluster': 'nn2,nn3' }, /Could not get the namenode ID of this node\./],
  [{ 'dfs.ha.namenodes.hdfs-cluster': 'nn1,nn9' }, /Unable to determine service address for namenode 'nn9'/],
  [{ 'dfs.namenode.rpc-address.hdfs-cluster.nn2': 'm2:port' }, /dfs\.namenode\.rpc-address\.hdfs-cluster\.nn2/],
  [{ 'dfs.ha.zkfc.port': '80190' }, /dfs\.ha\.zkfc\.port: "80190" is not a port/],
])('%o is refused', (more, message) => {
  expect(() => from(more)).toThrow(message);
});

test('a target without a nameservice is that of the only one', () => {
  expect(haTargetFrom(configurationOf(base), undefined, 'nn2').nameserviceId).toBe('hdfs-cluster');
  expect(() => haTargetFrom(configurationOf({ ...base, 'dfs.nameservices': 'a,b' }), undefined, 'nn2')).toThrow(
    /Unable to determine the name service ID\..*-ns option/,
  );
});
