/**
 * When a ZKFC takes part in the election, and what it makes of its NameNode, as a machine: it joins when its NameNode
 * is healthy, leaves when it is not, makes it active or standby as the election says, fences the one that was active
 * before, cedes when another ZKFC asks, stays away for a while after that, and leaves when somebody changed the
 * NameNode's state behind its back.
 * zk-failover-controller-shell.ts carries the effects out. Mirrors org.apache.hadoop.ha.ZKFailoverController; its
 * gracefulFailoverToYou is graceful-failover.ts.
 */
import { unreachable } from '../base/errors.js';
import type { HealthState, LabEvent } from '../base/events.js';
import type { Machine, TimerEffect, TimerInput } from '../base/machine.js';
import type { HaServiceState } from './ha-service.js';

export type ControllerInput =
  | { readonly type: 'health'; readonly state: HealthState }
  /** What the NameNode says it is. `electionBusy`: the election is in the middle of something. */
  | { readonly type: 'status'; readonly state: HaServiceState; readonly electionBusy: boolean }
  /** What the election asks for. */
  | { readonly type: 'becomeActive' }
  | { readonly type: 'becomeStandby' }
  | { readonly type: 'fence'; readonly data: Buffer }
  /** How that went. */
  | { readonly type: 'transitioned'; readonly ok: boolean; readonly reason: string }
  /** Whom the breadcrumb names: its name in events and in messages. */
  | { readonly type: 'oldActive'; readonly nameNode: string; readonly target: string }
  | { readonly type: 'notFound'; readonly reason: string }
  /** Asked to go to standby, so that it need not be fenced. */
  | { readonly type: 'oldActiveAsked'; readonly obeyed: boolean; readonly reason: string }
  /** `method`: which one worked. */
  | { readonly type: 'fencingEnded'; readonly method: string | undefined; readonly reason: string }
  /** ZKFCProtocol.cedeActive. `forMs` <= 0: come back now. `call` comes back with `ceded`. */
  | { readonly type: 'cede'; readonly call: number; readonly forMs: number; readonly by: string }
  /** The election stands still, as `hold` asked. */
  | { readonly type: 'held' }
  /** The election is left. */
  | { readonly type: 'left' }
  | TimerInput<'recheck'>;

export type ControllerEffect =
  | { readonly type: 'join' }
  | { readonly type: 'quit'; readonly needFence: boolean }
  | { readonly type: 'hold' }
  /** Ends the hold and leaves the election before anything that waited is looked at. */
  | { readonly type: 'release'; readonly needFence: boolean }
  /** Answered by `transitioned`. */
  | { readonly type: 'transitionToActive' }
  | { readonly type: 'transitionToStandby' }
  /** Answered by `oldActive` or `notFound`. `data` is the breadcrumb's. */
  | { readonly type: 'findOldActive'; readonly data: Buffer }
  /** Of the one found last. Answered by `oldActiveAsked`, and by `fencingEnded`. */
  | { readonly type: 'askOldActive' }
  | { readonly type: 'runFencingMethods' }
  /** The election's answers. */
  | { readonly type: 'becameActive'; readonly ok: boolean; readonly reason: string }
  | { readonly type: 'becameStandby' }
  | { readonly type: 'fenced'; readonly ok: boolean; readonly reason: string }
  /** An attempt to become active is over: what a graceful failover waits for. */
  | { readonly type: 'attempted'; readonly ok: boolean; readonly status: string }
  | { readonly type: 'ceded'; readonly call: number }
  | { readonly type: 'fatal'; readonly message: string }
  | { readonly type: 'event'; readonly event: ControllerEvent }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string }
  /** `recheck`: whether to be in the election. */
  | TimerEffect<'recheck'>;

export type ControllerEvent = Extract<
  LabEvent,
  {
    type:
      | 'ActivationRequested'
      | 'ActivationFailed'
      | 'StandbyRequested'
      | 'FencingStarted'
      | 'ActiveFenced'
      | 'FencingFailed';
  }
>;

interface Cede {
  readonly call: number;
  readonly forMs: number;
  readonly by: string;
}

