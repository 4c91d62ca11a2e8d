/** LevelDB (`level`) as a Store. Loaded at the first use: roles that keep plain files only do not pay for it. */
import { readdir } from 'node:fs/promises';
import type { Store, StoreOperation } from '../host.js';
import { damagedStore, diskError } from './errors.js';

const PAGE_ENTRIES = 512;

interface Batch {
  readonly operations: readonly StoreOperation[];
  readonly sync: boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * LevelDB takes a directory without CURRENT for a new one and removes what lies there. It writes CURRENT before
 * anything but its first manifest: so data without it has lost its head. Throws LabError `CORRUPT`.
 */
async function refuseHeadless(path: string, shown: string): Promise<void> {
  const names: readonly string[] = await readdir(path).catch(() => []);
  const data = names.find(
    (name) => /^\d+\.(log|ldb|sst)$/.test(name) || (/^MANIFEST-\d+$/.test(name) && name !== 'MANIFEST-000001'),
  );
  if (data !== undefined && !names.includes('CURRENT')) throw damagedStore(shown, `CURRENT is missing beside ${data}`);
}

/** `path` is the real one; `shown` is the role's name for it, for messages. */
export async function openLevelStore(path: string, shown: string): Promise<Store> {
  await refuseHeadless(path, shown);
  const { Level } = await import('level');
  const db = new Level<Uint8Array, Buffer>(path, { keyEncoding: 'buffer', valueEncoding: 'buffer' });
  try {
    await db.open();
  } catch (error) {
    throw diskError(error, shown);
  }

  const rethrow = (error: unknown): never => {
    throw diskError(error, shown);
  };

  // The thread pool would let concurrent writes overtake each other. So: one at a time, and what waits goes together.
  let waiting: Batch[] = [];
  let writing = false;
  async function writeWaiting(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      const ops = group.flatMap(({ operations }) =>
        operations.map((operation) =>
          'put' in operation
            ? { type: 'put' as const, key: operation.put, value: operation.value as Buffer }
            : { type: 'del' as const, key: operation.delete },
        ),
      );
      try {
        await db.batch(ops, { sync: group.some(({ sync }) => sync) });
        for (const { resolve } of group) resolve();
      } catch (error) {
        const failure = diskError(error, shown);
        for (const { reject } of group) reject(failure);
      }
    }
    writing = false;
  }

  return {
    async get(key) {
      return (await db.get(key).catch(rethrow)) as Buffer | undefined;
    },

    batch(operations, { sync }) {
      return new Promise((resolve, reject) => {
        waiting.push({ operations, sync, resolve, reject });
        if (!writing) void writeWaiting();
      });
    },

    async *entries(range) {
      const { reverse = false, limit = -1, ...bounds } = range;
      const iterator = db.iterator({ ...bounds, reverse, limit } as Parameters<typeof db.iterator>[0]);
      try {
        for (;;) {
          const page = (await iterator.nextv(PAGE_ENTRIES)) as unknown as [Buffer, Buffer][];
          if (page.length === 0) return;
          yield* page;
        }
      } catch (error) {
        rethrow(error);
      } finally {
        await iterator.close();
      }
    },

    async close() {
      // Behind the batches called before it.
      while (writing || waiting.length > 0) await new Promise((done) => setImmediate(done));
      await db.close().catch(rethrow);
    },
  };
}
