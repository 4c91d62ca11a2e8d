/** A NameNode without HA: its local edits are the log; later it gets shared ones. */
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { configurationOf } from '../../../src/config/hadoop/load.js';
import { nameNodeConfigFrom } from '../../../src/namenode/config.js';
import { formatNameNode, initializeSharedEdits, startNameNode } from '../../../src/namenode/name-node.js';
import { createCluster } from '../cluster-fixture.js';
import type { Cluster } from '../cluster-fixture.js';

let cluster: Cluster;
afterEach(() => cluster.end());

test('alone it is active, keeps its edits, and may get shared ones', async () => {
  cluster = await createCluster();
  const [nn1] = cluster.nn;
  const alone = nameNodeConfigFrom(
    configurationOf({
      'fs.defaultFS': `hdfs://${nn1.rpc.host}:9000`,
      'dfs.namenode.http-address': `${nn1.rpc.host}:50070`,
      'dfs.namenode.name.dir': join(cluster.directory, 'nn1'),
      'hadoop.tmp.dir': cluster.directory,
    }),
    { user: 'hdfs', address: nn1.rpc.host },
  );
  expect((await formatNameNode(nn1.host, alone, {})).exitCode).toBe(0);
  for (const name of ['/one', '/two']) {
    const role = await startNameNode(nn1.host, alone);
    await cluster.mkdirs(0, name);
    await expect(cluster.transition(0, 'STANDBY')).rejects.toThrow('HA for namenode is not enabled');
    await role.stop();
    cluster.client.disconnect(nn1.rpc);
  }
  expect(await initializeSharedEdits(nn1.host, nn1.config, {})).toEqual({ exitCode: 0 });
  expect(await initializeSharedEdits(nn1.host, nn1.config, { print: () => undefined })).toEqual({ exitCode: 1 });
  await cluster.start(0);
  await cluster.transition(0, 'ACTIVE');
  expect(await cluster.list(0, '/')).toEqual(['one', 'two']);
  expect(await cluster.mkdirs(0, '/three')).toBe(true);
});
