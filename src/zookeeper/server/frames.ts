/**
 * Cuts a byte stream into jute packets: int length, then that many bytes. A length that is negative or above the limit
 * is refused as soon as it is seen; nothing is set aside for bytes that have not come.
 */
import { LabError } from '../../base/errors.js';

export class FrameReader {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  /** What has been read of the first chunk. */
  #at = 0;
  /** Bytes that have not been read. */
  #size = 0;

  /** `limit`: longest packet, bytes (`jute.maxbuffer`). */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * The first four bytes without consuming them, or undefined: for the handshake, where they may be a four-letter word.
   */
  peekWord(): Buffer | undefined {
    if (this.#size < 4) return undefined;
    if (this.#chunks[0]!.length - this.#at < 4) this.#join();
    return this.#chunks[0]!.subarray(this.#at, this.#at + 4);
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** The next whole packet, as a view. Throws LabError MALFORMED on a bad length. */
  next(): Buffer | undefined {
    if (this.#size < 4) return undefined;
    if (this.#chunks[0]!.length - this.#at < 4) this.#join();
    const length = this.#chunks[0]!.readInt32BE(this.#at);
    if (length < 0 || length > this.#limit) {
      throw new LabError(
        'MALFORMED',
        `Len error: a packet of ${length} bytes is announced, which is no length, or longer than ` +
          `jute.maxbuffer=${this.#limit}`,
      );
    }
    const whole = 4 + length;
    if (this.#size < whole) return undefined;
    if (this.#chunks[0]!.length - this.#at < whole) this.#join();
    const head = this.#chunks[0]!;
    const end = this.#at + whole;
    const frame = head.subarray(this.#at + 4, end);
    if (end === head.length) {
      this.#chunks.shift();
      this.#at = 0;
    } else {
      this.#at = end;
    }
    this.#size -= whole;
    return frame;
  }

  /** Everything that is left, in one piece. */
  #join(): void {
    const [head, ...rest] = this.#chunks;
    this.#chunks = [Buffer.concat([head!.subarray(this.#at), ...rest])];
    this.#at = 0;
  }
}
