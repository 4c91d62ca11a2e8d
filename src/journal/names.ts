/** File names below a journal's directory, as NNStorage, JNStorage and FileJournalManager have them. */
const padded = (txid: bigint): string => txid.toString().padStart(19, '0');

export const inProgressName = (firstTxid: bigint): string => `edits_inprogress_${padded(firstTxid)}`;
export const finalizedName = (firstTxid: bigint, lastTxid: bigint): string =>
  `edits_${padded(firstTxid)}-${padded(lastTxid)}`;
/** A segment on its way from another node, for a recovery of this epoch. */
export const syncName = (firstTxid: bigint, epoch: bigint): string => `${inProgressName(firstTxid)}.epoch=${epoch}`;

export type EditsName =
  | { readonly kind: 'finalized'; readonly firstTxid: bigint; readonly lastTxid: bigint }
  | { readonly kind: 'inProgress'; readonly firstTxid: bigint }
  /** Moved aside (`.empty`, `.corrupt`, `.stale`, `.trash`) or an unfinished download. */
  | { readonly kind: 'aside'; readonly firstTxid: bigint };

/** undefined for what is not an edit log file. */
export function parseEditsName(name: string): EditsName | undefined {
  const finalized = /^edits_(\d{1,19})-(\d{1,19})$/.exec(name);
  if (finalized !== null) {
    const firstTxid = BigInt(finalized[1]!);
    const lastTxid = BigInt(finalized[2]!);
    return lastTxid < firstTxid ? undefined : { kind: 'finalized', firstTxid, lastTxid };
  }
  const inProgress = /^edits_inprogress_(\d{1,19})(\..+)?$/.exec(name);
  if (inProgress === null) return undefined;
  return { kind: inProgress[2] === undefined ? 'inProgress' : 'aside', firstTxid: BigInt(inProgress[1]!) };
}

/** QuorumJournalManager#checkJournalId: the id names a directory. */
export function isJournalId(id: string): boolean {
  return id !== '' && !id.includes('/') && !id.startsWith('.') && !id.includes('\0');
}
