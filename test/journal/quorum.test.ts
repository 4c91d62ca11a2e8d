/** A quorum of three JournalNodes, its writers and its readers, over real ports and real files. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { scanSegment } from '../../src/wire/edits/segment/scan.js';
import { nsInfo, ops, readAll, startOps, startQuorum } from './quorum-fixture.js';
import type { Quorum } from './quorum-fixture.js';

let quorum: Quorum | undefined;
afterEach(async () => {
  await quorum?.end();
  quorum = undefined;
});

const current = (q: Quorum, node: number, name = ''): string => join(q.editsDir(node), 'book', 'current', name);

describe('a quorum journal', () => {
  it('is formatted, written, rolled and read back, with the files of Hadoop on every node', async () => {
    quorum = await startQuorum();
    const journal = quorum.open();
    expect(await journal.isFormatted()).toBe(false);
    await journal.format({ force: false });
    expect(await journal.isFormatted()).toBe(true);
    expect(await journal.becomeWriter()).toEqual({ epoch: 1n, lastTxid: 0n });

    await journal.startSegment(1n);
    journal.write(startOps(1n, 1), 1n, 1);
    for (let i = 0n; i < 50n; i++) journal.write(ops(2n + i * 4n, 4), 2n + i * 4n, 4);
    await journal.flush();
    await journal.finalizeSegment(1n, 201n);
    await journal.startSegment(202n);
    journal.write(startOps(202n, 3), 202n, 3);
    await journal.flush();

    const read = await readAll(journal, 1n);
    expect(read).toMatchObject({ first: 1n, last: 201n });
    expect(read!.bytes.equals(Buffer.concat([startOps(1n, 1), ops(2n, 200)]))).toBe(true);
    expect((await readAll(journal, 150n))!.first).toBe(150n);
    expect((await readAll(journal, 1n, { inProgressOk: true, onlyDurable: false }))!.last).toBe(204n);

    // A third of the nodes may be behind, so look at what each has settled on.
    const names = await readdir(current(quorum, 0));
    expect(names).toEqual(
      expect.arrayContaining([
        'VERSION',
        'edits_0000000000000000001-0000000000000000201',
        'edits_inprogress_0000000000000000202',
        'last-promised-epoch',
        'last-writer-epoch',
        'paxos',
      ]),
    );
    expect(await readFile(current(quorum, 0, 'last-promised-epoch'), 'utf8')).toBe('1\n');
    expect(await readFile(current(quorum, 0, 'VERSION'), 'utf8')).toMatch(/^namespaceID=1234567$/m);
    expect(quorum.events[0]!.map((event) => event.type)).toEqual([
      'RoleStarted',
      'JournalFormatted',
      'EpochPromised',
      'SegmentStarted',
      'SegmentFinalized',
      'SegmentStarted',
    ]);
  });

  it('fences the old writer and hands everything acknowledged to the new one', async () => {
    quorum = await startQuorum();
    const first = quorum.open();
    await first.format({ force: false });
    await first.becomeWriter();
    await first.startSegment(1n);
    first.write(startOps(1n, 10), 1n, 10);
    await first.flush();

    const second = quorum.open();
    expect(await second.becomeWriter()).toEqual({ epoch: 2n, lastTxid: 10n });
    expect((await readAll(second, 1n))!.last).toBe(10n);

    first.write(ops(11n, 1), 11n, 1);
    await expect(first.flush()).rejects.toMatchObject({
      code: 'FENCED',
      message: expect.stringContaining("IPC's epoch 1 is less than the last promised epoch 2"),
    });
    expect(() => first.write(ops(12n, 1), 12n, 1)).toThrow();

    await second.startSegment(11n);
    second.write(startOps(11n, 2), 11n, 2);
    await second.flush();
    expect(quorum.events[1]!.some((event) => event.type === 'WriterRefused')).toBe(true);
  });

  it('goes on with two of three, and takes the third back at the next segment', async () => {
    quorum = await startQuorum();
    const journal = quorum.open();
    await journal.format({ force: false });
    await journal.becomeWriter();
    await journal.startSegment(1n);
    journal.write(startOps(1n, 5), 1n, 5);
    await journal.flush();
    await quorum.stop(2);
    journal.write(ops(6n, 5), 6n, 5);
    await journal.flush();
    await quorum.start(2);
    journal.write(ops(11n, 5), 11n, 5);
    await journal.flush();
    await expect.poll(() => journal.status()[2]!.outOfSync).toBe(true);
    await journal.finalizeSegment(1n, 15n);
    await journal.startSegment(16n);
    journal.write(startOps(16n, 1), 16n, 1);
    await journal.flush();
    await expect.poll(() => journal.status()[2]).toMatchObject({ outOfSync: false, ackedTxid: 16n });
    expect((await readAll(journal, 1n))!.last).toBe(15n);
  });

  it('says who is missing when a majority is gone', async () => {
    quorum = await startQuorum();
    const journal = quorum.open();
    await journal.format({ force: false });
    await journal.becomeWriter();
    await journal.startSegment(1n);
    journal.write(startOps(1n, 1), 1n, 1);
    await journal.flush();
    await quorum.stop(1);
    await quorum.stop(2);
    journal.write(ops(2n, 1), 2n, 1);
    // The end of the two connections is known at once.
    await expect(journal.flush()).rejects.toMatchObject({
      code: 'QUORUM_LOST',
      message: expect.stringMatching(/Got too many exceptions to achieve quorum size 2\/3/),
    });
    expect(quorum.clientEvents.map((event) => event.type)).toContain('QuorumLost');
  }, 30000);

  it('recovers a segment that the nodes hold to different lengths, over HTTP where one is behind', async () => {
    quorum = await startQuorum();
    const first = quorum.open();
    await first.format({ force: false });
    await first.becomeWriter();
    await first.startSegment(1n);
    first.write(startOps(1n, 3), 1n, 3);
    await first.flush();
    await expect.poll(() => first.status().every((s) => s.ackedTxid === 3n)).toBe(true);
    await quorum.stop(0);
    first.write(ops(4n, 4), 4n, 4);
    await first.flush();
    await first.close();
    await quorum.start(0);

    const second = quorum.open();
    expect(await second.becomeWriter()).toEqual({ epoch: 2n, lastTxid: 7n });
    const name = 'edits_0000000000000000001-0000000000000000007';
    await expect.poll(async () => (await readdir(current(quorum!, 0))).includes(name)).toBe(true);
    const files = await Promise.all(
      [0, 1, 2].map((node) => readFile(current(quorum!, node, name)).catch(() => undefined)),
    );
    const present = files.filter((file) => file !== undefined);
    expect(present.length).toBeGreaterThanOrEqual(2);
    for (const file of present)
      expect(scanSegment(file)).toMatchObject({ firstTxid: 1n, lastTxid: 7n, tail: { kind: 'clean' } });
    expect(await readdir(current(quorum, 0, 'paxos'))).toEqual([]);
  });

  it('replaces what a former writer left under the same numbers, although it is as long', async () => {
    quorum = await startQuorum();
    const first = quorum.open();
    await first.format({ force: false });
    await first.becomeWriter();
    // The first writer reaches only node 1 with its transactions.
    await first.startSegment(1n);
    await quorum.stop(1);
    await quorum.stop(2);
    first.write(Buffer.concat([startOps(1n, 1), ops(2n, 2, 1)]), 1n, 3);
    await first.flush().catch(() => undefined);
    await quorum.stop(0);
    await first.close();

    await quorum.start(1);
    await quorum.start(2);
    const second = quorum.open();
    await second.becomeWriter();
    await second.startSegment(1n);
    second.write(Buffer.concat([startOps(1n, 1), ops(2n, 2, 2)]), 1n, 3);
    await second.flush();
    await second.close();

    await quorum.stop(2);
    await quorum.start(0);
    const third = quorum.open();
    expect(await third.becomeWriter()).toMatchObject({ lastTxid: 3n });
    const name = 'edits_0000000000000000001-0000000000000000003';
    const [one, two] = await Promise.all([0, 1].map((node) => readFile(current(quorum!, node, name))));
    expect(one!.equals(two!)).toBe(true);
    expect((await readAll(third, 2n))!.bytes.equals(ops(2n, 2, 2))).toBe(true);
  }, 60000);

  it('refuses another namespace, another cluster and a second format', async () => {
    quorum = await startQuorum();
    await quorum.open().format({ force: false });
    await expect(quorum.open().format({ force: false })).rejects.toMatchObject({
      message: expect.stringContaining("Can't format the storage directory because the current directory is not empty"),
    });
    await expect(quorum.open({ nsInfo: { ...nsInfo, namespaceId: 99 } }).becomeWriter()).rejects.toMatchObject({
      message: expect.stringContaining('Incompatible namespaceID for journal'),
    });
    await expect(quorum.open({ nsInfo: { ...nsInfo, clusterId: 'CID-other' } }).becomeWriter()).rejects.toMatchObject({
      message: expect.stringContaining('Incompatible clusterID for journal'),
    });
    await quorum.open().format({ force: true });
  });

  it('says how to format it when it is not', async () => {
    quorum = await startQuorum();
    await expect(quorum.open().becomeWriter()).rejects.toMatchObject({
      code: 'JOURNAL_NOT_FORMATTED',
      remedy: expect.stringContaining('hdfs namenode -format'),
    });
  });

  it('refuses a directory that another JournalNode holds, and one with a damaged VERSION, naming it', async () => {
    quorum = await startQuorum();
    await quorum.open().format({ force: false });
    await expect(quorum.start(0)).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining(join(quorum.editsDir(0), 'book')),
    });
  });
});
