import { expect, test } from 'vitest';
import type { StampedEvent } from '../../src/base/events.js';
import { laneLine, observe, observeEvent, stateAt, type Lanes } from '../../src/dashboard/timeline.js';
import { plainText } from '../../src/dashboard/text.js';

const isNameNode = (id: string): boolean => id.startsWith('nn');
const fold = (events: readonly StampedEvent[]): Lanes =>
  events.reduce<Lanes>((lanes, event) => observeEvent(lanes, event, isNameNode), new Map());

const failover: StampedEvent[] = [
  { type: 'HaStateChanged', from: 'STANDBY', to: 'ACTIVE', txid: 1n, role: 'nn1', wallMs: 1_000 },
  { type: 'HaStateChanged', from: 'INITIALIZING', to: 'STANDBY', txid: 1n, role: 'nn2', wallMs: 1_500 },
  { type: 'RoleKilled', target: 'nn1', role: 'lab', wallMs: 5_200 },
  { type: 'HaStateChanged', from: 'STANDBY', to: 'ACTIVE', txid: 9n, role: 'nn2', wallMs: 7_400 },
  { type: 'RoleLaunched', target: 'nn1', role: 'lab', wallMs: 9_000 },
  { type: 'HaStateChanged', from: 'INITIALIZING', to: 'STANDBY', txid: 9n, role: 'nn1', wallMs: 9_100 },
];

test('a failover, as lanes', () => {
  const lanes = fold(failover);
  const draw = (id: string): string => plainText(laneLine(id, lanes.get(id)!, 11_000, 1_000, 11, 4));
  expect(draw('nn1')).toBe('nn1 ████××××.--');
  expect(draw('nn2')).toBe('nn2 ------█████');
});

test('a gap shorter than a step is still seen', () => {
  const lanes = fold([
    failover[0]!,
    { type: 'RolePaused', target: 'nn1', role: 'lab', wallMs: 3_100 },
    { type: 'RoleResumed', target: 'nn1', role: 'lab', wallMs: 3_200 },
  ]);
  expect(plainText(laneLine('nn1', lanes.get('nn1')!, 5_000, 1_000, 5, 4))).toBe('nn1 ██‖██');
});

test('what a probe saw late is placed where it belongs, and equal states are one', () => {
  let lanes = observe(new Map(), 'nn1', 'active', 1_000);
  lanes = observe(lanes, 'nn1', 'down', 5_000);
  lanes = observe(lanes, 'nn1', 'active', 2_000);
  expect(lanes.get('nn1')).toEqual([
    { fromMs: 1_000, state: 'active' },
    { fromMs: 5_000, state: 'down' },
  ]);
  expect(stateAt(lanes.get('nn1')!, 999)).toBeUndefined();
  expect(stateAt(lanes.get('nn1')!, 4_999)).toBe('active');
});
