/**
 * The one shape of every protocol decision, and the one driver that carries decisions out.
 *
 * A machine takes an input and the time, changes its own state and returns effects: plain data, told apart by `type`.
 * It never waits, and it touches neither disk, network, clock nor chance. A class says `implements Machine<Input,
 * Effect>`, and test/tidy holds such files to it. The shell around a machine (`Leader` in leader.ts, `LeaderShell` in
 * leader-shell.ts) owns the I/O: it feeds inputs to a driver and tells the driver how to carry out an effect.
 *
 * What the driver promises:
 * - Inputs are taken one at a time, in order. An input fed while effects are carried out waits for its turn.
 * - Effects are carried out in order. One whose carrying out returns a promise holds up all that follows, inputs too,
 *   until the promise resolves. An input that the promise resolves with is taken before all others.
 * - An effect with `after: 'sync'` is set aside until everything stored by the effects before it is durable. What
 *   follows does not wait for it. Effects set aside keep their order among themselves. This is how "sync before ACK"
 *   is written down, and this file is the only place that knows how it is done.
 * - When carrying out fails, nothing that followed is ever carried out: the driver stops, and the shell is told.
 * - Timers are data: `setTimer` replaces the timer of that name, `clearTimer` ends it, and `timer` is the input when it
 *   goes off. The names of a machine's timers are a closed set, its type parameter.
 */

export interface Machine<Input, Effect> {
  /** `nowMs`: monotonic milliseconds. The caller may keep the effects: they do not change afterwards. */
  step(input: Input, nowMs: number): readonly Effect[];
}

/** Set aside until what was stored before is durable. */
export type After = 'sync';

export type TimerEffect<Name extends string> =
  /** Goes off once, after `delayMs`, and up to `jitterMs` later by chance. */
  | { readonly type: 'setTimer'; readonly timer: Name; readonly delayMs: number; readonly jitterMs?: number }
  | { readonly type: 'clearTimer'; readonly timer: Name };

export interface TimerInput<Name extends string> {
  readonly type: 'timer';
  readonly timer: Name;
}

/** The part of a Host's clock that a driver needs. */
export interface DriverClock {
  nowMs(): number;
  /** `timer`: the timer's name, for those who show it. */
  after(delayMs: number, callback: () => void, timer: string): { cancel(): void };
}

/** What a shell can be asked to carry out: timers are the driver's own business. */
export type Carried<Effect> = Exclude<Effect, TimerEffect<string>>;

export interface DriverWorld<Input, Effect> {
  readonly clock: DriverClock;
  /** Needed where timers have jitter. */
  readonly random?: { unit(): number };
  /** A promise: the effect is done when it resolves. */
  carryOut(effect: Carried<Effect>): void | Promise<Input | void>;
  /** Calls back, never at once, when all that was stored before this call is durable. Needed for `after: 'sync'`. */
  whenDurable?(callback: () => void): void;
  /** Carrying out failed, and the driver has stopped. Without it, what is thrown passes through. */
  failed?(error: unknown): void;
}

interface AnyEffect {
  readonly type: string;
  readonly after?: After;
}

export class Driver<Input, Effect extends AnyEffect> {
  readonly #machine: Machine<Input, Effect>;
  readonly #world: DriverWorld<Input, Effect>;
  readonly #inputs = new Fifo<Input>();
  readonly #effects = new Fifo<Effect>();
  /** Effects whose sync is done. */
  readonly #due = new Fifo<Effect>();
  /** Effects that all wait for the same sync; undefined when the next one must ask for a sync of its own. */
  #aside: Effect[] | undefined;
  #asideCount = 0;
  readonly #timers = new Map<string, { cancel(): void }>();
  #running = false;
  /** An effect's promise is under way. */
  #waiting = false;
  #stopped = false;

  constructor(machine: Machine<Input, Effect>, world: DriverWorld<Input, Effect>) {
    this.#machine = machine;
    this.#world = world;
  }

