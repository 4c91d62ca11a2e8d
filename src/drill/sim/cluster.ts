/**
 * The machines and services of a simulated cluster, and who looks after them: a service that gives up by itself is
 * started again after a while, as a supervisor would; one that was taken down waits for whoever did it.
 */
import type { Host } from '../../host/host.js';
import type { Instance, Machine, World } from '../../host/sim/index.js';

export interface Service {
  readonly id: string;
  readonly machine: string;
  /** Runs in the process; a rejection ends it. */
  readonly main: (host: Host) => unknown;
}

const RESTART_AFTER_EXIT_MS = 700;

export class SimCluster {
  readonly world: World;
  readonly #services = new Map<string, Service>();
  readonly #running = new Map<string, Instance>();
  /** Taken down by a fault: not to be started by anyone else. */
  readonly #held = new Set<string>();

  constructor(world: World) {
    this.world = world;
    world.observe({
      onEnd: (instance, end) => {
        const { id } = instance;
        if (this.#running.get(id) !== instance) return;
        this.#running.delete(id);
        if (end.how === 'exit' || end.how === 'crash') world.at(RESTART_AFTER_EXIT_MS, () => this.startIfFree(id));
      },
    });
  }

  add(service: Service): void {
    this.#services.set(service.id, service);
  }

  /** In the order they were added. */
  get services(): readonly Service[] {
    return [...this.#services.values()];
  }

  get machines(): readonly Machine[] {
    return [...new Set(this.services.map((service) => service.machine))].map((name) => this.world.machine(name));
  }

  machineOf(id: string): string {
    return this.#services.get(id)!.machine;
  }

  running(id: string): Instance | undefined {
    return this.#running.get(id);
  }

  start(id: string): void {
    const service = this.#services.get(id)!;
    const machine = this.world.machine(service.machine);
    if (this.#running.has(id) || !machine.isUp) return;
    this.world.emit({ type: 'RoleLaunched', target: id });
    this.#running.set(id, machine.launch(id, service.main));
  }

  startIfFree(id: string): void {
    if (!this.#held.has(id)) this.start(id);
  }

  /** SIGKILL, until `release`. */
  kill(id: string): void {
    this.#held.add(id);
    this.world.emit({ type: 'RoleKilled', target: id });
    this.#running.get(id)?.kill();
  }

  pause(id: string): void {
    this.world.emit({ type: 'RolePaused', target: id });
    this.#running.get(id)?.pause();
  }

  resume(id: string): void {
    if (this.#running.get(id)?.state !== 'paused') return;
    this.world.emit({ type: 'RoleResumed', target: id });
    this.#running.get(id)?.resume();
  }

  release(id: string): void {
    this.#held.delete(id);
    this.start(id);
  }

  powerOff(machine: string): void {
    this.world.emit({ type: 'RoleGone', target: machine });
    this.world.machine(machine).powerOff();
  }

  powerOn(machine: string): void {
    this.world.emit({ type: 'RoleLaunched', target: machine });
    this.world.machine(machine).powerOn();
    for (const service of this.services) if (service.machine === machine) this.startIfFree(service.id);
  }

  /** The calm: everything runs, nothing is cut, slow or full. */
  calm(): void {
    this.world.healAll();
    this.#held.clear();
    for (const machine of this.machines) {
      machine.files.faults = { failure: undefined, slowMs: 0 };
      machine.powerOn();
    }
    for (const { id } of this.services) {
      this.#running.get(id)?.resume();
      this.start(id);
    }
  }
}
