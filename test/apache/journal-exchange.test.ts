/**
 * The journal exchanged with Hadoop 3.3.6: its JournalNode among ours under our writer, its NameNodes over our
 * JournalNodes, and its OfflineEditsViewer on our files.
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../src/host/host.js';
import { createLiveHost } from '../../src/host/live/index.js';
import { httpGet } from '../../src/wire/http/client.js';
import { scanSegment } from '../../src/wire/edits/segment/scan.js';
import { opDigests } from '../../src/wire/edits/segment/digest.js';
import { encodeEndLogSegment, encodeStartLogSegment } from '../../src/wire/edits/segment/frame.js';
import { nsInfo, readAll, startQuorum, writerConfig } from '../journal/quorum-fixture.js';
import type { Quorum } from '../journal/quorum-fixture.js';
import { eventually, java, startJava, stopAll } from './apache.js';
import type { JavaServer } from './apache.js';

let quorum: Quorum;
let directory: string;
const host: Host = createLiveHost({ id: 'client-http', logLevel: 'error' });

beforeEach(async () => {
  quorum = await startQuorum({ cacheBytes: 1 << 20 });
  directory = mkdtempSync(join(tmpdir(), 'journal-exchange-'));
});
afterEach(async () => {
  await stopAll();
  await quorum.end();
  rmSync(directory, { recursive: true, force: true });
});
afterAll(stopAll);

const addresses = (): string[] =>
  /^qjournal:\/\/([^/]*)/
    .exec(quorum.uri)![1]!
    .split(';')
    .map((part) => part.split(':')[0]!);

function configuration(name: string, core: Record<string, string>, hdfs: Record<string, string>): string {
  const conf = join(directory, name);
  mkdirSync(conf, { recursive: true });
  const xml = (values: Record<string, string>): string =>
    `<configuration>${Object.entries(values)
      .map(([key, value]) => `<property><name>${key}</name><value>${value}</value></property>`)
      .join('\n')}</configuration>\n`;
  writeFileSync(join(conf, 'core-site.xml'), xml({ 'hadoop.tmp.dir': join(directory, 'tmp'), ...core }));
  writeFileSync(join(conf, 'hdfs-site.xml'), xml(hdfs));
  return conf;
}

async function beanOf(address: string, port: number, query: string): Promise<Record<string, unknown>> {
  const body = await httpGet(
    host,
    {
      endpoint: { host: address, port },
      path: `/jmx?qry=${encodeURIComponent(query)}`,
      connectTimeoutMs: 1000,
      timeoutMs: 5000,
    },
    1 << 20,
  );
  return (JSON.parse(body.toString()) as { beans: Record<string, unknown>[] }).beans[0]!;
}

/** Hadoop's JournalNode in place of the third of ours. */
async function startApacheJournalNode(): Promise<JavaServer> {
  const address = addresses()[2]!;
  await quorum.stop(2);
  const conf = configuration(
    'journalnode',
    {},
    {
      'dfs.journalnode.edits.dir': quorum.editsDir(2),
      'dfs.journalnode.rpc-address': `${address}:8485`,
      'dfs.journalnode.http-address': `${address}:8480`,
      'dfs.journalnode.enable.sync': 'false',
      'dfs.ha.tail-edits.in-progress': 'true',
    },
  );
  const server = startJava('org.apache.hadoop.hdfs.qjournal.server.JournalNode', [], { classpath: 'hadoop', conf });
  await eventually(
    'the JournalNode answers /jmx',
    () => beanOf(address, 8480, 'Hadoop:service=JournalNode,name=JournalNodeInfo'),
    60_000,
  );
  // Its RPC port opens after its HTTP port.
  await eventually(
    'the JournalNode answers RPC',
    async () => {
      const journal = quorum.open();
      await journal.isFormatted();
      await journal.close();
      return true;
    },
    60_000,
  );
  return server;
}

const current = (node: number, name = ''): string => join(quorum.editsDir(node), 'book', 'current', name);

/**
 * START_LOG_SEGMENT, SET_GENSTAMP_V2-like filler that every reader can skip, END: operations without a body are the
 * simplest real ones.
 */
