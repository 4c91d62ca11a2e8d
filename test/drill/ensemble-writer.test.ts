/** The longest silence among acknowledgements. */
import { expect, test } from 'vitest';
import { longestSilenceMs } from '../../src/drill/ensemble-writer.js';

test('from the fault to the first acknowledgement, or between two', () => {
  expect(longestSilenceMs([10, 20, 130, 140], 30)).toBe(100);
  expect(longestSilenceMs([10, 20, 50, 140, 145], 30)).toBe(90);
});

test('acknowledgements come in any order; those before do not count', () => {
  expect(longestSilenceMs([140, 50, 1, 20], 30)).toBe(90);
  expect(longestSilenceMs([1, 20], 30)).toBe(0);
});
