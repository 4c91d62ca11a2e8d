/**
 * The newest edits in memory, for readers that follow an open segment over RPC. Holds only what is durable here.
 * Mirrors org.apache.hadoop.hdfs.qjournal.server.JournaledEditsCache.
 */
import { encodeSegmentHeader } from '../../wire/edits/segment/header.js';
import { scanOps } from '../../wire/edits/segment/scan.js';
import { cacheMiss } from './refusal.js';

interface Batch {
  readonly firstTxid: bigint;
  readonly lastTxid: bigint;
  readonly bytes: Buffer;
}

export class EditsCache {
  readonly #capacityBytes: number;
  #batches: Batch[] = [];
  #bytes = 0;
  #layoutVersion: number | undefined;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  store(bytes: Buffer, firstTxid: bigint, lastTxid: bigint, layoutVersion: number): void {
    const newest = this.#batches.at(-1);
    if (layoutVersion !== this.#layoutVersion || (newest !== undefined && newest.lastTxid + 1n !== firstTxid))
      this.clear();
    this.#layoutVersion = layoutVersion;
    if (bytes.length > this.#capacityBytes) return this.clear();
    let drop = 0;
    for (; this.#bytes + bytes.length > this.#capacityBytes; drop++) this.#bytes -= this.#batches[drop]!.bytes.length;
    if (drop > 0) this.#batches.splice(0, drop);
    this.#batches.push({ firstTxid, lastTxid, bytes });
    this.#bytes += bytes.length;
  }

  clear(): void {
    this.#batches = [];
    this.#bytes = 0;
    this.#layoutVersion = undefined;
  }

  /**
   * A segment header and up to `maxTxns` operations from `sinceTxid` on. Throws Refused (CacheMissException) for what
   * is gone.
   */
  retrieve(sinceTxid: bigint, maxTxns: number): { count: number; editLog: Buffer } {
    const oldest = this.#batches[0];
    if (oldest === undefined)
      throw cacheMiss(
        'Cache is empty; either it was never written to or the last write overflowed the cache capacity.',
      );
    if (sinceTxid < oldest.firstTxid) {
      throw cacheMiss(
        `Oldest txn ID available in the cache is ${oldest.firstTxid}, but requested txns starting at ${sinceTxid}. ` +
          `The cache size (dfs.journalnode.edit-cache-size.bytes) may need to be increased to hold more ` +
          `transactions (currently ${this.#capacityBytes} bytes containing ` +
          `${this.#batches.at(-1)!.lastTxid - oldest.firstTxid + 1n} transactions)`,
      );
    }
    const pieces: Buffer[] = [encodeSegmentHeader(this.#layoutVersion!)];
    let count = 0;
    for (let i = this.#indexOf(sinceTxid); i < this.#batches.length && count < maxTxns; i++) {
      const batch = this.#batches[i]!;
      const wanted = maxTxns - count;
      const size = Number(batch.lastTxid - batch.firstTxid) + 1;
      const whole = batch.firstTxid >= sinceTxid && size <= wanted;
      if (whole) {
        pieces.push(batch.bytes);
        count += size;
        continue;
      }
      let from: number | undefined;
      let to = 0;
      let taken = 0;
      for (const op of scanOps(batch.bytes)) {
        if (op.txid < sinceTxid) continue;
        from ??= op.offset;
        to = op.offset + op.length;
        taken += 1;
        if (taken === wanted) break;
      }
      pieces.push(batch.bytes.subarray(from ?? 0, to));
      count += taken;
    }
    return count === 0 ? { count: 0, editLog: Buffer.alloc(0) } : { count, editLog: Buffer.concat(pieces) };
  }

  /** First batch that ends at or after `txid`. */
  #indexOf(txid: bigint): number {
    let low = 0;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#batches[middle]!.lastTxid < txid) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
