/**
 * When a ZKFC takes part in the election, as a plain state machine: it joins when its NameNode is healthy, leaves when
 * it is not, stays away for a while after it ceded, and leaves when somebody changed the NameNode's state behind its
 * back. zkfc.ts carries the effects out. Mirrors the decisions of org.apache.hadoop.ha.ZKFailoverController.
 */
import { unreachable } from '../base/errors.js';
import type { HealthState } from '../base/events.js';
import type { HaServiceState } from './ha-service.js';

export type ControllerInput =
  | { readonly type: 'health'; readonly state: HealthState }
  /** What the NameNode says it is; not fed while one of our own transitions is under way. */
  | { readonly type: 'status'; readonly state: HaServiceState }
  /** It did what the election asked of it. */
  | { readonly type: 'madeActive' }
  | { readonly type: 'madeStandby' }
  /** cedeActive: the local NameNode was asked to go to standby; `obeyed` tells how that went. */
  | { readonly type: 'ceded'; readonly forMs: number; readonly obeyed: boolean }
  /** cedeActive with no time: come back now. */
  | { readonly type: 'uncede' }
  /** The delay of a `recheckAfter` is over. */
  | { readonly type: 'recheck' };

export type ControllerEffect =
  | { readonly type: 'join' }
  | { readonly type: 'quit'; readonly needFence: boolean }
  /** Replaces one asked for before. */
  | { readonly type: 'recheckAfter'; readonly delayMs: number }
  | { readonly type: 'fatal'; readonly message: string }
  | { readonly type: 'log'; readonly level: 'info' | 'error'; readonly message: string };

/** How long a ZKFC stays out of the election after its NameNode was changed by somebody else. */
const DELAY_AFTER_BAD_STATE_MS = 1000;

export class ControllerMachine {
  readonly #target: string;
  #health: HealthState = 'INITIALIZING';
  #service: HaServiceState = 'INITIALIZING';
  #delayUntilMs = 0;
  #mismatches = 0;
  #rejoinFromBadState = false;

  /** `target` as messages name it. */
  constructor(target: string) {
    this.#target = target;
  }

  get health(): HealthState {
    return this.#health;
  }

  /** What this ZKFC believes its NameNode to be, from what it asked it to become. */
  get service(): HaServiceState {
    return this.#service;
  }

  step(input: ControllerInput, nowMs: number): readonly ControllerEffect[] {
    switch (input.type) {
      case 'health':
        this.#health = input.state;
        return [this.#info(`Local service ${this.#target} entered state: ${input.state}`), ...this.#recheck(nowMs)];
      case 'status':
        return this.#verify(input.state, nowMs);
      case 'madeActive':
        this.#service = 'ACTIVE';
        return [];
      case 'madeStandby':
        this.#service = 'STANDBY';
        return [];
      case 'ceded':
        this.#delayUntilMs = nowMs + input.forMs;
        this.#service = 'INITIALIZING';
        return [{ type: 'quit', needFence: !input.obeyed }, ...this.#recheck(nowMs)];
      case 'uncede':
        this.#delayUntilMs = 0;
        return this.#recheck(nowMs);
      case 'recheck':
        return this.#recheck(nowMs);
      default:
        return unreachable(input);
    }
  }

  #recheck(nowMs: number): ControllerEffect[] {
    const remainingMs = this.#delayUntilMs - nowMs;
    if (remainingMs > 0) {
      const effects: ControllerEffect[] = [{ type: 'recheckAfter', delayMs: remainingMs }];
      if (this.#health !== 'SERVICE_HEALTHY') return effects;
      const message =
        `Would have joined master election, but this node is prohibited from doing so for ` +
        `${Math.floor(remainingMs)} more ms`;
      return [this.#info(message), ...effects];
    }
    switch (this.#health) {
      case 'SERVICE_HEALTHY':
        this.#rejoinFromBadState = false;
        return this.#service === 'OBSERVER' ? [] : [{ type: 'join' }];
      case 'INITIALIZING':
        this.#service = 'INITIALIZING';
        return [
          this.#info(`Ensuring that ${this.#target} does not participate in active master election`),
          { type: 'quit', needFence: false },
        ];
      case 'SERVICE_UNHEALTHY':
      case 'SERVICE_NOT_RESPONDING':
        this.#service = 'INITIALIZING';
        return [
          this.#info(`Quitting master election for ${this.#target} and marking that fencing is necessary`),
          { type: 'quit', needFence: true },
        ];
      case 'HEALTH_MONITOR_FAILED':
        return [{ type: 'fatal', message: 'Health monitor failed!' }];
      default:
        return unreachable(this.#health);
    }
  }

  /** One mismatch may come of a transition that ran at the same time; two in a row do not. */
  #verify(state: HaServiceState, nowMs: number): ControllerEffect[] {
    if (state === 'OBSERVER') {
      if (this.#service === 'OBSERVER') return [];
      this.#service = 'OBSERVER';
      this.#mismatches = 0;
      return [{ type: 'quit', needFence: true }];
    }
    if (this.#service === 'INITIALIZING') return this.#rejoinFromBadState ? this.#recheck(nowMs) : [];
    if (state === this.#service) {
      this.#mismatches = 0;
      return [];
    }
    if (this.#mismatches++ === 0) return [];
    const message =
      `Local service ${this.#target} has changed the serviceState to ${state.toLowerCase()}. ` +
      `Expected was ${this.#service.toLowerCase()}. Quitting election marking fencing necessary.`;
    this.#delayUntilMs = nowMs + DELAY_AFTER_BAD_STATE_MS;
    this.#rejoinFromBadState = true;
    this.#mismatches = 0;
    this.#service = 'INITIALIZING';
    return [
      { type: 'log', level: 'error', message },
      { type: 'quit', needFence: true },
    ];
  }

  #info(message: string): ControllerEffect {
    return { type: 'log', level: 'info', message };
  }
}
