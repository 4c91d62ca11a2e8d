/** Which transitions are legal, and in which words the others are refused. */
import { describe, expect, test } from 'vitest';
import type { HaState } from '../../../src/base/events.js';
import { checkRequestSource, refusedInState, transition } from '../../../src/namenode/ha/ha-machine.js';

const calm = { haEnabled: true, inSafeMode: false, notBecomeActiveInSafeMode: false };
const states: HaState[] = ['INITIALIZING', 'ACTIVE', 'STANDBY', 'OBSERVER', 'STOPPING'];

function outcome(from: HaState, to: HaState, context = calm): string {
  try {
    return transition(from, to, context).join(' ') || 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
}

test('every pair of states', () => {
  const table = states.flatMap((from) =>
    (['ACTIVE', 'STANDBY', 'OBSERVER'] as const).map((to) => `${from}->${to}: ${outcome(from, to)}`),
  );
  expect(table).toEqual([
    'INITIALIZING->ACTIVE: startActiveServices',
    'INITIALIZING->STANDBY: startStandbyServices',
    'INITIALIZING->OBSERVER: startStandbyServices',
    'ACTIVE->ACTIVE: nothing',
    'ACTIVE->STANDBY: stopActiveServices startStandbyServices',
    "ACTIVE->OBSERVER: Cannot transition from 'active' to 'observer'",
    'STANDBY->ACTIVE: stopStandbyServices startActiveServices',
    'STANDBY->STANDBY: nothing',
    'STANDBY->OBSERVER: stopStandbyServices startStandbyServices',
    "OBSERVER->ACTIVE: Cannot transition from 'observer' to 'active'",
    'OBSERVER->STANDBY: stopStandbyServices startStandbyServices',
    'OBSERVER->OBSERVER: nothing',
    'STOPPING->ACTIVE: Transition from state stopping to active is not allowed.',
    'STOPPING->STANDBY: Transition from state stopping to standby is not allowed.',
    'STOPPING->OBSERVER: Transition from state stopping to observer is not allowed.',
  ]);
});

test('not without HA, and not in safe mode if so configured', () => {
  expect(outcome('ACTIVE', 'STANDBY', { ...calm, haEnabled: false })).toBe('HA for namenode is not enabled');
  expect(outcome('STANDBY', 'ACTIVE', { ...calm, inSafeMode: true })).toBe('stopStandbyServices startActiveServices');
  expect(outcome('STANDBY', 'ACTIVE', { ...calm, inSafeMode: true, notBecomeActiveInSafeMode: true })).toBe(
    'NameNode still not leave safemode',
  );
});

describe('what a state serves', () => {
  test.each([
    ['ACTIVE', 'WRITE', false, true],
    ['ACTIVE', 'READ', false, true],
    ['STANDBY', 'READ', false, false],
    ['STANDBY', 'READ', true, true],
    ['STANDBY', 'WRITE', true, false],
    ['STANDBY', 'UNCHECKED', false, true],
    ['OBSERVER', 'READ', false, true],
    ['OBSERVER', 'WRITE', false, false],
    ['STANDBY', 'JOURNAL', false, false],
    ['INITIALIZING', 'READ', true, false],
  ] as const)('%s %s (stale reads %s): %s', (state, category, stale, served) => {
    expect(refusedInState(state, category, stale) === undefined).toBe(served);
  });

  test('the words', () => {
    expect(refusedInState('STANDBY', 'READ', false)).toBe(
      'Operation category READ is not supported in state standby. Visit https://s.apache.org/sbnn-error',
    );
  });
});

test('who may ask', () => {
  expect(() => checkRequestSource('REQUEST_BY_USER', true, 'x')).toThrow(
    'Manual HA control for this NameNode is disallowed, because automatic HA is enabled.',
  );
  expect(() => checkRequestSource('REQUEST_BY_USER_FORCED', true, 'x')).not.toThrow();
  expect(() => checkRequestSource('REQUEST_BY_ZKFC', true, 'x')).not.toThrow();
  expect(() => checkRequestSource('REQUEST_BY_ZKFC', false, '10.0.0.1')).toThrow(
    'Request from ZK failover controller at 10.0.0.1 denied since automatic HA is not enabled',
  );
});
