/** The scenario `qjm` holds its checks over 60 seeds. */
import { expect, test } from 'vitest';
import { compiledSources, failures, simulate } from './compiled.js';

test('60 seeds of kills, restarts, delays and partitions hold: qjm', { timeout: 1_200_000 }, async () => {
  const { results } = await simulate(compiledSources(), ['--seeds', '1..60', '--scenario', 'qjm', '--jobs', '1']);
  expect(failures(results)).toEqual([]);
  expect(results.length).toBe(60);
  // They had something to withstand, and something to do.
  expect(results.reduce((sum, { faults }) => sum + faults, 0)).toBeGreaterThan(5 * 60);
  expect(results.reduce((sum, { events }) => sum + events, 0)).toBeGreaterThan(5000 * 60);
});
