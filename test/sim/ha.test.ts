/** The scenario `ha` holds its checks over 50 seeds. */
import { expect, test } from 'vitest';
import { compiledSources, failures, simulate } from './compiled.js';

test('50 seeds of kills, restarts, delays and partitions hold: ha', { timeout: 1_200_000 }, async () => {
  const { results } = await simulate(compiledSources(), ['--seeds', '1..50', '--scenario', 'ha', '--jobs', '1']);
  expect(failures(results)).toEqual([]);
  expect(results.length).toBe(50);
  // They had something to withstand, and something to do.
  expect(results.reduce((sum, { faults }) => sum + faults, 0)).toBeGreaterThan(5 * 50);
  expect(results.reduce((sum, { events }) => sum + events, 0)).toBeGreaterThan(5000 * 50);
});
