/** The shell around HealthMonitorMachine: makes the two calls of a check and keeps the time between checks. */
import type { HealthState } from '../base/events.js';
import type { Host, Timer } from '../host/host.js';
import type { ZkfcConfig } from './config.js';
import { EffectQueue } from './effect-queue.js';
import { errorText, isHealthCheckFailed, isUnknownHost } from './ha-service.js';
import type { HaServices } from './ha-service.js';
import { HealthMonitorMachine } from './health-monitor.js';
import type { CheckResult, HealthEffect, HealthInput, ServiceStatus } from './health-monitor.js';

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

  /** `services` should be the monitor's own: its connection is dropped when a check fails. */
  constructor(host: Host, config: ZkfcConfig, services: HaServices, targetText: string, callbacks: HealthCallbacks) {
    this.#host = host;
    this.#config = config;
    this.#services = services;
    this.#callbacks = callbacks;
    this.#machine = new HealthMonitorMachine(targetText, config.health);
  }

  start(): void {
    this.#step({ type: 'start' });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#step({ type: 'stop' });
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
        void this.#check().then((result) => this.#step({ type: 'checked', result }));
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

  async #check(): Promise<CheckResult> {
    const { rpcTimeoutMs, rpcConnectRetries } = this.#config.health;
    const patience = { timeoutMs: rpcTimeoutMs, connectRetries: this.#machine.everAnswered ? rpcConnectRetries : 0 };
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
