/**
 * Ensembles of three or five voters, some with an observer, hold their checks; the whole cluster's runs hold them, too.
 */
import { expect } from 'vitest';
import { holds, mean } from './holds.js';

holds('zk', 1, 60, (results) => {
  expect(mean(results, 'LeaderEstablished')).toBeGreaterThan(3);
  expect(mean(results, 'SessionExpired')).toBeGreaterThan(1);
});
