/**
 * Defaults that no file of Hadoop 3.3.6 declares, only its code (CommonConfigurationKeys, DFSConfigKeys,
 * HdfsClientConfigKeys). What core-default.xml and hdfs-default.xml declare is in gen/.
 */
export const CODE_DEFAULTS: Readonly<Record<string, string>> = {
  'dfs.ha.log-roll.rpc.timeout': '20000',
  'dfs.ha.tail-edits.qjm.rpc.max-txns': '5000',
  'dfs.namenode.path.based.cache.refresh.interval.ms': '30000',
  'ipc.client.async.calls.max': '100',
  'ipc.client.connect.max.retries.on.sasl': '5',
  'ipc.server.handler.queue.size': '100',
  'ipc.server.max.response.size': '1048576',
  'ipc.server.read.connection-queue.size': '100',
  'ipc.server.read.threadpool.size': '1',
};
