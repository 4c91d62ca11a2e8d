/**
 * What goes into and comes out of a journal's machine: calls, the view of the disk that a call is judged by, effects
 * and replies. Data only. The vocabulary is QJournalProtocol's.
 */
import type { LabEvent } from '../../base/events.js';
import type { After } from '../../base/machine.js';
import type { Refusal } from './refusal.js';

/** StorageInfo of the namespace a journal belongs to. */
export interface StorageInfo {
  readonly namespaceId: number;
  readonly clusterId: string;
  readonly cTime: bigint;
  readonly layoutVersion: number;
}

/** RequestInfoProto: who writes, and the order of its calls. */
export interface RequestInfo {
  readonly epoch: bigint;
  readonly ipcSerialNumber: bigint;
  /** What the writer knows to be on a majority. */
  readonly committedTxid: bigint | undefined;
}

/** SegmentStateProto. */
export interface SegmentState {
  readonly startTxid: bigint;
  readonly endTxid: bigint;
  readonly isInProgress: boolean;
}

/** PersistedRecoveryPaxosData: what this node has accepted for a segment. */
export interface PaxosData {
  readonly segment: SegmentState;
  readonly acceptedInEpoch: bigint;
}

/** An edit log file in `current/`. `lastTxid` is undefined when the file holds no transaction that can be trusted. */
export interface SegmentFile {
  readonly name: string;
  readonly firstTxid: bigint;
  readonly lastTxid: bigint | undefined;
  readonly inProgress: boolean;
  /** The file has content, but its header is damaged. */
  readonly corruptHeader: boolean;
}

/** What the disk holds at the moment a call is judged. All of it is durable. */
export interface DiskView {
  /** By first transaction; finalized before in-progress where both begin alike. */
  readonly segments: readonly SegmentFile[];
  /** Files that were moved aside (`.empty`, `.corrupt`, `.stale`) or left behind by a download. */
  readonly aside: readonly { readonly name: string; readonly firstTxid: bigint }[];
  /** Segments with paxos data. */
  readonly decided: readonly bigint[];
  /** Nothing lies in `current/`. */
  readonly empty: boolean;
  /** The paxos data of the segment that a recovery asks about. */
  readonly paxos: PaxosData | undefined;
  /** A downloaded segment that was accepted (the paxos data says so) and not yet renamed into place. */
  readonly halfDone: SegmentFile | undefined;
}

/** Calls of a writer. */
export type WriterCall =
  /** `bytes`: `count` operations from `firstTxid` on. With `count` 0 only the committed transaction id is news. */
  | {
      readonly type: 'journal';
      readonly info: RequestInfo;
      readonly segmentTxid: bigint;
      readonly firstTxid: bigint;
      readonly count: number;
      readonly bytes: Buffer;
    }
  | { readonly type: 'heartbeat'; readonly info: RequestInfo }
  | {
      readonly type: 'startLogSegment';
      readonly info: RequestInfo;
      readonly txid: bigint;
      readonly layoutVersion: number;
    }
  | {
      readonly type: 'finalizeLogSegment';
      readonly info: RequestInfo;
      readonly startTxid: bigint;
      readonly endTxid: bigint;
    }
  | { readonly type: 'purgeLogsOlderThan'; readonly info: RequestInfo; readonly minTxidToKeep: bigint }
  | { readonly type: 'prepareRecovery'; readonly info: RequestInfo; readonly segmentTxid: bigint }
  | {
      readonly type: 'acceptRecovery';
      readonly info: RequestInfo;
      readonly segment: SegmentState;
      readonly url: string;
      /** The URL is this node's own. */
      readonly fromSelf: boolean;
    };

/** Calls that anyone may make. */
export type OpenCall =
  | { readonly type: 'isFormatted' }
  | { readonly type: 'getJournalState' }
  | { readonly type: 'format'; readonly storage: StorageInfo; readonly force: boolean }
  | {
      readonly type: 'newEpoch';
      readonly storage: Pick<StorageInfo, 'namespaceId' | 'clusterId'>;
      readonly epoch: bigint;
    }
  | { readonly type: 'getEditLogManifest'; readonly sinceTxid: bigint; readonly inProgressOk: boolean };

export type JournalCall = WriterCall | OpenCall;

