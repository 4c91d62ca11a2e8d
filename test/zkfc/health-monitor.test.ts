/** The health monitor's decisions, driven by a trace. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { HealthMonitor } from '../../src/zkfc/health-monitor.js';
import type { CheckResult, HealthInput } from '../../src/zkfc/health-monitor.js';
import type { ServiceStatus } from '../../src/zkfc/ha-service.js';
import { TraceGroup, runTrace } from '../trace.js';
import type { Command } from '../trace.js';

const file = fileURLToPath(new URL('health-monitor.trace', import.meta.url));
const status: ServiceStatus = { state: 'STANDBY', readyToBecomeActive: true, notReadyReason: '' };
const ANSWERS: Readonly<Record<string, CheckResult>> = {
  healthy: { outcome: 'healthy', status, reason: '' },
  unhealthy: { outcome: 'unhealthy', status, reason: 'The NameNode has no resources available' },
  failed: { outcome: 'failed', status: undefined, reason: 'connection refused' },
  unknownHost: { outcome: 'unknownHost', status: undefined, reason: 'm1: unknown host' },
};

function inputOf(name: string): HealthInput {
  const result = ANSWERS[name];
  if (result !== undefined) return { type: 'checked', result };
  return { type: name as 'start' | 'disconnected' };
}

test('health-monitor.trace', async () => {
  const group = new TraceGroup();
  let monitor: HealthMonitor;
  const execute = (command: Command): readonly string[] => {
    if (command.name === 'new') {
      monitor = new HealthMonitor('NameNode at m1/127.0.1.1:9000', {
        checkIntervalMs: 1000,
        connectRetryIntervalMs: 3000,
        sleepAfterDisconnectMs: 2000,
      });
      group.add('monitor', monitor);
      return [];
    }
    if (!group.common(command)) group.feed('monitor', inputOf(command.name));
    return [...group.take(), monitor.state];
  };
  await expect(runTrace(file, execute)).toMatchFileSnapshot(file);
});