function realSegment(first: bigint, count: number): Buffer {
  return Buffer.concat([
    encodeStartLogSegment(first),
    ...Array.from({ length: count - 2 }, (_, i) => encodeStartLogSegment(first + 1n + BigInt(i))),
    encodeEndLogSegment(first + BigInt(count) - 1n),
  ]);
}

describe("Hadoop's JournalNode among ours", () => {
  it('is formatted, written, rolled and read by our quorum writer, and holds the same files', async () => {
    await startApacheJournalNode();
    const journal = quorum.open();
    expect(await journal.isFormatted()).toBe(false);
    await journal.format({ force: false });
    expect(await journal.becomeWriter()).toEqual({ epoch: 1n, lastTxid: 0n });
    await journal.startSegment(1n);
    journal.write(realSegment(1n, 200), 1n, 200);
    await journal.flush();
    await journal.finalizeSegment(1n, 200n);
    await journal.startSegment(201n);
    journal.write(encodeStartLogSegment(201n), 201n, 1);
    await journal.flush();
    await expect.poll(() => journal.status().every((node) => node.ackedTxid === 201n), { timeout: 10_000 }).toBe(true);

    const name = 'edits_0000000000000000001-0000000000000000200';
    const files = [0, 1, 2].map((node) => readFileSync(current(node, name)));
    expect(files[2]!.equals(files[0]!)).toBe(true);
    expect(readFileSync(current(2, 'last-promised-epoch'), 'utf8')).toBe(
      readFileSync(current(0, 'last-promised-epoch'), 'utf8'),
    );
    for (const property of ['namespaceID', 'clusterID', 'cTime', 'storageType', 'layoutVersion']) {
      const line = new RegExp(`^${property}=.*$`, 'm');
      expect(line.exec(readFileSync(current(0, 'VERSION'), 'utf8'))![0]).toBe(
        line.exec(readFileSync(current(2, 'VERSION'), 'utf8'))![0],
      );
    }

    // With one of ours gone, Hadoop's node is needed for the majority, and may be the one that serves.
    await quorum.stop(1);
    const reader = quorum.open();
    expect((await readAll(reader, 1n))!.last).toBe(200n);
    // The same for its cache: what is on a majority must be on both.
    journal.write(realSegment(202n, 50), 202n, 50);
    await journal.flush();
    const tail = quorum.open({ config: { ...writerConfig, inProgressTailing: true, rpcMaxTxns: 20 } });
    expect(await readAll(tail, 205n, { inProgressOk: true, onlyDurable: true })).toMatchObject({
      first: 205n,
      last: 251n,
    });
  }, 120_000);

  it('fetches a segment from ours in a recovery, and we from it', async () => {
    const server = await startApacheJournalNode();
    const first = quorum.open();
    await first.format({ force: false });
    await first.becomeWriter();
    await first.startSegment(1n);
    first.write(realSegment(1n, 10), 1n, 10);
    await first.flush();
    await expect.poll(() => first.status().every((node) => node.ackedTxid === 10n), { timeout: 10_000 }).toBe(true);
    // Hadoop's node misses the rest.
    server.kill();
    await server.exited;
    first.write(realSegment(11n, 10), 11n, 10);
    await first.flush();
    await first.close();
    const again = await startApacheJournalNode();
    await quorum.stop(1);

    const second = quorum.open();
    expect(await second.becomeWriter()).toEqual({ epoch: 2n, lastTxid: 20n });
    const name = 'edits_0000000000000000001-0000000000000000020';
    await expect.poll(() => readdirSync(current(2)), { timeout: 10_000 }).toContain(name);
    expect(scanSegment(readFileSync(current(2, name)))).toMatchObject({ firstTxid: 1n, lastTxid: 20n });

    // Now ours misses something, and Hadoop's node has it.
    await quorum.start(1);
    await second.startSegment(21n);
    second.write(realSegment(21n, 5), 21n, 5);
    await second.flush();
    await expect.poll(() => second.status().every((node) => node.ackedTxid === 25n), { timeout: 15_000 }).toBe(true);
    await quorum.stop(0);
    second.write(realSegment(26n, 5), 26n, 5);
    await second.flush();
    await second.close();
    await quorum.stop(1);
    await quorum.start(0);
    const third = quorum.open();
    expect(await third.becomeWriter()).toEqual({ epoch: 3n, lastTxid: 30n });
    await expect
      .poll(() => readdirSync(current(0)), { timeout: 10_000 })
      .toContain('edits_0000000000000000021-0000000000000000030');
    expect(again.output()).not.toContain('AssertionError');
  }, 180_000);
});

