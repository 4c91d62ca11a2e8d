/** The writer's machine: who is sent what, when something counts as written, and when the writer gives up. */
import { describe, expect, it } from 'vitest';
import type { NodeFailure } from '../../../src/journal/writer/state/quorum-call.js';
import type { WriterEffect, WriterInput, WriterRequest } from '../../../src/journal/writer/state/types.js';
import { parseQuorumJournalUri } from '../../../src/journal/writer/uri.js';
import { Writer } from '../../../src/journal/writer/writer.js';
import { writerConfig } from '../quorum-fixture.js';

const bytes = (size = 10): Buffer => Buffer.alloc(size, 1);
const refused: NodeFailure = { className: 'java.io.IOException', message: 'no' };
const fenced: NodeFailure = {
  className: 'java.io.IOException',
  message: "IPC's epoch 1 is less than the last promised epoch 2 ; journal id: book",
};

type Sent = Extract<WriterEffect, { type: 'send' }>;

/** What a reader of a test wants to see of the effects. */
function say(effects: readonly WriterEffect[]): string[] {
  return effects.flatMap((effect) => {
    switch (effect.type) {
      case 'send': {
        const { request, node } = effect;
        return request.method === 'journal'
          ? `${node}: edits ${request.firstTxid}-${request.lastTxid} of ${request.segmentTxid}`
          : `${node}: ${request.method}`;
      }
      case 'acknowledged':
        return `acknowledged ${effect.txid}`;
      case 'becameWriter':
      case 'segmentStarted':
      case 'segmentFinalized':
        return effect.type;
      case 'failed':
        return `failed ${effect.error.code}`;
      default:
        return [];
    }
  });
}

/** Remembers which request each node has to answer. */
class Asked {
  readonly machine: Writer;
  readonly #underWay = new Map<number, { call: number; request: WriterRequest }>();
  failure: Error | undefined;
  ackedTxid = 0n;

  constructor(queuedEditsLimitBytes: number) {
    this.machine = new Writer(['jn1:8485', 'jn2:8485', 'jn3:8485'], { ...writerConfig, queuedEditsLimitBytes });
  }

