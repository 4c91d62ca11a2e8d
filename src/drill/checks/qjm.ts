/**
 * QJM: epochs, writers and segments.
 *
 * - `PromiseOnlyGrows`: a JournalNode's promised epoch only grows, over crashes too.
 * - `PromiseKept`: nothing of an older writer is taken after a promise.
 * - `OneWriterAnEpoch`: an epoch has one writer.
 * - `AcknowledgedOnMajority`: an acknowledged edit is on the disks of a majority.
 * - `RecoveryKeepsAcknowledged`: a new writer goes on behind everything that was acknowledged.
 * - `EpochOnMajority`: an epoch is established on the promises of a majority.
 * - `RecoveryRemembered`: a JournalNode that accepted a recovery says so to the next writer, until the segment is
 *   closed.
 * - `RecoveryDecidesOnce`: the end of a segment that a majority accepted in one epoch is its end in every later one.
 * - `RecoveryTakesBestCopy`: the end that a recovery decides for is that of the best copy some majority told of:
 *   finalized, else of the newest epoch that wrote or accepted it, else the longest.
 * - `FinalizedEqual`: a segment has one end: recovery decides once.
 */
import type { TraceEvent } from '../../base/events.js';
import { isMajority } from '../../base/zxid.js';
import type { Check, Report } from './check.js';

type Prepared = Extract<TraceEvent, { type: 'RecoveryPrepared' }>;

