/** Checkpoints, bootstrap, formatting and the web face, as an operator meets them. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Endpoint } from '../../../src/host/host.js';
import { bootstrapStandby, formatNameNode, startNameNode } from '../../../src/namenode/name-node.js';
import { clientNamenodeProtocol } from '../../../src/wire/hadoop/protocols/client-namenode.js';
import { httpRequest } from '../../../src/wire/http/client.js';
import { createCluster, startCluster, until } from '../cluster-fixture.js';
import type { Cluster } from '../cluster-fixture.js';

let cluster: Cluster;
afterEach(() => cluster.end());

const files = (nn: 1 | 2): string[] => readdirSync(join(cluster.directory, `nn${nn}/current`)).sort();

async function get(endpoint: Endpoint, path: string): Promise<{ status: number; text: string }> {
  const response = await httpRequest(cluster.nn[0].host, { endpoint, path, connectTimeoutMs: 2000, timeoutMs: 5000 });
  const chunks: Buffer[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return { status: response.status, text: Buffer.concat(chunks).toString('utf8') };
}

test('the standby tails closed segments, saves a checkpoint and gives it to the active', async () => {
  cluster = await startCluster({
    'dfs.ha.tail-edits.period': '100ms',
    'dfs.ha.log-roll.period': '300ms',
    'dfs.namenode.checkpoint.txns': '40',
    'dfs.namenode.checkpoint.check.period': '200ms',
  });
  for (let i = 0; i < 60; i++) await cluster.mkdirs(0, `/d/${i}`);
  await until('a checkpoint at the standby', () => cluster.nn[1].events.some(({ type }) => type === 'CheckpointSaved'));
  await until('it at the active', () => cluster.nn[0].events.some(({ type }) => type === 'CheckpointSaved'));
  const image = files(1)
    .filter((name) => /^fsimage_\d+$/.test(name))
    .at(-1)!;
  expect(Number(image.slice(8))).toBeGreaterThanOrEqual(40);
  expect(
    readFileSync(join(cluster.directory, 'nn1/current', image)).equals(
      readFileSync(join(cluster.directory, 'nn2/current', image)),
    ),
  ).toBe(true);
  await cluster.stop(0);
  await cluster.start(0);
  await cluster.transition(1, 'ACTIVE');
  expect(await cluster.list(1, '/d')).toHaveLength(60);
});

test('a standby is bootstrapped from the newest image and the shared edits', async () => {
  cluster = await createCluster();
  const [nn1, nn2] = cluster.nn;
  await formatNameNode(nn1.host, nn1.config, {});
  await cluster.start(0);
  await cluster.transition(0, 'ACTIVE');
  await cluster.mkdirs(0, '/before');
  await cluster.client.call(clientNamenodeProtocol, 'setSafeMode', nn1.rpc, { action: 2 });
  await expect(cluster.mkdirs(0, '/refused')).rejects.toThrow(
    'Cannot create directory /refused. Name node is in safe mode.\nIt was turned on manually. Use "hdfs dfsadmin ' +
      '-safemode leave"',
  );
  await cluster.client.call(clientNamenodeProtocol, 'saveNamespace', nn1.rpc, {});
  await cluster.client.call(clientNamenodeProtocol, 'setSafeMode', nn1.rpc, { action: 1 });
  await cluster.mkdirs(0, '/after');
  const lines: string[] = [];
  expect(await bootstrapStandby(nn2.host, nn2.config, { print: (line) => lines.push(line) })).toEqual({ exitCode: 0 });
  expect(lines).toContain('About to bootstrap Standby ID nn2 from:');
  expect(files(2)).toEqual(['VERSION', 'fsimage_0000000000000000003', 'fsimage_0000000000000000003.md5', 'seen_txid']);
  lines.length = 0;
  expect(await bootstrapStandby(nn2.host, nn2.config, { print: (line) => lines.push(line) })).toEqual({ exitCode: 5 });
  expect(lines.at(-1)).toMatch(
    new RegExp(
      '^Running in non-interactive mode, and data appears to exist in Storage Directory root= .*nn2; location= ' +
        'null\\. Not formatting\\.$',
    ),
  );
  expect(await bootstrapStandby(nn2.host, nn2.config, { force: true })).toEqual({ exitCode: 0 });
  await cluster.start(1);
  await cluster.transition(0, 'STANDBY');
  await cluster.transition(1, 'ACTIVE');
  expect(await cluster.list(1, '/')).toEqual(['after', 'before']);
});

test('a bootstrap that finds the shared edits wanting leaves the directory as it was: exit code 6', async () => {
  cluster = await createCluster({
    'dfs.qjournal.select-input-streams.timeout.ms': '1000',
    'ipc.client.connect.timeout': '500',
  });
  const [nn1, nn2] = cluster.nn;
  await formatNameNode(nn1.host, nn1.config, {});
  await cluster.start(0);
  await cluster.transition(0, 'ACTIVE');
  await cluster.mkdirs(0, '/d');
  for (const node of cluster.journalNodes) await node!.stop();
  const lines: string[] = [];
  expect(await bootstrapStandby(nn2.host, nn2.config, { print: (line) => lines.push(line) })).toEqual({ exitCode: 6 });
  expect(lines.at(-1)).toContain(
    'Unable to read transaction ids 1-2 from the configured shared edits storage qjournal://',
  );
  expect(readdirSync(join(cluster.directory, 'nn2'))).toEqual([]);
});

test('bootstrap without anyone to ask: exit code 2', async () => {
  cluster = await createCluster({ 'ipc.client.connect.timeout': '500' });
  const lines: string[] = [];
  expect(
    await bootstrapStandby(cluster.nn[1].host, cluster.nn[1].config, { print: (line) => lines.push(line) }),
  ).toEqual({ exitCode: 2 });
  expect(lines[0]).toContain('Unable to fetch namespace information from any remote NN. Possible NameNodes: nn1 at');
});

test('format: not over data, but over data when told to', async () => {
  cluster = await createCluster();
  const [nn1] = cluster.nn;
  const first = await formatNameNode(nn1.host, nn1.config, {});
  expect(first.exitCode).toBe(0);
  expect(first.clusterId).toMatch(/^CID-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(files(1)).toEqual(['VERSION', 'fsimage_0000000000000000000', 'fsimage_0000000000000000000.md5', 'seen_txid']);
  const version = readFileSync(join(cluster.directory, 'nn1/current/VERSION'), 'utf8');
  const lines: string[] = [];
  expect((await formatNameNode(nn1.host, nn1.config, { print: (line) => lines.push(line) })).exitCode).toBe(1);
  expect(lines[0]).toContain('Running in non-interactive mode, and data appears to exist in Storage Directory root=');
  expect((await formatNameNode(nn1.host, nn1.config, { interactive: true, confirm: async () => false })).exitCode).toBe(
    1,
  );
  expect(readFileSync(join(cluster.directory, 'nn1/current/VERSION'), 'utf8')).toBe(version);
  expect((await formatNameNode(nn1.host, nn1.config, { force: true, clusterId: 'CID-mine' })).clusterId).toBe(
    'CID-mine',
  );
  expect(readFileSync(join(cluster.directory, 'nn1/current/VERSION'), 'utf8')).toContain('clusterID=CID-mine');
});

test('what cannot be started says which directory, and holds nothing', async () => {
  cluster = await createCluster();
  const [nn1] = cluster.nn;
  await expect(startNameNode(nn1.host, nn1.config)).rejects.toThrow(
    /^NameNode is not formatted: .*nn1\/current\/VERSION does not exist$/,
  );
  await formatNameNode(nn1.host, nn1.config, {});
  const image = join(cluster.directory, 'nn1/current/fsimage_0000000000000000000');
  const good = readFileSync(image);
  const bad = Buffer.from(good);
  bad[40] = bad[40]! ^ 0xff;
  writeFileSync(image, bad);
  await expect(startNameNode(nn1.host, nn1.config)).rejects.toThrow(
    /fsimage_0000000000000000000 is corrupt with MD5 checksum of [0-9a-f]{32} but expecting/,
  );
  writeFileSync(image, good);
  await cluster.start(0);
  await expect(startNameNode(nn1.host, nn1.config)).rejects.toThrow(
    /nn1\. The directory is already locked by process \d+$/,
  );
  expect(await cluster.state(0)).toBe('STANDBY');
});

test('without the newest image the one before is loaded, and the edits since', async () => {
  cluster = await startCluster();
  const [nn1] = cluster.nn;
  for (const name of ['/one', '/two']) {
    await cluster.mkdirs(0, name);
    await cluster.client.call(clientNamenodeProtocol, 'setSafeMode', nn1.rpc, { action: 2 });
    await cluster.client.call(clientNamenodeProtocol, 'saveNamespace', nn1.rpc, {});
    await cluster.client.call(clientNamenodeProtocol, 'setSafeMode', nn1.rpc, { action: 1 });
  }
  await cluster.stop(0);
  const newest = files(1)
    .filter((name) => /^fsimage_\d+$/.test(name))
    .at(-1)!;
  writeFileSync(join(cluster.directory, 'nn1/current', newest), 'rubbish');
  await cluster.start(0);
  await cluster.transition(0, 'ACTIVE');
  expect(await cluster.list(0, '/')).toEqual(['one', 'two']);
});

test("/jmx tells the state as Apache's does, and /isActive", async () => {
  cluster = await startCluster();
  await cluster.mkdirs(0, '/a');
  const http = (i: 0 | 1): Endpoint => cluster.nn[i].config.http;
  const { text } = await get(http(0), '/jmx?qry=Hadoop:service=NameNode,name=NameNodeStatus');
  expect(text).toContain(
    '{\n  "beans" : [ {\n    "name" : "Hadoop:service=NameNode,name=NameNodeStatus",\n    "modelerType" : ' +
      '"org.apache.hadoop.hdfs.server.namenode.NameNode",\n    "State" : "active",',
  );
  const bean = (JSON.parse(text) as { beans: Record<string, unknown>[] }).beans[0]!;
  expect(bean).toMatchObject({
    NNRole: 'NameNode',
    SecurityEnabled: false,
    HostAndPort: `${cluster.nn[0].rpc.host}:9000`,
  });
  expect(
    JSON.parse((await get(http(1), '/jmx?get=Hadoop:service=NameNode,name=NameNodeStatus::State')).text),
  ).toMatchObject({ beans: [{ State: 'standby' }] });
  const all = JSON.parse((await get(http(0), '/jmx')).text) as { beans: Record<string, unknown>[] };
  expect(all.beans.find(({ name }) => name === 'Hadoop:service=NameNode,name=FSNamesystem')).toMatchObject({
    FilesTotal: 2,
    LastWrittenTransactionId: 2,
    'tag.HAState': 'active',
  });
  expect(
    JSON.parse(
      all.beans.find(({ name }) => name === 'Hadoop:service=NameNode,name=NameNodeInfo')![
        'JournalTransactionInfo'
      ] as string,
    ),
  ).toEqual({ MostRecentCheckpointTxId: '0', LastAppliedOrWrittenTxId: '2' });
  expect((await get(http(0), '/jmx?get=Hadoop:service=NameNode,name=NameNodeStatus::Nothing')).status).toBe(404);
  expect(await get(http(0), '/isActive')).toEqual({ status: 200, text: 'I am Active!' });
  expect(await get(http(1), '/isActive')).toEqual({ status: 405, text: 'I am not Active!' });
  expect((await get(http(0), '/')).text).toContain('<td>active</td>');
  expect((await get(http(0), '/imagetransfer?getimage=1&txid=0&storageInfo=-66:1:0:CID-other')).status).toBe(403);
  expect((await get(http(0), '/imagetransfer?getimage=1&txid=77')).status).toBe(410);
  const nameNodeInfo = all.beans.find(({ name }) => name === 'Hadoop:service=NameNode,name=NameNodeInfo')!;
  expect(JSON.parse(nameNodeInfo['NameDirStatuses'] as string)).toEqual({
    active: { [join(cluster.directory, 'nn1')]: 'IMAGE_AND_EDITS' },
    failed: {},
  });
  expect(existsSync(join(cluster.directory, 'nn1/in_use.lock'))).toBe(true);
});
