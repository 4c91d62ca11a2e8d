/** The rules of one journal, without a disk: what is answered, and what must be on disk before the answer. */
import { describe, expect, it } from 'vitest';
import { Journal } from '../../../src/journal/state/journal.js';
import type { JournalSnapshot } from '../../../src/journal/state/epochs.js';
import type {
  DiskView,
  EditLogManifest,
  JournalCall,
  JournalEffect,
  JournalReply,
  PrepareRecoveryReply,
  RequestInfo,
  SegmentFile,
  SegmentState,
  StorageInfo,
} from '../../../src/journal/state/types.js';
import { finalizedName, inProgressName } from '../../../src/journal/names.js';

const storage: StorageInfo = { namespaceId: 7, clusterId: 'CID-x', cTime: 0n, layoutVersion: -66 };
const nothing: DiskView = {
  segments: [],
  aside: [],
  decided: [],
  empty: true,
  paxos: undefined,
  halfDone: undefined,
};
const bytes = Buffer.from('edits');

let serial = 0n;
const from = (epoch: bigint, committedTxid?: bigint): RequestInfo => ({
  epoch,
  ipcSerialNumber: serial++,
  committedTxid,
});

/** What one call came to. `effects`: all but the question for a view and the answer. */
interface Step<Reply = JournalReply> {
  readonly effects: readonly JournalEffect[];
  readonly answer: Extract<JournalEffect, { type: 'reply' | 'refuse' }>;
  /** Never set; for types only. */
  readonly reply?: Reply;
}

/** The machine, one call at a time, with downloads that succeed. */
class Asked {
  readonly machine: Journal;
  #call = 0;

  constructor(extra: Partial<JournalSnapshot>) {
    this.machine = new Journal('book', '/jn/book', {
      storage,
      lastPromisedEpoch: 0n,
      lastWriterEpoch: 0n,
      committedTxid: undefined,
      highestWrittenTxid: 0n,
      ...extra,
    });
  }

  #ask<Reply>(call: JournalCall, view = nothing): Step<Reply> {
    const number = ++this.#call;
    const all = [...this.machine.step({ ...call, call: number })];
    if (all[0]?.type === 'readView') all.splice(0, 1, ...this.machine.step({ type: 'viewed', view }));
    if (all.at(-1)?.type === 'download') all.push(...this.machine.step({ type: 'downloaded' }));
    const answer = all.pop()!;
    if ((answer.type !== 'reply' && answer.type !== 'refuse') || answer.call !== number)
      throw new Error(`the last effect is ${answer.type}`);
    return { effects: all, answer };
  }

  format(info: StorageInfo, force: boolean, empty: boolean): Step {
    return this.#ask({ type: 'format', storage: info, force }, { ...nothing, empty });
  }
  getJournalState(): Step {
    return this.#ask({ type: 'getJournalState' });
  }
  newEpoch(theirs: StorageInfo, epoch: bigint, seen: DiskView): Step {
    return this.#ask({ type: 'newEpoch', storage: theirs, epoch }, seen);
  }
  journal(info: RequestInfo, segmentTxid: bigint, firstTxid: bigint, count: number, edits: Buffer): Step {
    return this.#ask({ type: 'journal', info, segmentTxid, firstTxid, count, bytes: edits });
  }
  heartbeat(info: RequestInfo): Step {
    return this.#ask({ type: 'heartbeat', info });
  }
  startLogSegment(info: RequestInfo, txid: bigint, layoutVersion: number, seen: DiskView): Step {
    return this.#ask({ type: 'startLogSegment', info, txid, layoutVersion }, seen);
  }
  finalizeLogSegment(info: RequestInfo, startTxid: bigint, endTxid: bigint, seen: DiskView): Step {
    return this.#ask({ type: 'finalizeLogSegment', info, startTxid, endTxid }, seen);
  }
  purgeLogsOlderThan(info: RequestInfo, minTxidToKeep: bigint, seen: DiskView): Step {
    return this.#ask({ type: 'purgeLogsOlderThan', info, minTxidToKeep }, seen);
  }
  getEditLogManifest(sinceTxid: bigint, inProgressOk: boolean, seen: DiskView): Step<EditLogManifest> {
    return this.#ask({ type: 'getEditLogManifest', sinceTxid, inProgressOk }, seen);
  }
  prepareRecovery(info: RequestInfo, segmentTxid: bigint, seen: DiskView): Step<PrepareRecoveryReply> {
    return this.#ask({ type: 'prepareRecovery', info, segmentTxid }, seen);
  }
  acceptRecovery(
    info: RequestInfo,
    segment: SegmentState,
    source: { url: string; fromSelf: boolean },
    seen: DiskView,
  ): Step {
    return this.#ask({ type: 'acceptRecovery', info, segment, ...source }, seen);
  }
}

