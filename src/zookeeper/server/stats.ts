/**
 * What `srvr`, `stat`, `cons` and `mntr` count. Mirrors org.apache.zookeeper.server.ServerStats and the statistics of
 * ServerCnxn.
 */
export class Latency {
  min = 0;
  max = 0;
  #sum = 0;
  #count = 0;

  /** Whole milliseconds, as ZooKeeper counts them. */
  add(ms: number): void {
    const whole = ms < 0 ? 0 : Math.floor(ms);
    if (this.#count === 0 || whole < this.min) this.min = whole;
    if (whole > this.max) this.max = whole;
    this.#sum += whole;
    this.#count++;
  }

  get average(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  reset(): void {
    this.min = 0;
    this.max = 0;
    this.#sum = 0;
    this.#count = 0;
  }
}

/** Last, smallest and largest of a series of sizes; -1 before the first. Mirrors BufferStats. */
export class Sizes {
  last = -1;
  min = -1;
  max = -1;

  add(size: number): void {
    this.last = size;
    if (this.min === -1 || size < this.min) this.min = size;
    if (size > this.max) this.max = size;
  }

  reset(): void {
    this.last = this.min = this.max = -1;
  }

  toString(): string {
    return `${this.last}/${this.min}/${this.max}`;
  }
}

export class ServerStats {
  readonly latency = new Latency();
  readonly proposals = new Sizes();
  readonly responses = new Sizes();
  packetsReceived = 0;
  packetsSent = 0;

  reset(): void {
    this.latency.reset();
    this.responses.reset();
    this.packetsReceived = 0;
    this.packetsSent = 0;
  }
}

/** Two to four decimals, as Java prints the average it has rounded: 0.0, 0.25, 1.3333. */
export function averageText(value: number): string {
  const rounded = Math.round(value * 10000) / 10000;
  return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
}
