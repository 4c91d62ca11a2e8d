/**
 * Whole operations, frames included, written one behind the other into one growing buffer: what a group commit sends.
 * Saves the copy per operation that `segment/frame`'s encodeOp makes.
 */
import { crc32 } from 'node:zlib';
import { ByteWriter } from '../../../base/bytes.js';
import { encodeBody, opcodeOf } from './ops.js';
import type { EditOp } from './ops.js';

export class OpBatch {
  #writer = new ByteWriter(4096);
  #count = 0;
  #firstTxid = 0n;

  get count(): number {
    return this.#count;
  }

  get length(): number {
    return this.#writer.length;
  }

  /** Transactions of one batch follow each other. On a throw (a string too long) the batch is as before. */
  append(op: EditOp, txid: bigint): void {
    const writer = this.#writer;
    const start = writer.length;
    try {
      writer.u8(opcodeOf(op)).i32(0).i64(txid);
      encodeBody(writer, op);
    } catch (error) {
      writer.truncate(start);
      throw error;
    }
    writer.patchI32(start + 1, writer.length - start - 1);
    writer.i32(crc32(writer.view(start)));
    if (this.#count++ === 0) this.#firstTxid = txid;
  }

  /** The batch so far; a new one begins. */
  take(): { readonly bytes: Buffer; readonly firstTxid: bigint; readonly count: number } {
    const taken = { bytes: this.#writer.take(), firstTxid: this.#firstTxid, count: this.#count };
    this.#count = 0;
    return taken;
  }
}
