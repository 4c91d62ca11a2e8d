import { expect, test } from 'vitest';
import { java } from './apache.js';

test('Apache ZooKeeper 3.8.4 and Hadoop 3.3.6 are what the jars hold', async () => {
  const [zookeeper, hadoop] = await Promise.all([
    java('org.apache.zookeeper.Version', [], { classpath: 'zk' }),
    java('org.apache.hadoop.util.VersionInfo', [], { classpath: 'hadoop' }),
  ]);
  expect(zookeeper.stdout).toContain('3.8.4');
  expect(hadoop.stdout).toContain('Hadoop 3.3.6');
});
