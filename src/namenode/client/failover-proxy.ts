/**
 * Which NameNode a client asks next. Calls go to the NameNode that served last; one that does not serve sends them to
 * the next, sooner or later. Knows no wire: what went wrong comes classified (fault.ts). Mirrors
 * ConfiguredFailoverProxyProvider, RetryInvocationHandler and RetryPolicies.failoverOnNetworkException.
 */
import type { Machine, TimerEffect, TimerInput } from '../../base/machine.js';

/** What a failed attempt says about the next one. */
export type Fault =
  /** This NameNode does not serve, and has done nothing: another one is asked. */
  | 'failover'
  /** It serves, but not yet: the same one is asked again. */
  | 'retry'
  /** No answer. The call may have been carried out: its id lets the retry cache of whoever is asked next know it. */
  | 'lost'
  /** An answer, and a refusal: nobody else is asked. */
  | 'final';

export type FailoverInput =
  | { readonly type: 'call'; readonly call: number }
  | { readonly type: 'answered'; readonly call: number }
  /** `chance`: from 0 to 1, for the length of the pause. */
  | { readonly type: 'failed'; readonly call: number; readonly fault: Fault; readonly chance: number }
  | TimerInput<'retry'>;

export type FailoverEffect =
  /** `retryCount`: how often the call was sent before. */
  | { readonly type: 'ask'; readonly call: number; readonly nameNode: number; readonly retryCount: number }
  /** The caller is told what went wrong last. */
  | { readonly type: 'giveUp'; readonly call: number }
  | TimerEffect<'retry'>;

export interface FailoverOptions {
  readonly nameNodes: number;
  /** dfs.client.failover.max.attempts */
  readonly maxFailovers: number;
  /** dfs.client.retry.max.attempts: beside the failovers. */
  readonly maxRetries: number;
  /** dfs.client.failover.sleep.base.millis */
  readonly sleepBaseMs: number;
  /** dfs.client.failover.sleep.max.millis */
  readonly sleepMaxMs: number;
}

interface Attempts {
  failovers: number;
  retries: number;
  /** How often the proxy had moved on when the call was sent. */
  sentAt: number;
}

interface Pause {
  readonly call: number;
  readonly dueMs: number;
}

const NOTHING: readonly FailoverEffect[] = [];

export class FailoverProxy implements Machine<FailoverInput, FailoverEffect> {
  readonly #options: FailoverOptions;
  readonly #calls = new Map<number, Attempts>();
  #pauses: Pause[] = [];
  #current = 0;
  #moves = 0;

  constructor(options: FailoverOptions) {
    this.#options = options;
  }

  step(input: FailoverInput, nowMs: number): readonly FailoverEffect[] {
    switch (input.type) {
      case 'call':
        this.#calls.set(input.call, { failovers: 0, retries: 0, sentAt: 0 });
        return [this.#ask(input.call)];
      case 'answered':
        this.#calls.delete(input.call);
        return NOTHING;
      case 'failed':
        return this.#failed(input.call, input.fault, input.chance, nowMs);
      case 'timer':
        return this.#resume(nowMs);
    }
  }

  #failed(call: number, fault: Fault, chance: number, nowMs: number): readonly FailoverEffect[] {
    const attempts = this.#calls.get(call);
    if (attempts === undefined) return NOTHING;
    const { maxFailovers, maxRetries } = this.#options;
    const { failovers, retries } = attempts;
    if (fault === 'final' || failovers >= maxFailovers || retries - failovers > maxRetries) {
      this.#calls.delete(call);
      return [{ type: 'giveUp', call }];
    }
    attempts.retries++;
    if (fault !== 'retry') {
      attempts.failovers++;
      // Another call may have moved on meanwhile; then that is where to go.
      if (attempts.sentAt === this.#moves) {
        this.#moves++;
        this.#current = (this.#current + 1) % this.#options.nameNodes;
      }
    }
    const pauseMs = this.#pauseMs(fault === 'failover' ? failovers : retries, chance);
    if (pauseMs === 0) return [this.#ask(call)];
    this.#pauses.push({ call, dueMs: nowMs + pauseMs });
    return this.#arm(nowMs);
  }

  /** None before the second time; then twice as long each time, half of it to one and a half by chance. */
  #pauseMs(times: number, chance: number): number {
    if (times === 0) return 0;
    const { sleepBaseMs, sleepMaxMs } = this.#options;
    return Math.min(sleepMaxMs, sleepBaseMs * 2 ** times) * (0.5 + chance);
  }

  #ask(call: number): FailoverEffect {
    const attempts = this.#calls.get(call)!;
    attempts.sentAt = this.#moves;
    return { type: 'ask', call, nameNode: this.#current, retryCount: attempts.retries };
  }

  #resume(nowMs: number): readonly FailoverEffect[] {
    const due = this.#pauses.filter(({ dueMs }) => dueMs <= nowMs);
    this.#pauses = this.#pauses.filter(({ dueMs }) => dueMs > nowMs);
    return [...due.map(({ call }) => this.#ask(call)), ...this.#arm(nowMs)];
  }

  #arm(nowMs: number): readonly FailoverEffect[] {
    if (this.#pauses.length === 0) return NOTHING;
    const dueMs = Math.min(...this.#pauses.map((pause) => pause.dueMs));
    return [{ type: 'setTimer', timer: 'retry', delayMs: dueMs - nowMs }];
  }
}
