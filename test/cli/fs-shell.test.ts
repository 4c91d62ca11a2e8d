/** `hdfs dfs` on a nameservice of two NameNodes: every line of a session ends and says what Hadoop's FsShell does. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFsShell } from '../../src/cli/fs-shell.js';
import { configurationOf } from '../../src/config/hadoop/load.js';
import { createLiveHost } from '../../src/host/live/index.js';
import { startCluster, type Cluster } from '../namenode/cluster-fixture.js';
import { SESSION, transcript, wordsOf, type Names, type Outcome } from './fs-shell-session.js';

let cluster: Cluster;
let names: Names;

beforeAll(async () => {
  cluster = await startCluster({ 'dfs.client.failover.proxy.provider.ns1': PROVIDER });
  const [nn1, nn2] = cluster.nn.map(({ rpc }) => `${rpc.host}:${rpc.port}`);
  names = { nameservice: 'ns1', nn1: nn1!, nn2: nn2!, user: 'hdfs' };
});
afterAll(() => cluster.end());

const PROVIDER = 'org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider';

async function dfs(words: readonly string[], overrides: Record<string, string> = {}): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runFsShell(words, {
    host: createLiveHost({ id: 'client-dfs', logLevel: 'error' }),
    conf: configurationOf({ ...cluster.properties, ...overrides }),
    user: 'hdfs',
    localName: 'here/127.0.0.1',
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('a session', async () => {
  const outcomes: Outcome[] = [];
  for (const line of SESSION) outcomes.push(await dfs(wordsOf(line, names)));
  await expect(transcript(outcomes, names)).toMatchFileSnapshot(
    fileURLToPath(new URL('fs-shell.transcript', import.meta.url)),
  );
});

test('fs.defaultFS may name one NameNode: then it is asked alone, standby or not', async () => {
  const at = (nameNode: string): Record<string, string> => ({ 'fs.defaultFS': `hdfs://${nameNode}` });
  expect(await dfs(['-ls', '/'], at(names.nn2))).toEqual({
    code: 1,
    out: '',
    err: 'ls: Operation category READ is not supported in state standby. Visit https://s.apache.org/sbnn-error',
  });
  expect((await dfs(['-ls', '/'], at(names.nn1))).code).toBe(0);
  expect((await dfs(['-test', '-d', `hdfs://${names.nn1}/`], at(names.nn2))).code).toBe(0);
  expect((await dfs(['-ls', 'hdfs://ns1/'], at(names.nn2))).code).toBe(0);
});

test('a nameservice whose proxy provider is not set is taken for a host', async () => {
  const without = { 'dfs.client.failover.proxy.provider.ns1': '' };
  const conf = Object.fromEntries(Object.entries({ ...cluster.properties, ...without }).filter(([, value]) => value));
  const err: string[] = [];
  const code = await runFsShell(['-ls', '/'], {
    host: createLiveHost({ id: 'client-dfs', logLevel: 'error' }),
    conf: configurationOf(conf),
    user: 'hdfs',
    localName: 'here/127.0.0.1',
    out: () => undefined,
    err: (line) => void err.push(line),
  });
  expect([code, err[0]]).toEqual([255, '-ls: java.net.UnknownHostException: ns1']);
});

test('nobody listens', async () => {
  const { code, err } = await dfs(['-ls', 'hdfs://127.0.0.1:1/']);
  expect(code).toBe(1);
  expect(err).toBe(
    'ls: Call From here/127.0.0.1 to 127.0.0.1:1 failed on connection exception: java.net.ConnectException: ' +
      'Connection refused; For more details see:  http://wiki.apache.org/hadoop/ConnectionRefused',
  );
});

test('what the lab has not got is said to be missing here, not to be unknown', async () => {
  const { code, err } = await dfs(['-put', 'a', '/b']);
  expect([code, err]).toEqual([
    1,
    "-put: the lab's hdfs dfs does not do this; Apache's does, against the same NameNodes (halab conf)",
  ]);
  expect((await dfs(['-ls', 'file:///tmp'])).err).toContain("knows HDFS only, not this machine's files");
});
