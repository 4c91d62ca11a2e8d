/**
 * Segments as a view of the disk shows them: which file a call means, what a recovery is told of it, and what a purge
 * drops. Pure. Mirrors FileJournalManager and Journal#getSegmentInfo.
 */
import { inProgressName } from '../names.js';
import { illegalState } from './refusal.js';
import type { DiskView, JournalEffect, RemoteEditLog, SegmentFile, SegmentState } from './types.js';

/** A SegmentState as Hadoop's logs show it. */
export const segmentText = (s: SegmentState): string =>
  `startTxId: ${s.startTxid} endTxId: ${s.endTxid} isInProgress: ${s.isInProgress}`;

export const moveAside = (file: SegmentFile): JournalEffect => ({
  type: 'rename',
  from: file.name,
  to: `${file.name}${file.corruptHeader ? '.corrupt' : '.empty'}`,
});

/** `directory`: for the message. Throws Refused where there is more than one. */
export function fileAt(firstTxid: bigint, view: DiskView, directory: string): SegmentFile | undefined {
  const found = view.segments.filter((file) => file.firstTxid === firstTxid);
  if (found.length > 1) {
    throw illegalState(
      `More than one log segment in ${directory}/current starting at txid ${firstTxid}: ` +
        `${found.map((f) => f.name).join(', ')}`,
    );
  }
  return found[0];
}

/**
 * The state of a segment for a recovery. The effects make it true on disk: an acceptance that was only half done is
 * rolled forward, an empty file goes aside, and what was written at another time is synced before it is told.
 */
export function segmentInfo(
  segmentTxid: bigint,
  view: DiskView,
  directory: string,
  effects: JournalEffect[],
): SegmentState | undefined {
  let file = fileAt(segmentTxid, view, directory);
  if (view.halfDone !== undefined) {
    if (file !== undefined && !file.inProgress) {
      // Beside a finalized segment it would be a second file of the same range; it was accepted with the same end.
      effects.push({ type: 'remove', name: view.halfDone.name });
    } else {
      const to = inProgressName(segmentTxid);
      effects.push({ type: 'rename', from: view.halfDone.name, to });
      file = { ...view.halfDone, name: to, inProgress: true };
    }
  }
  if (file === undefined) return undefined;
  if (file.lastTxid === undefined) {
    effects.push(moveAside(file));
    return undefined;
  }
  if (file.inProgress) effects.push({ type: 'syncFile', name: file.name });
  return { startTxid: segmentTxid, endTxid: file.lastTxid, isInProgress: file.inProgress };
}

/** Segments that hold `sinceTxid` or begin later. */
export function logsSince(sinceTxid: bigint, inProgressOk: boolean, view: DiskView): RemoteEditLog[] {
  return view.segments
    .filter((file) => file.lastTxid !== undefined && file.lastTxid >= sinceTxid && (inProgressOk || !file.inProgress))
    .map((file) => ({ startTxid: file.firstTxid, endTxid: file.lastTxid!, isInProgress: file.inProgress }));
}

/** What goes when all before `minTxidToKeep` may go. `openTxid`: the segment being written, which stays. */
export function purge(minTxidToKeep: bigint, openTxid: bigint | undefined, view: DiskView): JournalEffect[] {
  const effects: JournalEffect[] = [];
  for (const file of view.segments) {
    if (file.inProgress && file.firstTxid === openTxid) continue;
    if ((file.lastTxid ?? file.firstTxid) < minTxidToKeep) {
      effects.push({ type: 'remove', name: file.name });
    } else if (file.inProgress && file.firstTxid >= minTxidToKeep) {
      effects.push({ type: 'rename', from: file.name, to: `${file.name}.stale` });
    }
  }
  for (const { name, firstTxid } of view.aside) if (firstTxid < minTxidToKeep) effects.push({ type: 'remove', name });
  for (const segmentTxid of view.decided)
    if (segmentTxid < minTxidToKeep) effects.push({ type: 'removePaxos', segmentTxid });
  return effects;
}
