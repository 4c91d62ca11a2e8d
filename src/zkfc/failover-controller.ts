/**
 * The failover by hand that `hdfs haadmin -failover` does where automatic failover is off: the shell around Failover
 * (failover.ts), which makes its calls. And what it has in common with a ZKFC: how a NameNode is asked to spare itself
 * the fencing. Mirrors org.apache.hadoop.ha.FailoverController.
 */
import { LabError, messageOf } from '../base/errors.js';
import { Driver } from '../base/machine.js';
import type { Host } from '../host/host.js';
import type { HaRpcConfig, HaTarget, SshFenceConfig } from './config.js';
import { Failover } from './failover.js';
import type { FailoverEffect, FailoverInput, Side } from './failover.js';
import { createNodeFencer } from './fencing/node-fencer.js';
import type { NodeFencer } from './fencing/node-fencer.js';
import type { FencingSubject } from './fencing/subject.js';
import { errorText, isHealthCheckFailed, isServiceFailed } from './ha-service.js';
import type { HaServices, Patience, RequestSource } from './ha-service.js';
import { addressOf, socketAddressText, targetText } from './target-text.js';

export interface FailoverControllerOptions {
  readonly host: Host;
  readonly services: HaServices;
  readonly rpc: HaRpcConfig;
  readonly ssh: SshFenceConfig;
  /** What NameNodes are told about who asks. */
  readonly source: RequestSource;
}

/** Briefly, and with one more attempt to connect: whom nobody reaches is fenced. */
export function gracefulFencePatience(rpc: HaRpcConfig): Patience {
  return {
    timeoutMs: rpc.gracefulFenceTimeoutMs,
    connectRetries: rpc.gracefulFenceConnectionRetries,
    connectRetriesOnTimeouts: rpc.gracefulFenceConnectionRetries,
  };
}

/** Why a NameNode did not change its state: by its own word, or since nobody reached it. */
export function refusalText(error: unknown): string {
  return isServiceFailed(error) ? messageOf(error) : `unable to connect: ${errorText(error)}`;
}

export class FailoverController {
  readonly #options: FailoverControllerOptions;

  constructor(options: FailoverControllerOptions) {
    this.#options = options;
  }

  /**
   * From one to the other, back if the other cannot. Rejects LabError `FAILOVER_FAILED` (the message is Hadoop's) or
   * `BAD_FENCING`. `forceFence`: fence the old one even if it obeyed; `forceActive`: even if the new one says it is not
   * ready.
   */
  async failover(
    from: HaTarget,
    to: HaTarget,
    options: { readonly forceFence: boolean; readonly forceActive: boolean },
  ): Promise<void> {
    const { host } = this.#options;
    const texts = { old: await targetText(host, from), new: await targetText(host, to) };
    const sameAddress = from.address.host === to.address.host && from.address.port === to.address.port;
    const calls = new FailoverCalls(this.#options, { old: from, new: to }, texts);
    await new Promise<void>((resolve, reject) => {
      const driver = new Driver<FailoverInput, FailoverEffect>(new Failover({ texts, sameAddress, ...options }), {
        clock: host.clock,
        carryOut: (effect) => {
          switch (effect.type) {
            case 'log':
              return host.log[effect.level](effect.message);
            case 'done':
              return resolve();
            case 'fail':
              return reject(new LabError('FAILOVER_FAILED', effect.message, calls.lastFault()));
            default:
              return calls.make(effect);
          }
        },
        failed: reject,
      });
      driver.feed({ type: 'start' });
    });
  }
}

type Call = Exclude<FailoverEffect, { type: 'log' | 'done' | 'fail' }>;

class FailoverCalls {
  readonly #options: FailoverControllerOptions;
  readonly #targets: Readonly<Record<Side, HaTarget>>;
  readonly #texts: Readonly<Record<Side, string>>;
  #fencer: NodeFencer | undefined;
  #fault: unknown;

  constructor(
    options: FailoverControllerOptions,
    targets: Readonly<Record<Side, HaTarget>>,
    texts: Readonly<Record<Side, string>>,
  ) {
    this.#options = options;
    this.#targets = targets;
    this.#texts = texts;
  }

  lastFault(): { readonly cause?: unknown } {
    return this.#fault === undefined ? {} : { cause: this.#fault };
  }

  async make(call: Call): Promise<FailoverInput> {
    try {
      return await this.#call(call);
    } catch (error) {
      // Nothing is done yet: the user shall see what is wrong with the configuration.
      if (call.type === 'prepareFencer' && call.side === 'old') throw error;
      this.#fault = error;
      switch (call.type) {
        case 'checkHealth':
          return { type: 'failed', reason: errorText(error), unhealthy: isHealthCheckFailed(error) };
        case 'toStandby':
        case 'toActive':
          return { type: 'failed', reason: refusalText(error) };
        default:
          return { type: 'failed', reason: errorText(error) };
      }
    }
  }

  async #call({ type, side }: Call): Promise<FailoverInput> {
    const { host, services, rpc, ssh, source } = this.#options;
    const target = this.#targets[side];
    const patience = { timeoutMs: rpc.newActiveTimeoutMs, connectRetries: 1 };
    switch (type) {
      case 'prepareFencer':
        this.#fencer = createNodeFencer(host, target.fencingMethods, this.#texts[side], ssh);
        return { type: 'fencerReady' };
      case 'getStatus':
        return { type: 'status', status: await services.getServiceStatus(target.address, patience) };
      case 'checkHealth':
        await services.monitorHealth(target.address, patience);
        return { type: 'healthy' };
      case 'toStandby':
        await services.transitionToStandby(target.address, source, gracefulFencePatience(rpc));
        return { type: 'obeyed' };
      case 'fence': {
        const other = side === 'old' ? 'new' : 'old';
        const method = await this.#fencer!.fence(await this.#subject(side), await this.#subject(other));
        return { type: 'fenced', ok: method !== undefined };
      }
      case 'toActive':
        await services.transitionToActive(target.address, source, patience);
        return { type: 'active' };
    }
  }

  /** Which is which was settled when the failover began: on the way back the names stay. */
  async #subject(side: Side): Promise<FencingSubject> {
    const target = this.#targets[side];
    return {
      target,
      addressText: socketAddressText(target.address, await addressOf(this.#options.host, target.address.host)),
      transitionTo: side === 'old' ? 'STANDBY' : 'ACTIVE',
    };
  }
}
