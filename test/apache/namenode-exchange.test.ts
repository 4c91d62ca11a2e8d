/**
 * Our NameNode and Apache's as each other's standby, over our JournalNodes: bootstrap, tailing, failover both ways; and
 * Apache's viewers on what ours has written.
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { bootstrapStandby, formatNameNode } from '../../src/namenode/name-node.js';
import { clientNamenodeProtocol } from '../../src/wire/hadoop/protocols/client-namenode.js';
import { createCluster } from '../namenode/cluster-fixture.js';
import type { Cluster } from '../namenode/cluster-fixture.js';
import { refusedWrites, writeRefusals } from '../namenode/write-refusals.js';
import { eventually, java, startJava, stopAll } from './apache.js';
import type { JavaServer } from './apache.js';

const NAME_NODE = 'org.apache.hadoop.hdfs.server.namenode.NameNode';
const ENV = { HADOOP_USER_NAME: 'hdfs' };
const PROPERTIES = { 'user.name': 'hdfs' };

let cluster: Cluster;
const servers: JavaServer[] = [];
beforeEach(async () => {
  cluster = await createCluster();
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.kill();
    await server.exited;
  }
  await cluster.end();
});
afterAll(() => stopAll());

/** A configuration directory for Apache's NameNode `id`, and for clients. */
function configuration(id: 'nn1' | 'nn2'): string {
  const directory = join(cluster.directory, `conf-${id}`);
  const values: Record<string, string> = {
    ...cluster.properties,
    'dfs.namenode.name.dir': join(cluster.directory, `${id}-apache`),
    'dfs.ha.namenode.id': id,
    'dfs.client.failover.proxy.provider.ns1':
      'org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider',
    'dfs.ha.tail-edits.period': '1',
    'dfs.ha.log-roll.period': '2',
    'dfs.permissions.superusergroup': 'supergroup',
  };
  const xml = `<configuration>${Object.entries(values)
    .map(([name, value]) => `<property><name>${name}</name><value>${value}</value></property>`)
    .join('')}</configuration>`;
  mkdirSync(join(directory, 'webapps/hdfs/WEB-INF'), { recursive: true });
  mkdirSync(join(directory, 'webapps/static'), { recursive: true });
  writeFileSync(
    join(directory, 'webapps/hdfs/WEB-INF/web.xml'),
    '<?xml version="1.0" encoding="UTF-8"?><web-app version="2.4" xmlns="http://java.sun.com/xml/ns/j2ee"></web-app>',
  );
  writeFileSync(join(directory, 'core-site.xml'), xml);
  writeFileSync(join(directory, 'hdfs-site.xml'), xml);
  return directory;
}

async function apacheOnce(id: 'nn1' | 'nn2', main: string, ...args: string[]): Promise<string> {
  const result = await java(main, args, {
    classpath: 'hadoop',
    conf: configuration(id),
    env: ENV,
    properties: PROPERTIES,
  });
  expect(result.code, result.stderr + result.stdout).toBe(0);
  return result.stdout;
}

