/** The shell around HealthMonitor: makes the two calls of a check. */
import type { HealthState } from '../base/events.js';
import { Driver } from '../base/machine.js';
import type { Carried } from '../base/machine.js';
import type { Host } from '../host/host.js';
import type { ZkfcConfig } from './config.js';
import { HaServices, errorText, isHealthCheckFailed, isUnknownHost } from './ha-service.js';
import type { ServiceStatus } from './ha-service.js';
import { HealthMonitor } from './health-monitor.js';
import type { CheckResult, HealthEffect, HealthInput } from './health-monitor.js';

export interface HealthCallbacks {
  entered(from: HealthState, to: HealthState): void;
  status(status: ServiceStatus): void;
}

export class HealthMonitorShell {
  readonly #host: Host;
  readonly #config: ZkfcConfig;
  readonly #services: HaServices;
  readonly #callbacks: HealthCallbacks;
  readonly #driver: Driver<HealthInput, HealthEffect>;

  constructor(host: Host, config: ZkfcConfig, targetText: string, callbacks: HealthCallbacks) {
    this.#host = host;
    this.#config = config;
    // Its own: its connections are dropped when a check fails.
    this.#services = new HaServices(host, config.rpc, () => this.#driver.feed({ type: 'disconnected' }));
    this.#callbacks = callbacks;
    this.#driver = new Driver<HealthInput, HealthEffect>(new HealthMonitor(targetText, config.health), {
      clock: host.clock,
      carryOut: (effect) => this.#carryOut(effect),
    });
  }

  start(): void {
    this.#driver.feed({ type: 'start' });
  }

  stop(): void {
    this.#driver.stop();
    this.#services.close();
  }

  get #endpoint(): { host: string; port: number } {
    return this.#config.local.lifeline ?? this.#config.local.address;
  }

  #carryOut(effect: Carried<HealthEffect>): void {
    switch (effect.type) {
      case 'check':
        void this.#check(effect.retries ?? this.#config.health.rpcConnectRetries).then((result) =>
          this.#driver.feed({ type: 'checked', result }),
        );
        break;
      case 'dropProxy':
        this.#services.disconnect(this.#endpoint);
        break;
      case 'entered':
        this.#callbacks.entered(effect.from, effect.to);
        break;
      case 'status':
        this.#callbacks.status(effect.status);
        break;
      case 'log':
        this.#host.log[effect.level](effect.message);
        break;
    }
  }

  async #check(connectRetries: number): Promise<CheckResult> {
    const patience = { timeoutMs: this.#config.health.rpcTimeoutMs, connectRetries };
    let status: ServiceStatus | undefined;
    try {
      status = await this.#services.getServiceStatus(this.#endpoint, patience);
      await this.#services.monitorHealth(this.#endpoint, patience);
      return { outcome: 'healthy', status, reason: '' };
    } catch (error) {
      const outcome = isHealthCheckFailed(error) ? 'unhealthy' : isUnknownHost(error) ? 'unknownHost' : 'failed';
      return { outcome, status, reason: errorText(error) };
    }
  }
}
