/** The writer's state machine: who is sent what, when something counts as written, and when the writer gives up. */
import { describe, expect, it } from 'vitest';
import { WriterState } from '../../../src/journal/writer/state/writer-state.js';
import type { WriterEffect } from '../../../src/journal/writer/state/writer-state.js';
import type { NodeFailure } from '../../../src/journal/writer/state/quorum-call.js';
import { parseQuorumJournalUri } from '../../../src/journal/writer/uri.js';

const limits = { writeTxnsTimeoutMs: 20_000, queuedEditsLimitBytes: 1000 };
const bytes = (size = 10): Buffer => Buffer.alloc(size, 1);
const refused: NodeFailure = { className: 'java.io.IOException', message: 'no' };
const fenced: NodeFailure = {
  className: 'java.io.IOException',
  message: "IPC's epoch 1 is less than the last promised epoch 2 ; journal id: book",
};

const say = (effects: readonly WriterEffect[]): string[] =>
  effects.map((effect) => {
    switch (effect.type) {
      case 'sendEdits':
        return `${effect.node}: edits ${effect.firstTxid}-${effect.lastTxid} of ${effect.segmentTxid}`;
      case 'sendCall':
        return `${effect.node}: ${effect.method}`;
      case 'sendHeartbeat':
        return `${effect.node}: heartbeat`;
      case 'acknowledged':
        return `acknowledged ${effect.txid}`;
      case 'callSucceeded':
        return 'call succeeded';
      case 'callFailed':
        return `call failed ${effect.error.code}`;
      case 'failed':
        return `failed ${effect.error.code}`;
    }
  });

/** A writer of epoch 1 with segment 1 open on all three nodes. */
function writer(extra: Partial<typeof limits> = {}): WriterState {
  const state = new WriterState(['jn1:8485', 'jn2:8485', 'jn3:8485'], { ...limits, ...extra });
  state.setEpoch(1n);
  state.call('startLogSegment', 'startLogSegment(1)', 20_000, 0, 1n);
  for (const node of [0, 1, 2]) state.succeeded(node, {}, 0);
  return state;
}

describe('writing', () => {
  it('counts a batch as written when a majority has it, however slow the third', () => {
    const state = writer();
    expect(say(state.write(bytes(), 1n, 1, 0))).toEqual([
      '0: edits 1-1 of 1',
      '1: edits 1-1 of 1',
      '2: edits 1-1 of 1',
    ]);
    expect(say(state.succeeded(0, {}, 1))).toEqual([]);
    expect(say(state.succeeded(2, {}, 2))).toEqual(['acknowledged 1']);
    expect(say(state.write(bytes(), 2n, 3, 3))).toEqual(['0: edits 2-4 of 1', '2: edits 2-4 of 1']);
    state.succeeded(0, {}, 4);
    expect(say(state.succeeded(2, {}, 4))).toEqual(['acknowledged 4']);
  });

  it('sends what has waited for a node as one batch, and tells it what is committed', () => {
    const state = writer();
    for (let txid = 1n; txid <= 5n; txid++) state.write(bytes(), txid, 1, 0);
    state.succeeded(0, {}, 1);
    const effects = state.succeeded(1, {}, 1);
    expect(say(effects)).toEqual(['acknowledged 1', '1: edits 2-5 of 1']);
    const sent = effects.find((effect) => effect.type === 'sendEdits')!;
    expect(sent).toMatchObject({ info: { epoch: 1n, committedTxid: 1n } });
    expect(sent.pieces).toHaveLength(4);
  });

  it('numbers the calls of each node without gaps or repeats', () => {
    const state = writer();
    const serials: bigint[] = [];
    for (let txid = 1n; txid <= 5n; txid++) {
      for (const effect of state.write(bytes(), txid, 1, 0))
        if (effect.type === 'sendEdits' && effect.node === 0) serials.push(effect.info.ipcSerialNumber);
      for (const node of [0, 1, 2]) state.succeeded(node, {}, 0);
    }
    expect(serials).toEqual([1n, 2n, 3n, 4n, 5n]);
  });

  it('leaves a node out until the next segment when it refuses a batch, and heartbeats it meanwhile', () => {
    const state = writer();
    state.write(bytes(), 1n, 1, 0);
    expect(say(state.failed(2, refused, 0))).toEqual(['2: heartbeat']);
    state.succeeded(2, {}, 0);
    state.succeeded(0, {}, 0);
    state.succeeded(1, {}, 0);
    expect(say(state.write(bytes(), 2n, 1, 10))).toEqual(['0: edits 2-2 of 1', '1: edits 2-2 of 1']);
    state.succeeded(0, {}, 10);
    expect(say(state.succeeded(1, {}, 10))).toEqual(['acknowledged 2']);
    expect(say(state.call('finalizeLogSegment', 'f', 1000, 20).effects)).toEqual([
      '0: finalizeLogSegment',
      '1: finalizeLogSegment',
    ]);
    state.succeeded(0, {}, 20);
    expect(say(state.succeeded(1, {}, 20))).toEqual(['call succeeded']);
    expect(say(state.call('startLogSegment', 's', 1000, 30, 3n).effects)).toEqual([
      '0: startLogSegment',
      '1: startLogSegment',
      '2: startLogSegment',
    ]);
    state.succeeded(2, {}, 30);
    expect(say(state.write(bytes(), 3n, 1, 30))).toEqual(['2: edits 3-3 of 3']);
    expect(state.status(2).outOfSync).toBe(false);
  });

  it('keeps edits for a node whose start of the segment is still under way', () => {
    const state = writer();
    state.write(bytes(), 1n, 1, 0);
    state.failed(2, refused, 0);
    state.succeeded(0, {}, 0);
    state.succeeded(1, {}, 0);
    state.call('finalizeLogSegment', 'f', 1000, 0);
    state.succeeded(0, {}, 0);
    state.succeeded(1, {}, 0);
    state.succeeded(2, {}, 0); // the heartbeat
    state.call('startLogSegment', 's', 1000, 0, 2n);
    state.succeeded(0, {}, 0);
    state.succeeded(1, {}, 0);
    state.write(bytes(), 2n, 1, 0);
    state.write(bytes(), 3n, 1, 0);
    expect(say(state.succeeded(2, {}, 1))).toEqual(['2: edits 2-3 of 2']);
  });

  it('drops a node that falls too far behind, and not the writer', () => {
    const state = writer({ queuedEditsLimitBytes: 100 });
    for (let txid = 1n; txid <= 20n; txid++) {
      state.write(bytes(), txid, 1, 0);
      state.succeeded(0, {}, 0);
      state.succeeded(1, {}, 0);
    }
    expect(state.ackedTxid).toBe(20n);
    expect(state.status(2)).toMatchObject({ outOfSync: true, lagTxns: 20n });
    expect(state.status(2).lastError).toContain('too far behind');
  });
});

