/**
 * When to ask the NameNode for its health, and what its answers mean, as a machine;
 * health-monitor-shell.ts asks. Mirrors org.apache.hadoop.ha.HealthMonitor.
 *
 * Calling order: `start`; then one `checked` for each `check` effect which sets the timer `sleep`.
 *
 * Where it departs: as long as the service has never answered, a failed check is repeated after a tenth of a second, so
 * that a ZKFC started together with its NameNode does not idle for a whole one. And a connection that has served and
 * breaks is looked into at once: Hadoop's client notices at the next check, which then fails without another attempt to
 * connect; here the next check is made now, and it is the attempt to connect, the only one.
 */
import { unreachable } from '../base/errors.js';
import type { HealthState } from '../base/events.js';
import type { Machine, TimerEffect, TimerInput } from '../base/machine.js';
import type { ServiceStatus } from './ha-service.js';

export interface HealthTimings {
  readonly checkIntervalMs: number;
  /** Pause after no proxy could be made at all (the host's name is unknown). */
  readonly connectRetryIntervalMs: number;
  /** Pause after a call failed on the way. */
  readonly sleepAfterDisconnectMs: number;
}

/**
 * What came of getServiceStatus followed by monitorHealth: `unhealthy` is the service's own HealthCheckFailedException,
 * `failed` anything that kept the answer from coming, `unknownHost` a name that does not resolve. `status` is there if
 * the first call came back.
 */
export interface CheckResult {
  readonly outcome: 'healthy' | 'unhealthy' | 'failed' | 'unknownHost';
  readonly status: ServiceStatus | undefined;
  readonly reason: string;
}

export type HealthInput =
  | { readonly type: 'start' }
  | { readonly type: 'checked'; readonly result: CheckResult }
  /** The connection over which the last check went broke while none was under way. */
  | { readonly type: 'disconnected' }
  | TimerInput<'sleep'>;

export type HealthEffect =
  /** `retries`: attempts to connect after the first; undefined: as configured. */
  | { readonly type: 'check'; readonly retries: number | undefined }
  /** Forget the connection; the next check makes a new one. */
  | { readonly type: 'dropProxy' }
  | { readonly type: 'entered'; readonly from: HealthState; readonly to: HealthState }
  | { readonly type: 'status'; readonly status: ServiceStatus }
  | { readonly type: 'log'; readonly level: 'info' | 'warn'; readonly message: string }
  /** Until the next check. */
  | TimerEffect<'sleep'>;

/** Between failed checks of a service that has not come up yet. */
const STARTING_RETRY_MS = 100;

export class HealthMonitor implements Machine<HealthInput, HealthEffect> {
  readonly #timings: HealthTimings;
  readonly #target: string;
  #state: HealthState = 'INITIALIZING';
  #phase: 'idle' | 'checking' | 'sleeping' = 'idle';
  #everAnswered = false;

  /** `target` as messages name it: `NameNode at m1/127.0.1.1:9000`. */
  constructor(target: string, timings: HealthTimings) {
    this.#target = target;
    this.#timings = timings;
  }

  get state(): HealthState {
    return this.#state;
  }

  step(input: HealthInput): readonly HealthEffect[] {
    switch (input.type) {
      case 'start':
        return this.#phase === 'idle' ? this.#check() : [];
      case 'timer':
        return this.#phase === 'sleeping' ? this.#check() : [];
      case 'disconnected':
        if (this.#phase !== 'sleeping' || this.#state !== 'SERVICE_HEALTHY') return [];
        return [{ type: 'clearTimer', timer: 'sleep' }, ...this.#check(0)];
      case 'checked':
        return this.#phase === 'checking' ? this.#checked(input.result) : [];
      default:
        return unreachable(input);
    }
  }

  #check(retries = this.#everAnswered ? undefined : 0): HealthEffect[] {
    this.#phase = 'checking';
    return [{ type: 'check', retries }];
  }

  #checked({ outcome, status, reason }: CheckResult): HealthEffect[] {
    this.#phase = 'sleeping';
    const reported: HealthEffect[] = status === undefined ? [] : [{ type: 'status', status }];
    switch (outcome) {
      case 'healthy':
        this.#everAnswered = true;
        return [...reported, ...this.#enter('SERVICE_HEALTHY'), this.#sleep(this.#timings.checkIntervalMs)];
      case 'unhealthy':
        this.#everAnswered = true;
        return [
          { type: 'log', level: 'warn', message: `Service health check failed for ${this.#target}: ${reason}` },
          ...this.#enter('SERVICE_UNHEALTHY'),
          ...reported,
          this.#sleep(this.#timings.checkIntervalMs),
        ];
      case 'failed':
      case 'unknownHost': {
        const message =
          outcome === 'failed'
            ? `Transport-level exception trying to monitor health of ${this.#target}: ${reason}`
            : `Could not connect to local service at ${this.#target}: ${reason}`;
        const pauseMs =
          outcome === 'failed' ? this.#timings.sleepAfterDisconnectMs : this.#timings.connectRetryIntervalMs;
        return [
          ...(this.#state === 'INITIALIZING' || this.#everAnswered
            ? [{ type: 'log', level: 'warn', message } as const]
            : []),
          { type: 'dropProxy' },
          ...this.#enter('SERVICE_NOT_RESPONDING'),
          this.#sleep(this.#everAnswered ? pauseMs : Math.min(pauseMs, STARTING_RETRY_MS)),
        ];
      }
      default:
        return unreachable(outcome);
    }
  }

  #sleep(delayMs: number): HealthEffect {
    return { type: 'setTimer', timer: 'sleep', delayMs };
  }

  #enter(to: HealthState): HealthEffect[] {
    const from = this.#state;
    if (from === to) return [];
    this.#state = to;
    return [
      { type: 'log', level: 'info', message: `Entering state ${to}` },
      { type: 'entered', from, to },
    ];
  }
}
