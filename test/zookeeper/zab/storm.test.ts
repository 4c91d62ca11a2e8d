/**
 * Ensembles in simulated storms of kills, power losses, pauses and partitions: the seed in a failure's name replays it.
 */
import { expect, test } from 'vitest';
import { storm } from './sim-ensemble.js';

const first = Number(process.env['ZAB_SEED'] ?? 1);
const count = Number(process.env['ZAB_SEEDS'] ?? 6);

test(`three servers keep what they promise, seeds ${first} to ${first + count - 1}`, { timeout: 600_000 }, async () => {
  let epochs = 0;
  let committed = 0;
  for (let seed = first; seed < first + count; seed++) {
    const result = await storm(seed);
    if (result.violations.length > 0 && process.env['ZAB_LOG'] !== undefined) console.log(result.log.join('\n'));
    expect(result.violations, `seed ${seed}`).toEqual([]);
    epochs += result.epochs;
    committed += result.committed;
  }
  if (process.env['ZAB_LOG'] !== undefined) console.log({ epochs, committed });
  // The storm did blow, and the ensemble did work.
  expect(epochs).toBeGreaterThan(3 * count);
  expect(committed).toBeGreaterThan(100 * count);
});

test('five servers', { timeout: 600_000 }, async () => {
  for (let seed = first; seed < first + Math.ceil(count / 4); seed++) {
    const result = await storm(seed, { voters: 5 });
    expect(result.violations, `seed ${seed}`).toEqual([]);
  }
});

test('three voters and an observer', { timeout: 600_000 }, async () => {
  for (let seed = first; seed < first + Math.ceil(count / 4); seed++) {
    const result = await storm(seed, { observers: 1 });
    expect(result.violations, `seed ${seed}`).toEqual([]);
  }
});

test('the same seed gives the same run', async () => {
  expect((await storm(7)).digest).toBe((await storm(7)).digest);
});
