/** The rules of one journal, without a disk: what is answered, and what must be on disk before the answer. */
import { describe, expect, it } from 'vitest';
import { JournalState } from '../../../src/journal/state/journal-state.js';
import type {
  DiskView,
  Effect,
  RequestInfo,
  SegmentFile,
  Step,
  StorageInfo,
} from '../../../src/journal/state/types.js';
import { finalizedName, inProgressName } from '../../../src/journal/storage/names.js';

const storage: StorageInfo = { namespaceId: 7, clusterId: 'CID-x', cTime: 0n, layoutVersion: -66 };
const nothing: DiskView = { segments: [], paxos: undefined, halfDone: undefined };
const bytes = Buffer.from('edits');

let serial = 0n;
const from = (epoch: bigint, committedTxid?: bigint): RequestInfo => ({
  epoch,
  ipcSerialNumber: serial++,
  committedTxid,
});

function journal(extra: Partial<ConstructorParameters<typeof JournalState>[2]> = {}): JournalState {
  return new JournalState('book', '/jn/book', {
    storage,
    lastPromisedEpoch: 0n,
    lastWriterEpoch: 0n,
    committedTxid: undefined,
    highestWrittenTxid: 0n,
    ...extra,
  });
}

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

function ok<T>(step: Step<T>): T {
  if (!step.ok) throw new Error(`refused: ${step.refusal.className}: ${step.refusal.message}`);
  return step.reply;
}
function refusal(step: Step<unknown>): string {
  if (step.ok) throw new Error('was not refused');
  return `${step.refusal.className.split('.').at(-1)}: ${step.refusal.message.replace(/ ; journal id: book$/, '')}`;
}
const kinds = (step: { effects: readonly Effect[] }): string[] =>
  step.effects.map((effect) => (effect.type === 'emit' ? effect.event.type : effect.type));

/** A journal whose writer of epoch 1 has 1..3 in an open segment. */
function writing(): JournalState {
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
      j.purgeLogsOlderThan(from(1n), 1n, nothing, { aside: [], paxos: [] }),
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
    expect(j.committedTxid).toBe(3n);
  });
});

describe('segments', () => {
  it('answers a batch only after the sync', () => {
    const step = writing().journal(from(1n), 1n, 4n, 2, bytes);
    expect(step).toMatchObject({ ok: true, after: 'sync', effects: [{ type: 'append', firstTxid: 4n, lastTxid: 5n }] });
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
    const start = (segments: DiskView): Step<void> => {
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
    const step = j.purgeLogsOlderThan(from(1n), 10n, view(finalized(1n, 3n), open(1n, 3n), open(12n, 13n)), {
      aside: [{ name: 'edits_inprogress_2.empty', firstTxid: 2n }],
      paxos: [1n, 12n],
    });
    expect(step.effects).toEqual([
      { type: 'remove', name: finalizedName(1n, 3n) },
      { type: 'rename', from: inProgressName(12n), to: `${inProgressName(12n)}.stale` },
      { type: 'remove', name: 'edits_inprogress_2.empty' },
      { type: 'removePaxos', segmentTxid: 1n },
    ]);
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
    const step = j.prepareRecovery(from(3n), 1n, { segments: [open(1n, 2n)], paxos: accepted, halfDone });
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
