/**
 * The simulated world: machines, the network between them, one virtual clock, and one seed that decides every delay and
 * every loss. The same seed and the same calls give the same run, event for event.
 *
 * Calling order: `createWorld`, `addMachine`…, `machine.launch`…, faults by `at`, then `run`. Between two events all
 * promises settle (every microtask has run), so `await` in a role costs no virtual time and cannot interleave by
 * chance.
 */
import { createHash } from 'node:crypto';
import type { LabEvent, StampedEvent, TraceEvent } from '../../base/events.js';
import { LabError, messageOf } from '../../base/errors.js';
import { SeededRandom } from '../../base/prng.js';
import type { Host } from '../host.js';
import { simDisk } from './disk.js';
import { Instance, type InstanceEnd } from './instance.js';
import type { Kernel } from './kernel.js';
import { Links } from './links.js';
import { Machine } from './machine.js';
import { simNet, type Wiring } from './network.js';
import { EventQueue } from './queue.js';
import { simHost, type LogLevel, type RunCommand } from './sim-host.js';

export interface WorldOptions {
  readonly seed: number | bigint;
  /** Milliseconds since 1970 at virtual time 0. */
  readonly startWallMs?: number;
  /** Commands that roles run; by default each succeeds. */
  readonly runCommand?: RunCommand;
}

export type StampedTrace = TraceEvent & { readonly nowMs: number; readonly role: string; readonly incarnation: number };

export interface WorldObserver {
  onEvent?(event: StampedEvent, nowMs: number, by: Instance | undefined): void;
  onTrace?(event: StampedTrace): void;
  onLog?(role: string, level: LogLevel, message: string, nowMs: number): void;
  onEnd?(instance: Instance, end: InstanceEnd): void;
}

export type RunEnd = 'time' | 'until' | 'idle';

const DEFAULT_START_WALL_MS = Date.UTC(2026, 0, 1);
/** Real event-loop turns are let through after so many events. */
const EVENTS_A_TURN = 20_000;
/** So many events at one moment, and somebody goes round in a circle. */
const MOST_EVENTS_AT_ONCE = 500_000;

export class World {
  readonly seed: number | bigint;
  readonly links: Links;
  readonly #queue = new EventQueue();
  readonly #random: SeededRandom;
  readonly #startWallMs: number;
  readonly #runCommand: RunCommand;
  readonly #machines = new Map<string, Machine>();
  readonly #byAddress = new Map<string, Machine>();
  readonly #incarnations = new Map<string, number>();
  readonly #observers: WorldObserver[] = [];
  readonly #digest = createHash('sha256');
  #digestText = '';
  #nowMs = 0;
  #events = 0;
  #eventsNow = 0;
  readonly #kernel: Kernel;
  readonly #wiring: Wiring;