async function startApache(index: 0 | 1): Promise<JavaServer> {
  const server = startJava(NAME_NODE, [], {
    classpath: 'hadoop',
    conf: configuration(index === 0 ? 'nn1' : 'nn2'),
    env: ENV,
    properties: PROPERTIES,
  });
  servers.push(server);
  await eventually(
    "Apache's NameNode answers",
    async () => {
      try {
        return (await cluster.state(index)) === 'STANDBY' ? true : undefined;
      } catch {
        return undefined;
      }
    },
    60_000,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${server.output()}`);
  });
  return server;
}

const shell = (...args: string[]): Promise<string> => apacheOnce('nn1', 'org.apache.hadoop.fs.FsShell', ...args);

/** Something of everything that an edit log can hold here. */
async function workload(index: 0 | 1, top: string): Promise<void> {
  const { client, nn } = cluster;
  const call = <M extends keyof (typeof clientNamenodeProtocol)['methods']>(
    method: M,
    request: Parameters<typeof client.call<typeof clientNamenodeProtocol, M>>[3],
  ): Promise<unknown> => client.call(clientNamenodeProtocol, method, nn[index].rpc, request);
  const at = (name: string): string => `${top}/${name}`;
  await cluster.mkdirs(index, at('d/e'));
  for (const name of ['f', 'g', 'open', 'übung-名前']) {
    await call('create', {
      src: at(name),
      masked: { perm: 0o644 },
      clientName: 'client-x',
      createFlag: 3,
      createParent: true,
      replication: 3,
      blockSize: 134217728n,
      cryptoProtocolVersion: [],
    });
    if (name !== 'open') await call('complete', { src: at(name), clientName: 'client-x' });
  }
  await call('rename', { src: at('f'), dst: at('f2') });
  await call('rename2', { src: at('g'), dst: at('f2'), overwriteDest: true });
  await call('setPermission', { src: at('d'), permission: { perm: 0o1777 } });
  await call('setOwner', { src: at('d'), username: 'alice', groupname: 'staff' });
  await call('setTimes', { src: at('f2'), mtime: 1234567890123n, atime: 1234567890999n });
  await call('setReplication', { src: at('f2'), replication: 2 });
  await call('setQuota', { path: at('d'), namespaceQuota: 100n, storagespaceQuota: 1n << 40n });
  await call('delete', { src: at('d/e'), recursive: true });
}

async function look(index: 0 | 1, path: string): Promise<unknown> {
  const { dirList } = await cluster.client.call(clientNamenodeProtocol, 'getListing', cluster.nn[index].rpc, {
    src: path,
    startAfter: Buffer.alloc(0),
    needLocation: false,
  });
  return dirList?.partialListing.map((entry) => ({
    name: entry.path.toString('utf8'),
    type: entry.fileType,
    mode: entry.permission.perm,
    owner: entry.owner,
    group: entry.group,
    mtime: entry.modification_time,
    atime: entry.access_time,
    replication: entry.block_replication,
    id: entry.fileId,
    length: entry.length,
  }));
}

test("Apache's NameNode as the standby of ours: bootstraps, tails, takes over, and hands back", async () => {
  const [nn1] = cluster.nn;
  await formatNameNode(nn1.host, nn1.config, {});
  await cluster.start(0);
  await cluster.transition(0, 'ACTIVE');
  await workload(0, '/ours');
  await apacheOnce('nn2', NAME_NODE, '-bootstrapStandby', '-nonInteractive');
  await startApache(1);
  expect(await writeRefusals(cluster, 1)).toEqual(refusedWrites('STANDBY'));
  await cluster.transition(1, 'OBSERVER');
  expect(await writeRefusals(cluster, 1)).toEqual(refusedWrites('OBSERVER'));
  await cluster.transition(1, 'STANDBY');
  const before = await look(0, '/ours');
  // Its tailer asks ours to roll, so it gets the edits without a failover.
  await cluster.transition(0, 'STANDBY');
  await cluster.transition(1, 'ACTIVE');
  expect(await look(1, '/ours')).toEqual(before);
  await workload(1, '/apaches');
  await shell('-touchz', '/apaches/touched');
  const written = await look(1, '/apaches');
  await cluster.transition(1, 'STANDBY');
  await cluster.transition(0, 'ACTIVE');
  expect(await look(0, '/apaches')).toEqual(written);
  expect(await look(0, '/ours')).toEqual(before);
});

test("ours as the standby of Apache's: bootstraps, tails, takes over when it is killed", async () => {
  const [, nn2] = cluster.nn;
  await apacheOnce('nn1', NAME_NODE, '-format', '-nonInteractive');
  const apache = await startApache(0);
  await cluster.transition(0, 'ACTIVE');
  await workload(0, '/apaches');
  const { exitCode } = await bootstrapStandby(nn2.host, nn2.config, {});
  expect(exitCode).toBe(0);
  await cluster.start(1);
  const before = await look(0, '/apaches');
  apache.kill('SIGKILL');
  await apache.exited;
  await cluster.transition(1, 'ACTIVE');
  expect(await look(1, '/apaches')).toEqual(before);
  await workload(1, '/ours');
  expect(await shell('-ls', '/ours')).toContain('/ours/übung-名前');
});

test("Apache's viewers read our image and our edits", async () => {
  const [nn1] = cluster.nn;
  await formatNameNode(nn1.host, nn1.config, {});
  await cluster.start(0);
  await cluster.transition(0, 'ACTIVE');
  await workload(0, '/ours');
  const { client } = cluster;
  await client.call(clientNamenodeProtocol, 'setSafeMode', nn1.rpc, { action: 2 });
  await client.call(clientNamenodeProtocol, 'saveNamespace', nn1.rpc, {});
  const current = join(cluster.directory, 'nn1/current');
  const files = readdirSync(current);
  const image = files.filter((name) => /^fsimage_\d+$/.test(name)).at(-1)!;
  const edits = files.find((name) => /^edits_\d+-\d+$/.test(name))!;

  const imageXml = join(cluster.directory, 'image.xml');
  await apacheOnce(
    'nn1',
    'org.apache.hadoop.hdfs.tools.offlineImageViewer.OfflineImageViewerPB',
    '-p',
    'XML',
    '-i',
    join(current, image),
    '-o',
    imageXml,
  );
  const xml = readFileSync(imageXml, 'utf8');
  expect(xml).toContain('<name>übung-名前</name>');
  expect(xml).toContain(
    '<permission>alice:staff:1777</permission><nsquota>100</nsquota><dsquota>1099511627776</dsquota>',
  );
  expect(xml).toContain('<file-under-construction><clientName>client-x</clientName>');

  const editsXml = join(cluster.directory, 'edits.xml');
  await apacheOnce(
    'nn1',
    'org.apache.hadoop.hdfs.tools.offlineEditsViewer.OfflineEditsViewer',
    '-i',
    join(current, edits),
    '-o',
    editsXml,
  );
  const opcodes = [...readFileSync(editsXml, 'utf8').matchAll(/<OPCODE>(\w+)<\/OPCODE>/g)].map((match) => match[1]);
  expect(opcodes[0]).toBe('OP_START_LOG_SEGMENT');
  expect(opcodes.at(-1)).toBe('OP_END_LOG_SEGMENT');
  expect(new Set(opcodes)).toEqual(
    new Set([
      'OP_START_LOG_SEGMENT',
      'OP_MKDIR',
      'OP_ADD',
      'OP_CLOSE',
      'OP_RENAME_OLD',
      'OP_RENAME',
      'OP_SET_PERMISSIONS',
      'OP_SET_OWNER',
      'OP_TIMES',
      'OP_SET_REPLICATION',
      'OP_SET_QUOTA',
      'OP_DELETE',
      'OP_END_LOG_SEGMENT',
    ]),
  );

  // And back: the viewer's binary form of our edits is our edits.
  const binary = join(cluster.directory, 'edits.bin');
  await apacheOnce(
    'nn1',
    'org.apache.hadoop.hdfs.tools.offlineEditsViewer.OfflineEditsViewer',
    '-p',
    'binary',
    '-i',
    editsXml,
    '-o',
    binary,
  );
  const ours = readFileSync(join(current, edits));
  expect(readFileSync(binary).subarray(0, ours.length).equals(ours)).toBe(true);
});
