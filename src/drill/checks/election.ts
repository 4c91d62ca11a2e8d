/**
 * FastLeaderElection: `ElectedMostRecent`: whoever finds itself elected has a history no older than a majority's. (A leader with an
 * older one would find no quorum to acknowledge its epoch, or lose what was committed.)
 */
import { isMajority, zxidText } from '../../base/zxid.js';
import type { Check, Report } from './check.js';

/** `roleOf`: the role of a server by its sid. */
export function election(servers: number, roleOf: (sid: number) => string, report: Report): Check {
  /** role -> the end of what its disk holds. */
  const durable = new Map<string, bigint>();
  /** role -> `durable` when it began to look. */
  const asItBegan = new Map<string, ReadonlyMap<string, bigint>>();

  return {
    onEvent(event, nowMs) {
      const { role } = event;
      if (event.type === 'LookingStarted') {
        asItBegan.set(role, new Map(durable));
      } else if (event.type === 'LeaderElected' && roleOf(event.leader) === role) {
        // Newer then and now: votes may be old when they are counted, and what was newer may have been cut off since.
        const then = asItBegan.get(role) ?? new Map<string, bigint>();
        const newer = [...durable].filter(([other, zxid]) => other !== role && zxid > event.zxid && (then.get(other) ?? 0n) > event.zxid);
        if (!isMajority(servers - newer.length, servers)) {
          report('ElectedMostRecent', nowMs,
            `${role} is elected with ${zxidText(event.zxid)}, but ${newer.map(([other, zxid]) => `${other} has ${zxidText(zxid)}`).join(' and ')} on disk`);
        }
      }
    },
    onTrace(event) {
      switch (event.type) {
        case 'TxnLogged':
        case 'HistoryLoaded':
          durable.set(event.role, event.zxid);
          break;
        case 'LogTruncated':
          if ((durable.get(event.role) ?? 0n) > event.zxid) durable.set(event.role, event.zxid);
          break;
        case 'SnapshotRestored':
          // Not yet on disk when it comes from a leader; told of again when it is loaded. Either way not more than this.
          if ((durable.get(event.role) ?? 0n) > event.zxid) durable.set(event.role, event.zxid);
          break;
        default:
      }
    },
  };
}
