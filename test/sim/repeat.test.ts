/**
 * One seed is one run: the event log is equal, however often and wherever it is run. And what the command line says.
 */
import { describe, expect, test } from 'vitest';
import { compiledSources, simulate } from './compiled.js';

describe('a seed repeats', () => {
  for (const scenario of ['zk', 'qjm', 'ha']) {
    test(scenario, { timeout: 1_200_000 }, async () => {
      const run = async (seeds: string, jobs: string): Promise<Map<number, string>> => {
        const { results } = await simulate(compiledSources(), [
          '--seeds',
          seeds,
          '--scenario',
          scenario,
          '--jobs',
          jobs,
        ]);
        return new Map(
          results.map(({ seed, eventLogDigest, events, virtualMs }) => [
            seed,
            `${eventLogDigest} ${events} ${virtualMs}`,
          ]),
        );
      };
      const first = await run('1..2', '1');
      // Another process, and a thread that has run nothing before.
      const second = await run('2..2', '1');
      expect([...second]).toEqual([...first].filter(([seed]) => seed === 2));
      expect(new Set(first.values()).size).toBe(2);
    });
  }
});

test('a run says what happened and how to see it again', { timeout: 1_200_000 }, async () => {
  const held = await simulate(compiledSources(), ['--seed', '5', '--scenario', 'qjm'], { json: false });
  expect(held.exitCode).toBe(0);
  expect(held.output).toMatch(
    /^held: qjm, seed 5: \d+ faults in \d+ s of virtual time, \d+ steps; .*event log [0-9a-f]{16}\n$/,
  );
  await expect(simulate(compiledSources(), ['--seeds', '5'], { json: false })).rejects.toThrow(
    /ended with 2: .*Write it as 1\.\.200/s,
  );
});
