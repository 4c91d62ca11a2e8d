/**
 * A machine's disk: a tree of files and stores, of which each knows what is durable. Processes come and go without harm
 * to it; a power loss takes a random part of what was not synced: the end of an append file (in the middle of a record,
 * if so it falls), the last batches of a store.
 */
import { LabError } from '../../base/errors.js';
import type { SeededRandom } from '../../base/prng.js';
import { StoreNode } from './store-node.js';

export class FileNode {
  readonly kind = 'file';
  #bytes = Buffer.alloc(0);
  #size = 0;
  /** Bytes from the start that a power loss leaves. */
  syncedSize = 0;

  get size(): number {
    return this.#size;
  }

  append(bytes: Uint8Array): void {
    const need = this.#size + bytes.length;
    if (need > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(need, this.#bytes.length * 2, 256));
      this.#bytes.copy(grown, 0, 0, this.#size);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#size);
    this.#size = need;
  }

  read(offset: number, length: number): Buffer {
    const end = Math.min(this.#size, offset + length);
    return Buffer.from(this.#bytes.subarray(Math.min(offset, end), end));
  }

  truncate(size: number): void {
    this.#size = Math.min(this.#size, size);
    this.syncedSize = Math.min(this.syncedSize, size);
  }

  losePower(random: SeededRandom): void {
    const unsynced = this.#size - this.syncedSize;
    if (unsynced > 0) this.#size = this.syncedSize + random.below(unsynced + 1);
    this.syncedSize = this.#size;
  }
}

export class DirectoryNode {
  readonly kind = 'directory';
  readonly children = new Map<string, Node>();
}

export type Node = FileNode | DirectoryNode | StoreNode;

/** What is wrong with the disk at the moment. */
export interface DiskFaults {
  readonly failure: 'full' | 'failed' | undefined;
  /** Added to every sync and write. */
  readonly slowMs: number;
}

export const NO_DISK_FAULTS: DiskFaults = Object.freeze({ failure: undefined, slowMs: 0 });

export class FileSystem {
  faults: DiskFaults = NO_DISK_FAULTS;
  readonly #root = new DirectoryNode();

  static notFound(path: string): LabError {
    return new LabError('NOT_FOUND', `${path}: no such file or directory`, { data: { path } });
  }

  /** Throws DISK_FULL or DISK_FAILED while the disk takes no writes. */
  checkWritable(path: string): void {
    if (this.faults.failure === 'full')
      throw new LabError('DISK_FULL', `${path}: no space left on the disk`, { data: { path } });
    if (this.faults.failure === 'failed')
      throw new LabError('DISK_FAILED', `${path}: input/output error`, { data: { path } });
  }

  find(path: string): Node | undefined {
    let at: Node = this.#root;
    for (const name of partsOf(path)) {
      const next: Node | undefined = at instanceof DirectoryNode ? at.children.get(name) : undefined;
      if (next === undefined) return undefined;
      at = next;
    }
    return at;
  }

  directory(path: string): DirectoryNode {
    let at = this.#root;
    for (const name of partsOf(path)) {
      let next = at.children.get(name);
      if (next === undefined) at.children.set(name, (next = new DirectoryNode()));
      if (!(next instanceof DirectoryNode))
        throw new LabError('DISK_FAILED', `${path}: ${name} is not a directory`, { data: { path } });
      at = next;
    }
    return at;
  }

  put(path: string, node: Node): void {
    const parts = partsOf(path);
    const name = parts.pop();
    if (name === undefined) throw new LabError('DISK_FAILED', `${path}: is the root`);
    this.directory(parts.join('/')).children.set(name, node);
  }

  take(path: string): Node | undefined {
    const parts = partsOf(path);
    const name = parts.pop();
    const parent = this.find(parts.join('/'));
    if (name === undefined || !(parent instanceof DirectoryNode)) return undefined;
    const node = parent.children.get(name);
    parent.children.delete(name);
    return node;
  }

  losePower(random: SeededRandom): void {
    const visit = (node: Node): void => {
      if (node instanceof DirectoryNode) for (const child of node.children.values()) visit(child);
      else node.losePower(random);
    };
    visit(this.#root);
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}
