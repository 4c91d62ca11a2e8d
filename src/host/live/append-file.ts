/**
 * An append-only file: appends are gathered and written in order by one pump; syncs that wait together share one
 * fdatasync. After the first failure nothing is written any more and every sync rejects with it: a log must not have a
 * hole.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LabError } from '../../base/errors.js';
import type { AppendFile } from '../host.js';
import { diskError } from './errors.js';
import { syncDirectory } from './sync-directory.js';

interface Waiter {
  readonly upTo: number;
  resolve(): void;
  reject(error: unknown): void;
}

class LiveAppendFile implements AppendFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  #size: number;
  #written: number;
  #synced: number;
  #pending: Uint8Array[] = [];
  #syncWaiters: Waiter[] = [];
  #writeWaiters: Waiter[] = [];
  #pumping = false;
  #failure: LabError | undefined;
  #closed = false;

  constructor(handle: FileHandle, path: string, size: number) {
    this.#handle = handle;
    this.#path = path;
    this.#size = this.#written = size;
    // What another process left may never have been synced.
    this.#synced = 0;
  }

  get size(): number {
    return this.#size;
  }

  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#closed) throw new LabError('DISK_FAILED', `${this.#path}: append to a closed file`);
    this.#pending.push(bytes);
    this.#size += bytes.length;
    this.#start();
  }

  sync(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#synced >= this.#size && this.#size > 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#syncWaiters.push({ upTo: this.#size, resolve, reject });
      this.#start();
    });
  }

  #start(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    // Not at once: more of this turn may follow.
    setImmediate(() => void this.#pump());
  }

  async #pump(): Promise<void> {
    try {
      while (this.#failure === undefined && (this.#pending.length > 0 || this.#syncWaiters.length > 0)) {
        await this.#write();
        this.#release(this.#writeWaiters, this.#written);
        if (this.#syncWaiters.length === 0) continue;
        const upTo = this.#written;
        await this.#handle.datasync();
        this.#synced = Math.max(this.#synced, upTo);
        this.#release(this.#syncWaiters, upTo);
      }
    } catch (error) {
      this.#failure = diskError(error, this.#path);
    }
    this.#pumping = false;
    if (this.#failure === undefined) return;
    this.#pending = [];
    for (const waiter of [...this.#syncWaiters.splice(0), ...this.#writeWaiters.splice(0)])
      waiter.reject(this.#failure);
  }

  async #write(): Promise<void> {
    const pieces = this.#pending;
    if (pieces.length === 0) return;
    this.#pending = [];
    let bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    while (bytes.length > 0) {
      const { bytesWritten } = await this.#handle.write(bytes, 0, bytes.length, null);
      this.#written += bytesWritten;
      bytes = bytes.subarray(bytesWritten);
    }
  }

  #release(waiters: Waiter[], upTo: number): void {
    let count = 0;
    while (count < waiters.length && waiters[count]!.upTo <= upTo) count++;
    for (const waiter of waiters.splice(0, count)) waiter.resolve();
  }

  /** All that was appended is with the kernel, though not yet on disk. */
  #allWritten(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#written >= this.#size) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#writeWaiters.push({ upTo: this.#size, resolve, reject });
      this.#start();
    });
  }

  async read(offset: number, length: number): Promise<Buffer> {
    if (offset + length > this.#written) await this.#allWritten();
    try {
      return await readFully(this.#handle, offset, Math.max(0, Math.min(length, this.#size - offset)));
    } catch (error) {
      throw diskError(error, this.#path);
    }
  }

  async truncate(size: number): Promise<void> {
    await this.sync();
    try {
      await this.#handle.truncate(size);
      await this.#handle.sync();
      this.#size = this.#written = this.#synced = size;
    } catch (error) {
      throw diskError(error, this.#path);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#allWritten();
    } finally {
      await this.#handle.close();
    }
  }
}

/** Up to `length` bytes: fewer only at the end of the file. */
export async function readFully(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** `path` is the real one; `shown` is the role's name for it, for messages. The directory must exist. */
export async function openAppendFile(path: string, shown: string): Promise<AppendFile> {
  const handle = await open(path, 'a+');
  try {
    const { size } = await handle.stat();
    // A new file's name is durable only with its directory.
    if (size === 0) await syncDirectory(dirname(path));
    return new LiveAppendFile(handle, shown, size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}