const journal = (extra: Partial<JournalSnapshot> = {}): Asked => new Asked(extra);

const finalized = (first: bigint, last: bigint): SegmentFile => ({
  name: finalizedName(first, last),
  firstTxid: first,
  lastTxid: last,
  inProgress: false,
  corruptHeader: false,
});
const open = (first: bigint, last: bigint | undefined): SegmentFile => ({
  name: inProgressName(first),
  firstTxid: first,
  lastTxid: last,
  inProgress: true,
  corruptHeader: false,
});
const view = (...segments: SegmentFile[]): DiskView => ({ ...nothing, segments });

function ok<Reply>({ answer }: Step<Reply>): Reply {
  if (answer.type === 'refuse') throw new Error(`refused: ${answer.refusal.className}: ${answer.refusal.message}`);
  return answer.reply as Reply;
}
function refusal({ answer }: Step<unknown>): string {
  if (answer.type === 'reply') throw new Error('was not refused');
  const { className, message } = answer.refusal;
  return `${className.split('.').at(-1)}: ${message.replace(/ ; journal id: book$/, '')}`;
}
const kinds = (step: Step<unknown>): string[] =>
  step.effects.map((effect) => (effect.type === 'emit' ? effect.event.type : effect.type));

/** A journal whose writer of epoch 1 has 1..3 in an open segment. */
function writing(): Asked {
  const j = journal();
  ok(j.newEpoch(storage, 1n, nothing));
  ok(j.startLogSegment(from(1n), 1n, -66, nothing));
  ok(j.journal(from(1n), 1n, 1n, 3, bytes));
  return j;
}

describe('epochs', () => {
  it('promises a higher epoch, on disk before the answer, and refuses an equal or lower one', () => {
    const j = journal();
    const step = j.newEpoch(storage, 5n, nothing);
    expect(ok(step)).toEqual({ lastSegmentTxid: undefined });
    expect(kinds(step)).toEqual(['writePromisedEpoch', 'EpochPromised']);
    expect(refusal(j.newEpoch(storage, 5n, nothing))).toBe('IOException: Proposed epoch 5 <= last promise 5');
    expect(refusal(j.newEpoch(storage, 4n, nothing))).toContain('Proposed epoch 4 <= last promise 5');
  });

  it('refuses an older writer on every call', () => {
    const j = writing();
    ok(j.newEpoch(storage, 2n, view(open(1n, 3n))));
    const old = [
      j.journal(from(1n), 1n, 4n, 1, bytes),
      j.heartbeat(from(1n)),
      j.startLogSegment(from(1n), 4n, -66, nothing),
      j.finalizeLogSegment(from(1n), 1n, 3n, nothing),
      j.purgeLogsOlderThan(from(1n), 1n, nothing),
      j.prepareRecovery(from(1n), 1n, nothing),
      j.acceptRecovery(
        from(1n),
        { startTxid: 1n, endTxid: 3n, isInProgress: true },
        { url: 'http://x/', fromSelf: false },
        nothing,
      ),
    ];
    for (const step of old) {
      expect(refusal(step)).toBe("IOException: IPC's epoch 1 is less than the last promised epoch 2");
      expect(kinds(step)).toEqual(['WriterRefused']);
    }
  });

  it('promises a newer writer on sight, and refuses its edits until it has started a segment', () => {
    const j = writing();
    const step = j.journal(from(9n), 1n, 4n, 1, bytes);
    expect(refusal(step)).toContain("IPC's epoch 9 is not the current writer epoch");
    expect(kinds(step)).toEqual(['writePromisedEpoch', 'EpochPromised']);
  });

  it('refuses calls out of turn', () => {
    const j = writing();
    const late = from(1n);
    ok(j.heartbeat(from(1n)));
    expect(refusal(j.heartbeat(late))).toMatch(/^JournalOutOfSyncException: IPC serial/);
  });

  it('refuses another namespace and another cluster before it promises anything', () => {
    const j = journal();
    const other = j.newEpoch({ ...storage, namespaceId: 8 }, 1n, nothing);
    expect(refusal(other)).toContain('NameNode has nsId 8 but storage has nsId 7');
    expect(other.effects).toEqual([]);
    expect(refusal(j.newEpoch({ ...storage, clusterId: 'CID-y' }, 1n, nothing))).toContain(
      "NameNode has clusterId 'CID-y' but storage has clusterId 'CID-x'",
    );
  });

  it('answers nothing before it is formatted, and forgets its promises when it is formatted again', () => {
    const j = journal({ storage: undefined });
    expect(refusal(j.getJournalState())).toContain('JournalNotFormattedException');
    ok(j.format(storage, false, true));
    ok(j.newEpoch(storage, 3n, nothing));
    expect(refusal(j.format(storage, false, false))).toContain('InconsistentFSStateException');
    ok(j.format({ ...storage, namespaceId: 9 }, true, false));
    expect(ok(j.getJournalState())).toEqual({ lastPromisedEpoch: 0n });
  });

  it('never lets the committed transaction id fall', () => {
    const j = writing();
    ok(j.heartbeat(from(1n, 3n)));
    expect(refusal(j.heartbeat(from(1n, 2n)))).toContain('Client trying to move committed txid backward from 3 to 2');
    expect(j.machine.committedTxid).toBe(3n);
  });
});

