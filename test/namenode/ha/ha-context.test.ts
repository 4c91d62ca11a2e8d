/** Which transitions are legal, what each consists of, and in which words the others are refused. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { HaState } from '../../../src/base/events.js';
import { HaContext, type HaContextOptions, type HaEffect, type HaTarget } from '../../../src/namenode/ha/ha-context.js';
import { checkRequestSource, refusedInState } from '../../../src/namenode/ha/operation-category.js';
import { machineTrace, traceFiles } from '../machine-trace.js';

const calm = { haEnabled: true, notBecomeActiveInSafeMode: false };
const states: HaState[] = ['INITIALIZING', 'ACTIVE', 'STANDBY', 'OBSERVER', 'STOPPING'];

function inState(state: HaState, options: HaContextOptions): HaContext {
  const context = new HaContext(options);
  if (state === 'STOPPING') context.step({ type: 'stop' });
  else if (state !== 'INITIALIZING') go(context, state);
  return context;
}

/** All effects of a transition, with a shared journal that ends at transaction 7. */
function go(context: HaContext, to: HaTarget, inSafeMode = false): readonly HaEffect[] {
  const effects = [...context.step({ type: 'transition', request: 1, to, inSafeMode })];
  if (effects.at(-1)?.type === 'becomeWriter') effects.push(...context.step({ type: 'writer', lastTxid: 7n }));
  if (effects.at(-1)?.type === 'catchUp') effects.push(...context.step({ type: 'caughtUp', txid: 7n }));
  return effects;
}

function outcome(from: HaState, to: HaTarget, options: HaContextOptions = calm, inSafeMode = false): string {
  const effects = go(inState(from, options), to, inSafeMode);
  const answer = effects.at(-1);
  if (answer?.type !== 'answer') throw new Error(`no answer: ${JSON.stringify(effects)}`);
  if (answer.refused !== undefined) return answer.refused;
  const told = ['serve', 'entered', 'answer'];
  return (
    effects
      .map(({ type }) => type)
      .filter((type) => !told.includes(type))
      .join(' ') || 'nothing'
  );
}

test('every pair of states', () => {
  const table = states.flatMap((from) =>
    (['ACTIVE', 'STANDBY', 'OBSERVER'] as const).map((to) => `${from}->${to}: ${outcome(from, to)}`),
  );
  expect(table).toEqual([
    'INITIALIZING->ACTIVE: becomeWriter catchUp openForWrite',
    'INITIALIZING->STANDBY: startStandbyServices',
    'INITIALIZING->OBSERVER: startStandbyServices',
    'ACTIVE->ACTIVE: nothing',
    'ACTIVE->STANDBY: stopActiveServices startStandbyServices',
    "ACTIVE->OBSERVER: Cannot transition from 'active' to 'observer'",
    'STANDBY->ACTIVE: stopStandbyServices becomeWriter catchUp openForWrite',
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
  expect(outcome('STANDBY', 'ACTIVE', calm, true)).toBe('stopStandbyServices becomeWriter catchUp openForWrite');
  expect(outcome('STANDBY', 'ACTIVE', { ...calm, notBecomeActiveInSafeMode: true }, true)).toBe(
    'NameNode still not leave safemode',
  );
});

describe('traces', () => {
  test.each(traceFiles(fileURLToPath(new URL('.', import.meta.url))))('%s', async (_name, path) => {
    const text = machineTrace(path, () => new HaContext(calm));
    await expect(text).toMatchFileSnapshot(path);
  });
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
    expect(refusedInState('STANDBY', 'READ', false)).toMatchObject({
      className: 'org.apache.hadoop.ipc.StandbyException',
      message: 'Operation category READ is not supported in state standby. Visit https://s.apache.org/sbnn-error',
    });
    expect(refusedInState('STANDBY', 'WRITE', true)?.className).toBe('org.apache.hadoop.ipc.StandbyException');
    expect(refusedInState('OBSERVER', 'WRITE', true)).toMatchObject({
      className: 'org.apache.hadoop.ipc.ObserverRetryOnActiveException',
      message: 'Operation category WRITE is not supported in state observer. Visit https://s.apache.org/sbnn-error',
    });
    expect(refusedInState('OBSERVER', 'JOURNAL', true)?.className).toBe('org.apache.hadoop.ipc.StandbyException');
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
