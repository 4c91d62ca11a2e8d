/**
 * Which copy of an unfinished segment becomes the one, decided from what a majority answered to prepareRecovery. Pure.
 * Mirrors org.apache.hadoop.hdfs.qjournal.client.SegmentRecoveryComparator and
 * QuorumJournalManager#recoverUnclosedSegment.
 *
 *   better copy := there is one > none
 *                | finalized > in progress
 *                | both in progress: the higher of (accepted epoch, last writer epoch), then the longer
 */
import type { PrepareRecoveryReply, SegmentState } from '../../state/types.js';

export interface Prepared {
  readonly node: number;
  readonly reply: PrepareRecoveryReply;
}

export type RecoveryDecision =
  /** No node of the majority has it, so no transaction of it can be on a majority: nothing to do. */
  | { readonly kind: 'nothing' }
  /** The answers contradict what the protocol holds: the journal's data was tampered with. */
  | { readonly kind: 'contradiction'; readonly reason: string }
  | { readonly kind: 'synchronize'; readonly from: number; readonly segment: SegmentState; readonly bound: boolean };

/** The newest epoch in which this copy was written or agreed to. */
function seenEpoch({ acceptedInEpoch, lastWriterEpoch }: PrepareRecoveryReply): bigint {
  return acceptedInEpoch !== undefined && acceptedInEpoch > lastWriterEpoch ? acceptedInEpoch : lastWriterEpoch;
}

/** Below 0: `b` is the better copy. Two finalized copies are equal. */
function compareCopies(a: PrepareRecoveryReply, b: PrepareRecoveryReply): number {
  if (a.segment === undefined || b.segment === undefined)
    return Number(a.segment !== undefined) - Number(b.segment !== undefined);
  if (a.segment.isInProgress !== b.segment.isInProgress)
    return Number(b.segment.isInProgress) - Number(a.segment.isInProgress);
  if (!a.segment.isInProgress) return 0;
  const [epochOfA, epochOfB] = [seenEpoch(a), seenEpoch(b)];
  if (epochOfA !== epochOfB) return epochOfA < epochOfB ? -1 : 1;
  const lengths = a.segment.endTxid - b.segment.endTxid;
  return lengths < 0n ? -1 : lengths > 0n ? 1 : 0;
}

export function decideRecovery(segmentTxid: bigint, prepared: readonly Prepared[]): RecoveryDecision {
  let best: Prepared | undefined;
  for (const candidate of prepared) {
    if (best === undefined || compareCopies(best.reply, candidate.reply) < 0) best = candidate;
  }
  const segment = best?.reply.segment;
  if (best === undefined || segment === undefined) return { kind: 'nothing' };
  const contradiction = (reason: string): RecoveryDecision => ({ kind: 'contradiction', reason });
  if (segment.startTxid !== segmentTxid)
    return contradiction(`asked for segment ${segmentTxid}, told of ${segment.startTxid}`);
  for (const { reply } of prepared) {
    const other = reply.segment;
    if (!segment.isInProgress && other?.isInProgress === false && other.endTxid !== segment.endTxid) {
      return contradiction(
        `finalized segments of different lengths: ${segment.startTxid}-${segment.endTxid} and ` +
          `${other.startTxid}-${other.endTxid}`,
      );
    }
    if (reply.lastCommittedTxid !== undefined && reply.lastCommittedTxid > segment.endTxid) {
      return contradiction(
        `Decided to synchronize log to ${segment.startTxid}-${segment.endTxid} but a JournalNode had seen txid ` +
          `${reply.lastCommittedTxid} committed`,
      );
    }
  }
  return { kind: 'synchronize', from: best.node, segment, bound: best.reply.acceptedInEpoch !== undefined };
}
