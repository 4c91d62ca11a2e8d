/**
 * A JournalNode as its operator and its peers meet it: damaged directories, a full disk, hostile bytes, its web face.
 */
import { cp, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld } from '../../src/host/sim/index.js';
import { NO_DISK_FAULTS } from '../../src/host/sim/file-system.js';
import { startJournalNode } from '../../src/journal/journal-node.js';
import { httpRequest } from '../../src/wire/http/client.js';
import { openQuorumJournal } from '../../src/journal/writer/quorum-journal.js';
import { nsInfo, ops, readAll, startOps, startQuorum, writerConfig } from './quorum-fixture.js';
import type { Quorum } from './quorum-fixture.js';

describe('on real files', () => {
  let quorum: Quorum;
  beforeEach(async () => {
    quorum = await startQuorum({ cacheBytes: 1 << 20 });
    await quorum.open().format({ force: false });
  });
  afterEach(() => quorum.end());

  const current = (node: number, name = ''): string => join(quorum.editsDir(node), 'book', 'current', name);
  const address = (node: number): string => quorum.uri.slice('qjournal://'.length).split(';')[node]!.split(':')[0]!;
  async function get(path: string): Promise<{ status: number; headers: ReadonlyMap<string, string>; text: string }> {
    const response = await httpRequest(quorum.clientHost, {
      endpoint: { host: address(0), port: 8480 },
      path,
      connectTimeoutMs: 2000,
      timeoutMs: 5000,
    });
    const pieces: Buffer[] = [];
    for await (const piece of response.body) pieces.push(piece);
    return { status: response.status, headers: response.headers, text: Buffer.concat(pieces).toString('latin1') };
  }

  it('does not start over a damaged directory, and names the file and what is wrong', async () => {
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ['VERSION', 'namespaceID=1\n', /VERSION: the property storageType is missing/],
      [
        'VERSION',
        (await readFile(current(0, 'VERSION'), 'utf8')).replace('JOURNAL_NODE', 'NAME_NODE'),
        /VERSION: storageType=NAME_NODE/,
      ],
      ['last-promised-epoch', 'x\n', /last-promised-epoch: not an epoch number/],
      ['committed-txid', '123', /committed-txid: 3 bytes where 8 should be/],
    ];
    for (const [file, content, message] of cases) {
      await quorum.stop(0);
      const before = await readFile(current(0, file)).catch(() => undefined);
      await writeFile(current(0, file), content);
      await expect(quorum.start(0)).rejects.toMatchObject({
        code: 'CORRUPT',
        message: expect.stringMatching(message),
        remedy: expect.any(String),
      });
      if (before === undefined) await rm(current(0, file));
      else await writeFile(current(0, file), before);
      await quorum.start(0);
    }
  });

  it('opens the journal that a call means where two directories hold it, or two names lead to it', async () => {
    const link = join(quorum.directory, 'again');
    await symlink(quorum.editsDir(0), link);
    const copy = join(quorum.directory, 'copy');
    await quorum.stop(0);
    await cp(quorum.editsDir(0), copy, { recursive: true });
    for (const [nameServiceId, directory] of [
      ['linked', link],
      ['copied', copy],
    ] as const) {
      const node = await startJournalNode(quorum.hosts[0]!, {
        editsDir: quorum.editsDir(0),
        editsDirs: { [nameServiceId]: directory },
        rpc: { host: address(0), port: 8485 },
        http: { host: address(0), port: 8480 },
        cacheBytes: undefined,
        fetchTimeoutMs: 1000,
        connectTimeoutMs: 1000,
      });
      try {
        const { epoch } = await quorum.open({ nameServiceId }).becomeWriter();
        const promised = join(directory, 'book/current/last-promised-epoch');
        await expect.poll(() => readFile(promised, 'utf8').catch(() => 'none')).toBe(`${epoch}\n`);
      } finally {
        await node.stop();
      }
    }
  });

  it('takes an address in use as the end of its start, and lets the directory go', async () => {
    await quorum.stop(0);
    const blocker = await startJournalNode(quorum.hosts[0]!, {
      editsDir: join(quorum.directory, 'other'),
      editsDirs: {},
      rpc: { host: address(0), port: 8485 },
      http: { host: address(0), port: 0 },
      cacheBytes: undefined,
      fetchTimeoutMs: 1000,
      connectTimeoutMs: 1000,
    });
    await expect(quorum.start(0)).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: expect.stringContaining('8485'),
    });
    await blocker.stop();
    await quorum.start(0);
  });

  it('moves an empty and a damaged open segment aside when a writer comes', async () => {
    await quorum.stop(0);
    await writeFile(current(0, 'edits_inprogress_0000000000000000001'), Buffer.from('ffffffbe00000000', 'hex'));
    await writeFile(current(0, 'edits_inprogress_0000000000000000005'), Buffer.alloc(4096, 0xff));
    await quorum.start(0);
    await quorum.stop(2);
    await quorum.open({}).becomeWriter();
    expect(await readdir(current(0))).toEqual(
      expect.arrayContaining([
        'edits_inprogress_0000000000000000001.empty',
        'edits_inprogress_0000000000000000005.corrupt',
      ]),
    );
  });

  it('serves segments with the headers that Hadoop wants, to its own cluster only', async () => {
    const journal = quorum.open();
    await journal.becomeWriter();
    await journal.startSegment(1n);
    journal.write(startOps(1n, 3), 1n, 3);
    await journal.flush();
    await expect.poll(() => journal.status().every((node) => node.ackedTxid === 3n)).toBe(true);
    const path = '/getJournal?jid=book&segmentTxId=1&storageInfo=-66%3A1234567%3A0%3ACID-test&inProgressOk=true';
    const found = await get(path);
    expect(found.status).toBe(200);
    expect(found.headers.get('content-length')).toBe(String(8 + startOps(1n, 3).length));
    expect(found.headers.get('x-image-edits-name')).toBe('edits_inprogress_0000000000000000001');
    expect(await get(path.replace('CID-test', 'CID-other'))).toMatchObject({ status: 403 });
    expect(await get(path.replace('segmentTxId=1', 'segmentTxId=2'))).toMatchObject({ status: 404 });
    expect(await get(path.replace('true', 'false'))).toMatchObject({ status: 404 });
    expect((await get('/getJournal?jid=../../etc&segmentTxId=1')).status).toBeGreaterThanOrEqual(400);
    expect(await get('/getJournal?jid=book&segmentTxId=abc')).toMatchObject({ status: 400 });

    const beans = JSON.parse((await get('/jmx')).text) as { beans: Record<string, unknown>[] };
    expect(beans.beans[0]).toMatchObject({
      name: 'Hadoop:service=JournalNode,name=JournalNodeInfo',
      JournalsStatus: '{"book":{"Formatted":"true"}}',
      ClusterIds: ['CID-test'],
    });
    expect(beans.beans[1]).toMatchObject({
      name: 'Hadoop:service=JournalNode,name=Journal-book',
      LastPromisedEpoch: 1,
      LastWriterEpoch: 1,
      LastWrittenTxId: 3,
      CurrentLagTxns: 0,
      TxnsWritten: 3,
    });
    expect(
      (JSON.parse((await get('/jmx?qry=Hadoop:service=JournalNode,name=Journal-*')).text) as { beans: unknown[] })
        .beans,
    ).toHaveLength(1);
    // Laid out as Jackson does it: people grep it.
    expect((await get('/jmx?qry=Hadoop:service=JournalNode,name=Journal-book')).text).toContain(
      '    "LastPromisedEpoch" : 1,\n    "LastWrittenTxId" : 3,\n',
    );
    expect((await get('/jmx?get=Hadoop:service=JournalNode,name=Journal-book::LastWriterEpoch')).text).toBe(
      '{\n  "beans" : [ {\n    "name" : "Hadoop:service=JournalNode,name=Journal-book",\n' +
        '    "modelerType" : "Journal-book",\n    "LastWriterEpoch" : 1\n  } ]\n}',
    );
    expect(await get('/jmx?get=Hadoop:service=JournalNode,name=Journal-book::Nothing')).toMatchObject({ status: 404 });
    expect(await get('/jmx?qry=nonsense')).toMatchObject({ status: 400 });
  });

  it('lets an open segment be followed over RPC, and over HTTP what the cache has lost', async () => {
    const journal = quorum.open();
    await journal.becomeWriter();
    await journal.startSegment(1n);
    journal.write(startOps(1n, 10), 1n, 10);
    await journal.flush();
    // A majority is enough for the writer; a reader of durable edits may hear the third node before it has them.
    await expect.poll(() => journal.status().every((node) => node.ackedTxid === 10n)).toBe(true);
    const tail = quorum.open({ config: { ...writerConfig, inProgressTailing: true, rpcMaxTxns: 4 } });
    const options = { inProgressOk: true, onlyDurable: true };
    expect(await readAll(tail, 1n, options)).toMatchObject({ first: 1n, last: 10n });
    expect(await readAll(tail, 7n, options)).toMatchObject({ first: 7n, last: 10n });
    expect(await readAll(tail, 11n, options)).toBeUndefined();
    // Restarted nodes have an empty cache; what they hold is still to be had.
    await journal.finalizeSegment(1n, 10n);
    await journal.close();
    for (const node of [0, 1, 2]) {
      await quorum.stop(node);
      await quorum.start(node);
    }
    expect(await readAll(tail, 2n, options)).toMatchObject({ first: 2n, last: 10n });
  });

  it('says which transactions are missing', async () => {
    const journal = quorum.open();
    await journal.becomeWriter();
    for (const first of [1n, 11n]) {
      await journal.startSegment(first);
      journal.write(startOps(first, 10), first, 10);
      await journal.flush();
      await journal.finalizeSegment(first, first + 9n);
    }
    await journal.close();
    for (const node of [0, 1, 2])
      await rm(current(node, 'edits_0000000000000000001-0000000000000000010'), { force: true });
    await expect(readAll(quorum.open(), 1n)).rejects.toMatchObject({
      code: 'EDITS_GAP',
      message: expect.stringContaining('transactions 1-10'),
    });
  });

  it('reads on at another node where a file is damaged', async () => {
    const journal = quorum.open();
    await journal.becomeWriter();
    await journal.startSegment(1n);
    journal.write(startOps(1n, 100), 1n, 100);
    await journal.flush();
    await expect.poll(() => journal.status().every((node) => node.ackedTxid === 100n)).toBe(true);
    await journal.finalizeSegment(1n, 100n);
    const name = 'edits_0000000000000000001-0000000000000000100';
    await expect
      .poll(async () =>
        (await Promise.all([0, 1, 2].map((node) => readdir(current(node))))).every((names) => names.includes(name)),
      )
      .toBe(true);
    for (const node of [0, 1]) {
      const bytes = await readFile(current(node, name));
      bytes[(3000 * (node + 1)) % bytes.length]! ^= 0xff;
      await writeFile(current(node, name), bytes);
    }
    const read = await readAll(quorum.open(), 1n);
    expect(read!.bytes.equals(startOps(1n, 100))).toBe(true);
  });

  it('is not hurt by garbage on its ports', async () => {
    const journal = quorum.open();
    await journal.becomeWriter();
    await journal.startSegment(1n);
    for (const port of [8485, 8480]) {
      for (const bytes of [
        Buffer.alloc(5000, 0xff),
        Buffer.from('hrpc\x09\x00\x00\x7f\xff\xff\xff', 'latin1'),
        Buffer.from('GET / HTTP/9.9\r\n\r\n'),
        Buffer.from('hrpc'),
      ]) {
        await new Promise<void>((resolve) => {
          const socket = connect({ host: address(0), port }, () => socket.end(bytes));
          socket
            .on('error', () => undefined)
            .on('close', () => resolve())
            .resume();
        });
      }
    }
    journal.write(startOps(1n, 5), 1n, 5);
    await journal.flush();
    await expect.poll(() => journal.status().every((node) => node.ackedTxid === 5n)).toBe(true);
  });

  it('leaves foreign directories alone', async () => {
    await quorum.stop(0);
    await mkdir(join(quorum.editsDir(0), 'lost+found'), { recursive: true });
    await quorum.start(0);
    expect((await get('/jmx')).text).toContain('lost+found');
  });
});

