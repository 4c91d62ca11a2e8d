/**
 * One journal of a JournalNode as a plain state machine: every rule about epochs, segments and recovery, and nothing of
 * disks, sockets or time. A call comes with the view of the disk it needs; out come effects, in order, and the answer.
 *
 * Calling order: construct with what the disk holds, then one call at a time. The caller runs a step's effects to the
 * end before the next call, except that `journal` calls may follow each other while their syncs are still under way.
 * When an effect fails, the state is worthless: build a new one from the disk.
 *
 * Mirrors org.apache.hadoop.hdfs.qjournal.server.Journal. Where it is stricter: an aborted segment is synced before its
 * end is told to anyone; a batch is always synced before it is acknowledged, a lagging one too; a recovery fetches the
 * segment even where the one at hand has the right length, since a writer of an older epoch may have filled it with
 * other transactions.
 */
import type { LabEvent } from '../../base/events.js';
import { finalizedName, inProgressName, syncName } from '../storage/names.js';
import {
  Refused,
  assertionError,
  illegalArgument,
  illegalState,
  inconsistentState,
  ioException,
  notFormatted,
  outOfSync,
} from './refusal.js';
import type {
  DiskView,
  EditLogManifest,
  Effect,
  PaxosData,
  PrepareRecoveryReply,
  RequestInfo,
  SegmentFile,
  SegmentState,
  Step,
  StorageInfo,
} from './types.js';

export interface JournalSnapshot {
  /** undefined: not formatted. */
  readonly storage: StorageInfo | undefined;
  readonly lastPromisedEpoch: bigint;
  readonly lastWriterEpoch: bigint;
  readonly committedTxid: bigint | undefined;
  readonly highestWrittenTxid: bigint;
}

interface OpenSegment {
  readonly firstTxid: bigint;
  readonly layoutVersion: number;
  nextTxid: bigint;
}

/** Text of a SegmentState as Hadoop's logs show it. */
const segmentText = (s: SegmentState): string =>
  `startTxId: ${s.startTxid} endTxId: ${s.endTxid} isInProgress: ${s.isInProgress}`;

export class JournalState {
  readonly journalId: string;
  /** For messages only. */
  readonly directory: string;
  #storage: StorageInfo | undefined;
  #lastPromisedEpoch: bigint;
  #lastWriterEpoch: bigint;
  #committedTxid: bigint | undefined;
  #highestWrittenTxid: bigint;
  #ipcSerial = -1n;
  #segment: OpenSegment | undefined;
  #effects: Effect[] = [];

  constructor(journalId: string, directory: string, snapshot: JournalSnapshot) {
    this.journalId = journalId;
    this.directory = directory;
    this.#storage = snapshot.storage;
    this.#lastPromisedEpoch = snapshot.lastPromisedEpoch;
    this.#lastWriterEpoch = snapshot.lastWriterEpoch;
    this.#committedTxid = snapshot.committedTxid;
    this.#highestWrittenTxid = snapshot.highestWrittenTxid;
  }

  get isFormatted(): boolean {
    return this.#storage !== undefined;
  }
  get storage(): StorageInfo | undefined {
    return this.#storage;
  }
  get lastPromisedEpoch(): bigint {
    return this.#lastPromisedEpoch;
  }
  get lastWriterEpoch(): bigint {
    return this.#lastWriterEpoch;
  }
  get committedTxid(): bigint | undefined {
    return this.#committedTxid;
  }
  get highestWrittenTxid(): bigint {
    return this.#highestWrittenTxid;
  }
  get currentLagTxns(): bigint {
    const lag = (this.#committedTxid ?? 0n) - this.#highestWrittenTxid;
    return lag > 0n ? lag : 0n;
  }
  /** The segment being written: its first transaction and the last one appended (first - 1 if none). */
  get openSegment(): { firstTxid: bigint; lastTxid: bigint; layoutVersion: number } | undefined {
    const s = this.#segment;
    return s && { firstTxid: s.firstTxid, lastTxid: s.nextTxid - 1n, layoutVersion: s.layoutVersion };
  }

  #step<Reply>(body: () => Reply, after: 'effects' | 'sync' = 'effects'): Step<Reply> {
    this.#effects = [];
    try {
      const reply = body();
      return { ok: true, effects: this.#effects, reply, after };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { ok: false, effects: this.#effects, refusal: error.refusal };
    }
  }

  #emit(event: LabEvent): void {
    this.#effects.push({ type: 'emit', event });
  }

