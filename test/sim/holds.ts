/**
 * The test that a scenario holds its checks over a range of seeds, and that there was something to hold them against.
 */
import { expect, test } from 'vitest';
import type { SeedResult } from '../../src/drill/sim/campaign.js';
import type { ScenarioName } from '../../src/drill/sim/scenario.js';
import { compiledSources, failures, simulate } from './compiled.js';

/** `more` looks at what all runs together went through. */
export function holds(
  scenario: ScenarioName,
  first: number,
  last: number,
  more: (results: readonly SeedResult[]) => void,
): void {
  test(`seeds ${first} to ${last} of kills, restarts, delays and partitions hold: ${scenario}`, {
    timeout: 1_200_000,
  }, async () => {
    const { results } = await simulate(compiledSources(), [
      '--seeds',
      `${first}..${last}`,
      '--scenario',
      scenario,
      '--jobs',
      '1',
    ]);
    expect(failures(results)).toEqual([]);
    const seeds = last - first + 1;
    expect(results.length).toBe(seeds);
    expect(results.reduce((sum, { faults }) => sum + faults, 0)).toBeGreaterThan(8 * seeds);
    expect(results.reduce((sum, { events }) => sum + events, 0)).toBeGreaterThan(5000 * seeds);
    more(results);
  });
}

/** How many events of a type a run had, on the average. */
export const mean = (results: readonly SeedResult[], type: string): number =>
  results.reduce((sum, { seen }) => sum + (seen[type] ?? 0), 0) / results.length;