describe('segments', () => {
  it('answers a batch only after the sync', () => {
    const step = writing().journal(from(1n), 1n, 4n, 2, bytes);
    expect(step).toMatchObject({
      effects: [
        { type: 'append', firstTxid: 4n, lastTxid: 5n },
        { type: 'written', lastTxid: 5n, after: 'sync' },
      ],
      answer: { type: 'reply', after: 'sync' },
    });
  });

  it('refuses a batch with a hole, one it has, and one of another segment', () => {
    expect(refusal(writing().journal(from(1n), 1n, 5n, 1, bytes))).toBe(
      "JournalOutOfSyncException: Can't write txid 5 expecting nextTxId=4",
    );
    expect(refusal(writing().journal(from(1n), 1n, 3n, 1, bytes))).toContain("Can't write txid 3 expecting nextTxId=4");
    const step = writing().journal(from(1n), 4n, 4n, 1, bytes);
    expect(refusal(step)).toContain('it thinks it is writing segment 4 but current segment is 1');
    expect(kinds(step)).toEqual(['closeSegment']);
  });

  it('starts a segment over one that holds at most its first transaction, and over no other', () => {
    const start = (segments: DiskView): Step => {
      const j = journal({ lastPromisedEpoch: 1n });
      return j.startLogSegment(from(1n), 4n, -66, segments);
    };
    expect(kinds(start(view(open(4n, undefined))))).toContain('openSegment');
    expect(kinds(start(view(open(4n, 4n))))).toContain('openSegment');
    expect(refusal(start(view(open(4n, 5n))))).toContain('seems to contain valid transactions');
    expect(refusal(start(view(finalized(4n, 6n))))).toContain('Already have a finalized segment');
  });

  it('records the writer before the first edit and drops what was accepted for the segment', () => {
    const step = journal({ lastPromisedEpoch: 1n }).startLogSegment(from(1n), 1n, -66, nothing);
    expect(kinds(step)).toEqual(['writeWriterEpoch', 'removePaxos', 'openSegment', 'SegmentStarted']);
  });

  it('finalizes what it wrote, once, and to no other end', () => {
    const step = writing().finalizeLogSegment(from(1n), 1n, 3n, view(open(1n, 3n)));
    expect(kinds(step)).toEqual(['closeSegment', 'rename', 'SegmentFinalized', 'removePaxos']);
    expect(refusal(writing().finalizeLogSegment(from(1n), 1n, 4n, view(open(1n, 3n))))).toContain(
      'to end at txid 4 but only written up to txid 3',
    );
    const j = journal({ lastPromisedEpoch: 1n });
    ok(j.finalizeLogSegment(from(1n), 1n, 3n, view(finalized(1n, 3n))));
    expect(refusal(j.finalizeLogSegment(from(1n), 1n, 4n, view(finalized(1n, 3n))))).toContain('Trying to re-finalize');
  });

  it('finalizes a segment of another time only if the disk holds just that', () => {
    const j = journal({ lastPromisedEpoch: 1n });
    expect(refusal(j.finalizeLogSegment(from(1n), 1n, 3n, nothing))).toBe(
      'JournalOutOfSyncException: No log file to finalize at transaction ID 1',
    );
    expect(refusal(j.finalizeLogSegment(from(1n), 1n, 3n, view(open(1n, 2n))))).toContain(
      'on disk only contains up to txid 2',
    );
    expect(kinds(j.finalizeLogSegment(from(1n), 1n, 3n, view(open(1n, 3n))))).toEqual([
      'trimFile',
      'rename',
      'SegmentFinalized',
      'removePaxos',
    ]);
  });

  it('moves empty segments aside when a new writer comes, and names the newest that holds something', () => {
    const damaged = { ...open(9n, undefined), corruptHeader: true };
    const step = journal().newEpoch(storage, 1n, view(finalized(1n, 3n), open(4n, 5n), open(6n, undefined), damaged));
    expect(ok(step)).toEqual({ lastSegmentTxid: 4n });
    expect(step.effects.filter((effect) => effect.type === 'rename')).toEqual([
      { type: 'rename', from: damaged.name, to: `${damaged.name}.corrupt` },
      { type: 'rename', from: inProgressName(6n), to: `${inProgressName(6n)}.empty` },
    ]);
  });

  it('lists what holds or follows a transaction', () => {
    const j = journal();
    const all = view(finalized(1n, 3n), finalized(4n, 6n), open(7n, 9n), open(10n, undefined));
    expect(ok(j.getEditLogManifest(5n, true, all)).logs.map((log) => log.startTxid)).toEqual([4n, 7n]);
    expect(ok(j.getEditLogManifest(1n, false, all)).logs.map((log) => log.startTxid)).toEqual([1n, 4n]);
  });

  it('purges what is older, marks stale open segments, and keeps the one being written', () => {
    const j = writing();
    const step = j.purgeLogsOlderThan(from(1n), 10n, {
      ...view(finalized(1n, 3n), open(1n, 3n), open(12n, 13n)),
      aside: [{ name: 'edits_inprogress_2.empty', firstTxid: 2n }],
      decided: [1n, 12n],
    });
    expect(step.effects).toEqual([
      { type: 'remove', name: finalizedName(1n, 3n) },
      { type: 'rename', from: inProgressName(12n), to: `${inProgressName(12n)}.stale` },
      { type: 'remove', name: 'edits_inprogress_2.empty' },
      { type: 'removePaxos', segmentTxid: 1n },
    ]);
  });
});

