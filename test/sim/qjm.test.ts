/**
 * JournalNodes and two writers who take the journal from each other hold their checks; the whole cluster's runs hold
 * them, too.
 */
import { expect } from 'vitest';
import { holds, mean } from './holds.js';

holds('qjm', 1, 50, (results) => {
  expect(mean(results, 'WriterEpochEstablished')).toBeGreaterThan(5);
  expect(mean(results, 'RecoveryAccepted')).toBeGreaterThan(5);
});
