/** Group commit: nobody is answered before every journal has the edit, segments end and begin where they should. */
import { expect, test } from 'vitest';
import type { Host } from '../../../src/host/host.js';
import type { QuorumJournal } from '../../../src/journal/writer/api.js';
import { EditLog } from '../../../src/namenode/edit-log/edit-log.js';
import { scanOps } from '../../../src/wire/edits/segment/scan.js';

/** A journal that does what it is told when the test says so. */
function journal() {
  const calls: string[] = [];
  const flushes: { resolve: () => void; reject: (error: Error) => void }[] = [];
  let automatic = true;
  const shared = {
    startSegment: async (txid: bigint) => void calls.push(`start ${txid}`),
    write: (bytes: Buffer, first: bigint, count: number) => {
      expect([...scanOps(Buffer.from(bytes))]).toHaveLength(count);
      calls.push(`write ${first}+${count}`);
    },
    flush: () =>
      automatic ? Promise.resolve() : new Promise<void>((resolve, reject) => flushes.push({ resolve, reject })),
    finalizeSegment: async (first: bigint, last: bigint) => void calls.push(`finalize ${first}-${last}`),
  } as unknown as QuorumJournal;
  return {
    calls,
    flushes,
    shared,
    hold: () => {
      automatic = false;
    },
    letGo: () => {
      automatic = true;
    },
  };
}

const host = {
  clock: { soon: (callback: () => void) => queueMicrotask(callback), nowMs: () => 0 },
  log: { error() {}, info() {}, warn() {}, debug() {} },
} as unknown as Host;

const settle = async (): Promise<void> => {
  for (let i = 0; i < 50; i++) await Promise.resolve();
};

function editLog() {
  const fake = journal();
  const fatal: string[] = [];
  const seen: bigint[] = [];
  const log = new EditLog(host, {
    shared: fake.shared,
    local: [],
    writeSeenTxid: async (txid) => void seen.push(txid),
    onFatal: (error) => fatal.push(error.message),
  });
  return { log, fatal, seen, ...fake };
}

const op = { type: 'OP_SET_PERMISSIONS', src: '/a', mode: 0o755 } as const;

test('one batch on its way, the next gathers behind it', async () => {
  const { log, calls, flushes, hold } = editLog();
  await log.open(10n);
  hold();
  const answered: bigint[] = [];
  const write = (): void => {
    const txid = log.append(op);
    log.whenSynced(txid, () => answered.push(txid));
  };
  write();
  await settle();
  for (let i = 0; i < 5; i++) write();
  await settle();
  expect(calls).toEqual(['start 10', 'write 10+1', 'write 11+1']);
  expect(answered).toEqual([]);
  flushes.shift()!.resolve();
  await settle();
  expect(answered).toEqual([11n]);
  expect(calls.at(-1)).toBe('write 12+5');
  flushes.shift()!.resolve();
  await settle();
  expect(answered).toEqual([11n, 12n, 13n, 14n, 15n, 16n]);
  expect(log.syncedTxid).toBe(16n);
});

test('a roll parts the batches, though operations go on', async () => {
  const { log, calls, seen } = editLog();
  await log.open(1n);
  log.append(op);
  const first = log.roll();
  log.append(op);
  const second = log.roll();
  log.append(op);
  expect(await Promise.all([first, second])).toEqual([4n, 7n]);
  await log.close();
  // How many batches a segment takes is a matter of chance; that none reaches over its end is not.
  const segments = calls.filter((call) => !call.startsWith('write'));
  expect(segments).toEqual(['start 1', 'finalize 1-3', 'start 4', 'finalize 4-6', 'start 7', 'finalize 7-9']);
  let end = 1;
  for (const call of calls) {
    const [kind, first, count] = call.split(/[ +]/);
    if (kind === 'write') expect(Number(first)).toBe(end);
    if (kind === 'write') end += Number(count);
    if (kind === 'finalize') expect(end - 1).toBe(Number(first!.split('-')[1]));
  }
  expect(end).toBe(10);
  expect(seen).toEqual([1n, 4n, 7n]);
  expect(log.isOpen).toBe(false);
});

test('a journal that fails: nobody is answered, the process is told to end, once', async () => {
  const { log, fatal, flushes, hold } = editLog();
  await log.open(1n);
  hold();
  let answered = false;
  log.whenSynced(log.append(op), () => {
    answered = true;
  });
  await settle();
  flushes.shift()!.reject(new Error('fenced'));
  await settle();
  expect([answered, fatal]).toEqual([false, ['fenced']]);
  expect(() => log.append(op)).toThrow('not open');
});

test('closing over a journal that fails is refused, not waited for', async () => {
  const { log, fatal, flushes, hold } = editLog();
  await log.open(1n);
  hold();
  const closed = log.close();
  await settle();
  flushes.shift()!.reject(new Error('quorum lost'));
  await expect(closed).rejects.toThrow('quorum lost');
  expect(fatal).toEqual(['quorum lost']);
});
