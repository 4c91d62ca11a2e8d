/**
 * One journal of a JournalNode: every rule about epochs, segments and recovery, and nothing of disks, sockets or time.
 * A call comes in and effects go out, its reply among them. A call that must see the disk asks for a view of it first
 * and is judged when the view comes; the driver feeds nothing else in between. Batches of edits need no view: they
 * follow each other while their syncs are still under way, and each reply waits for the sync of its own batch.
 *
 * Constructed with what the disk holds. When an effect fails the machine is worthless: build a new one from the disk.
 *
 * Mirrors org.apache.hadoop.hdfs.qjournal.server.Journal. Where it is stricter: an aborted segment is synced before its
 * end is told to anyone; a batch is always synced before it is acknowledged, a lagging one too; a recovery fetches the
 * segment even where the one at hand has the right length, since a writer of an older epoch may have filled it with
 * other transactions.
 */
import { assert } from '../../base/errors.js';
import type { LabEvent } from '../../base/events.js';
import type { Machine } from '../../base/machine.js';
import { finalizedName, inProgressName, syncName } from '../names.js';
import { Epochs } from './epochs.js';
import type { JournalSnapshot } from './epochs.js';
import { acceptRecovery, prepareRecovery } from './recovery.js';
import { Refused, illegalArgument, illegalState, ioException, outOfSync } from './refusal.js';
import { fileAt, logsSince, moveAside, purge } from './segments.js';
import type { DiskView, JournalEffect, JournalInput, JournalReply, StorageInfo } from './types.js';

interface OpenSegment {
  readonly firstTxid: bigint;
  readonly layoutVersion: number;
  nextTxid: bigint;
}

type Call<Type extends JournalInput['type']> = Extract<JournalInput, { readonly type: Type }>;
/** What is judged by a view of the disk. */
type Viewing = Call<
  | 'format'
  | 'newEpoch'
  | 'startLogSegment'
  | 'finalizeLogSegment'
  | 'purgeLogsOlderThan'
  | 'getEditLogManifest'
  | 'prepareRecovery'
  | 'acceptRecovery'
>;

/** A recovery that is agreed to. */
interface Accepting {
  readonly call: Call<'acceptRecovery'>;
  /** The highest transaction written, once it is done. */
  readonly highestWrittenTxid: bigint;
}

export class Journal implements Machine<JournalInput, JournalEffect> {
  readonly journalId: string;
  /** For messages only. */
  readonly directory: string;
  readonly #epochs: Epochs;
  #highestWrittenTxid: bigint;
  #segment: OpenSegment | undefined;
  /** Waits for its view. */
  #viewing: Viewing | undefined;
  /** Waits for its download. */
  #accepting: Accepting | undefined;
  #effects: JournalEffect[] = [];

  constructor(journalId: string, directory: string, snapshot: JournalSnapshot) {
    this.journalId = journalId;
    this.directory = directory;
    this.#epochs = new Epochs(journalId, directory, snapshot);
    this.#highestWrittenTxid = snapshot.highestWrittenTxid;
  }

  get isFormatted(): boolean {
    return this.#epochs.storage !== undefined;
  }
  get storage(): StorageInfo | undefined {
    return this.#epochs.storage;
  }
  get lastPromisedEpoch(): bigint {
    return this.#epochs.lastPromisedEpoch;
  }
  get lastWriterEpoch(): bigint {
    return this.#epochs.lastWriterEpoch;
  }
  get committedTxid(): bigint | undefined {
    return this.#epochs.committedTxid;
  }
  get highestWrittenTxid(): bigint {
    return this.#highestWrittenTxid;
  }
  get currentLagTxns(): bigint {
    const lag = (this.committedTxid ?? 0n) - this.#highestWrittenTxid;
    return lag > 0n ? lag : 0n;
  }
  /** The segment being written: its first transaction and the last one appended (first - 1 if none). */
  get openSegment(): { firstTxid: bigint; lastTxid: bigint } | undefined {
    const s = this.#segment;
    return s && { firstTxid: s.firstTxid, lastTxid: s.nextTxid - 1n };
  }

