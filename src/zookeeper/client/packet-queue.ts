/**
 * Requests whose answers are due, first in first out: an array with a moving head, so that neither end costs a copy.
 */
import type { ByteReader } from '../../base/bytes.js';
import type { WatchKind, Watcher } from './watches.js';

/**
 * An ErrorCode (0: well) and, where there is one, the result. No error object is made: hot paths fail by the thousand.
 */
export type Callback<T> = (code: number, result: T | undefined) => void;

export interface Packet {
  readonly xid: number;
  /** The caller's path, for the watch. */
  readonly path: string | undefined;
  readonly decode: ((r: ByteReader) => unknown) | undefined;
  readonly callback: Callback<unknown>;
  readonly watcher: Watcher | undefined;
  readonly watchKind: WatchKind | undefined;
}

export class PacketQueue {
  #items: (Packet | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(packet: Packet): void {
    this.#items.push(packet);
  }

  shift(): Packet | undefined {
    if (this.#head === this.#items.length) return undefined;
    const packet = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return packet;
  }

  /** Puts back what `shift` has just taken. */
  unshift(packet: Packet): void {
    this.#items = [packet, ...this.#items.slice(this.#head)];
    this.#head = 0;
  }

  takeAll(): readonly Packet[] {
    const all = this.#items.slice(this.#head) as Packet[];
    this.#items = [];
    this.#head = 0;
    return all;
  }

  moveTo(other: PacketQueue): void {
    for (const packet of this.takeAll()) other.push(packet);
  }
}