describe('a directory that changes hands', () => {
  it("is ours, then Hadoop's, then ours again, open segments and all", async () => {
    const first = quorum.open();
    await first.format({ force: false });
    await first.becomeWriter();
    await first.startSegment(1n);
    first.write(realSegment(1n, 10), 1n, 10);
    await first.flush();
    await first.finalizeSegment(1n, 10n);
    await first.startSegment(11n);
    first.write(realSegment(11n, 5), 11n, 5);
    await first.flush();
    await expect.poll(() => first.status().every((node) => node.ackedTxid === 15n), { timeout: 10_000 }).toBe(true);
    await first.close();

    const server = await startApacheJournalNode();
    await quorum.stop(1);
    const second = quorum.open();
    expect(await second.becomeWriter()).toEqual({ epoch: 2n, lastTxid: 15n });
    await second.startSegment(16n);
    second.write(realSegment(16n, 5), 16n, 5);
    await second.flush();
    // Killed amid a segment: Hadoop leaves a file padded to a megabyte, and its lock file.
    server.kill('SIGKILL');
    await server.exited;
    await second.close();
    expect(readFileSync(current(2, 'edits_inprogress_0000000000000000016')).length).toBe(1 << 20);
    await quorum.start(2);
    await quorum.stop(0);
    await quorum.start(1);
    const third = quorum.open();
    expect(await third.becomeWriter()).toEqual({ epoch: 3n, lastTxid: 20n });
    expect((await readAll(third, 1n))!.last).toBe(20n);
    expect(scanSegment(readFileSync(current(2, 'edits_0000000000000000016-0000000000000000020')))).toMatchObject({
      lastTxid: 20n,
      tail: { kind: 'clean' },
    });
  }, 120_000);
});

