/**
 * The end of the history, in memory: transactions that are not committed yet, and the latest committed ones, from which
 * learners that are a little behind are brought up to date. Stands where org.apache.zookeeper.server.ZKDatabase's
 * committedLog does.
 */
import { assert } from '../../base/errors.js';
import { counterOf, epochOf, zxidText } from '../../base/zxid.js';
import type { Txn } from '../contract.js';

export class History {
  readonly #keep: number;
  /** In order of zxid; the first `#committed` of them are committed. */
  #txns: Txn[] = [];
  #committed = 0;
  #floor = 0n;
  #lastZxid = 0n;
  #lastCommitted = 0n;

  /** `keep`: how many committed transactions to hold. */
  constructor(keep: number) {
    this.#keep = keep;
  }

  /** The zxid of the last transaction logged (or about to be), or that of the snapshot that history begins with. */
  get lastZxid(): bigint {
    return this.#lastZxid;
  }

  /** The zxid of the last transaction handed to the tree. */
  get lastCommitted(): bigint {
    return this.#lastCommitted;
  }

  /** All transactions after this zxid are in memory. */
  get floor(): bigint {
    return this.#floor;
  }

  /** History is what a snapshot with this zxid holds, and nothing else. */
  reset(zxid: bigint): void {
    this.#txns = [];
    this.#committed = 0;
    this.#floor = this.#lastZxid = this.#lastCommitted = zxid;
  }

  append(txn: Txn): void {
    // The text is made only when it is needed: this is done for every transaction.
    if (!follows(this.#lastZxid, txn.zxid))
      assert(false, `transaction ${zxidText(txn.zxid)} after ${zxidText(this.#lastZxid)}`);
    this.#txns.push(txn);
    this.#lastZxid = txn.zxid;
  }

  /** The transactions that become committed when `through` is, in order. */
  commit(through: bigint): Txn[] {
    const from = this.#committed;
    let to = from;
    while (to < this.#txns.length && this.#txns[to]!.zxid <= through) to++;
    if (to === from) return [];
    const committed = this.#txns.slice(from, to);
    this.#committed = to;
    this.#lastCommitted = committed[committed.length - 1]!.zxid;
    // Trimmed rarely, in bulk: moving an array's elements for each transaction would cost more than it frees.
    if (this.#committed > 2 * this.#keep) {
      const drop = this.#committed - this.#keep;
      this.#floor = this.#txns[drop - 1]!.zxid;
      this.#txns = this.#txns.slice(drop);
      this.#committed -= drop;
    }
    return committed;
  }

  /** Forgets what comes after `zxid`. Nothing committed may be among it. */
  truncate(zxid: bigint): void {
    assert(
      zxid >= this.#lastCommitted,
      `truncation to ${zxidText(zxid)} below what is committed, ${zxidText(this.#lastCommitted)}`,
    );
    while (this.#txns.length > 0 && this.#txns[this.#txns.length - 1]!.zxid > zxid) this.#txns.pop();
    const last = this.#txns[this.#txns.length - 1];
    this.#lastZxid = last?.zxid ?? (zxid < this.#floor ? zxid : this.#floor);
  }

  /** All transactions after `zxid`, if they are all in memory. */
  after(zxid: bigint): Txn[] | undefined {
    return zxid < this.#floor ? undefined : this.#txns.filter((txn) => txn.zxid > zxid);
  }

  /** The greatest zxid in memory up to and with `zxid`, undefined if it lies before what is in memory. */
  at(zxid: bigint): bigint | undefined {
    for (let i = this.#txns.length - 1; i >= 0; i--) if (this.#txns[i]!.zxid <= zxid) return this.#txns[i]!.zxid;
    return zxid >= this.#floor ? this.#floor : undefined;
  }
}

/** Whether `next` may stand right after `previous`: the next number of the same epoch, or the first of a later one. */
export function follows(previous: bigint, next: bigint): boolean {
  return next === previous + 1n || (epochOf(next) > epochOf(previous) && counterOf(next) === 1n);
}