/** How long a ZKFC stays out of the election after its NameNode was changed by somebody else. */
const DELAY_AFTER_BAD_STATE_MS = 1000;

export class ZKFailoverController implements Machine<ControllerInput, ControllerEffect> {
  readonly #target: string;
  readonly #nameNode: string;
  #health: HealthState = 'INITIALIZING';
  #service: HaServiceState = 'INITIALIZING';
  /** Our own request to the NameNode that is under way: what it reports meanwhile proves nothing. */
  #transition: 'none' | 'toActive' | 'toStandby' | 'ceding' = 'none';
  /** The one to be fenced. */
  #oldActive = { nameNode: 'unknown', target: '' };
  #delayUntilMs = 0;
  #mismatches = 0;
  #rejoinFromBadState = false;
  /** The first is under way. */
  readonly #cedes: Cede[] = [];
  #cede: 'none' | 'holding' | 'ceding' | 'leaving' = 'none';

  /** `target` as messages name it, `nameNode` as events do. */
  constructor(target: string, nameNode: string) {
    this.#target = target;
    this.#nameNode = nameNode;
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
        return [info(`Local service ${this.#target} entered state: ${input.state}`), ...this.#recheck(nowMs)];
      case 'status':
        return this.#transition !== 'none' || input.electionBusy ? [] : this.#verify(input.state, nowMs);
      case 'becomeActive':
        this.#transition = 'toActive';
        return [
          info(`Trying to make ${this.#target} active...`),
          event({ type: 'ActivationRequested', target: this.#nameNode }),
          { type: 'transitionToActive' },
        ];
      case 'becomeStandby':
        this.#transition = 'toStandby';
        return [
          info(`ZK Election indicated that ${this.#target} should become standby`),
          event({ type: 'StandbyRequested', target: this.#nameNode }),
          { type: 'transitionToStandby' },
        ];
      case 'fence':
        this.#oldActive = { nameNode: 'unknown', target: '' };
        return [{ type: 'findOldActive', data: input.data }];
      case 'oldActive':
        this.#oldActive = input;
        return [
          info(`Should fence: ${input.target}`),
          event({ type: 'FencingStarted', target: input.nameNode }),
          { type: 'askOldActive' },
        ];
      case 'notFound':
        return this.#notFenced(input.reason);
      case 'oldActiveAsked':
        return input.obeyed ? this.#spared() : this.#mustBeFenced(input.reason);
      case 'fencingEnded':
        return input.method === undefined ? this.#notFenced(input.reason) : this.#fenced(input.method);
      case 'transitioned':
        return this.#transitioned(input.ok, input.reason, nowMs);
      case 'cede':
        if (input.forMs <= 0) {
          this.#delayUntilMs = 0;
          return [...this.#recheck(nowMs), { type: 'ceded', call: input.call }];
        }
        this.#cedes.push(input);
        return this.#cede === 'none' ? this.#nextCede() : [];
      case 'held':
        this.#cede = 'ceding';
        this.#transition = 'ceding';
        return [
          info(`Requested by ${this.#cedes[0]!.by} to cede active role.`),
          event({ type: 'StandbyRequested', target: this.#nameNode }),
          { type: 'transitionToStandby' },
        ];
      case 'left':
        // The first departure after the release is the release's own: no other can come in between.
        if (this.#cede !== 'leaving') return [];
        return [{ type: 'ceded', call: this.#cedes.shift()!.call }, ...this.#nextCede()];
      case 'timer':
        return this.#recheck(nowMs);
      default:
        return unreachable(input);
    }
  }

  #transitioned(ok: boolean, reason: string, nowMs: number): ControllerEffect[] {
    const transition = this.#transition;
    this.#transition = 'none';
    switch (transition) {
      case 'toActive': {
        if (ok) {
          const message = `Successfully transitioned ${this.#target} to active state`;
          this.#service = 'ACTIVE';
          return [
            info(message),
            { type: 'attempted', ok: true, status: message },
            { type: 'becameActive', ok, reason },
          ];
        }
        const message = `Couldn't make ${this.#target} active`;
        return [
          { type: 'log', level: 'error', message: `${message}: ${reason}` },
          event({ type: 'ActivationFailed', target: this.#nameNode, reason }),
          { type: 'attempted', ok: false, status: `${message}\n${reason}` },
          { type: 'becameActive', ok, reason },
        ];
      }
      case 'toStandby':
        this.#service = 'STANDBY';
        return [
          ok
            ? info(`Successfully transitioned ${this.#target} to standby state`)
            : {
                type: 'log',
                level: 'error',
                message: `Couldn't transition ${this.#target} to standby state: ${reason}`,
              },
          { type: 'becameStandby' },
        ];
      case 'ceding':
        return this.#stoodDown(ok, reason, nowMs);
      case 'none':
        return [];
      default:
        return unreachable(transition);
    }
  }

  // --- fencing the one that was active

  #spared(): ControllerEffect[] {
    const message = `Successfully transitioned ${this.#oldActive.target} to standby state without fencing`;
    return [info(message), ...this.#fenced('transitionToStandby')];
  }

  #mustBeFenced(reason: string): ControllerEffect[] {
    const message = `Unable to gracefully make ${this.#oldActive.target} standby (${reason})`;
    return [{ type: 'log', level: 'warn', message }, { type: 'runFencingMethods' }];
  }

  #fenced(method: string): ControllerEffect[] {
    return [
      event({ type: 'ActiveFenced', target: this.#oldActive.nameNode, method }),
      { type: 'fenced', ok: true, reason: '' },
    ];
  }

  /** The election hears of it: nobody becomes active. */
  #notFenced(reason: string): ControllerEffect[] {
    return [
      event({ type: 'FencingFailed', target: this.#oldActive.nameNode, reason }),
      { type: 'attempted', ok: false, status: `Unable to fence old active: ${reason}` },
      { type: 'fenced', ok: false, reason },
    ];
  }

  // --- ceding

  #nextCede(): ControllerEffect[] {
    this.#cede = this.#cedes.length === 0 ? 'none' : 'holding';
    return this.#cede === 'none' ? [] : [{ type: 'hold' }];
  }

  /** It did not obey: whoever is active next must fence it. */
  #stoodDown(ok: boolean, reason: string, nowMs: number): ControllerEffect[] {
    this.#cede = 'leaving';
    this.#delayUntilMs = nowMs + this.#cedes[0]!.forMs;
    this.#service = 'INITIALIZING';
    const told: ControllerEffect[] = ok
      ? [info('Successfully ensured local node is in standby mode')]
      : [
          { type: 'log', level: 'warn', message: `Unable to transition local node to standby: ${reason}` },
          { type: 'log', level: 'warn', message: 'Quitting election but indicating that fencing is necessary' },
        ];
    return [...told, { type: 'release', needFence: !ok }, ...this.#recheck(nowMs)];
  }

  // --- in or out

  #recheck(nowMs: number): ControllerEffect[] {
    const remainingMs = this.#delayUntilMs - nowMs;
    if (remainingMs > 0) {
      const effects: ControllerEffect[] = [{ type: 'setTimer', timer: 'recheck', delayMs: remainingMs }];
      if (this.#health !== 'SERVICE_HEALTHY') return effects;
      const message =
        `Would have joined master election, but this node is prohibited from doing so for ` +
        `${Math.floor(remainingMs)} more ms`;
      return [info(message), ...effects];
    }
    switch (this.#health) {
      case 'SERVICE_HEALTHY':
        this.#rejoinFromBadState = false;
        return this.#service === 'OBSERVER' ? [] : [{ type: 'join' }];
      case 'INITIALIZING':
        this.#service = 'INITIALIZING';
        return [
          info(`Ensuring that ${this.#target} does not participate in active master election`),
          { type: 'quit', needFence: false },
        ];
      case 'SERVICE_UNHEALTHY':
      case 'SERVICE_NOT_RESPONDING':
        this.#service = 'INITIALIZING';
        return [
          info(`Quitting master election for ${this.#target} and marking that fencing is necessary`),
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
}

function info(message: string): ControllerEffect {
  return { type: 'log', level: 'info', message };
}

function event(what: ControllerEvent): ControllerEffect {
  return { type: 'event', event: what };
}
