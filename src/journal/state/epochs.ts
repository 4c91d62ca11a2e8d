/**
 * Who may write here: the promised epoch, the order of a writer's calls, and what it says is committed. A part of the
 * machine in journal.ts; what has to be done goes into the list of effects that each method is handed, and a rule that
 * is broken is thrown as Refused. Mirrors Journal#checkRequest, #newEpoch and #format.
 */
import type { JournalEffect, RequestInfo, StorageInfo } from './types.js';
import { illegalArgument, illegalState, inconsistentState, ioException, notFormatted, outOfSync } from './refusal.js';

export interface JournalSnapshot {
  /** undefined: not formatted. */
  readonly storage: StorageInfo | undefined;
  readonly lastPromisedEpoch: bigint;
  readonly lastWriterEpoch: bigint;
  readonly committedTxid: bigint | undefined;
  readonly highestWrittenTxid: bigint;
}

export class Epochs {
  readonly #journalId: string;
  /** For messages only. */
  readonly #directory: string;
  #storage: StorageInfo | undefined;
  #lastPromisedEpoch: bigint;
  #lastWriterEpoch: bigint;
  #committedTxid: bigint | undefined;
  #ipcSerial = -1n;

  constructor(journalId: string, directory: string, snapshot: JournalSnapshot) {
    this.#journalId = journalId;
    this.#directory = directory;
    this.#storage = snapshot.storage;
    this.#lastPromisedEpoch = snapshot.lastPromisedEpoch;
    this.#lastWriterEpoch = snapshot.lastWriterEpoch;
    this.#committedTxid = snapshot.committedTxid;
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

  get #suffix(): string {
    return ` ; journal id: ${this.#journalId}`;
  }

  checkFormatted(): StorageInfo {
    if (this.#storage === undefined)
      throw notFormatted(`Journal Storage Directory root= ${this.#directory} not formatted${this.#suffix}`);
    return this.#storage;
  }

  /** Every call of a writer: no older epoch, no call out of turn. A newer epoch is promised on sight. */
  checkRequest(info: RequestInfo, call: string, effects: JournalEffect[]): void {
    this.checkFormatted();
    if (info.epoch < this.#lastPromisedEpoch) {
      this.#refused(info.epoch, call, effects);
      throw ioException(
        `IPC's epoch ${info.epoch} is less than the last promised epoch ${this.#lastPromisedEpoch}${this.#suffix}`,
      );
    }
    if (info.epoch > this.#lastPromisedEpoch) this.#promise(info.epoch, effects);
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
    effects.push({ type: 'noteCommittedTxid', txid: committedTxid });
  }

  newEpoch(theirs: Pick<StorageInfo, 'namespaceId' | 'clusterId'>, epoch: bigint, effects: JournalEffect[]): void {
    const storage = this.checkFormatted();
    if (theirs.namespaceId !== storage.namespaceId) {
      throw ioException(
        `Incompatible namespaceID for journal Storage Directory root= ${this.#directory}: NameNode has nsId ` +
          `${theirs.namespaceId} but storage has nsId ${storage.namespaceId}`,
      );
    }
    if (theirs.clusterId !== storage.clusterId) {
      throw ioException(
        `Incompatible clusterID for journal Storage Directory root= ${this.#directory}: NameNode has clusterId ` +
          `'${theirs.clusterId}' but storage has clusterId '${storage.clusterId}'`,
      );
    }
    if (epoch <= this.#lastPromisedEpoch) {
      this.#refused(epoch, 'newEpoch', effects);
      throw ioException(`Proposed epoch ${epoch} <= last promise ${this.#lastPromisedEpoch}${this.#suffix}`);
    }
    this.#promise(epoch, effects);
  }

  /** The writer of this epoch starts a segment, and its edits count from here on. */
  writerStarts(epoch: bigint, effects: JournalEffect[]): void {
    if (this.#lastWriterEpoch === epoch) return;
    effects.push({ type: 'writeWriterEpoch', epoch });
    this.#lastWriterEpoch = epoch;
  }

  checkFormat(storage: StorageInfo, force: boolean, currentIsEmpty: boolean): void {
    if (storage.namespaceId === 0) throw illegalState("can't format with uninitialized namespace info");
    if (!force && !currentIsEmpty) {
      throw inconsistentState(
        this.#directory,
        "Can't format the storage directory because the current directory is not empty.",
      );
    }
  }

  format(storage: StorageInfo, effects: JournalEffect[]): void {
    effects.push({ type: 'format', storage });
    effects.push({
      type: 'emit',
      event: { type: 'JournalFormatted', journal: this.#journalId, namespaceId: storage.namespaceId },
    });
    this.#storage = storage;
    this.#lastPromisedEpoch = 0n;
    this.#lastWriterEpoch = 0n;
    this.#committedTxid = undefined;
    this.#ipcSerial = -1n;
  }

  #promise(epoch: bigint, effects: JournalEffect[]): void {
    effects.push({ type: 'writePromisedEpoch', epoch });
    effects.push({
      type: 'emit',
      event: { type: 'EpochPromised', journal: this.#journalId, epoch, previous: this.#lastPromisedEpoch },
    });
    this.#lastPromisedEpoch = epoch;
    this.#ipcSerial = -1n;
  }

  #refused(epoch: bigint, call: string, effects: JournalEffect[]): void {
    const promised = this.#lastPromisedEpoch;
    effects.push({ type: 'emit', event: { type: 'WriterRefused', journal: this.#journalId, epoch, promised, call } });
  }
}
