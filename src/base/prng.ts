/** Seeded random numbers (sfc32): the same seed gives the same sequence everywhere. Not for secrets. */
export interface Random {
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  /** Uniform in [0, 1). */
  unit(): number;
  /** 64 random bits, unsigned. */
  bits64(): bigint;
}

export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #d = 1;

  constructor(seed: number | bigint, stream = 0) {
    const wide = BigInt.asUintN(64, BigInt(seed));
    this.#a = Number(wide & 0xffffffffn) | 0;
    this.#b = Number(wide >> 32n) | 0;
    this.#c = stream | 0;
    for (let i = 0; i < 16; i++) this.#next();
  }

  #next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + t) | 0;
    return t >>> 0;
  }

  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }

  unit(): number {
    return this.#next() / 4294967296;
  }

  bits64(): bigint {
    return (BigInt(this.#next()) << 32n) | BigInt(this.#next());
  }

  /** An independent sequence, so that one part's use of randomness does not shift another's. */
  fork(): SeededRandom {
    return new SeededRandom(this.bits64(), this.#next());
  }
}
