/** What a JournalNode's log says of an event, for whoever reads along. */
import type { LabEvent } from '../base/events.js';

export function logLine(event: LabEvent): string | undefined {
  switch (event.type) {
    case 'JournalFormatted':
      return `${event.journal}: formatted for namespace ${event.namespaceId}`;
    case 'EpochPromised':
      return (
        `${event.journal}: promised epoch ${event.epoch} (before: ${event.previous}); older writers are ` +
        `refused from here on`
      );
    case 'WriterRefused':
      return (
        `${event.journal}: refused ${event.call} of epoch ${event.epoch}, since epoch ` +
        `${event.promised} is promised`
      );
    case 'SegmentStarted':
      return `${event.journal}: segment ${event.firstTxid} begun by the writer of epoch ${event.epoch}`;
    case 'SegmentFinalized':
      return `${event.journal}: segment ${event.firstTxid}-${event.lastTxid} finalized`;
    case 'RecoveryAccepted':
      return `${event.journal}: accepted ${event.firstTxid}-${event.lastTxid} in the recovery of epoch ${event.epoch}`;
    default:
      return undefined;
  }
}
