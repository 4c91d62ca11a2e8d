/** A takeover cut into its phases. */
import { expect, test } from 'vitest';
import type { StampedEvent } from '../../src/base/events.js';
import { failoverTimes } from '../../src/drill/stopwatch.js';

const facts = {
  faultAtMs: 1000,
  servedAtMs: 2500,
  from: 'nn1',
  to: 'nn2',
  fromZkfc: 'zkfc1',
  toZkfc: 'zkfc2',
  lockSession: 77n,
};
const at = (wallMs: number, role: string, event: Record<string, unknown>): StampedEvent =>
  ({ wallMs, role, ...event }) as unknown as StampedEvent;

const killed = [
  at(900, 'zkfc1', { type: 'HealthChanged', to: 'SERVICE_NOT_RESPONDING' }), // of an earlier fault
  at(1010, 'zkfc1', { type: 'HealthChanged', to: 'SERVICE_NOT_RESPONDING' }),
  at(1015, 'zk1', { type: 'SessionClosed', session: 5n }),
  at(1020, 'zk1', { type: 'SessionClosed', session: 77n }),
  at(1030, 'zkfc2', { type: 'LockCreated', session: 78n }),
  at(2040, 'zkfc2', { type: 'ActivationRequested', target: 'nn2' }),
  at(2100, 'nn2', { type: 'SegmentsRecovered', lastTxid: '9', segments: 1 }),
  at(2200, 'nn2', { type: 'EditsCaughtUp', txid: '9', edits: 3 }),
  at(3000, 'zkfc2', { type: 'LockCreated', session: 79n }), // of a later one
];

test('NameNode killed: every phase left its trace', () => {
  expect(failoverTimes(killed, facts)).toEqual({
    totalMs: 1500,
    phases: { detect: 10, expire: 10, elect: 10, fence: 1010, recover: 60, catchUp: 100, serve: 300 },
  });
});

test('a host that died tells nothing: its time counts into what is seen next', () => {
  const events = killed.filter(({ role }) => role !== 'zkfc1');
  const { totalMs, phases } = failoverTimes(events, facts);
  expect(phases).toMatchObject({ detect: undefined, expire: 20 });
  expect(Object.values(phases).reduce<number>((sum, ms) => sum + (ms ?? 0), 0)).toBe(totalMs);
});
