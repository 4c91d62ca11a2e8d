/**
 * Making one NameNode standby, by asking or by force, and the failover by hand that `hdfs haadmin -failover` does where
 * automatic failover is off. Mirrors org.apache.hadoop.ha.FailoverController.
 */
import { LabError, messageOf } from '../base/errors.js';
import type { Host } from '../host/host.js';
import type { HaRpcConfig, HaTarget, SshFenceConfig } from './config.js';
import { createNodeFencer } from './fencing/node-fencer.js';
import type { FencingSubject } from './fencing/subject.js';
import { errorText, isHealthCheckFailed, isServiceFailed } from './ha-service.js';
import type { HaServiceState, HaServices, RequestSource } from './ha-service.js';
import { addressOf, socketAddressText, targetText } from './target-text.js';

export interface FailoverControllerOptions {
  readonly host: Host;
  readonly services: HaServices;
  readonly rpc: HaRpcConfig;
  readonly ssh: SshFenceConfig;
  /** What NameNodes are told about who asks. */
  readonly source: RequestSource;
}

/** `FAILOVER_FAILED`: FailoverFailedException. */
function failed(message: string, cause?: unknown): LabError {
  return new LabError('FAILOVER_FAILED', message, cause === undefined ? {} : { cause });
}

export class FailoverController {
  readonly #options: FailoverControllerOptions;

  constructor(options: FailoverControllerOptions) {
    this.#options = options;
  }

  /**
   * Asks the node to go to standby, briefly and with one more attempt to connect; true if it did. What spares a node
   * the fencing that has come back to life.
   */
  async tryGracefulFence(target: HaTarget): Promise<boolean> {
    const { host, services, rpc, source } = this.#options;
    try {
      await services.transitionToStandby(target.address, source, {
        timeoutMs: rpc.gracefulFenceTimeoutMs,
        connectRetries: rpc.gracefulFenceConnectionRetries,
        connectRetriesOnTimeouts: rpc.gracefulFenceConnectionRetries,
      });
      return true;
    } catch (error) {
      const text = await targetText(host, target);
      host.log.warn(
        `Unable to gracefully make ${text} standby ` +
          `(${isServiceFailed(error) ? (error as Error).message : `unable to connect: ${errorText(error)}`})`,
      );
      return false;
    }
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
    await this.#failover(
      { target: from, becomes: 'STANDBY' },
      { target: to, becomes: 'ACTIVE' },
      options.forceFence,
      options.forceActive,
    );
  }

  async #failover(from: Side, to: Side, forceFence: boolean, forceActive: boolean): Promise<void> {
    const { host, services, rpc, ssh, source } = this.#options;
    const fromText = await targetText(host, from.target);
    const toText = await targetText(host, to.target);
    const fencer = createNodeFencer(host, from.target.fencingMethods, fromText, ssh);
    await this.#check(from.target, to.target, toText, forceActive);

    const obeyed = await this.tryGracefulFence(from.target);
    const fence = !obeyed || forceFence;
    if (fence && (await fencer.fence(await this.#subject(from), await this.#subject(to))) === undefined) {
      throw failed(`Unable to fence ${fromText}. Fencing failed.`);
    }

    try {
      await services.transitionToActive(to.target.address, source, {
        timeoutMs: rpc.newActiveTimeoutMs,
        connectRetries: 1,
      });
    } catch (error) {
      host.log.error(
        `Unable to make ${toText} active ` +
          `(${isServiceFailed(error) ? (error as Error).message : `unable to connect: ${errorText(error)}`}). ` +
          `Failing back.`,
      );
      let message = `Unable to failover to ${toText}`;
      if (!fence) {
        // The target may still be on its way to active: it is fenced in any case, and the old active made active again.
        try {
          await this.#failover(to, from, true, true);
        } catch (back) {
          message += `. Failback to ${fromText} failed (${messageOf(back)})`;
          host.log.error(message);
        }
      }
      throw failed(message, error);
    }
  }

  async #check(from: HaTarget, to: HaTarget, toText: string, forceActive: boolean): Promise<void> {
    const { host, services, rpc } = this.#options;
    if (from.address.host === to.address.host && from.address.port === to.address.port)
      throw failed("Can't failover a service to itself");
    const patience = { timeoutMs: rpc.newActiveTimeoutMs, connectRetries: 1 };
    const status = await services.getServiceStatus(to.address, patience).catch((error: unknown) => {
      const message = `Unable to get service state for ${toText}`;
      host.log.error(`${message}: ${errorText(error)}`);
      throw failed(message, error);
    });
    if (status.state !== 'STANDBY') throw failed(`Can't failover to an ${status.state.toLowerCase()} service`);
    if (!status.readyToBecomeActive) {
      if (!forceActive) throw failed(`${toText} is not ready to become active: ${status.notReadyReason}`);
      host.log.warn(`Service is not ready to become active, but forcing: ${status.notReadyReason}`);
    }
    await services.monitorHealth(to.address, patience).catch((error: unknown) => {
      throw failed(
        isHealthCheckFailed(error) ? "Can't failover to an unhealthy service" : 'Got an IO exception',
        error,
      );
    });
  }

  async #subject(side: Side): Promise<FencingSubject> {
    const { host } = this.#options;
    const { target } = side;
    return {
      target,
      addressText: socketAddressText(target.address, await addressOf(host, target.address.host)),
      transitionTo: side.becomes,
    };
  }
}

interface Side {
  readonly target: HaTarget;
  readonly becomes: HaServiceState;
}
