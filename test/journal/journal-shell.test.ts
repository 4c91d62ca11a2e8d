/** One journal over a disk that does not always do as it is told. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LabError } from '../../src/base/errors.js';
import type { Disk, Host } from '../../src/host/host.js';
import { createLiveHost } from '../../src/host/live/index.js';
import { JournalShell } from '../../src/journal/journal-shell.js';
import type { RequestInfo } from '../../src/journal/state/types.js';
import { nsInfo, startOps } from './quorum-fixture.js';

let directory: string;
let journal: JournalShell;
/** What the next rename, and each sync of an open segment, waits for; undefined: nothing. */
let beforeRename: (() => Promise<void>) | undefined;
let beforeSync: (() => Promise<void>) | undefined;
let serial = 0n;

const info = (epoch = 1n): RequestInfo => ({ epoch, ipcSerialNumber: serial++, committedTxid: undefined });

function slowHost(): Host {
  const host = createLiveHost({ id: 'jn1', logLevel: 'error' });
  const disk: Disk = {
    ...host.disk,
    rename: async (from, to) => {
      const before = beforeRename;
      beforeRename = undefined;
      await before?.();
      await host.disk.rename(from, to);
    },
    openAppend: async (path) => {
      const file = await host.disk.openAppend(path);
      return {
        get size() {
          return file.size;
        },
        append: (bytes) => file.append(bytes),
        sync: async () => {
          await beforeSync?.();
          await file.sync();
        },
        read: (offset, length) => file.read(offset, length),
        truncate: (size) => file.truncate(size),
        close: () => file.close(),
      };
    },
  };
  return { ...host, disk, emit: () => undefined };
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'journal-shell-'));
  serial = 0n;
  beforeRename = beforeSync = undefined;
  journal = await JournalShell.open({
    host: slowHost(),
    journalId: 'book',
    root: join(directory, 'book'),
    cacheBytes: undefined,
    fetch: () => {
      throw new LabError('CONNECT_REFUSED', 'nobody serves segments here');
    },
  });
  const { blockPoolId: _, ...storage } = nsInfo;
  await journal.call({ type: 'format', storage, force: false });
  await journal.call({ type: 'newEpoch', storage, epoch: 1n });
  await journal.call({ type: 'startLogSegment', info: info(), txid: 1n, layoutVersion: -66 });
});
afterEach(async () => {
  await journal.close();
  await rm(directory, { recursive: true, force: true });
});

const write = (firstTxid: bigint, count: number): Promise<undefined> =>
  journal.call({
    type: 'journal',
    info: info(),
    segmentTxid: 1n,
    firstTxid,
    count,
    bytes: startOps(firstTxid, count),
  });

it('answers batches and the promise of a newer epoch in the order of their disk, and none before it', async () => {
  const answers: string[] = [];
  let synced: () => void = () => undefined;
  const syncing = new Promise<void>((resolve) => (synced = resolve));
  const asked = new Promise<void>((resolve) => {
    beforeSync = () => {
      resolve();
      return syncing;
    };
  });
  const calls = [
    write(1n, 3).then(() => answers.push('1-3')),
    write(4n, 2).then(() => answers.push('4-5')),
    journal.call({ type: 'newEpoch', storage: nsInfo, epoch: 2n }).then(() => answers.push('epoch 2')),
  ];
  // An answer that waits for nothing would be here by then.
  await asked;
  await new Promise((resolve) => setImmediate(resolve));
  expect(answers).toEqual([]);
  synced();
  await Promise.all(calls);
  expect(answers).toEqual(['1-3', '4-5', 'epoch 2']);
});

it('reads the disk anew when it fails: what was under way is refused, what comes later is served', async () => {
  await write(1n, 3);
  beforeRename = () => Promise.reject(new LabError('NOT_FOUND', 'edits_inprogress_1: gone'));
  const finalize = journal.call({ type: 'finalizeLogSegment', info: info(), startTxid: 1n, endTxid: 3n });
  const behind = journal.call({ type: 'heartbeat', info: info() });
  await expect(finalize).rejects.toThrow('edits_inprogress_1: gone ; journal id: book');
  await expect(behind).rejects.toThrow('an earlier batch could not be written ; journal id: book');
  await journal.call({ type: 'finalizeLogSegment', info: info(), startTxid: 1n, endTxid: 3n });
  const { logs } = await journal.call({ type: 'getEditLogManifest', sinceTxid: 1n, inProgressOk: true });
  expect(logs).toEqual([{ startTxid: 1n, endTxid: 3n, isInProgress: false }]);
  expect(journal.state).toMatchObject({ lastPromisedEpoch: 1n, lastWriterEpoch: 1n, highestWrittenTxid: 3n });
});

it('refuses a recovery that it cannot fetch, and has what it had', async () => {
  await write(1n, 3);
  const segment = { startTxid: 1n, endTxid: 5n, isInProgress: true };
  const accept = journal.call({ type: 'acceptRecovery', info: info(2n), segment, url: 'http://x/', fromSelf: false });
  await expect(accept).rejects.toThrow('nobody serves segments here ; journal id: book');
  const reply = await journal.call({ type: 'prepareRecovery', info: info(2n), segmentTxid: 1n });
  expect(reply).toMatchObject({ segment: { endTxid: 3n, isInProgress: true }, acceptedInEpoch: undefined });
});