  get #suffix(): string {
    return ` ; journal id: ${this.journalId}`;
  }

  #checkFormatted(): StorageInfo {
    if (this.#storage === undefined)
      throw notFormatted(`Journal Storage Directory root= ${this.directory} not formatted${this.#suffix}`);
    return this.#storage;
  }

  #promise(epoch: bigint): void {
    this.#effects.push({ type: 'writePromisedEpoch', epoch });
    this.#emit({ type: 'EpochPromised', journal: this.journalId, epoch, previous: this.#lastPromisedEpoch });
    this.#lastPromisedEpoch = epoch;
    this.#ipcSerial = -1n;
  }

  /** Every call of a writer: no older epoch, no call out of turn. A newer epoch is promised on sight. */
  #checkRequest(info: RequestInfo, call: string): void {
    this.#checkFormatted();
    if (info.epoch < this.#lastPromisedEpoch) {
      this.#emit({
        type: 'WriterRefused',
        journal: this.journalId,
        epoch: info.epoch,
        promised: this.#lastPromisedEpoch,
        call,
      });
      throw ioException(
        `IPC's epoch ${info.epoch} is less than the last promised epoch ${this.#lastPromisedEpoch}${this.#suffix}`,
      );
    }
    if (info.epoch > this.#lastPromisedEpoch) this.#promise(info.epoch);
    if (info.ipcSerialNumber <= this.#ipcSerial) {
      throw outOfSync(
        `IPC serial ${info.ipcSerialNumber} was not higher than prior highest IPC serial ` +
          `${this.#ipcSerial}${this.#suffix}`,
      );
    }
    this.#ipcSerial = info.ipcSerialNumber;
    const { committedTxid } = info;
    if (committedTxid === undefined || committedTxid === this.#committedTxid) return;
    if (this.#committedTxid !== undefined && committedTxid < this.#committedTxid) {
      throw illegalArgument(
        `Client trying to move committed txid backward from ${this.#committedTxid} to ${committedTxid}${this.#suffix}`,
      );
    }
    this.#committedTxid = committedTxid;
    this.#effects.push({ type: 'noteCommittedTxid', txid: committedTxid });
  }

  #abortSegment(): void {
    if (this.#segment === undefined) return;
    this.#effects.push({ type: 'closeSegment' });
    this.#segment = undefined;
  }

  /** `currentIsEmpty`: nothing lies in `current/`. */
  format(info: StorageInfo, force: boolean, currentIsEmpty: boolean): Step<void> {
    return this.#step(() => {
      if (info.namespaceId === 0) throw illegalState("can't format with uninitialized namespace info");
      if (!force && !currentIsEmpty) {
        throw inconsistentState(
          this.directory,
          "Can't format the storage directory because the current directory is not empty.",
        );
      }
      this.#abortSegment();
      this.#effects.push({ type: 'format', info });
      this.#emit({ type: 'JournalFormatted', journal: this.journalId, namespaceId: info.namespaceId });
      this.#storage = info;
      this.#lastPromisedEpoch = 0n;
      this.#lastWriterEpoch = 0n;
      this.#committedTxid = undefined;
      this.#highestWrittenTxid = 0n;
      this.#ipcSerial = -1n;
    });
  }

  getJournalState(): Step<{ lastPromisedEpoch: bigint }> {
    return this.#step(() => {
      this.#checkFormatted();
      return { lastPromisedEpoch: this.#lastPromisedEpoch };
    });
  }

  /** Answers with the first transaction of the newest segment that holds any. */
  newEpoch(
    info: Pick<StorageInfo, 'namespaceId' | 'clusterId'>,
    epoch: bigint,
    view: DiskView,
  ): Step<{ lastSegmentTxid: bigint | undefined }> {
    return this.#step(() => {
      const storage = this.#checkFormatted();
      if (info.namespaceId !== storage.namespaceId) {
        throw ioException(
          `Incompatible namespaceID for journal Storage Directory root= ${this.directory}: NameNode has nsId ` +
            `${info.namespaceId} but storage has nsId ${storage.namespaceId}`,
        );
      }
      if (info.clusterId !== storage.clusterId) {
        throw ioException(
          `Incompatible clusterID for journal Storage Directory root= ${this.directory}: NameNode has clusterId ` +
            `'${info.clusterId}' but storage has clusterId '${storage.clusterId}'`,
        );
      }
      if (epoch <= this.#lastPromisedEpoch) {
        this.#emit({
          type: 'WriterRefused',
          journal: this.journalId,
          epoch,
          promised: this.#lastPromisedEpoch,
          call: 'newEpoch',
        });
        throw ioException(`Proposed epoch ${epoch} <= last promise ${this.#lastPromisedEpoch}${this.#suffix}`);
      }
      this.#promise(epoch);
      this.#abortSegment();
      for (const file of view.segments.toReversed()) {
        if (file.lastTxid !== undefined) return { lastSegmentTxid: file.firstTxid };
        this.#moveAside(file);
      }
      return { lastSegmentTxid: undefined };
    });
  }

  #moveAside(file: SegmentFile): void {
    this.#effects.push({
      type: 'rename',
      from: file.name,
      to: `${file.name}${file.corruptHeader ? '.corrupt' : '.empty'}`,
    });
  }

  /** `bytes`: `count` operations from `firstTxid` on. With `count` 0 only the committed transaction id is news. */
  journal(info: RequestInfo, segmentTxid: bigint, firstTxid: bigint, count: number, bytes: Buffer): Step<void> {
    return this.#step(() => {
      this.#checkRequest(info, 'journal');
      if (info.epoch !== this.#lastWriterEpoch) {
        throw ioException(
          `IPC's epoch ${info.epoch} is not the current writer epoch  ${this.#lastWriterEpoch}${this.#suffix}`,
        );
      }
      if (count === 0) return;
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
      const lastTxid = firstTxid + BigInt(count) - 1n;
      this.#effects.push({ type: 'append', bytes, firstTxid, lastTxid });
      segment.nextTxid = lastTxid + 1n;
      this.#highestWrittenTxid = lastTxid;
    }, 'sync');
  }

  heartbeat(info: RequestInfo): Step<void> {
    return this.#step(() => this.#checkRequest(info, 'heartbeat'));
  }

  startLogSegment(info: RequestInfo, txid: bigint, layoutVersion: number, view: DiskView): Step<void> {
    return this.#step(() => {
      this.#checkRequest(info, 'startLogSegment');
      if (txid <= 0n) throw illegalArgument(`a segment cannot begin at transaction ${txid}${this.#suffix}`);
      // A writer that lost its connection and came back begins anew; what it left open here is closed as it is.
      this.#abortSegment();
      const existing = this.#fileAt(txid, view);
      if (existing !== undefined) {
        if (!existing.inProgress) {
          throw illegalState(`Already have a finalized segment ${existing.name} beginning at ${txid}${this.#suffix}`);
        }
        // A writer that died at the very start of a segment leaves at most START_LOG_SEGMENT behind.
        if (existing.lastTxid !== undefined && existing.lastTxid !== existing.firstTxid) {
          throw illegalState(`The log file ${existing.name} seems to contain valid transactions${this.#suffix}`);
        }
      }
      if (this.#lastWriterEpoch !== info.epoch) {
        this.#effects.push({ type: 'writeWriterEpoch', epoch: info.epoch });
        this.#lastWriterEpoch = info.epoch;
      }
      // Nobody starts a segment here unless every recovery of it was given up: what was accepted for it no longer
      // binds.
      this.#effects.push({ type: 'removePaxos', segmentTxid: txid });
      this.#effects.push({ type: 'openSegment', name: inProgressName(txid), layoutVersion });
      this.#segment = { firstTxid: txid, layoutVersion, nextTxid: txid };
      this.#emit({ type: 'SegmentStarted', journal: this.journalId, epoch: info.epoch, firstTxid: txid });
    });
  }

  #fileAt(firstTxid: bigint, view: DiskView): SegmentFile | undefined {
    const found = view.segments.filter((file) => file.firstTxid === firstTxid);
    if (found.length > 1) {
      throw illegalState(
        `More than one log segment in ${this.directory}/current starting at txid ${firstTxid}: ` +
          `${found.map((f) => f.name).join(', ')}`,
      );
    }
    return found[0];
  }

  finalizeLogSegment(info: RequestInfo, startTxid: bigint, endTxid: bigint, view: DiskView): Step<void> {
    return this.#step(() => {
      this.#checkRequest(info, 'finalizeLogSegment');
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
      const file = this.#fileAt(startTxid, view);
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
        this.#emit({
          type: 'SegmentFinalized',
          journal: this.journalId,
          epoch: info.epoch,
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
    });
  }

  /** `aside`: names moved aside or left behind, `paxos`: segments with paxos data. */
  purgeLogsOlderThan(
    info: RequestInfo,
    minTxidToKeep: bigint,
    view: DiskView,
    extra: { readonly aside: readonly { name: string; firstTxid: bigint }[]; readonly paxos: readonly bigint[] },
  ): Step<void> {
    return this.#step(() => {
      this.#checkRequest(info, 'purgeLogsOlderThan');
      const open = this.#segment;
      for (const file of view.segments) {
        if (open !== undefined && file.inProgress && file.firstTxid === open.firstTxid) continue;
        if ((file.lastTxid ?? file.firstTxid) < minTxidToKeep) {
          this.#effects.push({ type: 'remove', name: file.name });
        } else if (file.inProgress && file.firstTxid >= minTxidToKeep) {
          this.#effects.push({ type: 'rename', from: file.name, to: `${file.name}.stale` });
        }
      }
      for (const { name, firstTxid } of extra.aside)
        if (firstTxid < minTxidToKeep) this.#effects.push({ type: 'remove', name });
      for (const segmentTxid of extra.paxos)
        if (segmentTxid < minTxidToKeep) this.#effects.push({ type: 'removePaxos', segmentTxid });
    });
  }

  /** Segments that hold `sinceTxid` or begin later. Anyone may ask. */
  getEditLogManifest(sinceTxid: bigint, inProgressOk: boolean, view: DiskView): Step<EditLogManifest> {
    return this.#step(() => {
      this.#checkFormatted();
      const logs = view.segments
        .filter(
          (file) => file.lastTxid !== undefined && file.lastTxid >= sinceTxid && (inProgressOk || !file.inProgress),
        )
        .map((file) => ({ startTxid: file.firstTxid, endTxid: file.lastTxid!, isInProgress: file.inProgress }));
      return { logs, committedTxid: this.#committedTxid };
    });
  }

  prepareRecovery(info: RequestInfo, segmentTxid: bigint, view: DiskView): Step<PrepareRecoveryReply> {
    return this.#step(() => {
      this.#checkRequest(info, 'prepareRecovery');
      this.#abortSegment();
      const accepted = view.paxos;
      const segment = this.#segmentInfo(segmentTxid, view);
      const reply = { lastWriterEpoch: this.#lastWriterEpoch, lastCommittedTxid: this.#committedTxid };
      const finalized = segment !== undefined && !segment.isInProgress;
      if (accepted !== undefined && !finalized) {
        if (segment === undefined || segment.endTxid !== accepted.segment.endTxid) {
          throw assertionError(
            `prev accepted: ${segmentText(accepted.segment)} on disk: ` +
              `${segment ? segmentText(segment) : 'nothing'}${this.#suffix}`,
          );
        }
        return { ...reply, segment: accepted.segment, acceptedInEpoch: accepted.acceptedInEpoch };
      }
      return { ...reply, segment, acceptedInEpoch: undefined };
    });
  }

  /** The state of a segment on disk; rolls a half-done acceptance forward and moves an empty file aside. */
  #segmentInfo(segmentTxid: bigint, view: DiskView): SegmentState | undefined {
    let file = this.#fileAt(segmentTxid, view);
    if (view.halfDone !== undefined) {
      const to = inProgressName(segmentTxid);
      this.#effects.push({ type: 'rename', from: view.halfDone.name, to });
      // Beside a finalized segment it would be a second file of the same range; it was accepted with the same end.
      if (file !== undefined && !file.inProgress) {
        this.#effects.pop();
        this.#effects.push({ type: 'remove', name: view.halfDone.name });
      } else {
        file = { ...view.halfDone, name: to, inProgress: true };
      }
    }
    if (file === undefined) return undefined;
    if (file.lastTxid === undefined) {
      this.#moveAside(file);
      return undefined;
    }
    if (file.inProgress) this.#effects.push({ type: 'syncFile', name: file.name });
    return { startTxid: segmentTxid, endTxid: file.lastTxid, isInProgress: file.inProgress };
  }

  /** `fromSelf`: the URL is this node's own. */
  acceptRecovery(
    info: RequestInfo,
    segment: SegmentState,
    from: { readonly url: string; readonly fromSelf: boolean },
    view: DiskView,
  ): Step<void> {
    return this.#step(() => {
      this.#checkRequest(info, 'acceptRecovery');
      this.#abortSegment();
      const { startTxid, endTxid } = segment;
      if (endTxid <= 0n || endTxid < startTxid) {
        throw illegalArgument(`bad recovery state for segment ${startTxid}: ${segmentText(segment)}${this.#suffix}`);
      }
      if (view.paxos !== undefined && view.paxos.acceptedInEpoch > info.epoch) {
        throw assertionError(
          `Bad paxos transition, out-of-order epochs: accepted in ${view.paxos.acceptedInEpoch}, now ` +
            `${info.epoch}${this.#suffix}`,
        );
      }
      const data: PaxosData = { segment, acceptedInEpoch: info.epoch };
      const current = this.#segmentInfo(startTxid, view);
      const sameLength = current !== undefined && current.endTxid === endTxid;
      const download = !(sameLength && (from.fromSelf || !current.isInProgress));
      if (current === undefined) {
        if (endTxid > this.#highestWrittenTxid) this.#highestWrittenTxid = endTxid;
      } else if (!sameLength) {
        const committed = this.#committedTxid;
        const holds = (s: SegmentState): boolean =>
          committed !== undefined && s.startTxid <= committed && committed <= s.endTxid;
        if (holds(current) && !holds(segment)) {
          throw assertionError(
            `Cannot replace segment ${segmentText(current)} with new segment ${segmentText(segment)}: would discard ` +
              `already-committed txn ${committed}${this.#suffix}`,
          );
        }
        if (!current.isInProgress) {
          throw assertionError(
            `Should never be asked to synchronize a different log on top of an already-finalized ` +
              `segment${this.#suffix}`,
          );
        }
        if (current.startTxid <= this.#highestWrittenTxid && this.#highestWrittenTxid <= current.endTxid)
          this.#highestWrittenTxid = endTxid;
      }
      // The paxos data is the point of no return: before it the download lies beside, after it the rename is made good
      // on any later call.
      const temporary = syncName(startTxid, info.epoch);
      if (download) this.#effects.push({ type: 'download', url: from.url, to: temporary, segment });
      this.#effects.push({ type: 'writePaxos', segmentTxid: startTxid, data });
      if (download) this.#effects.push({ type: 'rename', from: temporary, to: inProgressName(startTxid) });
      this.#emit({
        type: 'RecoveryAccepted',
        journal: this.journalId,
        epoch: info.epoch,
        firstTxid: startTxid,
        lastTxid: endTxid,
      });
    });
  }
}
