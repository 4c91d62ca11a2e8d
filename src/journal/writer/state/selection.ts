/**
 * From what nodes say they hold, the copies that can serve a transaction, best first. Pure. Mirrors the choice in
 * org.apache.hadoop.hdfs.server.namenode.JournalSet#chainAndMakeRedundantStreams and
 * QuorumJournalManager#selectInputStreams.
 */
import type { RemoteEditLog } from '../../state/types.js';

export interface Copy {
  readonly node: number;
  readonly firstTxid: bigint;
  /** The last transaction that may be read from it. */
  readonly lastTxid: bigint;
  readonly inProgress: boolean;
}

export interface Manifest {
  readonly node: number;
  readonly logs: readonly RemoteEditLog[];
  readonly committedTxid: bigint | undefined;
}

/**
 * `onlyDurable`: of an open segment at most what the node that holds it knows to be committed. Its own word counts, not
 * another node's: an open segment that a former writer left behind may hold other transactions under the same numbers.
 */
export function copiesIn(manifests: readonly Manifest[], onlyDurable: boolean): Copy[] {
  const copies: Copy[] = [];
  for (const { node, logs, committedTxid } of manifests) {
    for (const log of logs) {
      const bound = onlyDurable && log.isInProgress ? (committedTxid ?? 0n) : log.endTxid;
      const lastTxid = bound < log.endTxid ? bound : log.endTxid;
      if (lastTxid >= log.startTxid)
        copies.push({ node, firstTxid: log.startTxid, lastTxid, inProgress: log.isInProgress });
    }
  }
  return copies;
}

/** Copies that hold `txid`: finalized before open ones, longer before shorter, then in the nodes' order. */
export function copiesWith(copies: readonly Copy[], txid: bigint): Copy[] {
  return copies
    .filter((copy) => copy.firstTxid <= txid && txid <= copy.lastTxid)
    .sort(
      (a, b) =>
        Number(a.inProgress) - Number(b.inProgress) ||
        (a.lastTxid > b.lastTxid ? -1 : a.lastTxid < b.lastTxid ? 1 : 0) ||
        a.node - b.node,
    );
}

/** The lowest transaction above `txid` that any copy holds: what lies between is missing. */
export function nextHeld(copies: readonly Copy[], txid: bigint): bigint | undefined {
  let next: bigint | undefined;
  for (const { firstTxid } of copies)
    if (firstTxid > txid && (next === undefined || firstTxid < next)) next = firstTxid;
  return next;
}
