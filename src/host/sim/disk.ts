/**
 * A process's Disk over its machine's file system: every call takes virtual time, and what it had open closes with it.
 */
import { LabError } from '../../base/errors.js';
import type { AppendFile, Disk, Store, StoreOperation } from '../host.js';
import { DirectoryNode, FileNode, FileSystem, type Node } from './file-system.js';
import type { Kernel, Process } from './kernel.js';
import { StoreNode } from './store-node.js';

export interface DiskMachine {
  readonly isUp: boolean;
  readonly boot: number;
  readonly files: FileSystem;
  /** Stores and lock files in use -> by whom. Emptied of a process when it ends. */
  readonly inUse: Map<string, Process>;
}

/** Read from memory, mostly. */
const READ_MS = 0.03;
/** Into the page cache. */
const WRITE_MS = 0.01;

export function simDisk(kernel: Kernel, machine: DiskMachine, process: Process): Disk {
  const { random } = kernel;
  const files = machine.files;
  const syncMs = (): number =>
    0.3 + 1.2 * random.unit() + (random.below(50) === 0 ? 15 * random.unit() : 0) + files.faults.slowMs;

  /**
   * An operation that happens at one moment, `delayMs` from now. A power loss before it undoes it; whether a killed
   * process's call still came through is chance.
   */
  function operation<T>(delayMs: number, effect: () => T): Promise<T> {
    const { boot } = machine;
    return new Promise((resolve, reject) => {
      if (process.dead) return;
      kernel.schedule(delayMs, () => {
        if (!machine.isUp || machine.boot !== boot) return;
        if (process.dead && random.below(2) === 0) return;
        let result: T;
        try {
          result = effect();
        } catch (error) {
          process.dispatch(() => reject(error));
          return;
        }
        process.dispatch(() => resolve(result));
      });
    });
  }

  function fileAt(path: string): FileNode {
    const node = files.find(path);
    if (!(node instanceof FileNode)) throw FileSystem.notFound(path);
    return node;
  }

  function claim(path: string): void {
    const holder = machine.inUse.get(path);
    // A call that came through although its process was killed holds nothing.
    if (holder !== undefined && !holder.dead)
      throw new LabError('LOCKED', `${path}: held by ${holder.id}`, { data: { path, holder: holder.id } });
    machine.inUse.set(path, process);
  }

  function release(path: string): void {
    if (machine.inUse.get(path) === process) machine.inUse.delete(path);
  }

  return Object.freeze<Disk>({
    openStore: (path) =>
      operation(1 + syncMs(), () => {
        claim(path);
        try {
          let node = files.find(path);
          if (node === undefined) {
            files.checkWritable(path);
            files.put(path, (node = new StoreNode()));
          }
          if (!(node instanceof StoreNode)) throw new LabError('CORRUPT', `${path}: not a store`, { data: { path } });
          return new SimStore(node, path, { kernel, process, files, operation, syncMs, release: () => release(path) });
        } catch (error) {
          release(path);
          throw error;
        }
      }),

    openAppend: (path) =>
      operation(syncMs(), () => {
        let node = files.find(path);
        if (node === undefined) {
          files.checkWritable(path);
          files.put(path, (node = new FileNode()));
        }
        if (!(node instanceof FileNode)) throw new LabError('DISK_FAILED', `${path}: not a file`, { data: { path } });
        return new SimAppendFile(node, path, { kernel, process, files, operation, syncMs, release: () => {} });
      }),

    readFile: (path) =>
      operation(READ_MS, () => {
        const node = files.find(path);
        return node instanceof FileNode ? node.read(0, node.size) : undefined;
      }),

    readRange: (path, offset, length) => operation(READ_MS, () => fileAt(path).read(offset, length)),

    async writeFile(path, bytes) {
      const copy = Buffer.from(bytes);
      const whole = (): FileNode => {
        const node = new FileNode();
        node.append(copy);
        node.syncedSize = node.size;
        return node;
      };
      const temporary = `${path}.tmp`;
      await operation(syncMs(), () => {
        files.checkWritable(path);
        files.put(temporary, whole());
      });
      await operation(syncMs(), () => {
        files.take(temporary);
        files.put(path, whole());
      });
    },

    list: (path) =>
      operation(READ_MS, () => {
        const node = files.find(path);
        return node instanceof DirectoryNode ? [...node.children.keys()].sort() : undefined;
      }),

    stat: (path) =>
      operation(READ_MS, () => {
        const node = files.find(path);
        if (node === undefined) return undefined;
        return node instanceof FileNode
          ? { kind: 'file' as const, size: node.size }
          : { kind: 'directory' as const, size: 0 };
      }),

    makeDirectory: (path) =>
      operation(syncMs(), () => {
        if (files.find(path) === undefined) files.checkWritable(path);
        files.directory(path);
      }),

    rename: (from, to) =>
      operation(syncMs(), () => {
        const node: Node | undefined = files.find(from);
        if (node === undefined) throw FileSystem.notFound(from);
        files.checkWritable(to);
        files.take(from);
        files.put(to, node);
      }),

    remove: (path) => operation(syncMs(), () => void files.take(path)),

    lock: (path) =>
      operation(WRITE_MS, () => {
        claim(path);
        return { release: () => operation(WRITE_MS, () => release(path)) };
      }),
  });
}

