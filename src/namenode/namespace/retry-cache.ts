/**
 * Answers of operations that must not be done twice, by client id and call id, so that a client that lost the reply (a
 * failover among the reasons) gets the first one. Rebuilt from the edit log at the standby. Mirrors
 * org.apache.hadoop.ipc.RetryCache; bounded by entries, where Hadoop bounds it by a part of the heap.
 *
 * Two generations instead of a queue: the older one goes as a whole when the newer is full, so that no call pays for
 * another's age.
 */
export interface RetryEntry<Payload> {
  /** The edit that made it: the answer may be given once this is durable. */
  readonly txid: bigint;
  readonly payload: Payload;
}

interface Held<Payload> extends RetryEntry<Payload> {
  readonly expiresMs: number;
}

export class RetryCache<Payload> {
  #young = new Map<string, Held<Payload>>();
  #old = new Map<string, Held<Payload>>();
  /** When everything in the older generation has expired. */
  #turnAtMs = 0;
  readonly #nowMs: () => number;
  readonly #expiryMs: number;
  readonly #generationEntries: number;

  constructor(options: { nowMs: () => number; expiryMs: number; maxEntries: number }) {
    this.#nowMs = options.nowMs;
    this.#expiryMs = options.expiryMs;
    this.#generationEntries = Math.max(1, options.maxEntries >> 1);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(clientId: Uint8Array, callId: number): RetryEntry<Payload> | undefined {
    if (callId < 0 || clientId.length === 0 || this.size === 0) return undefined;
    const key = keyOf(clientId, callId);
    const held = this.#young.get(key) ?? this.#old.get(key);
    return held === undefined || held.expiresMs < this.#nowMs() ? undefined : held;
  }

  put(clientId: Uint8Array, callId: number, entry: RetryEntry<Payload>): void {
    if (callId < 0 || clientId.length === 0) return;
    const now = this.#nowMs();
    if (this.#young.size >= this.#generationEntries || now >= this.#turnAtMs) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#turnAtMs = now + this.#expiryMs;
    }
    this.#young.set(keyOf(clientId, callId), {
      txid: entry.txid,
      payload: entry.payload,
      expiresMs: now + this.#expiryMs,
    });
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}

function keyOf(clientId: Uint8Array, callId: number): string {
  return `${Buffer.from(clientId.buffer, clientId.byteOffset, clientId.length).toString('latin1')}${callId}`;
}
