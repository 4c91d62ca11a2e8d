/**
 * A failover by hand from one NameNode to another, as a machine: the new one is looked at, the old one made standby, by
 * asking or by fencing, and only then the new one made active; if it cannot be, back again. failover-controller.ts
 * makes the calls. Mirrors org.apache.hadoop.ha.FailoverController.failover and preFailoverChecks.
 *
 * Calling order: `start`; then an answer for each effect that asks.
 */
import { unreachable } from '../base/errors.js';
import type { Machine } from '../base/machine.js';
import type { ServiceStatus } from './ha-service.js';

/** `old` is active and is to be standby, `new` the other way round. */
export type Side = 'old' | 'new';

export type FailoverInput =
  | { readonly type: 'start' }
  /** The fencing methods of this side can be used. */
  | { readonly type: 'fencerReady' }
  | { readonly type: 'status'; readonly status: ServiceStatus }
  | { readonly type: 'healthy' }
  | { readonly type: 'obeyed' }
  | { readonly type: 'fenced'; readonly ok: boolean }
  | { readonly type: 'active' }
  /** What was asked for last failed. `unhealthy`: by the service's own word. */
  | { readonly type: 'failed'; readonly reason: string; readonly unhealthy?: boolean };

export type FailoverEffect =
  /** Finds fault with its fencing methods before anything is done. */
  | { readonly type: 'prepareFencer'; readonly side: Side }
  | { readonly type: 'getStatus'; readonly side: Side }
  | { readonly type: 'checkHealth'; readonly side: Side }
  | { readonly type: 'toStandby'; readonly side: Side }
  /** Of `side`; each method first on the other one, which is to become active. */
  | { readonly type: 'fence'; readonly side: Side }
  | { readonly type: 'toActive'; readonly side: Side }
  | { readonly type: 'done' }
  /** FailoverFailedException. */
  | { readonly type: 'fail'; readonly message: string }
  | { readonly type: 'log'; readonly level: 'warn' | 'error'; readonly message: string };

export interface FailoverOptions {
  /** As messages name the two. */
  readonly texts: Readonly<Record<Side, string>>;
  readonly sameAddress: boolean;
  /** Fence the old one even if it obeys. */
  readonly forceFence: boolean;
  /** Even if the new one says that it is not ready. */
  readonly forceActive: boolean;
}

export class Failover implements Machine<FailoverInput, FailoverEffect> {
  readonly #options: FailoverOptions;
  #step: 'new' | 'preparing' | 'asking' | 'checking' | 'standingDown' | 'fencing' | 'activating' | 'over' = 'new';
  /** The message of the failover that is taken back; undefined on the way there. */
  #takenBack: string | undefined;
  #fenced = false;

  constructor(options: FailoverOptions) {
    this.#options = options;
  }

  step(input: FailoverInput): readonly FailoverEffect[] {
    const { from, to } = this.#direction;
    switch (input.type) {
      case 'start':
        return this.#begin();
      case 'fencerReady':
        if (this.#options.sameAddress) return this.#fail("Can't failover a service to itself");
        this.#step = 'asking';
        return [{ type: 'getStatus', side: to }];
      case 'status':
        return this.#judge(input.status);
      case 'healthy':
        this.#step = 'standingDown';
        return [{ type: 'toStandby', side: from }];
      case 'obeyed':
        return this.#forceFence ? this.#fence() : this.#activate();
      case 'fenced':
        if (!input.ok) return this.#fail(`Unable to fence ${this.#options.texts[from]}. Fencing failed.`);
        return this.#activate();
      case 'active':
        if (this.#takenBack !== undefined) return this.#end([{ type: 'fail', message: this.#takenBack }]);
        return this.#end([{ type: 'done' }]);
      case 'failed':
        return this.#failed(input.reason, input.unhealthy === true);
      default:
        return unreachable(input);
    }
  }

  get #direction(): { readonly from: Side; readonly to: Side } {
    return this.#takenBack === undefined ? { from: 'old', to: 'new' } : { from: 'new', to: 'old' };
  }

  /** On the way back everything is forced: the new one may still be on its way to active. */
  get #forceFence(): boolean {
    return this.#options.forceFence || this.#takenBack !== undefined;
  }

  #begin(): FailoverEffect[] {
    this.#step = 'preparing';
    return [{ type: 'prepareFencer', side: this.#direction.from }];
  }

  #judge({ state, readyToBecomeActive, notReadyReason }: ServiceStatus): FailoverEffect[] {
    const { to } = this.#direction;
    if (state !== 'STANDBY') return this.#fail(`Can't failover to an ${state.toLowerCase()} service`);
    this.#step = 'checking';
    const check: FailoverEffect = { type: 'checkHealth', side: to };
    if (readyToBecomeActive) return [check];
    if (!this.#options.forceActive && this.#takenBack === undefined)
      return this.#fail(`${this.#options.texts[to]} is not ready to become active: ${notReadyReason}`);
    const message = `Service is not ready to become active, but forcing: ${notReadyReason}`;
    return [{ type: 'log', level: 'warn', message }, check];
  }

  #fence(): FailoverEffect[] {
    this.#step = 'fencing';
    this.#fenced = true;
    return [{ type: 'fence', side: this.#direction.from }];
  }

  #activate(): FailoverEffect[] {
    this.#step = 'activating';
    return [{ type: 'toActive', side: this.#direction.to }];
  }

  #failed(reason: string, unhealthy: boolean): FailoverEffect[] {
    const { from, to } = this.#direction;
    const { texts } = this.#options;
    switch (this.#step) {
      case 'preparing':
        return this.#fail(reason);
      case 'asking': {
        const message = `Unable to get service state for ${texts[to]}`;
        return [{ type: 'log', level: 'error', message: `${message}: ${reason}` }, ...this.#fail(message)];
      }
      case 'checking':
        return this.#fail(unhealthy ? "Can't failover to an unhealthy service" : 'Got an IO exception');
      case 'standingDown': {
        const message = `Unable to gracefully make ${texts[from]} standby (${reason})`;
        return [{ type: 'log', level: 'warn', message }, ...this.#fence()];
      }
      case 'activating': {
        const message = `Unable to make ${texts[to]} active (${reason}). Failing back.`;
        return [{ type: 'log', level: 'error', message }, ...this.#failBack(`Unable to failover to ${texts[to]}`)];
      }
      default:
        return [];
    }
  }

  /** Who was fenced for it cannot be made active again. */
  #failBack(message: string): FailoverEffect[] {
    if (this.#takenBack !== undefined || this.#fenced) return this.#fail(message);
    this.#takenBack = message;
    return this.#begin();
  }

  #fail(reason: string): FailoverEffect[] {
    if (this.#takenBack === undefined) return this.#end([{ type: 'fail', message: reason }]);
    const message = `${this.#takenBack}. Failback to ${this.#options.texts.old} failed (${reason})`;
    return this.#end([
      { type: 'log', level: 'error', message },
      { type: 'fail', message },
    ]);
  }

  #end(effects: FailoverEffect[]): FailoverEffect[] {
    this.#step = 'over';
    return effects;
  }
}
