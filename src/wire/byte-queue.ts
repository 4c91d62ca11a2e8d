/**
 * Bytes as they arrive, handed out in the pieces a protocol asks for. Holds only what has arrived, copies only where a
 * piece spans chunks, and never allocates by a length that bytes claim.
 */
export class ByteQueue {
  #chunks: Buffer[] = [];
  /** Consumed bytes of the first chunk. */
  #offset = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The next `count` bytes, consumed; undefined while fewer have arrived. */
  take(count: number): Buffer | undefined {
    if (count > this.#length) return undefined;
    const bytes = this.peek(count);
    this.#drop(count);
    return bytes;
  }

  /** The next `count` (<= length) bytes, not consumed. */
  peek(count: number): Buffer {
    const first = this.#chunks[0];
    if (first === undefined || count === 0) return Buffer.alloc(0);
    if (first.length - this.#offset >= count) return first.subarray(this.#offset, this.#offset + count);
    const out = Buffer.allocUnsafeSlow(count);
    let filled = first.copy(out, 0, this.#offset);
    for (let i = 1; filled < count; i++) filled += this.#chunks[i]!.copy(out, filled, 0, count - filled);
    return out;
  }

  clear(): void {
    this.#chunks = [];
    this.#offset = 0;
    this.#length = 0;
  }

  #drop(count: number): void {
    this.#length -= count;
    let at = this.#offset + count;
    let chunks = 0;
    while (chunks < this.#chunks.length && at >= this.#chunks[chunks]!.length) at -= this.#chunks[chunks++]!.length;
    if (chunks > 0) this.#chunks.splice(0, chunks);
    this.#offset = at;
  }
}