describe("Hadoop's NameNodes over our JournalNodes", () => {
  it('format them, write, and hand over after kill -9 with nothing lost; OfflineEditsViewer ' +
    'reads our files', async () => {
    const network = addresses()[0]!.replace(/\.\d+$/, '');
    const conf = (id: string): string =>
      configuration(
        id,
        { 'fs.defaultFS': 'hdfs://exchange' },
        {
          'dfs.nameservices': 'exchange',
          'dfs.ha.namenodes.exchange': 'nn1,nn2',
          'dfs.ha.namenode.id': id,
          'dfs.namenode.rpc-address.exchange.nn1': `${network}.11:9000`,
          'dfs.namenode.rpc-address.exchange.nn2': `${network}.12:9000`,
          'dfs.namenode.http-address.exchange.nn1': `${network}.11:50070`,
          'dfs.namenode.http-address.exchange.nn2': `${network}.12:50070`,
          'dfs.namenode.name.dir': join(directory, `name-${id}`),
          'dfs.namenode.shared.edits.dir': quorum.uri,
          'dfs.client.failover.proxy.provider.exchange':
            'org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider',
          'dfs.ha.tail-edits.in-progress': 'true',
          'dfs.ha.tail-edits.period': '100ms',
          'dfs.ha.fencing.methods': 'shell(/bin/true)',
          'dfs.namenode.safemode.threshold-pct': '0',
        },
      );
    const nameNode = 'org.apache.hadoop.hdfs.server.namenode.NameNode';
    const run = (main: string, args: string[], id = 'nn1') =>
      java(main, args, { classpath: 'hadoop', conf: conf(id), timeoutMs: 90_000 });
    const state = async (address: string): Promise<true | undefined> =>
      (await beanOf(address, 50070, 'Hadoop:service=NameNode,name=NameNodeStatus'))['State'] === 'standby'
        ? true
        : undefined;
    const mkdir = async (path: string): Promise<void> => {
      const { code, stderr } = await run('org.apache.hadoop.fs.FsShell', ['-mkdir', '-p', path]);
      expect(stderr.includes('Exception') && code !== 0 ? stderr : code).toBe(0);
    };

    expect((await run(nameNode, ['-format', '-nonInteractive'])).code).toBe(0);
    expect(readFileSync(current(0, 'VERSION'), 'utf8')).toMatch(/^storageType=JOURNAL_NODE$/m);
    const nn1 = startJava(nameNode, [], { classpath: 'hadoop', conf: conf('nn1') });
    await eventually('nn1 is standby', () => state(`${network}.11`), 60_000);
    expect((await run(nameNode, ['-bootstrapStandby', '-nonInteractive'], 'nn2')).code).toBe(0);
    startJava(nameNode, [], { classpath: 'hadoop', conf: conf('nn2') });
    await eventually('nn2 is standby', () => state(`${network}.12`), 60_000);
    const haadmin = 'org.apache.hadoop.hdfs.tools.DFSHAAdmin';
    expect((await run(haadmin, ['-transitionToActive', 'nn1'])).code).toBe(0);
    await mkdir('/before/failover');
    // The standby follows the open segment over RPC, from our nodes' caches.
    const appliedBy = async (address: string): Promise<unknown> =>
      (
        JSON.parse(
          String((await beanOf(address, 50070, 'Hadoop:service=NameNode,name=NameNodeInfo'))['JournalTransactionInfo']),
        ) as Record<string, unknown>
      )['LastAppliedOrWrittenTxId'];
    const written = await appliedBy(`${network}.11`);
    expect(Number(written)).toBeGreaterThanOrEqual(3);
    await eventually(
      'nn2 has applied the open segment',
      async () => ((await appliedBy(`${network}.12`)) === written ? true : undefined),
      20_000,
    );
    expect(readdirSync(current(0)).some((name) => /^edits_0.*-/.test(name))).toBe(false);
    nn1.kill('SIGKILL');
    await nn1.exited;
    expect((await run(haadmin, ['-transitionToActive', '--forceactive', 'nn2'])).code).toBe(0);
    const listing = await run('org.apache.hadoop.fs.FsShell', ['-ls', '-R', '/']);
    expect(listing.stdout).toContain('/before/failover');
    await mkdir('/after');

    const files = readdirSync(current(0)).filter((name) => name.startsWith('edits_'));
    expect(files.some((name) => name.startsWith('edits_0000000000000000001-'))).toBe(true);
    const finalized = files.find((name) => name.startsWith('edits_0000000000000000001-'))!;
    const output = join(directory, 'edits.xml');
    expect(
      (
        await run('org.apache.hadoop.hdfs.tools.offlineEditsViewer.OfflineEditsViewer', [
          '-i',
          current(0, finalized),
          '-o',
          output,
        ])
      ).code,
    ).toBe(0);
    const xml = readFileSync(output, 'utf8');
    expect(xml).toContain('<PATH>/before/failover</PATH>');
    const ours = [...opDigests(readFileSync(current(0, finalized)).subarray(8))].map(({ txid }) => String(txid));
    expect([...xml.matchAll(/<TXID>(\d+)<\/TXID>/g)].map((match) => match[1])).toEqual(ours);

    // Our reader, on what Hadoop wrote.
    const version = readFileSync(current(0, 'VERSION'), 'utf8');
    const property = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(version)![1]!;
    const reader = quorum.open({
      nsInfo: {
        ...nsInfo,
        namespaceId: Number(property('namespaceID')),
        clusterId: property('clusterID'),
        cTime: BigInt(property('cTime')),
      },
    });
    const read = await readAll(reader, 1n, { inProgressOk: true, onlyDurable: false });
    expect(read!.first).toBe(1n);
    expect(read!.last).toBeGreaterThan(BigInt(ours.at(-1)!));
  }, 300_000);
});
