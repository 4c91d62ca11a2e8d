/** What is to happen, in order of virtual time; ties in the order of scheduling. A binary heap. */
export interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  /** Undefined: cancelled. */
  run: (() => void) | undefined;
}

const before = (a: Scheduled, b: Scheduled): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

export class EventQueue {
  readonly #heap: Scheduled[] = [];
  #order = 0;

  push(atMs: number, run: () => void): Scheduled {
    const item: Scheduled = { atMs, order: this.#order++, run };
    const heap = this.#heap;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(item, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = item;
    return item;
  }

  /** The next one that is not cancelled; it stays in the queue. */
  peek(): Scheduled | undefined {
    while (this.#heap.length > 0 && this.#heap[0]!.run === undefined) this.#drop();
    return this.#heap[0];
  }

  pop(): Scheduled | undefined {
    const next = this.peek();
    if (next !== undefined) this.#drop();
    return next;
  }

  #drop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
