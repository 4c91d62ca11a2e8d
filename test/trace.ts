/**
 * Traces: stories that are tests. A `.trace` file opens with prose (lines that begin with `#`); commands follow,
 * each with what it printed below `----`, up to an empty line. Running a trace gives the same text again with
 * today's output, and `vitest -u` writes it down. One runner for all of them: `runTrace` reads the file, `TraceGroup`
 * drives one machine or several that talk to each other, each by the real driver (base/machine.ts) over a virtual
 * clock, disk and network.
 *
 * Commands that every group understands:
 * | command | what it does |
 * |---|---|
 * | `deliver [a->b ...]` | hands over what is on its way on these links (all links: until nothing moves any more) |
 * | `lose [a->b ...]` | drops what is on its way there |
 * | `sync NAME ...` | the disk of NAME holds all that was stored so far |
 * | `timer NAME TIMER` | the timer goes off now |
 * | `pass MS` | time goes by; timers that are due go off in order |
 * | `crash NAME ...` | it is gone, with its timers, its unsynced effects and what is on its way from and to it |
 * | `show` | the state of each machine |
 */
import { readFileSync } from 'node:fs';
import { Driver } from '../src/base/machine.js';
import type { After, Carried, Machine } from '../src/base/machine.js';

export interface Command {
  readonly name: string;
  readonly args: readonly string[];
  /** `key=value` arguments. */
  readonly options: Readonly<Record<string, string>>;
}

export function runTrace(path: string, execute: (command: Command) => readonly string[]): string {
  const out: string[] = [];
  let skipping = false;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (skipping) {
      if (line !== '') continue;
      skipping = false;
    }
    if (line === '----') {
      skipping = true;
      continue;
    }
    if (line === '' || line.startsWith('#')) {
      if (line !== '' || out[out.length - 1] !== '') out.push(line);
      continue;
    }
    const words = line.split(/\s+/);
    const args = words.slice(1).filter((word) => !word.includes('='));
    const options = Object.fromEntries(
      words
        .slice(1)
        .filter((word) => word.includes('='))
        .map((word) => word.split('=') as [string, string]),
    );
    out.push(line, '----', ...execute({ name: words[0]!, args, options }), '');
  }
  while (out[out.length - 1] === '') out.pop();
  return `${out.join('\n')}\n`;
}

/** `{ type: 'lockStat', code: 0, owner: 17n }` reads `lockStat code=0 owner=0x11`. */
export function valueText(value: { readonly type: string }): string {
  const rest = Object.entries(value)
    .filter(([key, entry]) => key !== 'type' && entry !== undefined)
    .map(([key, entry]) => `${key}=${show(entry)}`);
  return [value.type, ...rest].join(' ');
}

