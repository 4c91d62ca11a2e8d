/**
 * What a JournalNode says and agrees to in a recovery. A part of the machine in journal.ts: what has to be done goes
 * into the list of effects, a rule that is broken is thrown as Refused. Mirrors Journal#prepareRecovery and
 * #acceptRecovery.
 */
import { assertionError, illegalArgument } from './refusal.js';
import { segmentInfo, segmentText } from './segments.js';
import type { DiskView, JournalEffect, PrepareRecoveryReply, SegmentState } from './types.js';

/** What the rules need to know of the journal. */
export interface RecoveringJournal {
  readonly journalId: string;
  readonly directory: string;
  readonly lastWriterEpoch: bigint;
  readonly committedTxid: bigint | undefined;
  readonly highestWrittenTxid: bigint;
}

export function prepareRecovery(
  segmentTxid: bigint,
  view: DiskView,
  journal: RecoveringJournal,
  effects: JournalEffect[],
): PrepareRecoveryReply {
  const accepted = view.paxos;
  const segment = segmentInfo(segmentTxid, view, journal.directory, effects);
  const reply = { lastWriterEpoch: journal.lastWriterEpoch, lastCommittedTxid: journal.committedTxid };
  const finalized = segment !== undefined && !segment.isInProgress;
  if (accepted === undefined || finalized) return { ...reply, segment, acceptedInEpoch: undefined };
  if (segment === undefined || segment.endTxid !== accepted.segment.endTxid) {
    throw assertionError(
      `prev accepted: ${segmentText(accepted.segment)} on disk: ` +
        `${segment ? segmentText(segment) : 'nothing'} ; journal id: ${journal.journalId}`,
    );
  }
  return { ...reply, segment: accepted.segment, acceptedInEpoch: accepted.acceptedInEpoch };
}

/** `inPlace`: the segment is here already. Else it is to be fetched before it counts as accepted. */
export function acceptRecovery(
  epoch: bigint,
  segment: SegmentState,
  fromSelf: boolean,
  view: DiskView,
  journal: RecoveringJournal,
  effects: JournalEffect[],
): { readonly inPlace: boolean; readonly highestWrittenTxid: bigint } {
  const suffix = ` ; journal id: ${journal.journalId}`;
  const { startTxid, endTxid } = segment;
  if (endTxid <= 0n || endTxid < startTxid) {
    throw illegalArgument(`bad recovery state for segment ${startTxid}: ${segmentText(segment)}${suffix}`);
  }
  if (view.paxos !== undefined && view.paxos.acceptedInEpoch > epoch) {
    throw assertionError(
      `Bad paxos transition, out-of-order epochs: accepted in ${view.paxos.acceptedInEpoch}, now ${epoch}${suffix}`,
    );
  }
  const current = segmentInfo(startTxid, view, journal.directory, effects);
  const highest = journal.highestWrittenTxid;
  if (current === undefined) return { inPlace: false, highestWrittenTxid: endTxid > highest ? endTxid : highest };
  if (current.endTxid === endTxid) return { inPlace: fromSelf || !current.isInProgress, highestWrittenTxid: highest };
  const committed = journal.committedTxid;
  const holds = (s: SegmentState): boolean =>
    committed !== undefined && s.startTxid <= committed && committed <= s.endTxid;
  if (holds(current) && !holds(segment)) {
    throw assertionError(
      `Cannot replace segment ${segmentText(current)} with new segment ${segmentText(segment)}: would discard ` +
        `already-committed txn ${committed}${suffix}`,
    );
  }
  if (!current.isInProgress) {
    throw assertionError(
      `Should never be asked to synchronize a different log on top of an already-finalized segment${suffix}`,
    );
  }
  const within = current.startTxid <= highest && highest <= current.endTxid;
  return { inPlace: false, highestWrittenTxid: within ? endTxid : highest };
}