/** `nodes`: how many JournalNodes there are. `acknowledged` is filled: txid -> the edit's digest. */
export function qjm(nodes: number, acknowledged: Map<bigint, string>, report: Report): Check {
  const promised = new Map<string, bigint>();
  const writers = new Map<bigint, string>();
  const epochOf = new Map<string, bigint>();
  /** Epoch -> where it went on. */
  const recovered = new Map<bigint, bigint>();
  /** JournalNode -> segment -> the epoch in which its end was accepted. */
  const decisions = new Map<string, Map<bigint, bigint>>();
  /** segment -> epoch -> who accepted which end. */
  const accepts = new Map<bigint, Map<bigint, { last: bigint; nodes: Set<string> }>>();
  /** What each recovery was told: epoch and segment -> JournalNode -> its copy. */
  const told = new Map<string, Map<string, Prepared>>();
  const ends = new Map<bigint, { last: bigint; role: string }>();
  /** txid -> JournalNode -> digest. */
  const written = new Map<bigint, Map<string, string>>();
  let lastAcknowledged = { txid: 0n, epoch: 0n };

  const kept = (role: string, epoch: bigint, what: string, nowMs: number): void => {
    const promise = promised.get(role) ?? 0n;
    if (epoch < promise)
      report('PromiseKept', nowMs, `${role} promised epoch ${promise}, yet ${what} of epoch ${epoch}`);
  };

  return {
    onEvent(event, nowMs) {
      const { role } = event;
      switch (event.type) {
        case 'EpochPromised': {
          const before = promised.get(role) ?? 0n;
          if (event.epoch <= before)
            report('PromiseOnlyGrows', nowMs, `${role} promises epoch ${event.epoch} after ${before}`);
          else promised.set(role, event.epoch);
          break;
        }
        case 'SegmentStarted':
          kept(role, event.epoch, `starts segment ${event.firstTxid}`, nowMs);
          decisions.get(role)?.delete(event.firstTxid);
          break;
        case 'RecoveryAccepted': {
          kept(role, event.epoch, `accepts a recovery of segment ${event.firstTxid}`, nowMs);
          const copies = told.get(`${event.epoch} ${event.firstTxid}`) ?? new Map<string, Prepared>();
          const possible = bestEnds([...copies.values()], nodes);
          if (possible.size > 0 && !possible.has(event.lastTxid)) {
            report(
              'RecoveryTakesBestCopy',
              nowMs,
              `${role} accepts ${event.lastTxid} as the end of segment ${event.firstTxid} in epoch ${event.epoch}; ` +
                `the best copies end at ${[...possible].join(' or ')}`,
            );
          }
          let epochs = accepts.get(event.firstTxid);
          if (epochs === undefined) accepts.set(event.firstTxid, (epochs = new Map()));
          for (const [epoch, { last, nodes: agreed }] of epochs) {
            if (epoch < event.epoch && last !== event.lastTxid && isMajority(agreed.size, nodes)) {
              report(
                'RecoveryDecidesOnce',
                nowMs,
                `${role} accepts ${event.lastTxid} as the end of segment ${event.firstTxid} in epoch ` +
                  `${event.epoch}; a majority had accepted ${last} in epoch ${epoch}`,
              );
            }
          }
          let accept = epochs.get(event.epoch);
          if (accept === undefined) epochs.set(event.epoch, (accept = { last: event.lastTxid, nodes: new Set() }));
          accept.nodes.add(role);
          let own = decisions.get(role);
          if (own === undefined) decisions.set(role, (own = new Map()));
          // A segment that only begins may be begun anew, and what was accepted with it forgotten.
          if (event.lastTxid > event.firstTxid) own.set(event.firstTxid, event.epoch);
          break;
        }
        case 'SegmentFinalized': {
          decisions.get(role)?.delete(event.firstTxid);
          kept(role, event.epoch, `finalizes segment ${event.firstTxid}`, nowMs);
          const other = ends.get(event.firstTxid);
          if (other === undefined) ends.set(event.firstTxid, { last: event.lastTxid, role });
          else if (other.last !== event.lastTxid) {
            report(
              'FinalizedEqual',
              nowMs,
              `segment ${event.firstTxid} ends at ${other.last} on ${other.role} and at ${event.lastTxid} on ${role}`,
            );
          }
          break;
        }
        case 'WriterEpochEstablished': {
          const other = writers.get(event.epoch);
          if (other !== undefined && other !== role)
            report('OneWriterAnEpoch', nowMs, `epoch ${event.epoch} was established by ${other} and by ${role}`);
          const promisers = [...promised].filter(([, epoch]) => epoch >= event.epoch).map(([node]) => node);
          if (!isMajority(promisers.length, nodes))
            report(
              'EpochOnMajority',
              nowMs,
              `${role} is the writer of epoch ${event.epoch}, which only ${promisers.join(', ') || 'no node'} promised`,
            );
          writers.set(event.epoch, role);
          epochOf.set(role, event.epoch);
          break;
        }
        case 'SegmentsRecovered': {
          const epoch = epochOf.get(role) ?? 0n;
          recovered.set(epoch, event.lastTxid);
          if (lastAcknowledged.txid > event.lastTxid && lastAcknowledged.epoch < epoch) {
            report(
              'RecoveryKeepsAcknowledged',
              nowMs,
              `${role} goes on from ${event.lastTxid} in epoch ${epoch}, but ${lastAcknowledged.txid} was ` +
                `acknowledged in epoch ${lastAcknowledged.epoch}`,
            );
          }
          break;
        }
        default:
      }
    },

    onTrace(event) {
      const { nowMs, role } = event;
      if (event.type === 'EditsWritten') {
        kept(role, event.epoch, `writes transaction ${event.firstTxid}`, nowMs);
        let holders = written.get(event.firstTxid);
        if (holders === undefined) written.set(event.firstTxid, (holders = new Map()));
        holders.set(role, event.digest);
      } else if (event.type === 'RecoveryPrepared') {
        kept(role, event.epoch, `answers prepareRecovery of segment ${event.firstTxid}`, nowMs);
        const recovery = `${event.epoch} ${event.firstTxid}`;
        let copies = told.get(recovery);
        if (copies === undefined) told.set(recovery, (copies = new Map()));
        copies.set(role, event);
        const accepted = decisions.get(role)?.get(event.firstTxid);
        if (accepted !== undefined && !event.finalized && event.acceptedInEpoch !== accepted) {
          report(
            'RecoveryRemembered',
            nowMs,
            `${role} accepted an end of segment ${event.firstTxid} in epoch ${accepted}, but ` +
              `${event.acceptedInEpoch === undefined ? 'knows of none' : `says ${event.acceptedInEpoch}`}`,
          );
        }
      } else if (event.type === 'EditsAcknowledged') {
        const { firstTxid: txid, digest, epoch } = event;
        const before = acknowledged.get(txid);
        if (before !== undefined && before !== digest)
          report('RecoveryKeepsAcknowledged', nowMs, `transaction ${txid} was acknowledged twice, with other content`);
        acknowledged.set(txid, digest);
        const holders = [...(written.get(txid) ?? [])].filter(([, other]) => other === digest);
        if (!isMajority(holders.length, nodes)) {
          report(
            'AcknowledgedOnMajority',
            nowMs,
            `${role} takes transaction ${txid} for acknowledged, which is on the disk of ` +
              `${holders.map(([holder]) => holder).join(', ') || 'no node'}`,
          );
        }
        for (const [later, end] of recovered) {
          if (later > epoch && end < txid)
            report(
              'RecoveryKeepsAcknowledged',
              nowMs,
              `${role} takes ${txid} of epoch ${epoch} for acknowledged, but epoch ${later} went on from ${end}`,
            );
        }
        if (txid > lastAcknowledged.txid) lastAcknowledged = { txid, epoch };
      }
    },
  };
}

