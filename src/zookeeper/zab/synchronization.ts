/**
 * The leader's decision how a learner is brought to the leader's history. Mirrors LearnerHandler.syncFollower of
 * org.apache.zookeeper.server.quorum.
 *
 * | the learner's last zxid | then |
 * |---|---|
 * | is the leader's last committed one | DIFF, empty |
 * | is greater, with counter 0: it has seen a newer epoch begin, but no transaction of it | DIFF, empty |
 * | is greater | TRUNC to the last committed one |
 * | is in our history | DIFF from there |
 * | has counter 0, and our history reaches back to it: all before an epoch's first is common | DIFF from there |
 * | is not in our history, but an earlier one of the same epoch is | TRUNC to that, and on from there |
 * | lies before our log begins, or in an epoch of which we have nothing | SNAP |
 * | lies further back than is worth reading from disk; or is 0, and memory does not go back to the beginning | SNAP |
 */
import { counterOf, epochOf } from '../../base/zxid.js';

export type SyncPlan =
  /** Send what comes after `after`. */
  | { readonly mode: 'DIFF'; readonly after: bigint }
  /** Have it drop all after `after`, then send what comes after that. */
  | { readonly mode: 'TRUNC'; readonly after: bigint }
  /** Send the tree, then what is not in it yet. */
  | { readonly mode: 'SNAP' };

export interface SyncFacts {
  readonly peerLastZxid: bigint;
  /** The end of what is committed, or will be when the epoch is established. */
  readonly committed: bigint;
  /**
   * The greatest zxid in our history up to and with the learner's; undefined if history does not reach that far back.
   */
  readonly floor: bigint | undefined;
  /** All after this zxid is in memory. */
  readonly memoryFloor: bigint;
}

/** More transactions than this are not read from disk one by one: a snapshot is quicker. */
const MAX_FROM_DISK = 100_000n;

export function planSynchronization(facts: SyncFacts): SyncPlan {
  const { peerLastZxid, committed, floor, memoryFloor } = facts;
  const beginsEpoch = counterOf(peerLastZxid) === 0n;
  if (peerLastZxid === committed) return { mode: 'DIFF', after: committed };
  if (peerLastZxid > committed)
    return beginsEpoch ? { mode: 'DIFF', after: committed } : { mode: 'TRUNC', after: committed };
  if (floor === undefined) return { mode: 'SNAP' };
  const common =
    floor === peerLastZxid || beginsEpoch
      ? peerLastZxid
      : floor > 0n && epochOf(floor) === epochOf(peerLastZxid)
        ? floor
        : undefined;
  if (common === undefined) return { mode: 'SNAP' };
  const behind = epochOf(common) === epochOf(committed) ? committed - common : counterOf(committed);
  if (common < memoryFloor && (common === 0n || behind > MAX_FROM_DISK)) return { mode: 'SNAP' };
  return { mode: common === peerLastZxid ? 'DIFF' : 'TRUNC', after: common };
}
