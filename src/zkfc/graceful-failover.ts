/**
 * One `gracefulFailover` call to a ZKFC, as a machine: the others cede, the active one last, so that nobody but us is
 * there to take over; we become active; then they may come back. zk-failover-controller-shell.ts makes the calls.
 * Mirrors org.apache.hadoop.ha.ZKFailoverController.doGracefulFailover.
 *
 * Calling order: `start`; then `lockRead` and `ceded` for the effects that ask; `health` and `attempted` whenever the
 * controller tells of them. A call that fails ends it with that call's own error.
 */
import { unreachable } from '../base/errors.js';
import type { HealthState } from '../base/events.js';
import type { Machine, TimerEffect, TimerInput } from '../base/machine.js';
import type { HaServiceState } from './ha-service.js';

export type GracefulFailoverInput =
  | { readonly type: 'start'; readonly health: HealthState; readonly service: HaServiceState }
  /** The NameNode that the lock names. */
  | { readonly type: 'lockRead'; readonly active: string | undefined }
  | { readonly type: 'ceded' }
  | { readonly type: 'health'; readonly state: HealthState }
  /** An attempt of our own to become active ended at `atMs`. */
  | { readonly type: 'attempted'; readonly ok: boolean; readonly status: string; readonly atMs: number }
  | TimerInput<'limit'>;

export type GracefulFailoverEffect =
  | { readonly type: 'readLock' }
  /** `forMs` negative: come back. Answered by `ceded`. */
  | { readonly type: 'cede'; readonly nameNode: string; readonly forMs: number }
  | { readonly type: 'done' }
  /** ServiceFailedException. */
  | { readonly type: 'refuse'; readonly message: string }
  | { readonly type: 'log'; readonly level: 'info' | 'warn'; readonly message: string }
  /** `limit`: we had our time to become active. */
  | TimerEffect<'limit'>;

export interface GracefulFailoverOptions {
  /** Our own NameNode, and as messages name it. */
  readonly nameNode: string;
  readonly target: string;
  readonly others: readonly string[];
  /** How long the others stay away. */
  readonly cedeForMs: number;
  /** From the first cede to our attempt at the most. */
  readonly attemptWithinMs: number;
}

type Attempt = Extract<GracefulFailoverInput, { type: 'attempted' }>;

export class GracefulFailover implements Machine<GracefulFailoverInput, GracefulFailoverEffect> {
  readonly #options: GracefulFailoverOptions;
  #phase: 'new' | 'reading' | 'ceding' | 'waiting' | 'callingBack' | 'over' = 'new';
  #health: HealthState = 'INITIALIZING';
  /** In the order in which they are asked. */
  #inTurn: readonly string[] = [];
  #asked = 0;
  #startedMs = 0;
  #attempt: Attempt | undefined;

  constructor(options: GracefulFailoverOptions) {
    this.#options = options;
  }

  step(input: GracefulFailoverInput, nowMs: number): readonly GracefulFailoverEffect[] {
    if (this.#phase === 'over') return [];
    switch (input.type) {
      case 'start':
        return this.#start(input.health, input.service);
      case 'lockRead':
        return this.#lockRead(input.active, nowMs);
      case 'ceded':
        if (this.#asked < this.#inTurn.length) return [this.#askNext()];
        return this.#phase === 'ceding' ? this.#wait(nowMs) : this.#conclude();
      case 'health':
        this.#health = input.state;
        return this.#phase === 'waiting' ? this.#wait(nowMs) : [];
      case 'attempted':
        if ((this.#phase === 'ceding' || this.#phase === 'waiting') && input.atMs >= this.#startedMs)
          this.#attempt = input;
        return this.#phase === 'waiting' ? this.#wait(nowMs) : [];
      case 'timer':
        return [
          {
            type: 'log',
            level: 'warn',
            message: `${this.#options.attemptWithinMs}ms timeout elapsed waiting for an attempt to become active`,
          },
          ...this.#refuse(
            'Unable to become active. Local node did not get an opportunity to do so from ZooKeeper, or the local ' +
              'node took too long to transition to active.',
          ),
        ];
      default:
        return unreachable(input);
    }
  }

  #start(health: HealthState, service: HaServiceState): GracefulFailoverEffect[] {
    const { target } = this.#options;
    this.#health = health;
    if (health !== 'SERVICE_HEALTHY')
      return this.#refuse(`${target} is not currently healthy. Cannot be failover target`);
    if (service === 'OBSERVER') return this.#refuse(`${target} is in observer state. Cannot be failover target`);
    this.#phase = 'reading';
    return [{ type: 'readLock' }];
  }

  #lockRead(active: string | undefined, nowMs: number): GracefulFailoverEffect[] {
    const { nameNode, target, others } = this.#options;
    if (active === undefined) return this.#refuse('No other node is currently active.');
    if (active === nameNode) {
      this.#phase = 'over';
      return [
        info(`Local node ${target} is already active. No need to failover. Returning success.`),
        { type: 'done' },
      ];
    }
    this.#startedMs = nowMs;
    this.#inTurn = [...others.filter((other) => other !== active), active];
    this.#phase = 'ceding';
    return [this.#askNext()];
  }

  /** They all ceded: is there an attempt, or can there still be one? */
  #wait(nowMs: number): GracefulFailoverEffect[] {
    const first = this.#phase !== 'waiting';
    this.#phase = 'waiting';
    if (this.#health !== 'SERVICE_HEALTHY')
      return this.#refuse('Unable to become active. Service became unhealthy while trying to failover.');
    if (this.#attempt !== undefined) {
      this.#phase = 'callingBack';
      this.#asked = 0;
      return [{ type: 'clearTimer', timer: 'limit' }, this.#askNext()];
    }
    const delayMs = Math.max(0, this.#startedMs + this.#options.attemptWithinMs - nowMs);
    return first ? [{ type: 'setTimer', timer: 'limit', delayMs }] : [];
  }

  /** They may run for election again when we have become active: a quick way back if we crash at once. */
  #askNext(): GracefulFailoverEffect {
    const forMs = this.#phase === 'ceding' ? this.#options.cedeForMs : -1;
    return { type: 'cede', nameNode: this.#inTurn[this.#asked++]!, forMs };
  }

  #conclude(): GracefulFailoverEffect[] {
    const { ok, status } = this.#attempt!;
    if (!ok) return this.#refuse(`Failed to become active. ${status}`);
    this.#phase = 'over';
    return [info(`Successfully became active. ${status}`), { type: 'done' }];
  }

  #refuse(message: string): GracefulFailoverEffect[] {
    this.#phase = 'over';
    return [{ type: 'refuse', message }];
  }
}

function info(message: string): GracefulFailoverEffect {
  return { type: 'log', level: 'info', message };
}
