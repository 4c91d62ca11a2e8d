/**
 * Carries out the effects of a machine in order, also those of an input that an effect brought about: they come after,
 * never in between.
 */
export class EffectQueue<Effect> {
  readonly #carryOut: (effect: Effect) => void;
  readonly #effects: Effect[] = [];
  #running = false;

  constructor(carryOut: (effect: Effect) => void) {
    this.#carryOut = carryOut;
  }

  add(effects: readonly Effect[]): void {
    this.#effects.push(...effects);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let effect = this.#effects.shift(); effect !== undefined; effect = this.#effects.shift())
        this.#carryOut(effect);
    } finally {
      this.#running = false;
    }
  }
}
