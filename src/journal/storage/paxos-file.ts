/**
 * `current/paxos/<segment>`: what was accepted for a segment, a length-delimited PersistedRecoveryPaxosData, then the
 * same for people.
 */
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { LabError } from '../../base/errors.js';
import { PersistedRecoveryPaxosData } from '../../wire/hadoop/gen/qjournal-protocol.js';
import type { PaxosData } from '../state/types.js';

export function encodePaxosFile(data: PaxosData): Buffer {
  const { startTxid, endTxid, isInProgress } = data.segment;
  const message = PersistedRecoveryPaxosData.encode({
    segmentState: { startTxId: startTxid, endTxId: endTxid, isInProgress },
    acceptedInEpoch: data.acceptedInEpoch,
  }).finish();
  const text =
    `\nsegmentState {\n  startTxId: ${startTxid}\n  endTxId: ${endTxid}\n  isInProgress: ` +
    `${isInProgress}\n}\nacceptedInEpoch: ${data.acceptedInEpoch}\n\n`;
  return Buffer.concat([new BinaryWriter().bytes(message).finish(), Buffer.from(text)]);
}

/** Throws LabError `CORRUPT` naming the file. */
export function decodePaxosFile(bytes: Buffer, path: string, segmentTxid: bigint): PaxosData {
  try {
    const { segmentState, acceptedInEpoch } = PersistedRecoveryPaxosData.decode(new BinaryReader(bytes).bytes());
    const segment = {
      startTxid: segmentState.startTxId,
      endTxid: segmentState.endTxId,
      isInProgress: segmentState.isInProgress,
    };
    if (segment.startTxid === segmentTxid) return { segment, acceptedInEpoch };
  } catch {
    // Falls through: whatever is wrong with it, it is not a decision that can be kept.
  }
  throw new LabError('CORRUPT', `${path}: not the recovery decision of segment ${segmentTxid}`, {
    remedy:
      "Stop this JournalNode, move the journal's directory away and copy it from another JournalNode of the " +
      'same journal.',
  });
}
