/** The scenario `zk` holds its checks over 90 seeds. */
import { expect, test } from 'vitest';
import { compiledSources, failures, simulate } from './compiled.js';

test('90 seeds of kills, restarts, delays and partitions hold: zk', { timeout: 1_200_000 }, async () => {
  const { results } = await simulate(compiledSources(), ['--seeds', '1..90', '--scenario', 'zk', '--jobs', '1']);
  expect(failures(results)).toEqual([]);
  expect(results.length).toBe(90);
  // They had something to withstand, and something to do.
  expect(results.reduce((sum, { faults }) => sum + faults, 0)).toBeGreaterThan(5 * 90);
  expect(results.reduce((sum, { events }) => sum + events, 0)).toBeGreaterThan(5000 * 90);
});
