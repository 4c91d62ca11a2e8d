/** One event as one line for people: what happened, in the field's words, and how it weighs. */
import type { LabEvent, StampedEvent } from '../base/events.js';
import { zxidText } from '../base/zxid.js';
import { span, type Line, type Style } from './text.js';

interface Description {
  readonly text: string;
  readonly style: Style;
}

/** What an event says. Total over the closed set, so a new event cannot be forgotten. */
export function describeEvent(event: LabEvent): Description {
  switch (event.type) {
    case 'RoleStarted':
      return { text: `serves at ${event.address}:${event.port}`, style: 'good' };
    case 'RoleStopped':
      return event.code === 0
        ? { text: 'stopped', style: 'dim' }
        : { text: `stopped with exit code ${event.code}: ${event.reason}`, style: 'bad' };
    case 'RoleKilled':
      return { text: `${event.target} killed (SIGKILL)`, style: 'bad' };
    case 'RolePaused':
      return { text: `${event.target} paused (SIGSTOP)`, style: 'wait' };
    case 'RoleResumed':
      return { text: `${event.target} resumed (SIGCONT)`, style: 'good' };
    case 'RoleLaunched':
      return { text: `${event.target} launched${event.pid === undefined ? '' : `, pid ${event.pid}`}`, style: 'plain' };
    case 'RoleGone':
      return { text: `${event.target} is gone`, style: 'bad' };
    case 'LookingStarted':
      return { text: `LOOKING, round ${event.round}`, style: 'wait' };
    case 'LeaderElected':
      return {
        text: `elected server ${event.leader}, round ${event.round}, zxid ${zxidText(event.zxid)}`,
        style: 'plain',
      };
    case 'EpochAccepted':
      return { text: `accepted epoch ${event.epoch}`, style: 'dim' };
    case 'LeaderEstablished':
      return { text: `LEADING epoch ${event.epoch} with servers ${event.supporters.join(', ')}`, style: 'good' };
    case 'LeadershipEnded':
      return { text: `leadership ended: ${event.reason}`, style: 'bad' };
    case 'LearnerSynchronized':
      return {
        text: `server ${event.learner} synchronised by ${event.mode} to ${zxidText(event.zxid)}`,
        style: 'plain',
      };
    case 'FollowingEstablished':
      return { text: `FOLLOWING server ${event.leader}, epoch ${event.epoch}`, style: 'good' };
    case 'FollowingEnded':
      return { text: `no longer follows server ${event.leader}: ${event.reason}`, style: 'wait' };
    case 'SessionOpened':
      return {
        text: `session ${zxidText(event.session)} opened for ${event.client}, time-out ${event.timeoutMs} ms`,
        style: 'dim',
      };
    case 'SessionExpired':
      return { text: `session ${zxidText(event.session)} EXPIRED`, style: 'wait' };
    case 'SessionClosed':
      return { text: `session ${zxidText(event.session)} closed`, style: 'dim' };
    case 'JournalFormatted':
      return { text: `journal ${event.journal} formatted`, style: 'plain' };
    case 'EpochPromised':
      return { text: `promised epoch ${event.epoch} (before: ${event.previous})`, style: 'mark' };
    case 'WriterRefused':
      return { text: `refused ${event.call} of epoch ${event.epoch}: promised ${event.promised}`, style: 'bad' };
    case 'SegmentStarted':
      return { text: `segment ${event.firstTxid} started by epoch ${event.epoch}`, style: 'dim' };
    case 'SegmentFinalized':
      return { text: `segment ${event.firstTxid}-${event.lastTxid} finalized`, style: 'dim' };
    case 'RecoveryAccepted':
      return {
        text: `recovery of ${event.firstTxid}-${event.lastTxid} accepted for epoch ${event.epoch}`,
        style: 'mark',
      };
    case 'HaStateChanged':
      return {
        text: `${event.from} -> ${event.to} at txid ${event.txid}`,
        style: event.to === 'ACTIVE' ? 'good' : 'wait',
      };
    case 'WriterEpochEstablished':
      return { text: `writer epoch ${event.epoch} established`, style: 'mark' };
    case 'SegmentsRecovered':
      return { text: `journal recovered up to txid ${event.lastTxid}`, style: 'mark' };
    case 'EditsCaughtUp':
      return { text: `caught up to txid ${event.txid} (${event.edits} edits)`, style: 'plain' };
    case 'BecameActive':
      return { text: `is ACTIVE at txid ${event.txid}`, style: 'good' };
    case 'BecameStandby':
      return { text: `is standby at txid ${event.txid}`, style: 'plain' };
    case 'QuorumLost':
      return { text: `lost the journal quorum: ${event.reason}`, style: 'bad' };
    case 'CheckpointSaved':
      return { text: `checkpoint saved at txid ${event.txid}`, style: 'dim' };
    case 'HealthChanged':
      return { text: `NameNode ${event.from} -> ${event.to}`, style: event.to === 'SERVICE_HEALTHY' ? 'good' : 'wait' };
    case 'ElectionJoined':
      return { text: 'joined the election', style: 'plain' };
    case 'ElectionLeft':
      return { text: `left the election: ${event.reason}`, style: 'wait' };
    case 'LockCreated':
      return { text: `holds ActiveStandbyElectorLock, session ${zxidText(event.session)}`, style: 'mark' };
    case 'LockLost':
      return { text: `lost the lock: ${event.reason}`, style: 'wait' };
    case 'ZooKeeperSessionChanged':
      return { text: `ZooKeeper session ${event.to}`, style: event.to === 'connected' ? 'plain' : 'wait' };
    case 'BreadcrumbWritten':
      return { text: `wrote ActiveBreadCrumb for ${event.nameNode}`, style: 'mark' };
    case 'BreadcrumbDeleted':
      return { text: `deleted ActiveBreadCrumb of ${event.nameNode}`, style: 'mark' };
    case 'FencingStarted':
      return { text: `fencing ${event.target}`, style: 'wait' };
    case 'ActiveFenced':
      return { text: `fenced ${event.target} by ${event.method}`, style: 'mark' };
    case 'FencingFailed':
      return { text: `FENCING of ${event.target} FAILED: ${event.reason}`, style: 'bad' };
    case 'ActivationRequested':
      return { text: `asks ${event.target} to become active`, style: 'plain' };
    case 'ActivationFailed':
      return { text: `${event.target} could not become active: ${event.reason}`, style: 'bad' };
    case 'StandbyRequested':
      return { text: `asks ${event.target} to become standby`, style: 'plain' };
  }
}

/** `10:00:00.123` in local time. */
export function clockText(wallMs: number): string {
  const date = new Date(wallMs);
  const digits = (value: number, count = 2): string => String(value).padStart(count, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((value) => digits(value)).join(':');
  return `${time}.${digits(date.getMilliseconds(), 3)}`;
}

/** Time, role, text. Newer programs may write events that this one does not know: those show as their type. */
export function eventLine(event: StampedEvent): Line {
  const described = (describeEvent(event) as Description | undefined) ?? {
    text: (event as { type: string }).type,
    style: 'dim' as const,
  };
  return [
    span(clockText(event.wallMs), 'dim'),
    span(' '),
    span(event.role.padEnd(6), 'strong'),
    span(' '),
    span(described.text, described.style),
  ];
}

/**
 * Events that tell the story; the rest is detail, shown on demand (BecameActive says again what HaStateChanged says).
 */
const DETAIL = new Set<LabEvent['type']>([
  'SessionOpened',
  'SessionClosed',
  'SegmentStarted',
  'SegmentFinalized',
  'EpochAccepted',
  'RoleStarted',
  'CheckpointSaved',
  'BecameActive',
  'BecameStandby',
]);

export function isDetail(event: LabEvent): boolean {
  return DETAIL.has(event.type);
}
