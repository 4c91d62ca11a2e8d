/**
 * What goes into and comes out of the quorum writer's machine: what its owner wants, what is sent to JournalNodes, what
 * they answer, and how it ends. Data only.
 */
import type { LabError } from '../../../base/errors.js';
import type { LabEvent } from '../../../base/events.js';
import type { TimerEffect, TimerInput } from '../../../base/machine.js';
import type { PrepareRecoveryReply, RequestInfo, SegmentState } from '../../state/types.js';
import type { QuorumJournalConfig } from '../config.js';
import type { NodeFailure } from './quorum-call.js';

export type WriterLimits = Pick<
  QuorumJournalConfig,
  | 'getJournalStateTimeoutMs'
  | 'newEpochTimeoutMs'
  | 'prepareRecoveryTimeoutMs'
  | 'acceptRecoveryTimeoutMs'
  | 'finalizeSegmentTimeoutMs'
  | 'startSegmentTimeoutMs'
  | 'writeTxnsTimeoutMs'
  | 'queuedEditsLimitBytes'
>;

/** Edits that the owner wrote at one time. */
export interface Batch {
  readonly segmentTxid: bigint;
  readonly firstTxid: bigint;
  readonly lastTxid: bigint;
  readonly bytes: Buffer;
  readonly writtenMs: number;
}

/** Calls that a JournalNode takes in the order of their numbers, as they wait in a node's queue. */
export type QueuedRequest =
  | { readonly method: 'prepareRecovery'; readonly segmentTxid: bigint }
  /** `from`: the node that serves the segment. */
  | { readonly method: 'acceptRecovery'; readonly segment: SegmentState; readonly from: number }
  | { readonly method: 'startLogSegment'; readonly txid: bigint }
  | { readonly method: 'finalizeLogSegment'; readonly startTxid: bigint; readonly endTxid: bigint }
  | { readonly method: 'purgeLogs'; readonly minTxid: bigint };

export type NumberedRequest = (
  | QueuedRequest
  | {
      readonly method: 'journal';
      readonly segmentTxid: bigint;
      readonly firstTxid: bigint;
      readonly lastTxid: bigint;
      readonly pieces: readonly Buffer[];
    }
  | { readonly method: 'heartbeat' }
) & { readonly info: RequestInfo };

export type WriterRequest =
  | { readonly method: 'getJournalState' }
  | { readonly method: 'newEpoch'; readonly epoch: bigint }
  | NumberedRequest;

/** call: a question to all nodes. write: the oldest edits that wait for a majority. */
export type WriterTimer = 'call' | 'write';

/** `call`: the number of the request that is answered. Each request is answered once. */
export type WriterInput =
  | { readonly type: 'becomeWriter' }
  | { readonly type: 'startSegment'; readonly txid: bigint }
  | { readonly type: 'write'; readonly bytes: Buffer; readonly firstTxid: bigint; readonly count: number }
  | { readonly type: 'finalizeSegment'; readonly firstTxid: bigint; readonly lastTxid: bigint }
  | { readonly type: 'purge'; readonly minTxid: bigint }
  /** To getJournalState. Where the node serves its segments is known now, too. */
  | { readonly type: 'journalState'; readonly node: number; readonly call: number; readonly lastPromisedEpoch: bigint }
  /** To newEpoch. */
  | {
      readonly type: 'promised';
      readonly node: number;
      readonly call: number;
      readonly lastSegmentTxid: bigint | undefined;
    }
  /** To prepareRecovery. */
  | { readonly type: 'prepared'; readonly node: number; readonly call: number; readonly reply: PrepareRecoveryReply }
  /** To all others. */
  | { readonly type: 'done'; readonly node: number; readonly call: number }
  /** The node refused, or the connection failed. */
  | {
      readonly type: 'refused';
      readonly node: number;
      readonly call: number;
      readonly method: WriterRequest['method'];
      readonly failure: NodeFailure;
    }
  | TimerInput<WriterTimer>;

export type WriterEffect =
  | { readonly type: 'send'; readonly node: number; readonly call: number; readonly request: WriterRequest }
  | { readonly type: 'becameWriter'; readonly epoch: bigint; readonly lastTxid: bigint }
  | { readonly type: 'segmentStarted' }
  | { readonly type: 'segmentFinalized' }
  /** All up to here is on a majority; `batches` are those that became so. */
  | {
      readonly type: 'acknowledged';
      readonly epoch: bigint;
      readonly txid: bigint;
      readonly batches: readonly Batch[];
    }
  /** The writer is done for; nothing is sent any more. */
  | { readonly type: 'failed'; readonly error: LabError }
  | { readonly type: 'emit'; readonly event: LabEvent }
  | { readonly type: 'log'; readonly level: 'info' | 'warn'; readonly message: string }
  | TimerEffect<WriterTimer>;

/** What the answers that are awaited are for. */
export type Step =
  | { readonly type: 'getJournalState' }
  | { readonly type: 'newEpoch'; readonly epoch: bigint }
  | { readonly type: 'prepareRecovery'; readonly segmentTxid: bigint }
  /** Asks the one node whose copy was chosen where it serves it. */
  | { readonly type: 'findSource'; readonly segment: SegmentState; readonly from: number }
  | { readonly type: 'acceptRecovery'; readonly segment: SegmentState }
  | { readonly type: 'finalizeRecovered'; readonly segment: SegmentState }
  | { readonly type: 'startLogSegment' }
  | { readonly type: 'finalizeLogSegment' };
