/** The session that the lab's `hdfs dfs` is held to, typed at Apache's FsShell on NameNodes of ours. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SESSION, transcript, wordsOf } from '../cli/fs-shell-session.js';
import { startCluster, type Cluster } from '../namenode/cluster-fixture.js';
import { stopAll, tools } from './apache.js';

let cluster: Cluster;
const conf = mkdtempSync(join(tmpdir(), 'halab-fs-shell-'));

beforeAll(async () => {
  cluster = await startCluster({
    'dfs.client.failover.proxy.provider.ns1':
      'org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider',
  });
  const xml = Object.entries(cluster.properties)
    .map(([key, value]) => `<property><name>${key}</name><value>${value}</value></property>`)
    .join('\n');
  for (const name of ['core-site.xml', 'hdfs-site.xml'])
    writeFileSync(join(conf, name), `<?xml version="1.0"?>\n<configuration>\n${xml}\n</configuration>\n`);
});
afterAll(async () => {
  await stopAll();
  await cluster.end();
  rmSync(conf, { recursive: true, force: true });
});

test('a session', async () => {
  const [nn1, nn2] = cluster.nn.map(({ rpc }) => `${rpc.host}:${rpc.port}`);
  const names = { nameservice: 'ns1', nn1: nn1!, nn2: nn2!, user: 'hdfs' };
  const outcomes = await tools(
    'org.apache.hadoop.fs.FsShell',
    SESSION.map((line) => ({ words: wordsOf(line, names) })),
    { classpath: 'hadoop', conf, env: { HADOOP_USER_NAME: 'hdfs' }, timeoutMs: 100_000 },
  );
  const ours = readFileSync(fileURLToPath(new URL('../cli/fs-shell.transcript', import.meta.url)), 'utf8');
  expect(
    transcript(
      outcomes.map(({ code, stdout, stderr }) => ({ code, out: stdout, err: stderr })),
      names,
    ),
  ).toBe(ours);
}, 120_000);