interface Means {
  readonly kernel: Kernel;
  readonly process: Process;
  readonly files: FileSystem;
  operation<T>(delayMs: number, effect: () => T): Promise<T>;
  syncMs(): number;
  release(): void;
}

interface Waiter {
  readonly upTo: number;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * As the live one: appends wait in the process until the pump writes them, syncs that wait together share one
 * fdatasync.
 */
class SimAppendFile implements AppendFile {
  readonly #node: FileNode;
  readonly #path: string;
  readonly #means: Means;
  #size: number;
  #pending: Uint8Array[] = [];
  #waiters: Waiter[] = [];
  #pumping = false;
  #failure: unknown;

  constructor(node: FileNode, path: string, means: Means) {
    this.#node = node;
    this.#path = path;
    this.#means = means;
    this.#size = node.size;
  }

  get size(): number {
    return this.#size;
  }

  append(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#failure !== undefined) return;
    this.#pending.push(bytes);
    this.#size += bytes.length;
    this.#start();
  }

  sync(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ upTo: this.#size, resolve, reject });
      this.#start();
    });
  }

  #start(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#means.process.schedule(0, () => this.#pump());
  }

  #pump(): void {
    try {
      this.#write();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#waiters.length === 0) {
      this.#pumping = false;
      return;
    }
    const upTo = this.#node.size;
    this.#means
      .operation(this.#means.syncMs(), () => {
        if (this.#means.files.faults.failure === 'failed') this.#means.files.checkWritable(this.#path);
        this.#node.syncedSize = Math.max(this.#node.syncedSize, Math.min(upTo, this.#node.size));
      })
      .then(
        () => {
          let count = 0;
          while (count < this.#waiters.length && this.#waiters[count]!.upTo <= upTo) count++;
          for (const waiter of this.#waiters.splice(0, count)) waiter.resolve();
          this.#pump();
        },
        (error: unknown) => this.#fail(error),
      );
  }

  #write(): void {
    while (this.#pending.length > 0) {
      const bytes = this.#pending[0]!;
      if (this.#means.files.faults.failure !== undefined) {
        // What still fits is written: a torn record.
        if (this.#means.files.faults.failure === 'full')
          this.#node.append(bytes.subarray(0, this.#means.kernel.random.below(bytes.length)));
        this.#means.files.checkWritable(this.#path);
      }
      this.#node.append(bytes);
      this.#pending.shift();
    }
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#pending = [];
    this.#pumping = false;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  read(offset: number, length: number): Promise<Buffer> {
    return this.#means.operation(READ_MS, () => {
      this.#write();
      return this.#node.read(offset, length);
    });
  }

  async truncate(size: number): Promise<void> {
    await this.sync();
    await this.#means.operation(this.#means.syncMs(), () => {
      this.#node.truncate(size);
      this.#node.syncedSize = this.#node.size;
      this.#size = size;
    });
  }

  close(): Promise<void> {
    return this.#means.operation(WRITE_MS, () => {
      if (this.#failure === undefined) this.#write();
    });
  }
}

/** Batches happen one after the other, in the order of the calls. */
class SimStore implements Store {
  readonly #node: StoreNode;
  readonly #path: string;
  readonly #means: Means;
  #queue: { operations: readonly StoreOperation[]; sync: boolean; resolve(): void; reject(error: unknown): void }[] =
    [];
  #busy = false;
  #closed = false;

  constructor(node: StoreNode, path: string, means: Means) {
    this.#node = node;
    this.#path = path;
    this.#means = means;
  }

  get(key: Uint8Array): Promise<Buffer | undefined> {
    return this.#means.operation(READ_MS, () => this.#node.get(key));
  }

  batch(operations: readonly StoreOperation[], { sync }: { sync: boolean }): Promise<void> {
    if (this.#closed) return Promise.reject(new LabError('DISK_FAILED', `${this.#path}: the store is closed`));
    return new Promise((resolve, reject) => {
      this.#queue.push({ operations, sync, resolve, reject });
      if (!this.#busy) this.#next();
    });
  }

  /** Those that wait together go as one write, as LevelDB's own writer queue does; each stays whole. */
  #next(): void {
    const group = this.#queue;
    if (group.length === 0) return;
    this.#queue = [];
    this.#busy = true;
    const sync = group.some((entry) => entry.sync);
    this.#means
      .operation(WRITE_MS + this.#means.files.faults.slowMs / 4, () => {
        this.#means.files.checkWritable(this.#path);
        for (const entry of group) this.#node.apply(entry.operations);
      })
      .then(() => {
        if (!sync) return undefined;
        const mark = this.#node.mark();
        return this.#means.operation(this.#means.syncMs(), () => this.#node.syncTo(mark));
      })
      .then(
        () => {
          this.#busy = false;
          for (const entry of group) entry.resolve();
          if (!this.#busy) this.#next();
        },
        (error: unknown) => {
          this.#busy = false;
          for (const entry of group) entry.reject(error);
          if (!this.#busy) this.#next();
        },
      );
  }

  async *entries(range: Parameters<Store['entries']>[0]): AsyncIterable<readonly [Buffer, Buffer]> {
    yield* await this.#means.operation(READ_MS, () => this.#node.range(range));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // Behind the batches that are under way.
    while (this.#busy || this.#queue.length > 0) await this.#means.operation(0.1, () => {});
    await this.#means.operation(WRITE_MS, () => this.#means.release());
  }
}