  constructor({ seed, startWallMs = DEFAULT_START_WALL_MS, runCommand = () => ({ exitCode: 0 }) }: WorldOptions) {
    this.seed = seed;
    this.#random = new SeededRandom(seed);
    this.links = new Links(this.#random.fork());
    this.#startWallMs = startWallMs;
    this.#runCommand = runCommand;
    const world = this;
    this.#kernel = {
      get nowMs() {
        return world.#nowMs;
      },
      schedule: (delayMs, run) => world.#queue.push(world.#nowMs + Math.max(0, delayMs), run),
      random: this.#random.fork(),
    };
    this.#wiring = {
      kernel: this.#kernel,
      links: this.links,
      machineAt: (address) => this.#byAddress.get(address),
      addressOf: (name) => this.#machines.get(name)?.address,
    };
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#startWallMs + Math.floor(this.#nowMs);
  }

  /** Events run so far: the simulator's measure of work. */
  get eventCount(): number {
    return this.#events;
  }

  /** A random sequence of its own for whoever drives the world. */
  forkRandom(): SeededRandom {
    return this.#random.fork();
  }

  observe(observer: WorldObserver): void {
    this.#observers.push(observer);
  }

  addMachine(name: string, address: string): Machine {
    const machine = new Machine(name, address, this.#random.fork(), (on, id, main) => this.#launch(on, id, main));
    this.#machines.set(name, machine);
    this.#byAddress.set(address, machine);
    return machine;
  }

  machine(name: string): Machine {
    const found = this.#machines.get(name);
    if (found === undefined) throw new Error(`no machine ${name}`);
    return found;
  }

  /** For the driver: runs outside any process. */
  at(delayMs: number, run: () => void): void {
    this.#kernel.schedule(delayMs, run);
  }

  /** An event of the driver's own: faults, verdicts. */
  emit(event: LabEvent, role = 'lab'): void {
    this.#record(event, role, undefined);
  }

  /** Both directions. */
  partition(a: string, b: string): void {
    this.links.between(a, b).cut();
    this.links.between(b, a).cut();
  }

  healAll(): void {
    for (const link of this.links.all()) {
      link.heal();
      link.clearFaults();
    }
  }

  /** Over everything that happened: equal for equal runs. */
  digest(): string {
    this.#digest.update(this.#digestText);
    this.#digestText = '';
    return this.#digest.copy().digest('hex').slice(0, 16);
  }

  #launch(machine: Machine, id: string, main: (host: Host) => unknown): Instance {
    const incarnation = (this.#incarnations.get(id) ?? 0) + 1;
    this.#incarnations.set(id, incarnation);
    const instance = new Instance(this.#kernel, id, machine.name, incarnation, (ended, end) => {
      machine.clear(ended);
      this.#note(`end ${ended.id} ${end.how} ${end.code}`);
      for (const observer of this.#observers) observer.onEnd?.(ended, end);
    });
    const host = simHost({
      kernel: this.#kernel,
      instance,
      startWallMs: this.#startWallMs,
      net: simNet(this.#wiring, machine, instance),
      disk: simDisk(this.#kernel, machine, instance),
      random: this.#random.fork(),
      runCommand: this.#runCommand,
      onEvent: (event) => this.#record(event, id, instance),
      onTrace: (event) => {
        const stamped = { ...event, nowMs: this.#nowMs, role: id, incarnation };
        this.#note(lineOf(stamped));
        for (const observer of this.#observers) observer.onTrace?.(stamped);
      },
      onLog: (level, message) => {
        for (const observer of this.#observers) observer.onLog?.(id, level, message, this.#nowMs);
      },
    });
    instance.schedule(0.5 + this.#random.unit(), () => {
      const failed = (error: unknown): void =>
        instance.dispatch(() =>
          instance.finish({
            how: 'exit',
            code: 1,
            reason: `could not start: ${messageOf(error)}`,
            error,
          }),
        );
      void Promise.resolve(main(host)).catch(failed);
    });
    return instance;
  }

  #record(event: LabEvent, role: string, by: Instance | undefined): void {
    const stamped: StampedEvent = { ...event, wallMs: this.wallMs(), role };
    this.#note(`${this.#nowMs} ${lineOf(stamped)}`);
    for (const observer of this.#observers) observer.onEvent?.(stamped, this.#nowMs, by);
  }

  #note(line: string): void {
    this.#digestText += `${line}\n`;
    if (this.#digestText.length < 1 << 16) return;
    this.#digest.update(this.#digestText);
    this.#digestText = '';
  }

  /**
   * Runs until the virtual time is reached, `until` holds (asked after every event) or nothing is left to happen. Time
   * then stands at `untilMs`, or at the last event. Rejects LabError `LIVELOCK` when it never goes on.
   */
  run({ untilMs = Infinity, until }: { untilMs?: number; until?: () => boolean }): Promise<RunEnd> {
    return new Promise((resolve, reject) => {
      const step = (): void => {
        try {
          if (until?.() === true) {
            resolve('until');
            return;
          }
          const next = this.#queue.peek();
          if (next === undefined || next.atMs > untilMs) {
            if (untilMs !== Infinity) this.#nowMs = Math.max(this.#nowMs, untilMs);
            resolve(next === undefined ? 'idle' : 'time');
            return;
          }
          this.#queue.pop();
          this.#eventsNow = next.atMs === this.#nowMs ? this.#eventsNow + 1 : 0;
          if (this.#eventsNow > MOST_EVENTS_AT_ONCE)
            throw new LabError(
              'LIVELOCK',
              `${this.#eventsNow} events at one moment, ${this.#nowMs} ms: the time stands still`,
            );
          this.#nowMs = next.atMs;
          next.run!();
        } catch (error) {
          reject(error as Error);
          return;
        }
        if (++this.#events % EVENTS_A_TURN === 0) setImmediate(step);
        else queueMicrotask(afterMicrotasks);
      };
      // Node runs the next-tick queue only when no microtask is left: all promises have settled by then.
      const afterMicrotasks = (): void => process.nextTick(step);
      setImmediate(step);
    });
  }
}

/** For the digest only: quick, and the same for the same event. */
function lineOf(event: object): string {
  let line = '';
  for (const key in event) line += `${String((event as Record<string, unknown>)[key])} `;
  return line;
}

export function createWorld(options: WorldOptions): World {
  return new World(options);
}
