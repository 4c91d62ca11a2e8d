/**
 * FastLeaderElection: `ElectedMostRecent`: whoever finds itself elected has a history no older than a majority's. (A leader with an
 * older one would find no quorum to acknowledge its epoch, or lose what was committed.)
 */
import { counterOf, epochOf, isMajority, zxidText } from '../../base/zxid.js';
import type { Check, Report } from './check.js';

interface Past {
  /** The epoch it last agreed to follow or lead: what counts first in a vote. */
  readonly currentEpoch: bigint;
  /** The end of what its disk holds. */
  readonly zxid: bigint;
}

const NOTHING: Past = { currentEpoch: 0n, zxid: 0n };

const newerThan = (a: Past, b: Past): boolean => a.currentEpoch > b.currentEpoch || (a.currentEpoch === b.currentEpoch && a.zxid > b.zxid);

/** `roleOf`: the role of a server by its sid. */
export function election(servers: number, roleOf: (sid: number) => string, report: Report): Check {
  const pasts = new Map<string, Past>();
  /** role -> `pasts` when it began to look. */
  const asItBegan = new Map<string, ReadonlyMap<string, Past>>();
  /** Those that have opened a round and serve nobody yet: their votes are their own. */
  const voting = new Set<string>();
  const set = (role: string, change: Partial<Past>): void => void pasts.set(role, { ...(pasts.get(role) ?? NOTHING), ...change });

  return {
    onEvent(event, nowMs) {
      const { role } = event;
      if (event.type === 'LookingStarted') {
        voting.add(role);
        asItBegan.set(role, new Map(pasts));
      } else if (event.type === 'FollowingEstablished' || event.type === 'LeaderEstablished') {
        voting.delete(role);
      } else if (event.type === 'LeaderElected' && roleOf(event.leader) === role) {
        // Not the vote's zxid: a leader that comes back before its followers noticed goes on with the vote of that time.
        const own = pasts.get(role) ?? NOTHING;
        // Newer then and now: votes may be old when they are counted, and what was newer may have been cut off since.
        const then = asItBegan.get(role);
        const newer = [...pasts].filter(([other, past]) => other !== role && voting.has(other) && newerThan(past, own) && newerThan(then?.get(other) ?? NOTHING, own));
        if (!isMajority(servers - newer.length, servers)) {
          const text = ({ currentEpoch, zxid }: Past): string => `${zxidText(zxid)} in epoch ${currentEpoch}`;
          report('ElectedMostRecent', nowMs, `${role} is elected with ${text(own)}, but ${newer.map(([other, past]) => `${other} has ${text(past)}`).join(' and ')}`);
        }
      }
    },
    onEnd(role) {
      voting.delete(role);
    },
    onTrace(event) {
      const { role } = event;
      switch (event.type) {
        case 'TxnLogged':
          set(role, { zxid: event.zxid });
          break;
        case 'TxnAcked':
          // NEWLEADER: the current epoch is on disk.
          if (counterOf(event.zxid) === 0n) set(role, { currentEpoch: epochOf(event.zxid) });
          break;
        case 'HistoryLoaded':
          set(role, { zxid: event.zxid, currentEpoch: event.currentEpoch });
          break;
        case 'LogTruncated':
        case 'SnapshotRestored':
          // A snapshot from a leader is not on disk yet; one from disk is told of again when all is loaded. Either way it is not more than this.
          if ((pasts.get(role) ?? NOTHING).zxid > event.zxid) set(role, { zxid: event.zxid });
          break;
        default:
      }
    },
  };
}
