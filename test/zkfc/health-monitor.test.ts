/** The health monitor's decisions, read as traces. */
import { expect, test } from 'vitest';
import { HealthMonitorMachine } from '../../src/zkfc/health-monitor.js';
import type { ServiceStatus } from '../../src/zkfc/ha-service.js';
import type { HealthInput } from '../../src/zkfc/health-monitor.js';
import { trace } from './trace.js';
import type { Scene } from './trace.js';

const status: ServiceStatus = { state: 'STANDBY', readyToBecomeActive: true, notReadyReason: '' };
const start: HealthInput = { type: 'start' };
const timer: HealthInput = { type: 'timer' };
const healthy: HealthInput = { type: 'checked', result: { outcome: 'healthy', status, reason: '' } };
const unhealthy: HealthInput = {
  type: 'checked',
  result: { outcome: 'unhealthy', status, reason: 'The NameNode has no resources available' },
};
const failed: HealthInput = {
  type: 'checked',
  result: { outcome: 'failed', status: undefined, reason: 'connection refused' },
};
const unknownHost: HealthInput = {
  type: 'checked',
  result: { outcome: 'unknownHost', status: undefined, reason: 'm1: unknown host' },
};

const scenes: readonly Scene<HealthInput>[] = [
  {
    about: 'Healthy from the first check on, which is made at once; then one every check interval.',
    inputs: [start, healthy, timer, healthy],
  },
  {
    about: 'Not up yet: looked for every tenth of a second, without retries inside a check, until it answers once.',
    inputs: [start, failed, timer, failed, timer, healthy, timer],
  },
  {
    about: 'Unhealthy by its own word, then well again.',
    inputs: [start, healthy, timer, unhealthy, timer, unhealthy, timer, healthy],
  },
  {
    about:
      'No answer within the RPC time-out: not responding; the connection is given up; the next check after the ' +
      'sleep after disconnect.',
    inputs: [start, healthy, timer, failed, timer, failed, timer, healthy],
  },
  {
    about: 'The connection breaks between two checks: looked into at once, with a single attempt to connect.',
    inputs: [start, healthy, { type: 'disconnected' }, failed, { type: 'disconnected' }],
  },
  {
    about: 'The same, but the service is there: nothing happened.',
    inputs: [start, healthy, { type: 'disconnected' }, healthy],
  },
  {
    about: 'Its name cannot be resolved: the connect retry interval counts.',
    inputs: [start, healthy, timer, unknownHost],
  },
  { about: 'Stopped: nothing more.', inputs: [start, healthy, { type: 'stop' }, timer, healthy] },
];

test('health-monitor.trace', async () => {
  const text = trace(
    'HealthMonitor with check interval 1000, connect retry interval 3000, sleep after disconnect 2000 ' +
      '(milliseconds). Log lines are left out.',
    scenes,
    () => {
      const machine = new HealthMonitorMachine('NameNode at m1/127.0.1.1:9000', {
        checkIntervalMs: 1000,
        connectRetryIntervalMs: 3000,
        sleepAfterDisconnectMs: 2000,
      });
      return { step: (input) => machine.step(input), state: () => machine.state };
    },
  );
  await expect(text).toMatchFileSnapshot('health-monitor.trace');
});
