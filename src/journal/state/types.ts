/**
 * What goes into and comes out of a journal's state machine: calls, the view of the disk that a call is judged by,
 * effects, and results. Data only. The vocabulary is QJournalProtocol's.
 */
import type { LabEvent } from '../../base/events.js';

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

/** What the disk holds at the moment a call is judged. */
export interface DiskView {
  /** By first transaction; finalized before in-progress where both begin alike. */
  readonly segments: readonly SegmentFile[];
  /** Files of the segment a recovery asks about. */
  readonly paxos: PaxosData | undefined;
  /** A downloaded segment that was accepted (the paxos data says so) and not yet renamed into place. */
  readonly halfDone: SegmentFile | undefined;
}

export type Effect =
  | { readonly type: 'writePromisedEpoch'; readonly epoch: bigint }
  | { readonly type: 'writeWriterEpoch'; readonly epoch: bigint }
  /** Best effort: need not be durable before the answer. */
  | { readonly type: 'noteCommittedTxid'; readonly txid: bigint }
  /** Creates the in-progress file anew, holding the header alone. */
  | { readonly type: 'openSegment'; readonly name: string; readonly layoutVersion: number }
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
  | { readonly type: 'download'; readonly url: string; readonly to: string; readonly segment: SegmentState }
  | { readonly type: 'format'; readonly info: StorageInfo }
  | { readonly type: 'emit'; readonly event: LabEvent };

/** Effects in order, then the answer. `after: 'sync'`: the answer waits until what was appended is durable. */
export type Step<Reply> =
  | {
      readonly ok: true;
      readonly effects: readonly Effect[];
      readonly reply: Reply;
      readonly after: 'effects' | 'sync';
    }
  | {
      readonly ok: false;
      readonly effects: readonly Effect[];
      readonly refusal: { readonly className: string; readonly message: string };
    };

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