describe('what cannot be read', () => {
  it('refuses the call that wanted it, and nothing else has changed', () => {
    const { machine } = journal({ lastPromisedEpoch: 3n, highestWrittenTxid: 2n });
    const segment = { startTxid: 1n, endTxid: 5n, isInProgress: true };
    const refuse = (call: number, message: string) => [
      { type: 'refuse', call, refusal: { className: 'java.io.IOException', message: `${message} ; journal id: book` } },
    ];
    machine.step({ type: 'newEpoch', call: 1, storage, epoch: 4n });
    expect(machine.step({ type: 'notRead', reason: 'paxos/1: damaged' })).toEqual(refuse(1, 'paxos/1: damaged'));
    expect(machine.lastPromisedEpoch).toBe(3n);
    machine.step({ type: 'acceptRecovery', call: 2, info: from(3n), segment, url: 'http://x/', fromSelf: false });
    machine.step({ type: 'viewed', view: view(open(1n, 2n)) });
    expect(machine.step({ type: 'notRead', reason: 'http://x/ is silent' })).toEqual(refuse(2, 'http://x/ is silent'));
    expect(machine.highestWrittenTxid).toBe(2n);
  });
});

describe('recovery', () => {
  const accepted = { segment: { startTxid: 1n, endTxid: 3n, isInProgress: true }, acceptedInEpoch: 2n };
  const url = { url: 'http://other:8480/getJournal', fromSelf: false };

  it('tells the state of a segment, its writer and what is committed, and syncs before it tells', () => {
    const j = writing();
    const step = j.prepareRecovery(from(2n, 2n), 1n, view(open(1n, 3n)));
    expect(ok(step)).toEqual({
      segment: { startTxid: 1n, endTxid: 3n, isInProgress: true },
      acceptedInEpoch: undefined,
      lastWriterEpoch: 1n,
      lastCommittedTxid: 2n,
    });
    expect(kinds(step)).toEqual([
      'writePromisedEpoch',
      'EpochPromised',
      'noteCommittedTxid',
      'closeSegment',
      'syncFile',
    ]);
  });

  it('tells what it accepted before, unless the segment is finalized since', () => {
    const j = journal({ lastPromisedEpoch: 3n });
    expect(ok(j.prepareRecovery(from(3n), 1n, { ...view(open(1n, 3n)), paxos: accepted }))).toMatchObject({
      acceptedInEpoch: 2n,
      segment: accepted.segment,
    });
    expect(ok(j.prepareRecovery(from(3n), 1n, { ...view(finalized(1n, 3n)), paxos: accepted }))).toMatchObject({
      acceptedInEpoch: undefined,
      segment: { isInProgress: false },
    });
  });

  it('rolls a half-done acceptance forward', () => {
    const j = journal({ lastPromisedEpoch: 3n });
    const halfDone = { ...open(1n, 3n), name: `${inProgressName(1n)}.epoch=2` };
    const step = j.prepareRecovery(from(3n), 1n, {
      ...view(open(1n, 2n)),
      paxos: accepted,
      halfDone,
    });
    expect(ok(step)).toMatchObject({ acceptedInEpoch: 2n, segment: { endTxid: 3n } });
    expect(step.effects[0]).toEqual({ type: 'rename', from: halfDone.name, to: inProgressName(1n) });
  });

  it('says when accepted and held differ', () => {
    expect(
      refusal(
        journal({ lastPromisedEpoch: 3n }).prepareRecovery(from(3n), 1n, { ...view(open(1n, 2n)), paxos: accepted }),
      ),
    ).toMatch(/^AssertionError: prev accepted/);
  });

  it('fetches a segment, records the decision, then puts the file in place', () => {
    const j = journal({ lastPromisedEpoch: 3n });
    const segment = { startTxid: 1n, endTxid: 5n, isInProgress: true };
    expect(kinds(j.acceptRecovery(from(3n), segment, url, view(open(1n, 3n))))).toEqual([
      'syncFile',
      'download',
      'writePaxos',
      'rename',
      'RecoveryAccepted',
    ]);
    expect(kinds(j.acceptRecovery(from(3n), segment, url, nothing))).toEqual([
      'download',
      'writePaxos',
      'rename',
      'RecoveryAccepted',
    ]);
  });

  it('fetches even where the length is right, except from itself or over a finalized segment', () => {
    const segment = { startTxid: 1n, endTxid: 3n, isInProgress: true };
    const accept = (file: SegmentFile, fromSelf: boolean): string[] =>
      kinds(journal({ lastPromisedEpoch: 3n }).acceptRecovery(from(3n), segment, { ...url, fromSelf }, view(file)));
    expect(accept(open(1n, 3n), false)).toContain('download');
    expect(accept(open(1n, 3n), true)).not.toContain('download');
    expect(accept(finalized(1n, 3n), false)).not.toContain('download');
  });

  it('refuses to discard what is committed, to change a finalized segment, and a decision without transactions', () => {
    const shorter = { startTxid: 1n, endTxid: 2n, isInProgress: true };
    expect(
      refusal(
        journal({ lastPromisedEpoch: 3n, committedTxid: 3n }).acceptRecovery(
          from(3n),
          shorter,
          url,
          view(open(1n, 3n)),
        ),
      ),
    ).toContain('would discard already-committed txn 3');
    expect(
      refusal(journal({ lastPromisedEpoch: 3n }).acceptRecovery(from(3n), shorter, url, view(finalized(1n, 3n)))),
    ).toContain('already-finalized segment');
    expect(
      refusal(
        journal({ lastPromisedEpoch: 3n }).acceptRecovery(
          from(3n),
          { startTxid: 4n, endTxid: 3n, isInProgress: true },
          url,
          nothing,
        ),
      ),
    ).toContain('bad recovery state');
  });
});
