/** The retry cache: how long, how many, for whom. */
import { expect, test } from 'vitest';
import { RetryCache } from '../../../src/namenode/namespace/retry-cache.js';

const client = Buffer.alloc(16, 1);

test('an answer is kept until it expires', () => {
  let now = 0;
  const cache = new RetryCache<string>({ nowMs: () => now, expiryMs: 100, maxEntries: 10 });
  cache.put(client, 1, { txid: 5n, payload: 'one' });
  now = 99;
  cache.put(client, 2, { txid: 6n, payload: 'two' });
  expect(cache.get(client, 1)).toMatchObject({ txid: 5n, payload: 'one' });
  expect(cache.get(Buffer.alloc(16, 2), 1)).toBeUndefined();
  now = 150;
  cache.put(client, 3, { txid: 7n, payload: 'three' });
  expect(cache.get(client, 1)).toBeUndefined();
  expect(cache.get(client, 2)).toMatchObject({ payload: 'two' });
});

test('it is bounded, and the newest half is always there', () => {
  const cache = new RetryCache<number>({ nowMs: () => 0, expiryMs: 100, maxEntries: 100 });
  for (let i = 0; i < 300; i++) {
    cache.put(client, i, { txid: BigInt(i), payload: i });
    for (let back = 0; back < Math.min(i, 50); back++) expect(cache.get(client, i - back)?.payload).toBe(i - back);
  }
  expect(cache.size).toBeLessThanOrEqual(100);
});

test('calls that nobody retries leave nothing', () => {
  const cache = new RetryCache<number>({ nowMs: () => 0, expiryMs: 100, maxEntries: 100 });
  cache.put(Buffer.alloc(0), 1, { txid: 1n, payload: 1 });
  cache.put(client, -2, { txid: 1n, payload: 1 });
  expect(cache.size).toBe(0);
});