describe('with a disk that is full', () => {
  it(
    'ends, naming its directory, leaves the writer its majority, and takes part again when it is ' +
      'started with room',
    async () => {
      const world = createWorld({ seed: 3 });
      const names = ['j1', 'j2', 'j3'];
      names.forEach((name, i) => world.addMachine(name, `127.0.0.${i + 1}`));
      world.addMachine('nn', '127.0.0.9');
      const start = (name: string): void =>
        void world.machine(name).launch(name, (host) =>
          startJournalNode(host, {
            editsDir: '/jn',
            editsDirs: {},
            rpc: { host: name, port: 8485 },
            http: { host: name, port: 8480 },
            cacheBytes: undefined,
            fetchTimeoutMs: 1000,
            connectTimeoutMs: 1000,
          }),
        );
      for (const name of names) start(name);
      const ends: string[] = [];
      world.observe({ onEnd: (instance, end) => ends.push(`${instance.id} ${end.how} ${end.reason}`) });
      let done = false;
      world.machine('nn').launch('nn', async (host) => {
        const journal = openQuorumJournal(host, {
          uri: 'qjournal://j1;j2;j3/book',
          nsInfo,
          config: writerConfig,
          rpcUser: 'hdfs',
        });
        await journal.format({ force: false });
        await journal.becomeWriter();
        await journal.startSegment(1n);
        journal.write(startOps(1n, 5), 1n, 5);
        await journal.flush();
        world.machine('j2').files.faults = { failure: 'full', slowMs: 0 };
        journal.write(ops(6n, 5), 6n, 5);
        await journal.flush();
        await new Promise<void>((resolve) => {
          host.clock.after(100, resolve);
        });
        expect(journal.status()[1]).toMatchObject({ outOfSync: true });
        expect(ends).toEqual([
          expect.stringMatching(
            /^j2 exit \/jn\/book cannot be written: \/jn\/book\/current\/edits_inprogress_\d+: no space left/,
          ),
        ]);
        await journal.finalizeSegment(1n, 10n);
        world.machine('j2').files.faults = NO_DISK_FAULTS;
        start('j2');
        await new Promise<void>((resolve) => {
          host.clock.after(100, resolve);
        });
        await journal.startSegment(11n);
        journal.write(startOps(11n, 5), 11n, 5);
        await journal.flush();
        await new Promise<void>((resolve) => {
          host.clock.after(100, resolve);
        });
        expect(journal.status()[1]).toMatchObject({ outOfSync: false, ackedTxid: 15n });
        done = true;
      });
      await world.run({ untilMs: 60_000, until: () => done || ends.length > 1 });
      expect(ends).toHaveLength(1);
      expect(done).toBe(true);
    },
  );
});
