/**
 * Answers of operations that must not be done twice, by client id and call id, so that a client that lost the reply (a failover
 * among the reasons) gets the first one. Rebuilt from the edit log at the standby. Mirrors org.apache.hadoop.ipc.RetryCache;
 * bounded by entries, where Hadoop bounds it by a part of the heap.
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
  readonly #entries = new Map<string, Held<Payload>>();
  readonly #nowMs: () => number;
  readonly #expiryMs: number;
  readonly #maxEntries: number;

  constructor(options: { nowMs: () => number; expiryMs: number; maxEntries: number }) {
    this.#nowMs = options.nowMs;
    this.#expiryMs = options.expiryMs;
    this.#maxEntries = options.maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(clientId: Uint8Array, callId: number): RetryEntry<Payload> | undefined {
    if (this.#entries.size === 0 || callId < 0 || clientId.length === 0) return undefined;
    const held = this.#entries.get(keyOf(clientId, callId));
    return held === undefined || held.expiresMs < this.#nowMs() ? undefined : held;
  }

  put(clientId: Uint8Array, callId: number, entry: RetryEntry<Payload>): void {
    if (callId < 0 || clientId.length === 0) return;
    const now = this.#nowMs();
    const key = keyOf(clientId, callId);
    this.#entries.delete(key);
    this.#entries.set(key, { ...entry, expiresMs: now + this.#expiryMs });
    // Every entry lives equally long, so the oldest are first.
    for (const [old, held] of this.#entries) {
      if (held.expiresMs >= now && this.#entries.size <= this.#maxEntries) break;
      this.#entries.delete(old);
    }
  }

  clear(): void {
    this.#entries.clear();
  }
}

function keyOf(clientId: Uint8Array, callId: number): string {
  return `${Buffer.from(clientId.buffer, clientId.byteOffset, clientId.length).toString('latin1')}${callId}`;
}
