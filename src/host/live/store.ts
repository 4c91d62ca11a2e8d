/** LevelDB (`level`) as a Store. Loaded at the first use: roles that keep plain files only do not pay for it. */
import type { Store, StoreOperation } from '../host.js';
import { diskError } from './errors.js';

const PAGE_ENTRIES = 512;

/** `path` is the real one; `shown` is the role's name for it, for messages. */
export async function openLevelStore(path: string, shown: string): Promise<Store> {
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

  return {
    async get(key) {
      return (await db.get(key).catch(rethrow)) as Buffer | undefined;
    },

    batch(operations: readonly StoreOperation[], { sync }) {
      const ops = operations.map((operation) =>
        'put' in operation
          ? { type: 'put' as const, key: operation.put, value: operation.value as Buffer }
          : { type: 'del' as const, key: operation.delete });
      return db.batch(ops, { sync }).catch(rethrow);
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
      await db.close().catch(rethrow);
    },
  };
}
