/**
 * The network between machines, one link a direction: latency, delay, loss (which TCP turns into lateness), and cuts. A
 * cut link loses nothing that TCP would retransmit: bytes wait and go on some time after it is healed.
 */
import type { SeededRandom } from '../../base/prng.js';

/** TCP's first retransmission. */
const RETRANSMIT_MS = 200;

export interface LinkFaults {
  /** Added to every piece, and a random part of `jitterMs`. */
  readonly delayMs: number;
  readonly jitterMs: number;
  /** Chance of a piece to need a retransmission, 0..1. */
  readonly loss: number;
}

const NO_FAULTS: LinkFaults = Object.freeze({ delayMs: 0, jitterMs: 0, loss: 0 });

export class Link {
  readonly from: string;
  readonly to: string;
  faults: LinkFaults = NO_FAULTS;
  #cut = false;
  readonly #random: SeededRandom;
  #waiting: (() => void)[] = [];

  constructor(from: string, to: string, random: SeededRandom) {
    this.from = from;
    this.to = to;
    this.#random = random;
  }

  get isCut(): boolean {
    return this.#cut;
  }

  cut(): void {
    if (this.from !== this.to) this.#cut = true;
  }

  heal(): void {
    if (!this.#cut) return;
    this.#cut = false;
    for (const callback of this.#waiting.splice(0)) callback();
  }

  clearFaults(): void {
    this.faults = NO_FAULTS;
  }

  /** Called at the healing. */
  whenHealed(callback: () => void): void {
    this.#waiting.push(callback);
  }

  latencyMs(): number {
    const random = this.#random;
    if (this.from === this.to) return 0.02 + 0.06 * random.unit();
    let latency = 0.15 + 0.25 * random.unit();
    // A switch's queue, a scheduler's whim.
    if (random.below(64) === 0) latency += 8 * random.unit() * random.unit();
    const { delayMs, jitterMs, loss } = this.faults;
    latency += delayMs + jitterMs * random.unit();
    if (loss > 0)
      for (let backoff = RETRANSMIT_MS; random.unit() < loss && backoff < 60_000; backoff *= 2) latency += backoff;
    return latency;
  }

  /** After the healing: when TCP tries again. */
  retransmissionMs(): number {
    return 5 + 1000 * this.#random.unit() * this.#random.unit();
  }
}

/** All links, made as they are asked for. */
export class Links {
  readonly #links = new Map<string, Link>();
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  between(from: string, to: string): Link {
    const key = `${from}>${to}`;
    let link = this.#links.get(key);
    if (link === undefined) this.#links.set(key, (link = new Link(from, to, this.#random.fork())));
    return link;
  }

  all(): readonly Link[] {
    return [...this.#links.values()];
  }
}