  /** Nothing is under way, and nothing is set aside. */
  get idle(): boolean {
    return !this.#running && !this.#waiting && this.#asideCount === 0;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  feed(input: Input): void {
    if (this.#stopped) return;
    // With nothing under way there is nothing before it.
    if (this.#running || this.#waiting) this.#inputs.push(input);
    else this.#run(input);
  }

  /** Nothing is carried out from here on, and no timer goes off. */
  stop(): void {
    this.#stopped = true;
    this.#inputs.clear();
    this.#effects.clear();
    this.#due.clear();
    this.#aside = undefined;
    this.#asideCount = 0;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  /** Does all that there is to do, beginning with `input`. */
  #run(input?: Input): void {
    if (this.#running || this.#waiting) return;
    this.#running = true;
    try {
      if (input !== undefined) this.#step(input);
      while (!this.#waiting && this.#next());
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#running = false;
    }
  }

  /** Does the next thing; false if there is none. */
  #next(): boolean {
    const due = this.#due.shift();
    if (due !== undefined) {
      this.#begin(due);
      return true;
    }
    const effect = this.#effects.shift();
    if (effect !== undefined) {
      this.#take(effect);
      return true;
    }
    const input = this.#inputs.shift();
    if (input === undefined) return false;
    this.#step(input);
    return true;
  }

  /** No effect waits when an input has its turn. */
  #step(input: Input): void {
    const effects = this.#machine.step(input, this.#world.clock.nowMs());
    // So a lone one goes at once.
    if (effects.length === 1) this.#take(effects[0]!);
    else for (const effect of effects) this.#effects.push(effect);
  }

  #take(effect: Effect): void {
    if (effect.after === 'sync') this.#setAside(effect);
    else this.#begin(effect);
  }

  #begin(effect: Effect): void {
    // It may store something: what is set aside after it needs a sync of its own.
    this.#aside = undefined;
    this.#carryOut(effect);
  }

  #setAside(effect: Effect): void {
    this.#asideCount++;
    if (this.#aside !== undefined) {
      this.#aside.push(effect);
      return;
    }
    const group = [effect];
    this.#aside = group;
    this.#world.whenDurable!(() => {
      if (this.#stopped) return;
      if (this.#aside === group) this.#aside = undefined;
      this.#asideCount -= group.length;
      for (const due of group) this.#due.push(due);
      this.#run();
    });
  }

  #carryOut(effect: Effect): void {
    if (effect.type === 'setTimer' || effect.type === 'clearTimer') {
      this.#timer(effect as unknown as TimerEffect<string>);
      return;
    }
    const done = this.#world.carryOut(effect as Carried<Effect>);
    if (done === undefined) return;
    this.#waiting = true;
    done.then(
      (input) => {
        this.#waiting = false;
        if (this.#stopped) return;
        if (input !== undefined) this.#inputs.unshift(input as Input);
        this.#run();
      },
      (error: unknown) => {
        this.#waiting = false;
        if (!this.#stopped) this.#fail(error);
      },
    );
  }

  #timer(effect: TimerEffect<string>): void {
    const { timer: name } = effect;
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
    if (effect.type === 'clearTimer') return;
    const jitterMs = effect.jitterMs === undefined ? 0 : effect.jitterMs * this.#world.random!.unit();
    const timer = this.#world.clock.after(
      effect.delayMs + jitterMs,
      () => {
        if (this.#timers.get(name) !== timer) return;
        this.#timers.delete(name);
        this.feed({ type: 'timer', timer: name } as Input);
      },
      name,
    );
    this.#timers.set(name, timer);
  }

  #fail(error: unknown): void {
    this.stop();
    if (this.#world.failed === undefined) throw error;
    this.#world.failed(error);
  }
}

/** An emptied queue keeps its array up to this length, for those that come next. */
const KEPT_LENGTH = 1024;

/** A queue whose head is taken without moving the rest. */
class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;
  #tail = 0;

  push(item: T): void {
    this.#items[this.#tail++] = item;
  }

  /** Puts it before all others. */
  unshift(item: T): void {
    if (this.#head > 0) this.#items[--this.#head] = item;
    else {
      this.#items.unshift(item);
      this.#tail++;
    }
  }

  shift(): T | undefined {
    if (this.#head === this.#tail) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#tail) {
      if (this.#tail > KEPT_LENGTH) this.#items = [];
      this.#head = this.#tail = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = this.#tail = 0;
  }
}
