/**
 * FastLeaderElection, and ZAB's discovery: who may lead, and with which epoch.
 *
 * - `ElectedMostRecent`: whoever finds itself elected has a history no older than a majority's, nor than that of any
 *   whose vote
 *   elected it. (A leader with an older one would find no quorum to acknowledge its epoch, or lose what was committed.)
 * - `LeaderMostRecent`: a leader that is done with discovery has the promise of a majority, none of it ahead of the
 *   leader.
 * - `EpochIsNew`: the epoch a leader proposes is greater than any that a majority had accepted.
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

const newerThan = (a: Past, b: Past): boolean =>
  a.currentEpoch > b.currentEpoch || (a.currentEpoch === b.currentEpoch && a.zxid > b.zxid);
const text = ({ currentEpoch, zxid }: Past): string => `${zxidText(zxid)} in epoch ${currentEpoch}`;

/** What was when a server began to lead. */
interface Lead {
  readonly past: Past;
  /** voter -> the epoch its disk says it has accepted. */
  readonly accepted: ReadonlyMap<string, bigint>;
}

/** `voters`: their roles; the sid of each is its place in the list, from 1 on. */
export function election(voters: readonly string[], report: Report): Check {
  const pasts = new Map<string, Past>();
  const accepted = new Map<string, bigint>();
  /** role -> `pasts` when it began to look. */
  const asItBegan = new Map<string, ReadonlyMap<string, Past>>();
  /** Those that have opened a round and serve nobody yet: their votes are their own. */
  const voting = new Set<string>();
  const leads = new Map<string, Lead>();
  /** epoch -> who has promised it, with what history. */
  const promises = new Map<bigint, Map<string, Past>>();
  const pastOf = (role: string): Past => pasts.get(role) ?? NOTHING;
  const set = (role: string, change: Partial<Past>): void => void pasts.set(role, { ...pastOf(role), ...change });
  const roleOf = (sid: number): string | undefined => voters[sid - 1];
  const most = (count: number): boolean => isMajority(count, voters.length);

  /** Newer then and now: votes may be old when they are counted, and what was newer may have been cut off since. */
  const ahead = (others: readonly string[], leader: string): string[] => {
    const own = pastOf(leader);
    const then = asItBegan.get(leader);
    return others.filter(
      (other) => other !== leader && newerThan(pastOf(other), own) && newerThan(then?.get(other) ?? NOTHING, own),
    );
  };
  const notMostRecent = (leader: string, newer: readonly string[], nowMs: number): void =>
    report(
      'ElectedMostRecent',
      nowMs,
      `${leader} is elected with ${text(pastOf(leader))}, but ` +
        `${newer.map((other) => `${other} has ${text(pastOf(other))}`).join(' and ')}`,
    );

  return {
    onEvent(event, nowMs) {
      const { role } = event;
      switch (event.type) {
        case 'LookingStarted':
          voting.add(role);
          leads.delete(role);
          asItBegan.set(role, new Map(pasts));
          break;
        case 'FollowingEstablished':
        case 'LeaderEstablished':
          voting.delete(role);
          break;
        case 'LeaderElected': {
          if (roleOf(event.leader) !== role) break;
          // Not the vote's zxid: a leader that comes back before its followers noticed goes on with the vote of that
          // time.
          const newer = ahead(
            voters.filter((other) => voting.has(other)),
            role,
          );
          if (!most(voters.length - newer.length)) notMostRecent(role, newer, nowMs);
          leads.set(role, { past: pastOf(role), accepted: new Map(accepted) });
          break;
        }
        case 'EpochAccepted': {
          const lead = leads.get(role);
          if (lead === undefined) break;
          const others = voters.filter((other) => (lead.accepted.get(other) ?? 0n) >= event.epoch);
          if (!most(voters.length - others.length))
            report(
              'EpochIsNew',
              nowMs,
              `${role} proposes epoch ${event.epoch}, which ${others.join(' and ')} had accepted before, or ` +
                `a greater one`,
            );
          break;
        }
        default:
      }
    },
    onEnd(role) {
      voting.delete(role);
      leads.delete(role);
    },
    onTrace(event) {
      const { role, nowMs } = event;
      switch (event.type) {
        case 'VotesCounted': {
          if (roleOf(event.leader) !== role) break;
          const newer = ahead(
            event.supporters.map((sid) => roleOf(sid)!),
            role,
          );
          if (newer.length > 0) notMostRecent(role, newer, nowMs);
          break;
        }
        case 'TxnLogged':
          set(role, { zxid: event.zxid });
          break;
        case 'EpochTold': {
          if (!voters.includes(role)) break;
          let promised = promises.get(event.epoch);
          if (promised === undefined) promises.set(event.epoch, (promised = new Map()));
          promised.set(role, pastOf(role));
          break;
        }
        case 'EpochStored': {
          if (event.which === 'accepted') {
            accepted.set(role, event.epoch);
            break;
          }
          set(role, { currentEpoch: event.epoch });
          const lead = leads.get(role);
          if (lead === undefined) break;
          const promised = [...(promises.get(event.epoch) ?? [])].filter(([other]) => other !== role);
          if (!most(1 + promised.filter(([, past]) => !newerThan(past, lead.past)).length)) {
            report(
              'LeaderMostRecent',
              nowMs,
              `${role} leads epoch ${event.epoch} with ${text(lead.past)} and without the promise of a majority ` +
                `that is not ahead of it; there are ` +
                `${promised.map(([other, past]) => `${other} with ${text(past)}`).join(' and ') || 'none'}`,
            );
          }
          break;
        }
        case 'TxnAcked':
          // NEWLEADER: the current epoch is on disk.
          if (counterOf(event.zxid) === 0n) set(role, { currentEpoch: epochOf(event.zxid) });
          break;
        case 'HistoryLoaded':
          set(role, { zxid: event.zxid, currentEpoch: event.currentEpoch });
          accepted.set(role, event.acceptedEpoch);
          break;
        case 'LogTruncated':
        case 'SnapshotRestored':
          // A snapshot from a leader is not on disk yet; one from disk is told of again when all is loaded. Either way
          // it is not more than this.
          if (pastOf(role).zxid > event.zxid) set(role, { zxid: event.zxid });
          break;
        default:
      }
    },
  };
}
