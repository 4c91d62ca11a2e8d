/** A configuration directory of two NameNodes that nothing listens for. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CORE = { 'fs.defaultFS': 'hdfs://ns1', 'ha.zookeeper.quorum': '127.16.0.1:1' };
const HDFS = {
  'dfs.nameservices': 'ns1',
  'dfs.ha.namenodes.ns1': 'nn1,nn2',
  'dfs.namenode.rpc-address.ns1.nn1': '127.16.0.1:2',
  'dfs.namenode.rpc-address.ns1.nn2': '127.16.0.2:2',
  'dfs.client.failover.proxy.provider.ns1': 'org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider',
  'dfs.ha.automatic-failover.enabled': 'true',
};

export function writeCliConf(directory: string): void {
  for (const [file, properties] of [
    ['core-site.xml', CORE],
    ['hdfs-site.xml', HDFS],
  ] as const) {
    const xml = Object.entries(properties)
      .map(([name, value]) => `<property><name>${name}</name><value>${value}</value></property>\n`)
      .join('');
    writeFileSync(join(directory, file), `<configuration>\n${xml}</configuration>\n`);
  }
}
