/**
 * Which copy of an unfinished segment becomes the one, decided from what a majority answered to prepareRecovery. Pure.
 * Mirrors org.apache.hadoop.hdfs.qjournal.client.SegmentRecoveryComparator and
 * QuorumJournalManager#recoverUnclosedSegment.
 *
 *   better copy := there is one > none
 *                | finalized > in progress
 *                | both in progress: the higher of (accepted epoch, last writer epoch), then the longer
 */
import { LabError } from '../../../base/errors.js';
import type { PrepareRecoveryReply, SegmentState } from '../../state/types.js';

export interface Prepared {
  readonly node: number;
  readonly reply: PrepareRecoveryReply;
}

export type RecoveryDecision =
  /** No node of the majority has it, so no transaction of it can be on a majority: nothing to do. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'synchronize'; readonly from: number; readonly segment: SegmentState; readonly bound: boolean };

const highest = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** Below 0: `b` is the better copy. */
export function compareCopies(a: PrepareRecoveryReply, b: PrepareRecoveryReply): number {
  if (a.segment === undefined || b.segment === undefined)
    return Number(a.segment !== undefined) - Number(b.segment !== undefined);
  if (a.segment.isInProgress !== b.segment.isInProgress)
    return Number(b.segment.isInProgress) - Number(a.segment.isInProgress);
  if (!a.segment.isInProgress) {
    if (a.segment.endTxid !== b.segment.endTxid) {
      throw new LabError(
        'ASSERTION',
        `finalized segments of different lengths: ${a.segment.startTxid}-${a.segment.endTxid} and ` +
          `${b.segment.startTxid}-${b.segment.endTxid}`,
      );
    }
    return 0;
  }
  const seenByA = highest(a.acceptedInEpoch ?? 0n, a.lastWriterEpoch);
  const seenByB = highest(b.acceptedInEpoch ?? 0n, b.lastWriterEpoch);
  if (seenByA !== seenByB) return seenByA < seenByB ? -1 : 1;
  const lengths = a.segment.endTxid - b.segment.endTxid;
  return lengths < 0n ? -1 : lengths > 0n ? 1 : 0;
}

/**
 * Throws LabError `ASSERTION` where the answers contradict what the protocol holds: the journal's data was tampered
 * with.
 */
export function decideRecovery(segmentTxid: bigint, prepared: readonly Prepared[]): RecoveryDecision {
  let best: Prepared | undefined;
  for (const candidate of prepared) {
    if (best === undefined || compareCopies(best.reply, candidate.reply) < 0) best = candidate;
  }
  const segment = best?.reply.segment;
  if (best === undefined || segment === undefined) return { kind: 'nothing' };
  if (segment.startTxid !== segmentTxid) {
    throw new LabError('ASSERTION', `asked for segment ${segmentTxid}, told of ${segment.startTxid}`);
  }
  for (const { reply } of prepared) {
    if (reply.lastCommittedTxid !== undefined && reply.lastCommittedTxid > segment.endTxid) {
      throw new LabError(
        'ASSERTION',
        `Decided to synchronize log to ${segment.startTxid}-${segment.endTxid} but a JournalNode had seen txid ` +
          `${reply.lastCommittedTxid} committed`,
      );
    }
  }
  return { kind: 'synchronize', from: best.node, segment, bound: best.reply.acceptedInEpoch !== undefined };
}
