/** The shell around HealthMonitorMachine: makes the two calls of a check and keeps the time between checks. */
import type { HealthState } from '../base/events.js';
import type { Host, Timer } from '../host/host.js';
import type { ZkfcConfig } from './config.js';
import { EffectQueue } from './effect-queue.js';
import { HaServices, errorText, isHealthCheckFailed, isUnknownHost } from './ha-service.js';
import type { ServiceStatus } from './ha-service.js';
import { HealthMonitorMachine } from './health-monitor.js';
import type { CheckResult, HealthEffect, HealthInput } from './health-monitor.js';

export interface HealthCallbacks {
  entered(from: HealthState, to: HealthState): void;
  status(status: ServiceStatus): void;
}

export class HealthMonitor {
  readonly #host: Host;
  readonly #config: ZkfcConfig;
  readonly #services: HaServices;
  readonly #callbacks: HealthCallbacks;
  readonly #machine: HealthMonitorMachine;
  readonly #effects = new EffectQueue<HealthEffect>((effect) => this.#carryOut(effect));
  #timer: Timer | undefined;

  constructor(host: Host, config: ZkfcConfig, targetText: string, callbacks: HealthCallbacks) {
    this.#host = host;
    this.#config = config;
    // Its own: its connections are dropped when a check fails.
    this.#services = new HaServices(host, config.rpc, () => this.#step({ type: 'disconnected' }));
    this.#callbacks = callbacks;
    this.#machine = new HealthMonitorMachine(targetText, config.health);
  }

  start(): void {
    this.#step({ type: 'start' });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#step({ type: 'stop' });
    this.#services.close();
  }

  get #endpoint(): { host: string; port: number } {
    return this.#config.local.lifeline ?? this.#config.local.address;
  }

  #step(input: HealthInput): void {
    this.#effects.add(this.#machine.step(input));
  }

  #carryOut(effect: HealthEffect): void {
    switch (effect.type) {
      case 'check':
        this.#timer?.cancel();
        void this.#check(effect.retries ?? this.#config.health.rpcConnectRetries).then((result) =>
          this.#step({ type: 'checked', result }),
        );
        break;
      case 'sleep':
        this.#timer?.cancel();
        this.#timer = this.#host.clock.after(effect.delayMs, () => this.#step({ type: 'timer' }));
        break;
      case 'dropProxy':
        this.#timer?.cancel();
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