  step(input: WriterInput, nowMs = 0): readonly WriterEffect[] {
    const effects = this.machine.step(input, nowMs);
    for (const effect of effects) {
      if (effect.type === 'send') this.#underWay.set(effect.node, effect);
      else if (effect.type === 'failed') this.failure = effect.error;
      else if (effect.type === 'acknowledged') this.ackedTxid = effect.txid;
    }
    return effects;
  }
  write(bytes: Buffer, firstTxid: bigint, count: number, nowMs: number): readonly WriterEffect[] {
    return this.step({ type: 'write', bytes, firstTxid, count }, nowMs);
  }
  succeeded(node: number, nowMs: number): readonly WriterEffect[] {
    return this.step({ type: 'done', node, call: this.#underWay.get(node)!.call }, nowMs);
  }
  failed(node: number, failure: NodeFailure, nowMs: number): readonly WriterEffect[] {
    const { call, request } = this.#underWay.get(node)!;
    return this.step({ type: 'refused', node, call, method: request.method, failure }, nowMs);
  }
  /** Epoch 1, on the promises of all three. */
  become(lastSegmentTxid?: bigint): readonly WriterEffect[] {
    this.step({ type: 'becomeWriter' });
    const asked = this.#underWay.get(0)!.call;
    for (const node of [0, 1, 2]) this.step({ type: 'journalState', node, call: asked, lastPromisedEpoch: 0n });
    const { call } = this.#underWay.get(0)!;
    this.step({ type: 'promised', node: 0, call, lastSegmentTxid });
    return this.step({ type: 'promised', node: 1, call, lastSegmentTxid });
  }
}

/** A writer of epoch 1 with segment 1 open on all three nodes. */
function writer({ queuedEditsLimitBytes = 1000 } = {}): Asked {
  const asked = new Asked(queuedEditsLimitBytes);
  asked.become();
  asked.step({ type: 'startSegment', txid: 1n });
  for (const node of [0, 1, 2]) asked.succeeded(node, 0);
  return asked;
}

describe('writing', () => {
  it('counts a batch as written when a majority has it, however slow the third', () => {
    const state = writer();
    expect(say(state.write(bytes(), 1n, 1, 0))).toEqual([
      '0: edits 1-1 of 1',
      '1: edits 1-1 of 1',
      '2: edits 1-1 of 1',
    ]);
    expect(say(state.succeeded(0, 1))).toEqual([]);
    expect(say(state.succeeded(2, 2))).toEqual(['acknowledged 1']);
    expect(say(state.write(bytes(), 2n, 3, 3))).toEqual(['0: edits 2-4 of 1', '2: edits 2-4 of 1']);
    state.succeeded(0, 4);
    expect(say(state.succeeded(2, 4))).toEqual(['acknowledged 4']);
  });

  it('sends what has waited for a node as one batch, and tells it what is committed', () => {
    const state = writer();
    for (let txid = 1n; txid <= 5n; txid++) state.write(bytes(), txid, 1, 0);
    state.succeeded(0, 1);
    const effects = state.succeeded(1, 1);
    expect(say(effects)).toEqual(['acknowledged 1', '1: edits 2-5 of 1']);
    const { request } = effects.find((effect): effect is Sent => effect.type === 'send')!;
    expect(request).toMatchObject({ method: 'journal', info: { epoch: 1n, committedTxid: 1n } });
    expect('pieces' in request && request.pieces).toHaveLength(4);
  });

  it('numbers the calls of each node without gaps or repeats', () => {
    const state = writer();
    const serials: bigint[] = [];
    for (let txid = 1n; txid <= 5n; txid++) {
      for (const effect of state.write(bytes(), txid, 1, 0))
        if (effect.type === 'send' && effect.node === 0 && 'info' in effect.request)
          serials.push(effect.request.info.ipcSerialNumber);
      for (const node of [0, 1, 2]) state.succeeded(node, 0);
    }
    expect(serials).toEqual([1n, 2n, 3n, 4n, 5n]);
  });

  it('leaves a node out until the next segment when it refuses a batch, and heartbeats it meanwhile', () => {
    const state = writer();
    state.write(bytes(), 1n, 1, 0);
    expect(say(state.failed(2, refused, 0))).toEqual(['2: heartbeat']);
    state.succeeded(2, 0);
    state.succeeded(0, 0);
    state.succeeded(1, 0);
    expect(say(state.write(bytes(), 2n, 1, 10))).toEqual(['0: edits 2-2 of 1', '1: edits 2-2 of 1']);
    state.succeeded(0, 10);
    expect(say(state.succeeded(1, 10))).toEqual(['acknowledged 2']);
    expect(say(state.step({ type: 'finalizeSegment', firstTxid: 1n, lastTxid: 2n }, 20))).toEqual([
      '0: finalizeLogSegment',
      '1: finalizeLogSegment',
    ]);
    state.succeeded(0, 20);
    expect(say(state.succeeded(1, 20))).toEqual(['segmentFinalized']);
    expect(say(state.step({ type: 'startSegment', txid: 3n }, 30))).toEqual([
      '0: startLogSegment',
      '1: startLogSegment',
      '2: startLogSegment',
    ]);
    state.succeeded(2, 30);
    expect(say(state.write(bytes(), 3n, 1, 30))).toEqual(['2: edits 3-3 of 3']);
    expect(state.machine.status(2).outOfSync).toBe(false);
  });

  it('keeps edits for a node whose start of the segment is still under way', () => {
    const state = writer();
    state.write(bytes(), 1n, 1, 0);
    state.failed(2, refused, 0);
    state.succeeded(0, 0);
    state.succeeded(1, 0);
    state.step({ type: 'finalizeSegment', firstTxid: 1n, lastTxid: 1n });
    state.succeeded(0, 0);
    state.succeeded(1, 0);
    state.succeeded(2, 0); // the heartbeat
    state.step({ type: 'startSegment', txid: 2n });
    state.succeeded(0, 0);
    state.succeeded(1, 0);
    state.write(bytes(), 2n, 1, 0);
    state.write(bytes(), 3n, 1, 0);
    expect(say(state.succeeded(2, 1))).toEqual(['2: edits 2-3 of 2']);
  });

  it('drops a node that falls too far behind, and not the writer', () => {
    const state = writer({ queuedEditsLimitBytes: 100 });
    for (let txid = 1n; txid <= 20n; txid++) {
      state.write(bytes(), txid, 1, 0);
      state.succeeded(0, 0);
      state.succeeded(1, 0);
    }
    expect(state.ackedTxid).toBe(20n);
    expect(state.machine.status(2)).toMatchObject({ outOfSync: true, lagTxns: 20n });
    expect(state.machine.status(2).lastError).toContain('too far behind');
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
    state.succeeded(0, 101);
    expect(state.step({ type: 'timer', timer: 'write' }, 20_099)).toEqual([
      { type: 'setTimer', timer: 'write', delayMs: 1 },
    ]);
    expect(say(state.step({ type: 'timer', timer: 'write' }, 20_100))).toEqual(['failed QUORUM_LOST']);
    expect(state.failure!.message).toContain('Timed out waiting 20000ms for a quorum of nodes to respond');
  });

  it('does not take a pause of its own process for a silence of the nodes', () => {
    const state = writer();
    state.write(bytes(), 1n, 1, 0);
    expect(say(state.step({ type: 'timer', timer: 'write' }, 80_000))).toEqual([]);
    state.succeeded(0, 80_001);
    expect(say(state.succeeded(1, 80_001))).toEqual(['acknowledged 1']);
  });

  it('fails a call once a majority cannot agree to it any more', () => {
    const state = new Asked(1000);
    expect(say(state.become(1n))).toEqual(['0: prepareRecovery', '1: prepareRecovery', '2: prepareRecovery']);
    expect(say(state.failed(0, refused, 0))).toEqual([]);
    expect(say(state.failed(1, refused, 0))).toEqual(['failed QUORUM_LOST']);
    expect(say(state.step({ type: 'startSegment', txid: 1n }))).toEqual([]);
  });

  it('fails a call after its time-out', () => {
    const state = new Asked(1000);
    expect(state.step({ type: 'becomeWriter' }, 10)).toContainEqual({
      type: 'setTimer',
      timer: 'call',
      delayMs: writerConfig.getJournalStateTimeoutMs,
    });
    const dueMs = 10 + writerConfig.getJournalStateTimeoutMs;
    expect(say(state.step({ type: 'timer', timer: 'call' }, dueMs))).toEqual(['failed QUORUM_LOST']);
    expect(state.failure!.message).toContain('Timed out waiting 120000ms for a quorum of nodes to respond');
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
  it('takes IPv6 addresses', () => {
    expect(parseQuorumJournalUri('qjournal://[::1]:8485;[fe80::2]/book').nodes).toEqual([
      { host: '::1', port: 8485 },
      { host: 'fe80::2', port: 8485 },
    ]);
  });
  for (const bad of [
    'file:///x',
    'qjournal://[::1/x',
    'qjournal://m1:0/x',
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