export type JournalInput =
  /** `call`: the number that the reply will carry. */
  | (JournalCall & { readonly call: number })
  /** What `readView` found. */
  | { readonly type: 'viewed'; readonly view: DiskView }
  /** What `download` fetched is durable. */
  | { readonly type: 'downloaded' }
  /** `readView` or `download` came to nothing; the disk is as it was. */
  | { readonly type: 'notRead'; readonly reason: string }
  /** The owner wants the directory back. */
  | { readonly type: 'close' };

/** Done in order; each is durable before the next one begins, save what is said to be best effort and `append`. */
export type JournalEffect =
  /** Answered by `viewed` or `notRead`. `segmentTxid`: with what a recovery of this segment needs to know. */
  | { readonly type: 'readView'; readonly segmentTxid?: bigint }
  /** Answered by `downloaded` or `notRead`. */
  | { readonly type: 'download'; readonly url: string; readonly to: string; readonly segment: SegmentState }
  | { readonly type: 'writePromisedEpoch'; readonly epoch: bigint }
  | { readonly type: 'writeWriterEpoch'; readonly epoch: bigint }
  /** Best effort. */
  | { readonly type: 'noteCommittedTxid'; readonly txid: bigint }
  /** Creates the in-progress file anew, holding the header alone. */
  | { readonly type: 'openSegment'; readonly name: string; readonly layoutVersion: number }
  /** Waits for no sync: whatever says that these edits are here comes after it, `after: 'sync'`. */
  | { readonly type: 'append'; readonly bytes: Buffer; readonly firstTxid: bigint; readonly lastTxid: bigint }
  /** Everything appended becomes durable, then the file is closed. */
  | { readonly type: 'closeSegment' }
  | { readonly type: 'rename'; readonly from: string; readonly to: string }
  | { readonly type: 'remove'; readonly name: string }
  | { readonly type: 'writePaxos'; readonly segmentTxid: bigint; readonly data: PaxosData }
  | { readonly type: 'removePaxos'; readonly segmentTxid: bigint }
  /** Makes a file of another time durable before anything is said about it. */
  | { readonly type: 'syncFile'; readonly name: string }
  /** Cuts what follows the last good operation (a torn tail, padding) and makes the rest durable. */
  | { readonly type: 'trimFile'; readonly name: string }
  | { readonly type: 'format'; readonly storage: StorageInfo }
  | { readonly type: 'emit'; readonly event: LabEvent }
  /** These edits are durable here: for metrics, for the cache that readers ask, and for checks. */
  | {
      readonly type: 'written';
      readonly epoch: bigint;
      readonly firstTxid: bigint;
      readonly lastTxid: bigint;
      readonly bytes: Buffer;
      readonly layoutVersion: number;
      /** All of it was known to be on a majority before it came here. */
      readonly lagging: boolean;
      readonly after: After;
    }
  | { readonly type: 'reply'; readonly call: number; readonly reply: JournalReply; readonly after?: After }
  | { readonly type: 'refuse'; readonly call: number; readonly refusal: Refusal }
  /** Lets go of the directory. */
  | { readonly type: 'close' };

/** What calls are answered with; the others with undefined. */
interface Replies {
  readonly isFormatted: boolean;
  readonly getJournalState: { readonly lastPromisedEpoch: bigint };
  readonly newEpoch: { readonly lastSegmentTxid: bigint | undefined };
  readonly getEditLogManifest: EditLogManifest;
  readonly prepareRecovery: PrepareRecoveryReply;
}
export type ReplyTo<Type extends JournalCall['type']> = Type extends keyof Replies ? Replies[Type] : undefined;
export type JournalReply = Replies[keyof Replies] | undefined;

export interface RemoteEditLog {
  readonly startTxid: bigint;
  readonly endTxid: bigint;
  readonly isInProgress: boolean;
}

export interface EditLogManifest {
  readonly logs: readonly RemoteEditLog[];
  readonly committedTxid: bigint | undefined;
}

export interface PrepareRecoveryReply {
  readonly segment: SegmentState | undefined;
  readonly acceptedInEpoch: bigint | undefined;
  readonly lastWriterEpoch: bigint;
  readonly lastCommittedTxid: bigint | undefined;
}
