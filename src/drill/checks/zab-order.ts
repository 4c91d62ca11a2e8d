/**
 * ZAB: what is committed, and in which order. Names are those of ZooKeeper's TLA+ specifications where they have one.
 *
 * - `Leadership1`: at most one established leader an epoch.
 * - `TotalOrder`: every server that applies a transaction after another applies the same one after it.
 * - `Agreement`: a zxid stands for the same transaction everywhere.
 * - `CommittedLogDurability`: what is committed is on the disks of a majority.
 * - `LeaderLogCompleteness`: a leader that begins to serve has every transaction committed before.
 * - `CommittedLogMonotonicity`: zxids only grow on a server.
 */
import { epochOf, isMajority, zxidText } from '../../base/zxid.js';
import type { Check, Report } from './check.js';

/** `voters`: their roles. */
export function zabOrder(voters: readonly string[], report: Report): Check {
  const leaders = new Map<bigint, string>();
  const digests = new Map<bigint, string>();
  /** Applied next after the key, by whom first. */
  const successors = new Map<bigint, { zxid: bigint; role: string }>();
  /** role -> the last transaction it applied. */
  const applied = new Map<string, bigint>();
  /** role -> the end of what its disk holds. */
  const durable = new Map<string, bigint>();
  let lastCommitted = 0n;

  return {
    onEvent(event, nowMs) {
      if (event.type === 'LeaderEstablished') {
        const before = leaders.get(event.epoch);
        if (before !== undefined)
          report('Leadership1', nowMs, `epoch ${event.epoch} has two leaders, ${before} and ${event.role}`);
        leaders.set(event.epoch, event.role);
      }
    },

    onTrace(event) {
      const { role, nowMs } = event;
      switch (event.type) {
        case 'TxnLogged':
          durable.set(role, event.zxid);
          break;
        case 'LogTruncated':
          if ((durable.get(role) ?? 0n) > event.zxid) durable.set(role, event.zxid);
          if ((applied.get(role) ?? 0n) > event.zxid) applied.set(role, 0n);
          break;
        case 'SnapshotRestored':
          applied.set(role, event.zxid);
          if ((durable.get(role) ?? 0n) < event.zxid) durable.set(role, event.zxid);
          break;
        case 'HistoryLoaded':
          durable.set(role, event.zxid);
          break;
        case 'TxnCommitted': {
          const { zxid, digest } = event;
          const known = digests.get(zxid);
          if (known === undefined) {
            digests.set(zxid, digest);
            const holders = voters.filter((voter) => (durable.get(voter) ?? 0n) >= zxid);
            if (!isMajority(holders.length, voters.length)) {
              report(
                'CommittedLogDurability',
                nowMs,
                `${role} commits ${zxidText(zxid)}, which only ${holders.join(', ') || 'no server'} has on disk`,
              );
            }
          } else if (known !== digest) {
            report('Agreement', nowMs, `${zxidText(zxid)} is another transaction on ${role} than elsewhere`);
          }
          const previous = applied.get(role) ?? 0n;
          if (zxid <= previous)
            report('CommittedLogMonotonicity', nowMs, `${role} applies ${zxidText(zxid)} after ${zxidText(previous)}`);
          const successor = successors.get(previous);
          if (successor === undefined) successors.set(previous, { zxid, role });
          else if (successor.zxid !== zxid) {
            report(
              'TotalOrder',
              nowMs,
              `after ${zxidText(previous)}, ${successor.role} applied ${zxidText(successor.zxid)} and ${role} ` +
                `applies ${zxidText(zxid)}`,
            );
          }
          applied.set(role, zxid);
          if (zxid > lastCommitted) lastCommitted = zxid;
          break;
        }
        case 'LeaderServing':
          if (event.zxid < lastCommitted && epochOf(lastCommitted) < event.epoch) {
            report(
              'LeaderLogCompleteness',
              nowMs,
              `${role} leads epoch ${event.epoch} from ${zxidText(event.zxid)}, but ${zxidText(lastCommitted)} was ` +
                `committed before`,
            );
          }
          break;
        default:
      }
    },

    onEnd(role) {
      // Memory is gone; what it applies next follows from what it loads.
      applied.set(role, 0n);
    },
  };
}
