/** Cuts the bytes of a segment, as they arrive, into runs of whole operations of a wanted range. */
import { LabError } from '../../../base/errors.js';
import { SEGMENT_HEADER_SIZE, decodeSegmentHeader } from './header.js';
import { readFrame } from './frame.js';

export interface OpRun {
  readonly firstTxid: bigint;
  readonly lastTxid: bigint;
  readonly bytes: Buffer;
}

export class OpStream {
  #next: bigint;
  readonly #lastTxid: bigint;
  #rest: Buffer = Buffer.alloc(0);
  #headerSeen = false;
  #padding = false;
  #damage: LabError | undefined;

  /** Operations `fromTxid`..`lastTxid`; the segment may begin earlier and end later. */
  constructor(fromTxid: bigint, lastTxid: bigint) {
    this.#next = fromTxid;
    this.#lastTxid = lastTxid;
  }

  /** True once the range is complete. */
  get done(): boolean {
    return this.#next > this.#lastTxid;
  }

  /** The first transaction that has not come yet. */
  get nextTxid(): bigint {
    return this.#next;
  }

  /**
   * The operations of the range that are complete now, if any. Throws LabError `CORRUPT` once what precedes the damage
   * is out.
   */
  push(piece: Buffer): OpRun | undefined {
    if (this.#damage !== undefined) throw this.#damage;
    if (this.done || this.#padding) return undefined;
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let at = 0;
    if (!this.#headerSeen) {
      if (this.#rest.length < SEGMENT_HEADER_SIZE) return undefined;
      const header = decodeSegmentHeader(this.#rest);
      if (!header.ok) throw new LabError('CORRUPT', `a segment without a proper header: ${header.reason}`);
      this.#headerSeen = true;
      at = SEGMENT_HEADER_SIZE;
    }
    const firstTxid = this.#next;
    let from: number | undefined;
    let to = at;
    while (!this.done) {
      const read = readFrame(this.#rest, at);
      if (read.kind === 'corrupt') {
        this.#damage = new LabError('CORRUPT', `transaction ${this.#next}: ${read.reason}`);
        break;
      }
      if (read.kind === 'padding') this.#padding = true;
      if (read.kind !== 'op') break;
      at += read.length;
      if (read.txid < this.#next) continue;
      if (read.txid > this.#next) {
        this.#damage = new LabError('CORRUPT', `transaction ${read.txid} where ${this.#next} should be`);
        break;
      }
      from ??= read.offset;
      to = at;
      this.#next += 1n;
    }
    if (from === undefined && this.#damage !== undefined) throw this.#damage;
    const bytes = from === undefined ? undefined : this.#rest.subarray(from, to);
    this.#rest = this.#rest.subarray(at);
    return bytes && { firstTxid, lastTxid: this.#next - 1n, bytes };
  }
}