  step(input: JournalInput): readonly JournalEffect[] {
    this.#effects = [];
    switch (input.type) {
      case 'viewed':
        this.#answer(this.#takeViewing(), input.view);
        break;
      case 'downloaded':
        this.#accepted(this.#takeAccepting()!, true);
        break;
      case 'notRead':
        this.#refuse(
          (this.#takeAccepting()?.call ?? this.#takeViewing()).call,
          ioException(input.reason + this.#suffix),
        );
        break;
      case 'close':
        this.#abortSegment();
        this.#effects.push({ type: 'close' });
        break;
      case 'journal':
      case 'heartbeat':
      case 'isFormatted':
      case 'getJournalState':
        this.#answer(input);
        break;
      case 'prepareRecovery':
        this.#look(input, input.segmentTxid);
        break;
      case 'acceptRecovery':
        this.#look(input, input.segment.startTxid);
        break;
      default:
        this.#look(input);
    }
    return this.#effects;
  }

  #look(call: Viewing, segmentTxid?: bigint): void {
    this.#viewing = call;
    this.#effects.push(segmentTxid === undefined ? { type: 'readView' } : { type: 'readView', segmentTxid });
  }

  #takeViewing(): Viewing {
    const call = this.#viewing;
    assert(call !== undefined, 'a view was asked for');
    this.#viewing = undefined;
    return call;
  }

  #takeAccepting(): Accepting | undefined {
    const accepting = this.#accepting;
    this.#accepting = undefined;
    return accepting;
  }

  /** Carries a call out; whatever it did before a rule refused it stays done. */
  #answer(call: Viewing, view: DiskView): void;
  #answer(call: Call<'journal' | 'heartbeat' | 'isFormatted' | 'getJournalState'>): void;
  #answer(call: Exclude<JournalInput, Call<'viewed' | 'downloaded' | 'notRead' | 'close'>>, view?: DiskView): void {
    try {
      switch (call.type) {
        case 'journal':
          return this.#journal(call);
        case 'acceptRecovery':
          return this.#acceptRecovery(call, view!);
        case 'heartbeat':
          this.#epochs.checkRequest(call.info, 'heartbeat', this.#effects);
          return this.#reply(call.call, undefined);
        case 'isFormatted':
          return this.#reply(call.call, this.isFormatted);
        case 'getJournalState':
          this.#epochs.checkFormatted();
          return this.#reply(call.call, { lastPromisedEpoch: this.lastPromisedEpoch });
        case 'getEditLogManifest':
          this.#epochs.checkFormatted();
          return this.#reply(call.call, {
            logs: logsSince(call.sinceTxid, call.inProgressOk, view!),
            committedTxid: this.committedTxid,
          });
        case 'format':
          this.#format(call, view!);
          return this.#reply(call.call, undefined);
        case 'newEpoch':
          return this.#reply(call.call, this.#newEpoch(call, view!));
        case 'startLogSegment':
          this.#startLogSegment(call, view!);
          return this.#reply(call.call, undefined);
        case 'finalizeLogSegment':
          this.#finalizeLogSegment(call, view!);
          return this.#reply(call.call, undefined);
        case 'purgeLogsOlderThan':
          this.#epochs.checkRequest(call.info, 'purgeLogsOlderThan', this.#effects);
          this.#effects.push(...purge(call.minTxidToKeep, this.#segment?.firstTxid, view!));
          return this.#reply(call.call, undefined);
        case 'prepareRecovery':
          return this.#reply(call.call, this.#prepareRecovery(call, view!));
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refuse(call.call, error);
    }
  }

  #reply(call: number, reply: JournalReply): void {
    this.#effects.push({ type: 'reply', call, reply });
  }

  #refuse(call: number, { refusal }: Refused): void {
    this.#effects.push({ type: 'refuse', call, refusal });
  }

  #emit(event: LabEvent): void {
    this.#effects.push({ type: 'emit', event });
  }

  get #suffix(): string {
    return ` ; journal id: ${this.journalId}`;
  }

  #format({ storage, force }: Call<'format'>, view: DiskView): void {
    this.#epochs.checkFormat(storage, force, view.empty);
    this.#abortSegment();
    this.#epochs.format(storage, this.#effects);
    this.#highestWrittenTxid = 0n;
  }

  /** Answers with the first transaction of the newest segment that holds any. */
  #newEpoch({ storage, epoch }: Call<'newEpoch'>, view: DiskView): { lastSegmentTxid: bigint | undefined } {
    this.#epochs.newEpoch(storage, epoch, this.#effects);
    this.#abortSegment();
    for (const file of view.segments.toReversed()) {
      if (file.lastTxid !== undefined) return { lastSegmentTxid: file.firstTxid };
      this.#effects.push(moveAside(file));
    }
    return { lastSegmentTxid: undefined };
  }

  // --- segments

  #abortSegment(): void {
    if (this.#segment === undefined) return;
    this.#effects.push({ type: 'closeSegment' });
    this.#segment = undefined;
  }

  #journal({ call, info, segmentTxid, firstTxid, count, bytes }: Call<'journal'>): void {
    const lastTxid = firstTxid + BigInt(count) - 1n;
    const lagging = this.committedTxid !== undefined && lastTxid <= this.committedTxid;
    this.#epochs.checkRequest(info, 'journal', this.#effects);
    if (info.epoch !== this.lastWriterEpoch) {
      throw ioException(
        `IPC's epoch ${info.epoch} is not the current writer epoch  ${this.lastWriterEpoch}${this.#suffix}`,
      );
    }
    if (count === 0) return this.#reply(call, undefined);
    if (count < 0) throw illegalArgument(`numTxns ${count} is negative${this.#suffix}`);
    const segment = this.#segment;
    if (segment === undefined) throw outOfSync(`Can't write, no segment open${this.#suffix}`);
    if (segment.firstTxid !== segmentTxid) {
      // The writer missed both the end of this segment and the start of the next: never write on in the wrong one.
      this.#abortSegment();
      throw outOfSync(
        `Writer out of sync: it thinks it is writing segment ${segmentTxid} but current segment is ` +
          `${segment.firstTxid}${this.#suffix}`,
      );
    }
    if (segment.nextTxid !== firstTxid)
      throw outOfSync(`Can't write txid ${firstTxid} expecting nextTxId=${segment.nextTxid}${this.#suffix}`);
    segment.nextTxid = lastTxid + 1n;
    this.#highestWrittenTxid = lastTxid;
    const { layoutVersion } = segment;
    const { epoch } = info;
    this.#effects.push({ type: 'append', bytes, firstTxid, lastTxid });
    this.#effects.push({ type: 'written', epoch, firstTxid, lastTxid, bytes, layoutVersion, lagging, after: 'sync' });
    this.#effects.push({ type: 'reply', call, reply: undefined, after: 'sync' });
  }

  #startLogSegment({ info, txid, layoutVersion }: Call<'startLogSegment'>, view: DiskView): void {
    this.#epochs.checkRequest(info, 'startLogSegment', this.#effects);
    if (txid <= 0n) throw illegalArgument(`a segment cannot begin at transaction ${txid}${this.#suffix}`);
    // A writer that lost its connection and came back begins anew; what it left open here is closed as it is.
    this.#abortSegment();
    const existing = fileAt(txid, view, this.directory);
    if (existing !== undefined) {
      if (!existing.inProgress) {
        throw illegalState(`Already have a finalized segment ${existing.name} beginning at ${txid}${this.#suffix}`);
      }
      // A writer that died at the very start of a segment leaves at most START_LOG_SEGMENT behind.
      if (existing.lastTxid !== undefined && existing.lastTxid !== existing.firstTxid) {
        throw illegalState(`The log file ${existing.name} seems to contain valid transactions${this.#suffix}`);
      }
    }
    this.#epochs.writerStarts(info.epoch, this.#effects);
    // Nobody starts a segment here unless every recovery of it was given up: what was accepted for it no longer binds.
    this.#effects.push({ type: 'removePaxos', segmentTxid: txid });
    this.#effects.push({ type: 'openSegment', name: inProgressName(txid), layoutVersion });
    this.#segment = { firstTxid: txid, layoutVersion, nextTxid: txid };
    this.#emit({ type: 'SegmentStarted', journal: this.journalId, epoch: info.epoch, firstTxid: txid });
  }

  #finalizeLogSegment({ info, startTxid, endTxid }: Call<'finalizeLogSegment'>, view: DiskView): void {
    this.#epochs.checkRequest(info, 'finalizeLogSegment', this.#effects);
    const open = this.#segment;
    let validate = true;
    if (open !== undefined && open.firstTxid === startTxid) {
      this.#abortSegment();
      if (open.nextTxid !== endTxid + 1n) {
        throw outOfSync(
          `Trying to finalize in-progress log segment ${startTxid} to end at txid ${endTxid} but only written up ` +
            `to txid ${open.nextTxid - 1n}${this.#suffix}`,
        );
      }
      validate = false;
    }
    const file = fileAt(startTxid, view, this.directory);
    if (file === undefined) throw outOfSync(`No log file to finalize at transaction ID ${startTxid}${this.#suffix}`);
    if (file.inProgress) {
      if (validate && file.lastTxid !== endTxid) {
        throw outOfSync(
          `Trying to finalize in-progress log segment ${startTxid} to end at txid ${endTxid} but log ${file.name} ` +
            `on disk only contains up to txid ${file.lastTxid ?? startTxid - 1n}${this.#suffix}`,
        );
      }
      // Its end is agreed: what a dying writer left behind it is no part of the segment.
      if (validate) this.#effects.push({ type: 'trimFile', name: file.name });
      this.#effects.push({ type: 'rename', from: file.name, to: finalizedName(startTxid, endTxid) });
      if (this.#highestWrittenTxid < endTxid) this.#highestWrittenTxid = endTxid;
      const { epoch } = info;
      this.#emit({
        type: 'SegmentFinalized',
        journal: this.journalId,
        epoch,
        firstTxid: startTxid,
        lastTxid: endTxid,
      });
    } else if (file.lastTxid !== endTxid) {
      throw illegalArgument(
        `Trying to re-finalize already finalized log ${file.name} with different endTxId ${endTxid}${this.#suffix}`,
      );
    }
    // A finalized segment is the decision; the record of how it was reached is done with.
    this.#effects.push({ type: 'removePaxos', segmentTxid: startTxid });
  }

  // --- recovery

  #prepareRecovery({ info, segmentTxid }: Call<'prepareRecovery'>, view: DiskView): JournalReply {
    this.#epochs.checkRequest(info, 'prepareRecovery', this.#effects);
    this.#abortSegment();
    return prepareRecovery(segmentTxid, view, this, this.#effects);
  }

  #acceptRecovery(call: Call<'acceptRecovery'>, view: DiskView): void {
    const { info, segment, url, fromSelf } = call;
    this.#epochs.checkRequest(info, 'acceptRecovery', this.#effects);
    this.#abortSegment();
    const { inPlace, highestWrittenTxid } = acceptRecovery(info.epoch, segment, fromSelf, view, this, this.#effects);
    const accepting = { call, highestWrittenTxid };
    if (inPlace) return this.#accepted(accepting, false);
    this.#accepting = accepting;
    this.#effects.push({ type: 'download', url, to: syncName(segment.startTxid, info.epoch), segment });
  }

  /**
   * The paxos data is the point of no return: before it the download lies beside, after it the rename is made good on
   * any later call.
   */
  #accepted({ call, highestWrittenTxid }: Accepting, downloaded: boolean): void {
    const { segment, info } = call;
    const { startTxid, endTxid } = segment;
    const { epoch } = info;
    this.#highestWrittenTxid = highestWrittenTxid;
    this.#effects.push({ type: 'writePaxos', segmentTxid: startTxid, data: { segment, acceptedInEpoch: epoch } });
    if (downloaded)
      this.#effects.push({ type: 'rename', from: syncName(startTxid, epoch), to: inProgressName(startTxid) });
    this.#emit({ type: 'RecoveryAccepted', journal: this.journalId, epoch, firstTxid: startTxid, lastTxid: endTxid });
    this.#reply(call.call, undefined);
  }
}
