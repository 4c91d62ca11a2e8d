/**
 * One process: a role from its launch to its end. Whatever the world calls back goes through `dispatch`, so a dead
 * process never runs again (its promises simply never settle) and a paused one handles nothing until it is resumed.
 */
import type { Kernel, Process } from './kernel.js';
import type { Scheduled } from './queue.js';

export type InstanceState = 'running' | 'paused' | 'dead';

export interface InstanceEnd {
  /** `exit`: by its own word. `crash`: threw. `kill`: SIGKILL. `power`: with its machine. */
  readonly how: 'exit' | 'crash' | 'kill' | 'power';
  readonly code: number;
  readonly reason: string;
  readonly error?: unknown;
}

export class Instance implements Process {
  readonly id: string;
  readonly machineName: string;
  /** 1 for the first process of this id, and so on. */
  readonly incarnation: number;
  readonly #kernel: Kernel;
  readonly #onEnd: (instance: Instance, end: InstanceEnd) => void;
  #state: InstanceState = 'running';
  #parked: (() => void)[] = [];
  #end: InstanceEnd | undefined;

  constructor(
    kernel: Kernel,
    id: string,
    machineName: string,
    incarnation: number,
    onEnd: (instance: Instance, end: InstanceEnd) => void,
  ) {
    this.#kernel = kernel;
    this.id = id;
    this.machineName = machineName;
    this.incarnation = incarnation;
    this.#onEnd = onEnd;
  }

  get state(): InstanceState {
    return this.#state;
  }

  get dead(): boolean {
    return this.#state === 'dead';
  }

  get end(): InstanceEnd | undefined {
    return this.#end;
  }

  dispatch(callback: () => void): void {
    if (this.#state === 'dead') return;
    if (this.#state === 'paused') {
      this.#parked.push(callback);
      return;
    }
    try {
      callback();
    } catch (error) {
      this.finish({
        how: 'crash',
        code: 1,
        reason: `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        error,
      });
    }
  }

  schedule(delayMs: number, callback: () => void): Scheduled {
    return this.#kernel.schedule(delayMs, () => this.dispatch(callback));
  }

  /** SIGKILL: what the kernel holds stays, what the process held is gone. */
  kill(): void {
    this.finish({ how: 'kill', code: 137, reason: 'killed by SIGKILL' });
  }

  /** SIGSTOP: sockets stay open and buffer, timers that fall due wait. */
  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  /** SIGCONT. */
  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    for (const callback of this.#parked.splice(0)) this.#kernel.schedule(0, () => this.dispatch(callback));
  }

  /** For the machine and the host: ends the process once. */
  finish(end: InstanceEnd): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.#parked = [];
    this.#end = end;
    this.#onEnd(this, end);
  }
}
