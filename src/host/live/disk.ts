/**
 * The file system as Disk: durable renames and replacements, LevelDB stores, append files, locks; `root` is where `/`
 * is.
 */
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Disk } from '../host.js';
import { openAppendFile, readFully } from './append-file.js';
import { diskError, systemCode } from './errors.js';
import { takeLock } from './lock-file.js';
import { openLevelStore } from './store.js';
import { syncDirectory } from './sync-directory.js';

export function liveDisk({ root = '' }: { root?: string | undefined }): Disk {
  const real = (path: string): string => (root === '' ? path : join(root, path));

  /** Runs `work` on the real path; errors name the role's own. */
  async function on<T>(path: string, work: (real: string) => Promise<T>): Promise<T> {
    try {
      return await work(real(path));
    } catch (error) {
      throw diskError(error, path);
    }
  }

  const orAbsent = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
      throw error;
    }
  };

  return Object.freeze<Disk>({
    openStore: (path) =>
      on(path, async (at) => {
        await mkdir(dirname(at), { recursive: true });
        return openLevelStore(at, path);
      }),

    openAppend: (path) =>
      on(path, async (at) => {
        await mkdir(dirname(at), { recursive: true });
        return openAppendFile(at, path);
      }),

    readFile: (path) => on(path, (at) => orAbsent(readFile(at))),

    readRange: (path, offset, length) =>
      on(path, async (at) => {
        const handle = await open(at, 'r');
        try {
          const { size } = await handle.stat();
          return await readFully(handle, offset, Math.max(0, Math.min(length, size - offset)));
        } finally {
          await handle.close();
        }
      }),

    writeFile: (path, bytes) =>
      on(path, async (at) => {
        await mkdir(dirname(at), { recursive: true });
        const temporary = `${at}.tmp`;
        try {
          const handle = await open(temporary, 'w');
          try {
            await handle.writeFile(bytes);
            await handle.sync();
          } finally {
            await handle.close();
          }
          await rename(temporary, at);
        } catch (error) {
          // On a full disk, half a file is in the way of what would still fit.
          await rm(temporary, { force: true }).catch(() => {});
          throw error;
        }
        await syncDirectory(dirname(at));
      }),

    list: (path) => on(path, async (at) => (await orAbsent(readdir(at)))?.sort()),

    stat: (path) =>
      on(path, async (at) => {
        const found = await orAbsent(stat(at));
        if (found === undefined) return undefined;
        return found.isDirectory()
          ? { kind: 'directory' as const, size: 0 }
          : { kind: 'file' as const, size: found.size };
      }),

    makeDirectory: (path) =>
      on(path, async (at) => {
        await mkdir(at, { recursive: true });
        await syncDirectory(dirname(at));
      }),

    rename: (from, to) =>
      on(from, async (at) => {
        const target = real(to);
        await rename(at, target);
        await syncDirectory(dirname(target));
        if (dirname(at) !== dirname(target)) await syncDirectory(dirname(at));
      }),

    remove: (path) =>
      on(path, async (at) => {
        await rm(at, { recursive: true, force: true });
        await orAbsent(syncDirectory(dirname(at)));
      }),

    lock: (path) =>
      on(path, async (at) => {
        await mkdir(dirname(at), { recursive: true });
        return takeLock(at, path);
      }),
  });
}
