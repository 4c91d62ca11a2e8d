/**
 * Cuts a byte stream into jute packets: int length, then that many bytes. A length that is negative or above the limit
 * is refused as soon as it is seen; nothing is set aside for bytes that have not come.
 */
import { LabError } from '../../base/errors.js';

export class FrameReader {
  readonly #limit: number;
  #chunks: Buffer[] = [];
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
    const all = this.#join();
    return all.subarray(0, 4);
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** The next whole packet, as a view. Throws LabError MALFORMED on a bad length. */
  next(): Buffer | undefined {
    if (this.#size < 4) return undefined;
    if (this.#chunks[0]!.length < 4) this.#join();
    let head = this.#chunks[0]!;
    const length = head.readInt32BE(0);
    if (length < 0 || length > this.#limit) {
      throw new LabError(
        'MALFORMED',
        `Len error: a packet of ${length} bytes is announced, which is no length, or longer than ` +
          `jute.maxbuffer=${this.#limit}`,
      );
    }
    if (this.#size < 4 + length) return undefined;
    if (head.length < 4 + length) head = this.#join();
    const frame = head.subarray(4, 4 + length);
    if (head.length === 4 + length) this.#chunks.shift();
    else this.#chunks[0] = head.subarray(4 + length);
    this.#size -= 4 + length;
    return frame;
  }

  #join(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }
}
