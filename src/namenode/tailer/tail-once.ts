/** One reading of the shared journal. Mirrors EditLogTailer.doTailEdits and catchupDuringFailover. */
import type { SharedEdits } from '../edit-log/shared-edits.js';
import { replay } from '../edit-log/replay.js';
import type { Namespace } from '../namespace/namespace.js';

/** Applies everything that the shared journal offers now. Resolves with how many edits that were. */
export async function tailOnce(
  namespace: Namespace,
  sharedEdits: SharedEdits,
  options: { inProgressOk: boolean; onlyDurable: boolean },
): Promise<number> {
  const { journal } = sharedEdits;
  if (journal === undefined) return 0;
  let edits = 0;
  for await (const range of journal.readEdits(namespace.lastTxid + 1n, options)) {
    edits += replay(namespace, range.bytes, range.source);
  }
  return edits;
}
