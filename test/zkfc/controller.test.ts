/** When a ZKFC joins and leaves the election, read as traces. */
import { expect, test } from 'vitest';
import { ControllerMachine } from '../../src/zkfc/controller.js';
import type { ControllerEffect, ControllerInput } from '../../src/zkfc/controller.js';
import { trace } from './trace.js';
import type { Scene } from './trace.js';

type Timed = ControllerInput & { readonly at: number };

const health = (
  at: number,
  state: 'SERVICE_HEALTHY' | 'SERVICE_UNHEALTHY' | 'SERVICE_NOT_RESPONDING' | 'HEALTH_MONITOR_FAILED',
): Timed => ({ type: 'health', state, at });
const status = (at: number, state: 'ACTIVE' | 'STANDBY' | 'OBSERVER'): Timed => ({ type: 'status', state, at });

const scenes: readonly Scene<Timed>[] = [
  {
    about: 'No join before the service is healthy; out when it is not, with the word that it may need fencing.',
    inputs: [health(0, 'SERVICE_NOT_RESPONDING'), health(1000, 'SERVICE_HEALTHY'), health(5000, 'SERVICE_UNHEALTHY')],
  },
  {
    about: 'Ceded for ten seconds: out, not back before that, back after.',
    inputs: [
      health(0, 'SERVICE_HEALTHY'),
      { type: 'madeActive', at: 10 },
      { type: 'ceded', forMs: 10_000, obeyed: true, at: 1000 },
      health(3000, 'SERVICE_UNHEALTHY'),
      health(4000, 'SERVICE_HEALTHY'),
      { type: 'recheck', at: 11_000 },
    ],
  },
  {
    about: 'Ceded, but the NameNode did not obey: it will have to be fenced.',
    inputs: [
      health(0, 'SERVICE_HEALTHY'),
      { type: 'madeActive', at: 10 },
      { type: 'ceded', forMs: 10_000, obeyed: false, at: 1000 },
    ],
  },
  {
    about: 'Called back before the time is over.',
    inputs: [
      health(0, 'SERVICE_HEALTHY'),
      { type: 'ceded', forMs: 10_000, obeyed: true, at: 1000 },
      { type: 'uncede', at: 1500 },
    ],
  },
  {
    about:
      'Somebody made our standby active behind our back: tolerated once, as it may have been a transition of our ' +
      'own; the second time out, for a second at least.',
    inputs: [
      health(0, 'SERVICE_HEALTHY'),
      { type: 'madeStandby', at: 10 },
      status(1000, 'STANDBY'),
      status(2000, 'ACTIVE'),
      status(3000, 'ACTIVE'),
      status(4000, 'ACTIVE'),
      status(4001, 'ACTIVE'),
    ],
  },
  {
    about: 'A single mismatch between two matches is nothing.',
    inputs: [
      health(0, 'SERVICE_HEALTHY'),
      { type: 'madeActive', at: 10 },
      status(1000, 'STANDBY'),
      status(2000, 'ACTIVE'),
      status(3000, 'STANDBY'),
      status(4000, 'ACTIVE'),
    ],
  },
  {
    about: 'An observer never takes part; made a standby again, it does.',
    inputs: [
      status(0, 'OBSERVER'),
      health(0, 'SERVICE_HEALTHY'),
      status(1000, 'OBSERVER'),
      status(2000, 'STANDBY'),
      status(3000, 'STANDBY'),
      status(4001, 'STANDBY'),
    ],
  },
  {
    about: 'A standby becomes an observer: out.',
    inputs: [
      health(0, 'SERVICE_HEALTHY'),
      { type: 'madeStandby', at: 10 },
      status(1000, 'OBSERVER'),
      { type: 'recheck', at: 2000 },
    ],
  },
  { about: 'The health monitor itself failed.', inputs: [health(0, 'HEALTH_MONITOR_FAILED')] },
];

test('controller.trace', async () => {
  const text = trace<Timed, ControllerEffect>(
    'ZKFailoverController: when to be in the election. Log lines are left out.',
    scenes,
    () => {
      const machine = new ControllerMachine('NameNode at m1/127.0.1.1:9000');
      return { step: (input) => machine.step(input, input.at), state: () => `${machine.health} ${machine.service}` };
    },
  );
  await expect(text).toMatchFileSnapshot('controller.trace');
});
