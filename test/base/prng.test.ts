import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/prng.js';

const take = (random: SeededRandom): number[] => Array.from({ length: 20 }, () => random.below(1000));

test('one seed, one sequence; another seed, another', () => {
  expect(take(new SeededRandom(7))).toEqual(take(new SeededRandom(7)));
  expect(take(new SeededRandom(7))).not.toEqual(take(new SeededRandom(8)));
});

test('a fork does not shift the sequence that it came from by how much it is used', () => {
  const one = new SeededRandom(1);
  const other = new SeededRandom(1);
  take(one.fork());
  other.fork();
  expect(take(one)).toEqual(take(other));
});

test('spread evenly enough to draw lots with', () => {
  const random = new SeededRandom(3);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) counts[random.below(10)]!++;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
