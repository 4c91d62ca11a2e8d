/**
 * On the leader: from time to time, containers that have had children and have none now, and nodes past their time to
 * live, are deleted by requests of the server's own. Mirrors org.apache.zookeeper.server.ContainerManager.
 */
import type { Clock, Timer } from '../../host/host.js';
import type { DataTree } from '../tree/data-tree.js';
import { ttlOf } from '../tree/ephemeral-owner.js';

/** At most so many a sweep (`znode.container.maxPerMinute`). */
const MAX_PER_SWEEP = 10_000;

export class ContainerSweeper {
  readonly #clock: Clock;
  readonly #tree: DataTree;
  readonly #intervalMs: number;
  readonly #remove: (path: string) => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, tree: DataTree, intervalMs: number, remove: (path: string) => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#tree = tree;
    this.#remove = remove;
  }

  start(): void {
    this.#timer ??= this.#clock.every(this.#intervalMs, () => this.#sweep());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #sweep(): void {
    for (const path of this.#candidates().slice(0, MAX_PER_SWEEP)) this.#remove(path);
  }

  #candidates(): string[] {
    const { nodes, containers, ttls } = this.#tree;
    const nowMs = BigInt(this.#clock.wallMs());
    const found: string[] = [];
    for (const path of containers) {
      const node = nodes.get(path);
      // cversion 0: nobody has used it yet, and it must be allowed to wait for its first child.
      if (node !== undefined && node.childCount === 0 && node.stat.cversion > 0) found.push(path);
    }
    for (const path of ttls) {
      const node = nodes.get(path);
      if (node !== undefined && node.childCount === 0 && nowMs - node.stat.mtime > ttlOf(node.stat.ephemeralOwner))
        found.push(path);
    }
    return found;
  }
}
