/**
 * The whole cluster holds its checks over 200 seeds: here the first hundred, since test files run beside each other.
 */
import { expect } from 'vitest';
import { holds, mean } from './holds.js';

holds('ha', 1, 100, (results) => {
  // One activation is the start and one is the judgement's; the others are failovers in the storm.
  expect(mean(results, 'BecameActive')).toBeGreaterThan(3.5);
  expect(Math.min(...results.map(({ seen }) => seen['BecameActive'] ?? 0))).toBeGreaterThanOrEqual(2);
  expect(mean(results, 'LeaderEstablished')).toBeGreaterThan(1.5);
  expect(mean(results, 'ActiveFenced')).toBeGreaterThan(1);
});
