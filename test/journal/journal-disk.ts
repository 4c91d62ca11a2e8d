/** A JournalNode's disk in a trace: files by name, the epoch that wrote each transaction, and what is synced. */
import { finalizedName, inProgressName, parseEditsName, syncName } from '../../src/journal/names.js';
import type { JournalSnapshot } from '../../src/journal/state/epochs.js';
import type {
  DiskView,
  JournalEffect,
  PaxosData,
  SegmentFile,
  SegmentState,
  StorageInfo,
} from '../../src/journal/state/types.js';

interface File {
  readonly firstTxid: bigint;
  /** The writer of each transaction. */
  epochs: bigint[];
  synced: number;
}

export class JournalDisk {
  #storage: StorageInfo | undefined;
  #promised = 0n;
  #writer = 0n;
  #committed: bigint | undefined;
  readonly #files = new Map<string, File>();
  readonly #paxos = new Map<bigint, PaxosData>();
  #open: File | undefined;

  get snapshot(): JournalSnapshot {
    const { segments } = this.view(undefined);
    return {
      storage: this.#storage,
      lastPromisedEpoch: this.#promised,
      lastWriterEpoch: this.#writer,
      committedTxid: this.#committed,
      highestWrittenTxid: segments.findLast(({ lastTxid }) => lastTxid !== undefined)?.lastTxid ?? 0n,
    };
  }

  hasPaxos(segmentTxid: bigint): boolean {
    return this.#paxos.has(segmentTxid);
  }

  view(segmentTxid: bigint | undefined): DiskView {
    const segments: SegmentFile[] = [];
    for (const [name, file] of this.#files) {
      const kind = parseEditsName(name)?.kind;
      if (kind !== 'aside') segments.push(segmentFile(name, file, kind === 'inProgress'));
    }
    segments.sort((a, b) => Number(a.firstTxid - b.firstTxid));
    const paxos = segmentTxid === undefined ? undefined : this.#paxos.get(segmentTxid);
    const temporary = paxos === undefined ? '' : syncName(paxos.segment.startTxid, paxos.acceptedInEpoch);
    const halfDone = this.#files.get(temporary);
    return {
      segments,
      aside: [],
      decided: [...this.#paxos.keys()],
      empty: this.#storage === undefined,
      paxos,
      halfDone: halfDone && segmentFile(temporary, halfDone, true),
    };
  }

  /** Carries out all that changes the disk. `epoch`: whose edits are appended. */
  apply(effect: JournalEffect, epoch: bigint): void {
    switch (effect.type) {
      case 'format':
        this.#files.clear();
        this.#storage = effect.storage;
        return;
      case 'writePromisedEpoch':
        this.#promised = effect.epoch;
        return;
      case 'writeWriterEpoch':
        this.#writer = effect.epoch;
        return;
      case 'noteCommittedTxid':
        this.#committed = effect.txid;
        return;
      case 'openSegment':
        this.#open = { firstTxid: parseEditsName(effect.name)!.firstTxid, epochs: [], synced: 0 };
        this.#files.set(effect.name, this.#open);
        return;
      case 'append':
        for (let txid = effect.firstTxid; txid <= effect.lastTxid; txid++) this.#open!.epochs.push(epoch);
        return;
      case 'written':
        this.#open!.synced = Number(effect.lastTxid - this.#open!.firstTxid) + 1;
        return;
      case 'closeSegment':
        this.#open!.synced = this.#open!.epochs.length;
        this.#open = undefined;
        return;
      case 'rename':
        this.#files.set(effect.to, this.#files.get(effect.from)!);
        this.#files.delete(effect.from);
        return;
      case 'remove':
        this.#files.delete(effect.name);
        return;
      case 'writePaxos':
        this.#paxos.set(effect.segmentTxid, effect.data);
        return;
      case 'removePaxos':
        this.#paxos.delete(effect.segmentTxid);
        return;
      default:
    }
  }

  /** Puts another node's copy of a segment here, up to its agreed end. */
  receive(name: string, { startTxid, endTxid }: SegmentState, from: JournalDisk): void {
    const source = from.#files.get(inProgressName(startTxid)) ?? from.#files.get(finalizedName(startTxid, endTxid));
    const epochs = source!.epochs.slice(0, Number(endTxid - startTxid) + 1);
    this.#files.set(name, { firstTxid: startTxid, epochs, synced: epochs.length });
  }

  /** The power goes: what is not synced is lost. */
  crash(): void {
    this.#open = undefined;
    for (const file of this.#files.values()) file.epochs.length = file.synced;
  }

  toString(): string {
    if (this.#storage === undefined) return 'not formatted';
    const files = [...this.#files].sort().map(([name, file]) => {
      const last = file.firstTxid + BigInt(file.epochs.length) - 1n;
      const range = file.epochs.length === 0 ? 'empty' : `${file.firstTxid}-${last} by ${[...new Set(file.epochs)]}`;
      return `${shortName(name)}: ${range}`;
    });
    const accepted = [...this.#paxos].map(
      ([txid, { segment, acceptedInEpoch }]) => `accepted ${txid}-${segment.endTxid} in ${acceptedInEpoch}`,
    );
    return [`promised ${this.#promised}, writer ${this.#writer}`, ...files, ...accepted].join('; ');
  }
}

function segmentFile(name: string, { firstTxid, epochs }: File, inProgress: boolean): SegmentFile {
  const lastTxid = epochs.length === 0 ? undefined : firstTxid + BigInt(epochs.length) - 1n;
  return { name, firstTxid, lastTxid, inProgress, corruptHeader: false };
}

/** Without the zeros. */
export function shortName(name: string): string {
  return name.replace(/\d{19}/g, (digits) => BigInt(digits).toString());
}
