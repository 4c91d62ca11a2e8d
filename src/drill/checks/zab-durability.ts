/**
 * ZAB: a server's word about its disk.
 *
 * - `AckAfterSync`: a transaction is acknowledged only when it is on disk.
 * - `AckedTransactionKept`: a server that starts again has what it acknowledged.
 * - `PromiseOnDisk`: an epoch is told to others, or its leader acknowledged, only when it is on disk.
 * - `EpochOnlyGrows`: the accepted epoch never falls, over crashes too, and no leader of a lower one is followed.
 */
import { counterOf, epochOf, zxidText } from '../../base/zxid.js';
import type { Check, Report } from './check.js';

export function zabDurability(report: Report): Check {
  const durable = new Map<string, bigint>();
  const acked = new Map<string, bigint>();
  const loaded = new Set<string>();
  const accepted = new Map<string, bigint>();
  /** What the disk says. */
  const stored = { accepted: new Map<string, bigint>(), current: new Map<string, bigint>() };
  const raise = (map: Map<string, bigint>, role: string, value: bigint): void => {
    if ((map.get(role) ?? 0n) < value) map.set(role, value);
  };
  const lower = (map: Map<string, bigint>, role: string, value: bigint): void => {
    if ((map.get(role) ?? 0n) > value) map.set(role, value);
  };

  /** Promised from here on. */
  const told = (role: string, epoch: bigint, nowMs: number): void => {
    const before = accepted.get(role) ?? 0n;
    if (epoch < before)
      report('EpochOnlyGrows', nowMs, `${role} follows a leader of epoch ${epoch} after it has promised ${before}`);
    else accepted.set(role, epoch);
  };

  return {
    onEvent(event, nowMs) {
      if (event.type !== 'EpochAccepted') return;
      const before = accepted.get(event.role) ?? 0n;
      if (event.epoch <= before)
        report('EpochOnlyGrows', nowMs, `${event.role} accepts epoch ${event.epoch} after ${before}`);
    },
    onTrace(event) {
      const { role, nowMs } = event;
      switch (event.type) {
        case 'TxnLogged':
          raise(durable, role, event.zxid);
          break;
        case 'SnapshotRestored':
          // At the start, from disk: the log behind it follows.
          if (!loaded.has(`${role} ${event.incarnation}`)) break;
          // From a leader: it takes the place of all there was, though it be less.
          durable.set(role, event.zxid);
          lower(acked, role, event.zxid);
          break;
        case 'LogTruncated':
          lower(durable, role, event.zxid);
          lower(acked, role, event.zxid);
          break;
        case 'TxnAcked':
          if (counterOf(event.zxid) === 0n) {
            const epoch = epochOf(event.zxid);
            if ((stored.current.get(role) ?? 0n) < epoch)
              report(
                'PromiseOnDisk',
                nowMs,
                `${role} acknowledges the leader of epoch ${epoch} with current epoch ` +
                  `${stored.current.get(role) ?? 0n} on disk`,
              );
            told(role, epoch, nowMs);
            break;
          }
          if ((durable.get(role) ?? 0n) < event.zxid) {
            report(
              'AckAfterSync',
              nowMs,
              `${role} acknowledges ${zxidText(event.zxid)} with ${zxidText(durable.get(role) ?? 0n)} on disk`,
            );
          }
          raise(acked, role, event.zxid);
          break;
        case 'EpochStored':
          stored[event.which].set(role, event.epoch);
          break;
        case 'EpochTold':
          if ((stored.accepted.get(role) ?? 0n) < event.epoch) {
            report(
              'PromiseOnDisk',
              nowMs,
              `${role} tells of epoch ${event.epoch} with accepted epoch ${stored.accepted.get(role) ?? 0n} on disk`,
            );
          }
          told(role, event.epoch, nowMs);
          break;
        case 'HistoryLoaded': {
          const before = acked.get(role) ?? 0n;
          if (event.zxid < before)
            report(
              'AckedTransactionKept',
              nowMs,
              `${role} starts with ${zxidText(event.zxid)}, but it had acknowledged ${zxidText(before)}`,
            );
          if (event.acceptedEpoch < (accepted.get(role) ?? 0n)) {
            report(
              'EpochOnlyGrows',
              nowMs,
              `${role} starts with accepted epoch ${event.acceptedEpoch} after ${accepted.get(role)}`,
            );
          }
          durable.set(role, event.zxid);
          stored.accepted.set(role, event.acceptedEpoch);
          stored.current.set(role, event.currentEpoch);
          loaded.add(`${role} ${event.incarnation}`);
          break;
        }
        default:
      }
    },
  };
}
