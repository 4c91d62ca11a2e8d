/** Ensembles of three or five voters, some with an observer, hold their checks; the whole cluster's runs hold them, too. */
import { expect } from 'vitest';
import { holds, mean } from './holds.js';

holds('zk', 1, 60, (results) => {
  expect(mean(results, 'LeaderEstablished')).toBeGreaterThan(4);
  expect(mean(results, 'SessionExpired')).toBeGreaterThan(3);
});
