/** Reading while nodes come and go, with the nodes' answers given by the test. */
import { expect, it } from 'vitest';
import { createLiveHost } from '../../../src/host/live/index.js';
import type { LoggerClient } from '../../../src/journal/writer/logger-client.js';
import { QuorumReader } from '../../../src/journal/writer/quorum-reader.js';
import { nsInfo, writerConfig } from '../quorum-fixture.js';

const host = createLiveHost({ id: 'reader', logLevel: 'error' });
// Nothing listens there.
const nodes = [1, 2, 3].map(
  (n) => ({ address: `127.15.10.${n}:8485`, httpBase: `http://127.15.10.${n}:1` }) as LoggerClient,
);
const manifest = (...logs: (readonly [bigint, bigint])[]) => ({
  manifest: { logs: logs.map(([startTxId, endTxId]) => ({ startTxId, endTxId, isInProgress: false })) },
  httpPort: 1,
});

async function read(first: readonly object[], each: readonly object[]): Promise<number> {
  const numbered = (answers: readonly object[]) => Promise.resolve(answers.map((value, node) => ({ node, value })));
  const reader = new QuorumReader({
    host,
    config: writerConfig,
    journalId: 'book',
    nsInfo,
    nodes,
    asker: { ask: () => numbered(first), askEach: () => numbered(each) } as never,
  });
  let ranges = 0;
  for await (const _range of reader.readEdits(1n, { inProgressOk: false, onlyDurable: false })) ranges += 1;
  return ranges;
}

it('ends where nothing more is held', async () => {
  expect(await read([manifest(), manifest()], [])).toBe(0);
});

it('is an error, not an end, when what was announced can be fetched nowhere and too few nodes are left', async () => {
  const announced = [manifest([1n, 9n]), manifest([1n, 9n])];
  for (const each of [[], [manifest()], [manifest([1n, 9n])]]) {
    await expect(read(announced, each)).rejects.toMatchObject({
      code: 'QUORUM_LOST',
      message: expect.stringContaining('127.15.10.1:8485'),
    });
  }
});

it('names a hole only when a majority has it', async () => {
  await expect(
    read([manifest([5n, 9n]), manifest([5n, 9n])], [manifest([5n, 9n]), manifest([5n, 9n]), manifest([5n, 9n])]),
  ).rejects.toMatchObject({ code: 'EDITS_GAP', message: expect.stringContaining('transactions 1-4') });
});
