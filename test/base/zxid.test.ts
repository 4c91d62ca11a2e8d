import { expect, test } from 'vitest';
import { counterOf, epochOf, isMajority, makeZxid, zxidText } from '../../src/base/zxid.js';

test('epoch above, counter below', () => {
  const zxid = makeZxid(3, 0xffffffffn);
  expect(zxidText(zxid)).toBe('0x3ffffffff');
  expect(epochOf(zxid)).toBe(3n);
  expect(counterOf(zxid)).toBe(0xffffffffn);
});

test('a majority is more than half', () => {
  expect([isMajority(1, 1), isMajority(1, 2), isMajority(2, 3), isMajority(2, 4), isMajority(3, 5)]).toEqual([
    true,
    false,
    true,
    false,
    true,
  ]);
});
