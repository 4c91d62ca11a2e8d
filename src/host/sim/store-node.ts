/**
 * An ordered key-value store as it lies on a simulated disk. Keys are kept as latin1 strings, whose order is that of
 * unsigned bytes. Batches since the last sync can be undone: a power loss takes some of them, from the end.
 */
import type { SeededRandom } from '../../base/prng.js';
import type { StoreOperation } from '../host.js';

type Undo = readonly (readonly [key: string, value: Buffer | undefined])[];

export interface Range {
  readonly gte?: Uint8Array;
  readonly gt?: Uint8Array;
  readonly lte?: Uint8Array;
  readonly lt?: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
}

const keyOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

export class StoreNode {
  readonly kind = 'store';
  readonly #keys: string[] = [];
  readonly #values = new Map<string, Buffer>();
  #unsynced: Undo[] = [];
  /** Batches ever made durable. */
  #synced = 0;

  get(key: Uint8Array): Buffer | undefined {
    const value = this.#values.get(keyOf(key));
    return value === undefined ? undefined : Buffer.from(value);
  }

  /** Applies a batch, which is not durable before `sync`. */
  apply(operations: readonly StoreOperation[]): void {
    const undo: [string, Buffer | undefined][] = [];
    for (const operation of operations) {
      const key = keyOf('put' in operation ? operation.put : operation.delete);
      undo.push([key, this.#values.get(key)]);
      this.#set(key, 'put' in operation ? Buffer.from(operation.value) : undefined);
    }
    this.#unsynced.push(undo);
  }

  /** What is there now, for `syncTo`. */
  mark(): number {
    return this.#synced + this.#unsynced.length;
  }

  /** All batches up to the mark are durable. */
  syncTo(mark: number): void {
    const count = Math.max(0, Math.min(this.#unsynced.length, mark - this.#synced));
    this.#unsynced.splice(0, count);
    this.#synced += count;
  }

  losePower(random: SeededRandom): void {
    const kept = random.below(this.#unsynced.length + 1);
    for (const undo of this.#unsynced.splice(kept).reverse()) {
      for (const [key, value] of [...undo].reverse()) this.#set(key, value);
    }
    this.syncTo(this.mark());
  }

  /** A copy of a range, in order. */
  range({ gte, gt, lte, lt, reverse = false, limit = -1 }: Range): [Buffer, Buffer][] {
    const keys = this.#keys;
    let from = 0;
    let to = keys.length;
    if (gte !== undefined) from = Math.max(from, this.#firstAtLeast(keyOf(gte)));
    if (gt !== undefined) from = Math.max(from, this.#firstAfter(keyOf(gt)));
    if (lte !== undefined) to = Math.min(to, this.#firstAfter(keyOf(lte)));
    if (lt !== undefined) to = Math.min(to, this.#firstAtLeast(keyOf(lt)));
    const found: [Buffer, Buffer][] = [];
    const most = limit < 0 ? Infinity : limit;
    for (let i = 0; i < to - from && found.length < most; i++) {
      const key = keys[reverse ? to - 1 - i : from + i]!;
      found.push([Buffer.from(key, 'latin1'), Buffer.from(this.#values.get(key)!)]);
    }
    return found;
  }

  #set(key: string, value: Buffer | undefined): void {
    const known = this.#values.has(key);
    if (value === undefined) {
      if (!known) return;
      this.#values.delete(key);
      this.#keys.splice(this.#firstAtLeast(key), 1);
    } else {
      this.#values.set(key, value);
      if (known) return;
      // Logs grow at the end.
      const keys = this.#keys;
      if (keys.length === 0 || keys[keys.length - 1]! < key) keys.push(key);
      else keys.splice(this.#firstAtLeast(key), 0, key);
    }
  }

  #firstAtLeast(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #firstAfter(key: string): number {
    const at = this.#firstAtLeast(key);
    return this.#keys[at] === key ? at + 1 : at;
  }
}
