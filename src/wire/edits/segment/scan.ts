/**
 * Walks the operations of a segment and says where what can be trusted ends: at the first frame that is torn, corrupt
 * or out of sequence. Hadoop's own scan (FSEditLogLoader#scanEditLog) looks for further operations beyond damage; here
 * a hole ends the segment, since a node that claimed transactions past a hole could be chosen as the source of a
 * recovery.
 */
import { MAX_OP_SIZE, readFrame } from './frame.js';
import type { OpFrame } from './frame.js';
import { SEGMENT_HEADER_SIZE, decodeSegmentHeader } from './header.js';

export type Tail =
  /** The bytes end where an operation does. */
  | { readonly kind: 'clean' }
  | { readonly kind: 'padding' }
  | { readonly kind: 'torn' }
  | { readonly kind: 'corrupt'; readonly reason: string };

/** The generator's return value. */
export interface ScanEnd {
  /** Offset just after the last good operation. */
  readonly offset: number;
  readonly tail: Tail;
}

/**
 * Operations in `bytes` from `start`, which holds no header (pass SEGMENT_HEADER_SIZE for a file's bytes). Transaction
 * ids must follow each other without a hole.
 */
export function* scanOps(
  bytes: Buffer,
  start = 0,
  maxOpSize: number = MAX_OP_SIZE,
): Generator<OpFrame, ScanEnd, undefined> {
  let at = start;
  let expected: bigint | undefined;
  for (;;) {
    const read = readFrame(bytes, at, maxOpSize);
    switch (read.kind) {
      case 'end':
        return { offset: at, tail: { kind: 'clean' } };
      case 'padding':
        return { offset: at, tail: { kind: 'padding' } };
      case 'torn':
        return { offset: at, tail: { kind: 'torn' } };
      case 'corrupt':
        return { offset: at, tail: { kind: 'corrupt', reason: read.reason } };
      case 'op':
        if (expected !== undefined && read.txid !== expected) {
          return {
            offset: at,
            tail: { kind: 'corrupt', reason: `transaction ${read.txid} where ${expected} should be` },
          };
        }
        expected = read.txid + 1n;
        at += read.length;
        yield read;
    }
  }
}

/** What a segment file holds. Without a good header or a first operation: no transactions. */
export interface SegmentScan {
  readonly header:
    | { readonly ok: true; readonly layoutVersion: number }
    | { readonly ok: false; readonly reason: string };
  readonly firstTxid: bigint | undefined;
  readonly lastTxid: bigint | undefined;
  /** Offset just after the last good operation (0 without a good header). */
  readonly validLength: number;
  readonly tail: Tail;
}

/**
 * The same over a file that is read piece by piece, so that a big segment costs one piece of memory: `push` pieces in
 * order, then `finish`. `upToTxid` stops early, for a reader that may not look further.
 */
export class SegmentScanner {
  readonly #upToTxid: bigint | undefined;
  #rest: Buffer = Buffer.alloc(0);
  /** Offset in the file of `#rest`. */
  #offset = 0;
  #needed = 0;
  #header: SegmentScan['header'] | undefined;
  #firstTxid: bigint | undefined;
  #lastTxid: bigint | undefined;
  #validLength = 0;
  #tail: Tail | undefined;
  #padding = false;

  constructor(options: { upToTxid?: bigint } = {}) {
    this.#upToTxid = options.upToTxid;
  }

  /** True once nothing that follows can change the result. */
  get done(): boolean {
    return this.#tail !== undefined;
  }

  push(piece: Buffer): void {
    if (this.done) return;
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    if (this.#rest.length < this.#needed) return;
    if (this.#header === undefined) {
      if (this.#rest.length < SEGMENT_HEADER_SIZE) return;
      this.#header = decodeSegmentHeader(this.#rest);
      if (!this.#header.ok) {
        this.#tail = { kind: 'corrupt', reason: this.#header.reason };
        return;
      }
      this.#validLength = SEGMENT_HEADER_SIZE;
      this.#consume(SEGMENT_HEADER_SIZE);
    }
    this.#scan();
  }

  #consume(count: number): void {
    this.#rest = this.#rest.subarray(count);
    this.#offset += count;
    this.#needed = 0;
  }

  #scan(): void {
    let at = 0;
    for (;;) {
      const read = readFrame(this.#rest, at);
      if (read.kind === 'op') {
        if (this.#padding) return this.#stop(at, { kind: 'corrupt', reason: 'operations after padding' });
        if (this.#lastTxid !== undefined && read.txid !== this.#lastTxid + 1n) {
          return this.#stop(at, {
            kind: 'corrupt',
            reason: `transaction ${read.txid} where ${this.#lastTxid + 1n} should be`,
          });
        }
        at += read.length;
        this.#firstTxid ??= read.txid;
        this.#lastTxid = read.txid;
        if (this.#upToTxid !== undefined && read.txid >= this.#upToTxid) return this.#stop(at, { kind: 'clean' });
        continue;
      }
      if (!this.#padding) this.#validLength = this.#offset + at;
      switch (read.kind) {
        case 'end':
          this.#consume(at);
          return;
        case 'padding':
          // Stays padding whatever follows; later pieces are only checked for stray bytes.
          this.#padding = true;
          this.#consume(this.#rest.length);
          return;
        case 'torn':
          if (this.#padding) return this.#afterPadding(at);
          this.#consume(at);
          this.#needed = read.needed;
          return;
        case 'corrupt':
          if (this.#padding) return this.#afterPadding(at);
          this.#tail = { kind: 'corrupt', reason: read.reason };
          this.#rest = Buffer.alloc(0);
          return;
      }
    }
  }

  /** A piece that begins with 0x00 inside the padding looks like a frame; it is fine if all of it is 0x00 or 0xFF. */
  #afterPadding(at: number): void {
    if (this.#rest.subarray(at).every((byte) => byte === 0 || byte === 0xff)) {
      this.#consume(this.#rest.length);
      return;
    }
    this.#tail = { kind: 'corrupt', reason: 'bytes after the padding' };
    this.#rest = Buffer.alloc(0);
  }

  #stop(at: number, tail: Tail): void {
    this.#validLength = this.#offset + at;
    this.#tail = tail;
    this.#rest = Buffer.alloc(0);
  }

  finish(): SegmentScan {
    const header = this.#header ?? decodeSegmentHeader(this.#rest);
    return {
      header,
      firstTxid: this.#firstTxid,
      lastTxid: this.#lastTxid,
      validLength: this.#validLength,
      tail:
        this.#tail ??
        (this.#padding ? { kind: 'padding' } : this.#rest.length > 0 ? { kind: 'torn' } : { kind: 'clean' }),
    };
  }
}

/** `SegmentScanner` over a whole file in memory. */
export function scanSegment(file: Buffer): SegmentScan {
  const scanner = new SegmentScanner();
  scanner.push(file);
  return scanner.finish();
}
