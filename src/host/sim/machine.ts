/** A simulated machine: an address, a disk, a network stack, and the processes on it. */
import type { Host } from '../host.js';
import type { SeededRandom } from '../../base/prng.js';
import type { DiskMachine } from './disk.js';
import { FileSystem } from './file-system.js';
import type { Instance, InstanceEnd } from './instance.js';
import type { Process } from './kernel.js';
import { NetworkStack, type NetworkMachine } from './network.js';
import type { SimStream } from './stream.js';

/** Makes a process and its host; the world's affair. */
export type Launcher = (machine: Machine, id: string, main: (host: Host) => unknown) => Instance;

export class Machine implements DiskMachine, NetworkMachine {
  readonly name: string;
  readonly address: string;
  readonly files = new FileSystem();
  readonly inUse = new Map<string, Process>();
  readonly stack = new NetworkStack();
  readonly #instances = new Set<Instance>();
  readonly #launch: Launcher;
  readonly #random: SeededRandom;
  #isUp = true;
  #boot = 1;
  #waiting: (() => void)[] = [];

  constructor(name: string, address: string, random: SeededRandom, launch: Launcher) {
    this.name = name;
    this.address = address;
    this.#random = random;
    this.#launch = launch;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get boot(): number {
    return this.#boot;
  }

  get instances(): readonly Instance[] {
    return [...this.#instances];
  }

  /**
   * Starts a process: `main` runs at once, in virtual time; what it returns is awaited, and a rejection ends the
   * process with code 1.
   */
  launch(id: string, main: (host: Host) => unknown): Instance {
    if (!this.#isUp) throw new Error(`${this.name} is switched off`);
    const instance = this.#launch(this, id, main);
    this.#instances.add(instance);
    return instance;
  }

  /** Power loss: processes gone without a word to anyone, unsynced writes lost in part. */
  powerOff(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.stack.vanish();
    const end: InstanceEnd = { how: 'power', code: 137, reason: `${this.name} lost power` };
    for (const instance of this.instances) instance.finish(end);
    this.files.losePower(this.#random);
  }

  powerOn(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    this.#boot++;
    for (const callback of this.#waiting.splice(0)) callback();
  }

  whenUp(callback: () => void): void {
    this.#waiting.push(callback);
  }

  forget(stream: SimStream): void {
    this.stack.streams.delete(stream);
  }

  /** The kernel's clearing up behind a process. */
  clear(instance: Instance): void {
    this.#instances.delete(instance);
    for (const [path, holder] of this.inUse) if (holder === instance) this.inUse.delete(path);
    if (this.#isUp) this.stack.abandon(instance);
  }
}
