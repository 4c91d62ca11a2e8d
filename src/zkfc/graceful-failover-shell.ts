/** The shell around GracefulFailover: one call of it, from the lock's holder to the last ZKFC that may come back. */
import { LabError } from '../base/errors.js';
import { Driver } from '../base/machine.js';
import type { Carried } from '../base/machine.js';
import type { Host } from '../host/host.js';
import { targetOf } from './breadcrumb.js';
import type { HaTarget, ZkfcConfig } from './config.js';
import type { ElectorShell } from './elector-shell.js';
import { GracefulFailover } from './graceful-failover.js';
import type { GracefulFailoverEffect, GracefulFailoverInput } from './graceful-failover.js';
import type { HaServices } from './ha-service.js';
import { targetText } from './target-text.js';

export interface GracefulFailoverWorld {
  readonly host: Host;
  readonly config: ZkfcConfig;
  /** Our NameNode, as messages name it. */
  readonly text: string;
  readonly services: HaServices;
  readonly elector: Pick<ElectorShell, 'activeData'>;
}

export class GracefulFailoverShell {
  readonly #world: GracefulFailoverWorld;
  readonly #driver: Driver<GracefulFailoverInput, GracefulFailoverEffect>;
  /** How long the others are to stay away. */
  readonly #cedeForMs: number;
  readonly #remotes: Map<string, HaTarget>;
  /** Rejects LabError `SERVICE_FAILED`, or as the call that failed. */
  readonly over: Promise<void>;
  #end: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;

  constructor(world: GracefulFailoverWorld) {
    const { rpc, local, others } = world.config;
    this.#world = world;
    this.#cedeForMs = rpc.gracefulFenceTimeoutMs * 2;
    this.#remotes = new Map(others.map((other) => [other.nameNodeId, other]));
    const machine = new GracefulFailover({
      nameNode: local.nameNodeId,
      target: world.text,
      others: others.map(({ nameNodeId }) => nameNodeId),
      cedeForMs: this.#cedeForMs,
      attemptWithinMs: this.#cedeForMs + rpc.newActiveTimeoutMs,
    });
    this.#driver = new Driver<GracefulFailoverInput, GracefulFailoverEffect>(machine, {
      clock: world.host.clock,
      carryOut: (effect) => this.#carryOut(effect),
      failed: (error) => this.#end?.reject(error),
    });
    this.over = new Promise<void>((resolve, reject) => (this.#end = { resolve, reject })).finally(() => this.stop());
  }

  feed(input: GracefulFailoverInput): void {
    this.#driver.feed(input);
  }

  stop(): void {
    this.#driver.stop();
  }

  #carryOut(effect: Carried<GracefulFailoverEffect>): void | Promise<GracefulFailoverInput> {
    switch (effect.type) {
      case 'readLock':
        return this.#readLock();
      case 'cede':
        return this.#askToCede(this.#remotes.get(effect.nameNode)!, effect.forMs);
      case 'done':
        return this.#end?.resolve();
      case 'refuse':
        return this.#end?.reject(new LabError('SERVICE_FAILED', effect.message));
      case 'log':
        return this.#world.host.log[effect.level](effect.message);
    }
  }

  /** What the lock says of its holder, its ZKFC's port too, goes before our configuration. */
  async #readLock(): Promise<GracefulFailoverInput> {
    const { host, config, elector } = this.#world;
    const data = await elector.activeData();
    if (data === undefined) return { type: 'lockRead', active: undefined };
    const active = await targetOf(host, config, data);
    this.#remotes.set(active.nameNodeId, active);
    return { type: 'lockRead', active: active.nameNodeId };
  }

  async #askToCede(remote: HaTarget, forMs: number): Promise<GracefulFailoverInput> {
    const { host, services } = this.#world;
    if (forMs > 0) {
      const text = await targetText(host, remote);
      host.log.info(`Asking ${text} to cede its active state for ${forMs}ms`);
    }
    await services.cedeActive(remote.zkfc, forMs, { timeoutMs: this.#cedeForMs, connectRetries: 1 });
    return { type: 'ceded' };
  }
}
