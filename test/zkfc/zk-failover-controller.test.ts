/** What a ZKFC makes of its NameNode and when it is in the election, driven by traces. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { HealthState } from '../../src/base/events.js';
import { GracefulFailover } from '../../src/zkfc/graceful-failover.js';
import type { GracefulFailoverInput } from '../../src/zkfc/graceful-failover.js';
import type { HaServiceState } from '../../src/zkfc/ha-service.js';
import { ZKFailoverController } from '../../src/zkfc/zk-failover-controller.js';
import type { ControllerInput } from '../../src/zkfc/zk-failover-controller.js';
import { TraceGroup, runTrace } from '../trace.js';
import type { Command } from '../trace.js';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function controllerInput({ name, args, options }: Command): ControllerInput {
  const outcome = { ok: args[0] === 'ok', reason: options['reason'] ?? '' };
  switch (name) {
    case 'health':
      return { type: name, state: args[0] as HealthState };
    case 'status':
      return { type: name, state: args[0] as HaServiceState, electionBusy: args.includes('electionBusy') };
    case 'fence':
      return { type: name, data: Buffer.from(options['data']!) };
    case 'transitioned':
      return { type: name, ...outcome };
    case 'oldActive':
      return { type: name, nameNode: args[0]!, target: `NameNode ${args[0]}` };
    case 'notFound':
      return { type: name, reason: options['reason']! };
    case 'oldActiveAsked':
      return { type: name, obeyed: args[0] === 'obeyed', reason: options['reason'] ?? '' };
    case 'fencingEnded':
      return { type: name, method: options['method'], reason: 'Unable to fence NameNode nn2' };
    case 'cede':
      return { type: name, call: Number(args[0]), forMs: Number(options['forMs']), by: 'hdfs at 127.0.1.2' };
    default:
      return { type: name as 'becomeActive' | 'becomeStandby' | 'held' | 'left' };
  }
}

test('zk-failover-controller.trace', async () => {
  const file = here('zk-failover-controller.trace');
  const group = new TraceGroup();
  let controller: ZKFailoverController;
  const execute = (command: Command): readonly string[] => {
    if (command.name === 'new') {
      controller = new ZKFailoverController('NameNode at m1/127.0.1.1:9000', 'nn1');
      group.add('zkfc', controller);
      return [];
    }
    if (!group.common(command)) group.feed('zkfc', controllerInput(command));
    return [...group.take(), `${controller.health}, ${controller.service}`];
  };
  await expect(runTrace(file, execute)).toMatchFileSnapshot(file);
});

function failoverInput({ name, args, options }: Command, nowMs: number): GracefulFailoverInput {
  switch (name) {
    case 'start':
      return { type: name, health: args[0] as HealthState, service: args[1] as HaServiceState };
    case 'lockRead':
      return { type: name, active: args[0] };
    case 'health':
      return { type: name, state: args[0] as HealthState };
    case 'attempted': {
      const status = options['status'] ?? 'Successfully transitioned nn1 to active state';
      return { type: name, ok: args[0] === 'ok', status, atMs: Number(options['atMs'] ?? nowMs) };
    }
    default:
      return { type: name as 'ceded' };
  }
}

test('graceful-failover.trace', async () => {
  const file = here('graceful-failover.trace');
  const group = new TraceGroup();
  const execute = (command: Command): readonly string[] => {
    if (command.name === 'new') {
      const others = ['nn2', 'nn3'];
      const times = { cedeForMs: 10_000, attemptWithinMs: 70_000 };
      group.add('failover', new GracefulFailover({ nameNode: 'nn1', target: 'NameNode at m1', others, ...times }));
      return [];
    }
    if (!group.common(command)) group.feed('failover', failoverInput(command, group.nowMs));
    return group.take();
  };
  await expect(runTrace(file, execute)).toMatchFileSnapshot(file);
});