function show(value: unknown): string {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (Buffer.isBuffer(value)) {
    if (value.length === 0) return "''";
    return value.every((byte) => byte >= 0x20 && byte < 0x7f) ? value.toString('latin1') : value.toString('hex');
  }
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, entry]) => `${key}: ${show(entry)}`)
      .join(', ')}}`;
  }
  return String(value);
}

interface AnyEffect {
  readonly type: string;
  readonly after?: After;
}

export interface MemberOptions<Input, Effect> {
  /** How an effect reads; undefined: it is not shown. Without it: `valueText`, and no log lines. */
  text?(effect: Effect): string | undefined;
  /** What an effect does to the rest of the group, for example `group.send`; may answer the machine at once. */
  carryOut?(effect: Carried<Effect>): Input | void;
  /** For `show`. */
  state?(): string;
}

interface Member {
  readonly feed: (input: unknown) => void;
  readonly stop: () => void;
  readonly syncs: (() => void)[];
  readonly timers: Map<string, { readonly dueMs: number; readonly fire: () => void }>;
  readonly state: () => string;
}

interface Letter {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly input: unknown;
}

/** More deliveries than this in one command: the machines answer each other for ever. */
const MOST_DELIVERIES = 10_000;

export class TraceGroup {
  nowMs = 0;
  #lines: string[] = [];
  readonly #members = new Map<string, Member>();
  #letters: Letter[] = [];

  /** A machine of this name, in place of an earlier one. */
  add<Input, Effect extends AnyEffect>(
    name: string,
    machine: Machine<Input, Effect>,
    options: MemberOptions<Input, Effect> = {},
  ): void {
    this.#members.get(name)?.stop();
    const syncs: (() => void)[] = [];
    const timers: Member['timers'] = new Map();
    const text = options.text ?? ((effect: Effect) => (effect.type === 'log' ? undefined : valueText(effect)));
    const tell = (effect: Effect, when: string): void => {
      const line = text(effect);
      if (line !== undefined) this.say(`${name} ${line}${when}`);
    };
    const driver = new Driver<Input, Effect>(
      {
        step: (input, nowMs) => {
          const effects = machine.step(input, nowMs);
          for (const effect of effects) tell(effect, effect.after === 'sync' ? ', after sync' : '');
          return effects;
        },
      },
      {
        clock: {
          nowMs: () => this.nowMs,
          after: (delayMs, fire, timer) => {
            const entry = { dueMs: this.nowMs + delayMs, fire };
            timers.set(timer, entry);
            return {
              cancel: () => {
                if (timers.get(timer) === entry) timers.delete(timer);
              },
            };
          },
        },
        random: { unit: () => 0 },
        whenDurable: (callback) => void syncs.push(callback),
        carryOut: (effect) => {
          const held = effect as unknown as Effect;
          if (held.after === 'sync') tell(held, '');
          const answer = options.carryOut?.(effect);
          if (answer !== undefined) driver.feed(answer as Input);
        },
      },
    );
    this.#members.set(name, {
      feed: (input) => driver.feed(input as Input),
      stop: () => driver.stop(),
      syncs,
      timers,
      state: options.state ?? (() => ''),
    });
  }

  /** A line of the trace. */
  say(line: string): void {
    this.#lines.push(line);
  }

  /** Puts a message on the link; it arrives as `input` when it is delivered. */
  send(from: string, to: string, text: string, input: unknown): void {
    this.#letters.push({ from, to, text, input });
  }

  feed(name: string, input: unknown): void {
    this.#member(name).feed(input);
  }

  /** What was said since the last call, or `nothing`. */
  take(): readonly string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines.length === 0 ? ['nothing'] : lines;
  }

  /** Carries out a command that every group understands; false: it is none. */
  common({ name, args }: Command): boolean {
    switch (name) {
      case 'deliver':
        this.#deliver(args);
        return true;
      case 'lose':
        this.#letters = this.#letters.filter((letter) => !onLink(letter, args));
        return true;
      case 'sync':
        for (const member of args) for (const done of this.#member(member).syncs.splice(0)) done();
        return true;
      case 'timer':
        this.#fire(args[0]!, args[1]!);
        return true;
      case 'pass':
        this.#pass(Number(args[0]));
        return true;
      case 'crash':
        for (const member of args) {
          this.#member(member).stop();
          this.#members.delete(member);
          this.#letters = this.#letters.filter(({ from, to }) => from !== member && to !== member);
        }
        return true;
      case 'show':
        for (const [member, { state }] of this.#members) this.say(`${member} ${state()}`);
        return true;
      default:
        return false;
    }
  }

  #member(name: string): Member {
    const found = this.#members.get(name);
    if (found === undefined) throw new Error(`no machine ${name}; there are ${[...this.#members.keys()].join(', ')}`);
    return found;
  }

  #deliver(links: readonly string[]): void {
    // On named links: what is there now. On all: what comes of it, too.
    let left = links.length > 0 ? this.#letters.filter((letter) => onLink(letter, links)).length : MOST_DELIVERIES;
    for (; left > 0; left--) {
      const at = this.#letters.findIndex((letter) => onLink(letter, links));
      if (at < 0) return;
      const [letter] = this.#letters.splice(at, 1);
      const { from, to, text, input } = letter!;
      this.say(`${from}->${to} ${text}`);
      const before = this.#lines;
      this.#lines = [];
      this.#members.get(to)?.feed(input);
      before.push(...this.#lines.map((line) => `  ${line}`));
      this.#lines = before;
    }
    if (links.length === 0) throw new Error(`still moving after ${MOST_DELIVERIES} messages`);
  }

  #fire(name: string, timer: string): void {
    const { timers } = this.#member(name);
    const found = timers.get(timer);
    if (found === undefined)
      throw new Error(`${name} has no timer ${timer} set, only ${[...timers.keys()].join(', ')}`);
    timers.delete(timer);
    found.fire();
  }

  #pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      let next: { name: string; timer: string; dueMs: number } | undefined;
      for (const [name, { timers }] of this.#members) {
        for (const [timer, { dueMs }] of timers) {
          if (dueMs <= untilMs && (next === undefined || dueMs < next.dueMs)) next = { name, timer, dueMs };
        }
      }
      if (next === undefined) break;
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      this.say(`${next.name} timer ${next.timer}`);
      this.#fire(next.name, next.timer);
    }
    this.nowMs = untilMs;
  }
}

function onLink({ from, to }: Letter, links: readonly string[]): boolean {
  return links.length === 0 || links.includes(`${from}->${to}`);
}