/** The end of the best copy of each majority: the writer may have heard any of them first. */
function bestEnds(copies: readonly Prepared[], nodes: number): Set<bigint | undefined> {
  const ends = new Set<bigint | undefined>();
  for (let chosen = 1; chosen < 1 << copies.length; chosen++) {
    const some = copies.filter((_, index) => (chosen & (1 << index)) !== 0);
    if (isMajority(some.length, nodes)) ends.add(some.reduce(better).lastTxid);
  }
  return ends;
}

function better(a: Prepared, b: Prepared): Prepared {
  const epochOf = ({ acceptedInEpoch = 0n, lastWriterEpoch }: Prepared): bigint =>
    acceptedInEpoch > lastWriterEpoch ? acceptedInEpoch : lastWriterEpoch;
  if (a.lastTxid === undefined || b.lastTxid === undefined) return a.lastTxid === undefined ? b : a;
  if (a.finalized !== b.finalized) return a.finalized ? a : b;
  if (epochOf(a) !== epochOf(b)) return epochOf(a) > epochOf(b) ? a : b;
  return a.lastTxid >= b.lastTxid ? a : b;
}

/** `found`: what is read in the end, txid -> digest. */
export function judgeEdits(
  acknowledged: ReadonlyMap<bigint, string>,
  found: ReadonlyMap<bigint, string>,
  nowMs: number,
  report: Report,
): void {
  for (const [txid, digest] of acknowledged) {
    const read = found.get(txid);
    if (read === undefined)
      report('AcknowledgedWriteKept', nowMs, `transaction ${txid} was acknowledged and cannot be read`);
    else if (read !== digest)
      report('AcknowledgedWriteKept', nowMs, `transaction ${txid} is read with other content than was acknowledged`);
  }
}

/** `files`: node -> finalized segment's name -> a digest of its bytes. */
export function judgeSegments(
  files: ReadonlyMap<string, ReadonlyMap<string, string>>,
  nowMs: number,
  report: Report,
): void {
  const first = new Map<string, { node: string; digest: string }>();
  for (const [node, segments] of files) {
    for (const [name, digest] of segments) {
      const other = first.get(name);
      if (other === undefined) first.set(name, { node, digest });
      else if (other.digest !== digest)
        report('FinalizedEqual', nowMs, `${name} differs between ${other.node} and ${node}`);
    }
  }
}