describe('giving up', () => {
  it('is fenced when a majority has promised a newer epoch', () => {
    const state = writer();
    state.write(bytes(), 1n, 1, 0);
    expect(say(state.failed(0, fenced, 0))).toEqual(['0: heartbeat']);
    const effects = state.failed(1, fenced, 0);
    expect(say(effects)).toContain('failed FENCED');
    expect(state.failure!.message).toContain('Got too many exceptions to achieve quorum size 2/3');
    expect(state.failure!.message).toContain("jn2:8485: IPC's epoch 1 is less than the last promised epoch 2");
  });

  it('loses the quorum after the time-out, and names the time', () => {
    const state = writer();
    state.write(bytes(), 1n, 1, 100);
    state.succeeded(0, {}, 101);
    expect(state.deadlineMs).toBe(20_100);
    expect(say(state.tick(20_099))).toEqual([]);
    expect(say(state.tick(20_100))).toEqual(['failed QUORUM_LOST']);
    expect(state.failure!.message).toContain('Timed out waiting 20000ms for a quorum of nodes to respond');
  });

  it('does not take a pause of its own process for a silence of the nodes', () => {
    const state = writer();
    state.write(bytes(), 1n, 1, 0);
    expect(say(state.tick(80_000))).toEqual([]);
    state.succeeded(0, {}, 80_001);
    expect(say(state.succeeded(1, {}, 80_001))).toEqual(['acknowledged 1']);
  });

  it('fails a call once a majority cannot agree to it any more', () => {
    const state = new WriterState(['jn1:8485', 'jn2:8485', 'jn3:8485'], limits);
    state.setEpoch(1n);
    state.call('prepareRecovery', 'prepareRecovery(1)', 120_000, 0);
    state.failed(0, refused, 0);
    expect(say(state.failed(1, refused, 0))).toEqual(['call failed QUORUM_LOST']);
  });
});

describe('the URI', () => {
  it('is read as Hadoop reads it', () => {
    expect(parseQuorumJournalUri('qjournal://m1:8485;m2;m3:9000/hdfs-cluster')).toEqual({
      journalId: 'hdfs-cluster',
      nodes: [
        { host: 'm1', port: 8485 },
        { host: 'm2', port: 8485 },
        { host: 'm3', port: 9000 },
      ],
    });
  });
  for (const bad of [
    'file:///x',
    'qjournal://m1:8485',
    'qjournal://m1:8485/',
    'qjournal:///x',
    'qjournal://m1:84850000/x',
    'qjournal://m1:8485/.hidden',
    'qjournal://m1/a/b',
  ]) {
    it(`refuses ${bad}, naming it`, () => {
      expect(() => parseQuorumJournalUri(bad)).toThrow(
        expect.objectContaining({ code: 'BAD_CONFIG', message: expect.stringContaining(bad) }),
      );
    });
  }
});
