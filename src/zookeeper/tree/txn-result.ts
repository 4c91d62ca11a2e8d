/** What applying a transaction came to: what a reply is made of. Mirrors DataTree.ProcessTxnResult. */
import type { Stat } from '../../wire/zookeeper/data/stat.js';

export interface TxnResult {
  /** An Op; `error` where the transaction was one. */
  readonly type: number;
  /** An ErrorCode. */
  readonly err: number;
  readonly path: string;
  /** Of the node afterwards, where the reply has one. */
  readonly stat: Stat | undefined;
  /** multi only: one for each part. */
  readonly parts: readonly TxnResult[] | undefined;
}

export function result(type: number, err: number, path: string, stat?: Stat): TxnResult {
  return { type, err, path, stat, parts: undefined };
}
