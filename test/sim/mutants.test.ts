/** Each fault that is put into the code on purpose is noticed, by the check that should, within 200 seeds. */
import { describe, expect, test } from 'vitest';
import { mutated, simulate } from './compiled.js';
import { MUTANTS } from './mutants.js';

/** Found within a few seeds; looked for in small portions, so that finding it ends the search. */
const PORTION = 10;
const MOST_SEEDS = 200;

describe('a fault put into the code on purpose is caught', () => {
  for (const mutant of MUTANTS) {
    test(mutant.name, { timeout: 1_200_000 }, async () => {
      const directory = mutated(mutant);
      for (let first = 1; first <= MOST_SEEDS; first += PORTION) {
        const { results } = await simulate(directory, ['--seeds', `${first}..${first + PORTION - 1}`, '--scenario', mutant.scenario, '--stop-early', '--until-violated', '--jobs', '1']);
        const caught = results.flatMap(({ violations }) => violations).map(({ check }) => check);
        if (caught.length === 0) continue;
        expect(mutant.caughtBy).toEqual(expect.arrayContaining([caught[0]]));
        return;
      }
      expect.fail(`${MOST_SEEDS} seeds did not notice it`);
    });
  }

  test('a mutant whose line is not there any more is told, not passed', () => {
    expect(() => mutated({ file: 'zkfc/zkfc.ts', find: 'no such line', replace: '' })).toThrow(/stands 0 times in src\/zkfc\/zkfc\.ts/);
  });
});
