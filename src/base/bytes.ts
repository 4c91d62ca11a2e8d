/**
 * Big-endian reader and writer over bytes, the floor under jute, Hadoop's Writables and edit logs. The reader checks
 * every bound and throws LabError `MALFORMED`; it never allocates by a length that the bytes themselves do not back.
 */
import { LabError } from './errors.js';

const EMPTY = Buffer.alloc(0);
const MIN_CAPACITY = 256;

// A long by way of two ints: several times as fast as Buffer's own methods, which calculate with bigints byte by byte.
const long = new BigInt64Array(1);
const halves = new Int32Array(long.buffer);
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;

/** Writes the low 64 bits of `value`, big-endian. Throws RangeError beyond the buffer. */
export function putI64(buffer: Buffer, value: bigint, at: number): void {
  long[0] = value;
  buffer.writeInt32BE(halves[HIGH]!, at);
  buffer.writeInt32BE(halves[LOW]!, at + 4);
}

/** A signed, big-endian long. Throws RangeError beyond the buffer. */
export function getI64(buffer: Buffer, at: number): bigint {
  halves[HIGH] = buffer.readInt32BE(at);
  halves[LOW] = buffer.readInt32BE(at + 4);
  return long[0]!;
}

/** Grows as needed; `take()` hands the bytes over and starts anew. */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(initialCapacity = 256) {
    this.#buffer = Buffer.allocUnsafe(initialCapacity);
  }

  get length(): number {
    return this.#length;
  }

  #reserve(count: number): number {
    const at = this.#length;
    const need = at + count;
    if (need > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(need, this.#buffer.length * 2, MIN_CAPACITY));
      this.#buffer.copy(grown, 0, 0, at);
      this.#buffer = grown;
    }
    this.#length = need;
    return at;
  }

  u8(value: number): this {
    const at = this.#reserve(1); // first: it may replace the buffer
    this.#buffer[at] = value;
    return this;
  }

  bool(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  u16(value: number): this {
    const at = this.#reserve(2);
    this.#buffer.writeUInt16BE(value & 0xffff, at);
    return this;
  }

  i32(value: number): this {
    const at = this.#reserve(4);
    this.#buffer.writeInt32BE(value | 0, at);
    return this;
  }

  /** Any bigint; the low 64 bits are written. */
  i64(value: bigint): this {
    const at = this.#reserve(8);
    putI64(this.#buffer, value, at);
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#reserve(value.length);
    this.#buffer.set(value, at);
    return this;
  }

  utf8(value: string): this {
    const size = Buffer.byteLength(value);
    const at = this.#reserve(size);
    this.#buffer.write(value, at, size, 'utf8');
    return this;
  }

  /** Overwrites four bytes written earlier: for a length that is known only afterwards. */
  patchI32(at: number, value: number): this {
    if (at + 4 > this.#length) throw new LabError('ASSERTION', 'patch beyond what is written');
    this.#buffer.writeInt32BE(value | 0, at);
    return this;
  }

  /** A view of what was written from `start` on: valid until the next write. */
  view(start: number): Buffer {
    return this.#buffer.subarray(start, this.#length);
  }

  /** Forgets what was written beyond `length`. */
  truncate(length: number): this {
    if (length > this.#length) throw new LabError('ASSERTION', 'truncate beyond what is written');
    this.#length = length;
    return this;
  }

  /** The bytes written so far; the writer is empty afterwards and never touches them again. */
  take(): Buffer {
    const out = this.#buffer.subarray(0, this.#length);
    this.#buffer = EMPTY;
    this.#length = 0;
    return out;
  }
}

/** Reads in order from a view; nothing is copied except where `copy` says so. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  #advance(count: number): number {
    if (count < 0 || count > this.#end - this.#at) {
      throw new LabError(
        'MALFORMED',
        `malformed bytes: ${count} needed at offset ${this.#at}, ${this.#end - this.#at} left`,
      );
    }
    const at = this.#at;
    this.#at += count;
    return at;
  }

  u8(): number {
    return this.#buffer[this.#advance(1)]!;
  }

  bool(): boolean {
    return this.u8() !== 0;
  }

  u16(): number {
    return this.#buffer.readUInt16BE(this.#advance(2));
  }

  i32(): number {
    return this.#buffer.readInt32BE(this.#advance(4));
  }

  i64(): bigint {
    return getI64(this.#buffer, this.#advance(8));
  }

  /** A view of the next `count` bytes: valid as long as the caller's buffer is. */
  view(count: number): Buffer {
    const at = this.#advance(count);
    return this.#buffer.subarray(at, at + count);
  }

  /** A copy of the next `count` bytes, for what outlives the frame. */
  copy(count: number): Buffer {
    return Buffer.from(this.view(count));
  }

  utf8(count: number): string {
    const at = this.#advance(count);
    return this.#buffer.toString('utf8', at, at + count);
  }

  skip(count: number): void {
    this.#advance(count);
  }
}
