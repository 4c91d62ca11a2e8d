/** Each fault that is put into the code on purpose is noticed, by the check that should, within the first 200 seeds. */
import { describe, expect, test } from 'vitest';
import { mutated, simulate } from './compiled.js';
import { MUTANTS } from './mutants.js';

/** Mostly found at once; looked for in small portions, so that finding it ends the search. */
const PORTION = 2;
const MOST_SEEDS = 200;

describe('a fault put into the code on purpose is caught', () => {
  for (const mutant of MUTANTS) {
    test(mutant.name, { timeout: 1_200_000 }, async () => {
      const directory = mutated(mutant);
      const others = new Set<string>();
      for (let done = 0; done < MOST_SEEDS; done += PORTION) {
        const first = (((mutant.from ?? 1) - 1 + done) % MOST_SEEDS) + 1;
        const { results } = await simulate(directory, [
          '--seeds',
          `${first}..${first + PORTION - 1}`,
          '--scenario',
          mutant.scenario,
          '--stop-early',
          '--jobs',
          '1',
        ]);
        for (const { violations } of results) {
          if (violations.some(({ check }) => mutant.caughtBy.includes(check))) return;
          // It may break something else first, in one run or another.
          for (const { check, message } of violations) others.add(`${check}: ${message}`);
        }
      }
      expect.fail(
        `${MOST_SEEDS} seeds did not show ${mutant.caughtBy.join(' or ')}, only ` +
          `${[...others].slice(0, 3).join('; ') || 'nothing'}`,
      );
    });
  }

  test('a mutant whose line is not there any more is told, not passed', () => {
    expect(() => mutated({ file: 'zkfc/zkfc.ts', find: 'no such line', replace: '' })).toThrow(
      /stands 0 times in src\/zkfc\/zkfc\.ts/,
    );
  });
});
