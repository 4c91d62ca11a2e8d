/** The failover by hand, as `hdfs haadmin -failover` does it where automatic failover is off. In the simulator. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { configurationOf } from '../../src/config/hadoop/load.js';
import type { Host } from '../../src/host/host.js';
import { createWorld } from '../../src/host/sim/index.js';
import type { Instance, World } from '../../src/host/sim/index.js';
import { HARequestSource, HAServiceStateProto } from '../../src/wire/hadoop/gen/ha-service-protocol.js';
import { haServiceProtocol } from '../../src/wire/hadoop/protocols/ha-service.js';
import { JavaException } from '../../src/wire/hadoop/rpc/exceptions.js';
import { bindProtocol, createRpcServer } from '../../src/wire/hadoop/rpc/server.js';
import { haRpcConfigFrom, haTargetFrom, sshFenceConfigFrom } from '../../src/zkfc/config.js';
import { Failover } from '../../src/zkfc/failover.js';
import type { FailoverInput } from '../../src/zkfc/failover.js';
import { FailoverController } from '../../src/zkfc/failover-controller.js';
import { HaServices } from '../../src/zkfc/ha-service.js';
import type { HaServiceState } from '../../src/zkfc/ha-service.js';
import { TraceGroup, runTrace, valueText } from '../trace.js';
import type { Command } from '../trace.js';

interface Node {
  state: keyof typeof HAServiceStateProto;
  ready: boolean;
  healthy: boolean;
  refuses: readonly string[];
  readonly calls: string[];
}

interface Pair {
  readonly world: World;
  readonly nodes: Readonly<Record<'nn1' | 'nn2', Node>>;
  readonly instances: Readonly<Record<'nn1' | 'nn2', Instance>>;
  readonly commands: string[];
  fencing: boolean;
  failover(options?: {
    forceFence?: boolean;
    forceActive?: boolean;
    to?: 'nn1' | 'nn2';
    methods?: string;
  }): Promise<void>;
}

function pair(): Pair {
  const commands: string[] = [];
  const world = createWorld({
    seed: 5,
    runCommand: ({ env }) => {
      commands.push(
        env['target_namenodeid'] === undefined
          ? `source ${env['source_namenodeid']}`
          : `target ${env['target_namenodeid']}`,
      );
      return { exitCode: made.fencing ? 0 : 1 };
    },
  });
  const node = (state: Node['state']): Node => ({ state, ready: true, healthy: true, refuses: [], calls: [] });
  const nodes = { nn1: node('ACTIVE'), nn2: node('STANDBY') };
  const source = (value: number): string => Object.entries(HARequestSource).find(([, number]) => number === value)![0];
  const launch = (id: 'nn1' | 'nn2'): Instance => {
    const machine = id === 'nn1' ? 'm1' : 'm2';
    world.addMachine(machine, `127.0.1.${id.at(-1)!}`);
    const self = nodes[id];
    return world.machine(machine).launch(id, (host) =>
      createRpcServer(
        host,
        { host: machine, port: 9000 },
        {
          protocols: [
            bindProtocol(haServiceProtocol, {
              getServiceStatus: (_request, call) =>
                call.reply({
                  state: HAServiceStateProto[self.state],
                  readyToBecomeActive: self.ready,
                  ...(self.ready ? {} : { notReadyReason: 'in safemode' }),
                }),
              monitorHealth: (_request, call) =>
                self.healthy ? call.reply({}) : call.fail(JavaException.HEALTH_CHECK_FAILED, 'ill'),
              transitionToActive: ({ reqInfo }, call) => {
                self.calls.push(`active ${source(reqInfo.reqSource)}`);
                if (self.refuses.includes('active')) return call.fail(JavaException.SERVICE_FAILED, 'cannot');
                self.state = 'ACTIVE';
                call.reply({});
              },
              transitionToStandby: ({ reqInfo }, call) => {
                self.calls.push(`standby ${source(reqInfo.reqSource)}`);
                if (self.refuses.includes('standby')) return call.fail(JavaException.SERVICE_FAILED, 'cannot');
                self.state = 'STANDBY';
                call.reply({});
              },
            }),
          ],
        },
      ),
    );
  };
  const instances = { nn1: launch('nn1'), nn2: launch('nn2') };
  world.addMachine('m3', '127.0.1.3');
  const made: Pair = {
    world,
    nodes,
    instances,
    commands,
    fencing: true,
    failover: async ({ forceFence = false, forceActive = false, to = 'nn2', methods = 'shell(fence)' } = {}) => {
      const conf = configurationOf({
        'dfs.nameservices': 'ns',
        'dfs.ha.namenodes.ns': 'nn1,nn2',
        'dfs.namenode.rpc-address.ns.nn1': 'm1:9000',
        'dfs.namenode.rpc-address.ns.nn2': 'm2:9000',
        'dfs.ha.fencing.methods': methods,
      });
      let result: { error?: unknown } | undefined;
      world.machine('m3').launch('client', async (host: Host) => {
        const rpc = haRpcConfigFrom(conf, 'root');
        const controller = new FailoverController({
          host,
          services: new HaServices(host, rpc),
          rpc,
          ssh: sshFenceConfigFrom(conf),
          source: 'REQUEST_BY_USER',
        });
        result = await controller
          .failover(haTargetFrom(conf, 'ns', 'nn1'), haTargetFrom(conf, 'ns', to), { forceFence, forceActive })
          .then(
            () => ({}),
            (error: unknown) => ({ error }),
          );
      });
      await world.run({ until: () => result !== undefined, untilMs: world.nowMs + 300_000 });
      if (result === undefined) throw new Error('did not finish');
      if ('error' in result) throw result.error;
    },
  };
  return made;
}

const refused = (message: string): unknown => expect.objectContaining({ code: 'FAILOVER_FAILED', message });

describe('failover by hand', () => {
  test('the old one obeys: no fencing; both are told who asks', async () => {
    const { failover, nodes, commands } = pair();
    await failover();
    expect([nodes.nn1.state, nodes.nn2.state]).toEqual(['STANDBY', 'ACTIVE']);
    expect([nodes.nn1.calls, nodes.nn2.calls]).toEqual([['standby REQUEST_BY_USER'], ['active REQUEST_BY_USER']]);
    expect(commands).toEqual([]);
  });

  test('--forcefence: fenced although it obeyed, the target first', async () => {
    const { failover, nodes, commands } = pair();
    await failover({ forceFence: true });
    expect(commands).toEqual(['target nn2', 'source nn1']);
    expect(nodes.nn2.state).toBe('ACTIVE');
  });

  test('the old one does not obey: fenced', async () => {
    const { failover, nodes, commands } = pair();
    nodes.nn1.refuses = ['standby'];
    await failover();
    expect(commands).toEqual(['target nn2', 'source nn1']);
    expect(nodes.nn2.state).toBe('ACTIVE');
  });

  test('the old one is dead: fenced after two attempts to connect', async () => {
    const { failover, instances, nodes, commands, world } = pair();
    instances.nn1.kill();
    const from = world.nowMs;
    await failover();
    expect(nodes.nn2.state).toBe('ACTIVE');
    expect(commands).toEqual(['target nn2', 'source nn1']);
    expect(world.nowMs - from).toBeGreaterThan(1000);
    expect(world.nowMs - from).toBeLessThan(1200);
  });

  test('the old one is frozen: fenced after five seconds', async () => {
    const { failover, instances, nodes, world } = pair();
    await world.run({ untilMs: 100 });
    instances.nn1.pause();
    await failover();
    expect(nodes.nn2.state).toBe('ACTIVE');
    expect(world.nowMs).toBeGreaterThan(5000);
    expect(world.nowMs).toBeLessThan(5500);
  });

  test('fencing fails: the failover fails, nothing is made active', async () => {
    const made = pair();
    made.nodes.nn1.refuses = ['standby'];
    made.fencing = false;
    await expect(made.failover()).rejects.toEqual(
      refused('Unable to fence NameNode at m1/127.0.1.1:9000. Fencing failed.'),
    );
    expect([made.nodes.nn1.state, made.nodes.nn2.state]).toEqual(['ACTIVE', 'STANDBY']);
  });

  test('the new one fails: it is fenced in its turn, and the old one is active again', async () => {
    const { failover, nodes, commands } = pair();
    nodes.nn2.refuses = ['active'];
    await expect(failover()).rejects.toEqual(refused('Unable to failover to NameNode at m2/127.0.1.2:9000'));
    expect(nodes.nn1.state).toBe('ACTIVE');
    // Which is which was settled when the failover began: on the way back the names stay.
    expect(commands).toEqual(['source nn1', 'target nn2']);
  });

  test('the new one fails, and so does the way back', async () => {
    const { failover, nodes } = pair();
    nodes.nn2.refuses = ['active'];
    nodes.nn1.refuses = ['active'];
    await expect(failover()).rejects.toEqual(
      refused(
        'Unable to failover to NameNode at m2/127.0.1.2:9000. Failback to NameNode at m1/127.0.1.1:9000 failed ' +
          '(Unable to failover to NameNode at m1/127.0.1.1:9000)',
      ),
    );
  });

  test('the new one fails after the old one was fenced: no way back is tried', async () => {
    const { failover, nodes } = pair();
    nodes.nn2.refuses = ['active'];
    await expect(failover({ forceFence: true })).rejects.toEqual(
      refused('Unable to failover to NameNode at m2/127.0.1.2:9000'),
    );
    expect(nodes.nn1.calls).toEqual(['standby REQUEST_BY_USER']);
  });
});

describe('what is checked before', () => {
  test.each<[string, (made: Pair) => void, string]>([
    [
      'an active target',
      (made) => {
        made.nodes.nn2.state = 'ACTIVE';
      },
      "Can't failover to an active service",
    ],
    [
      'an observer',
      (made) => {
        made.nodes.nn2.state = 'OBSERVER';
      },
      "Can't failover to an observer service",
    ],
    [
      'an unhealthy target',
      (made) => {
        made.nodes.nn2.healthy = false;
      },
      "Can't failover to an unhealthy service",
    ],
    [
      'one that is not ready',
      (made) => {
        made.nodes.nn2.ready = false;
      },
      'NameNode at m2/127.0.1.2:9000 is not ready to become active: in safemode',
    ],
    [
      'one that is dead',
      (made) => {
        made.instances.nn2.kill();
      },
      'Unable to get service state for NameNode at m2/127.0.1.2:9000',
    ],
  ])('%s is refused, and the old one left alone', async (_name, prepare, message) => {
    const made = pair();
    await made.world.run({ untilMs: 100 });
    prepare(made);
    await expect(made.failover()).rejects.toEqual(refused(message));
    expect(made.nodes.nn1.calls).toEqual([]);
  });

  test('to itself: refused', async () => {
    await expect(pair().failover({ to: 'nn1' })).rejects.toEqual(refused("Can't failover a service to itself"));
  });

  test('--forceactive: not ready is no obstacle', async () => {
    const { failover, nodes } = pair();
    nodes.nn2.ready = false;
    await failover({ forceActive: true });
    expect(nodes.nn2.state).toBe('ACTIVE');
  });

  test('fencing that cannot be used is found before anything is done', async () => {
    const { failover, nodes } = pair();
    await expect(failover({ methods: 'nonesuch' })).rejects.toMatchObject({ code: 'BAD_FENCING' });
    expect(nodes.nn1.calls).toEqual([]);
  });
});

function failoverInput({ name, args, options }: Command): FailoverInput {
  switch (name) {
    case 'status': {
      const readyToBecomeActive = !args.includes('notReady');
      const notReadyReason = 'in safemode';
      return { type: name, status: { state: args[0] as HaServiceState, readyToBecomeActive, notReadyReason } };
    }
    case 'fenced':
      return { type: name, ok: args[0] === 'ok' };
    case 'failed':
      return { type: name, reason: options['reason'] ?? '', unhealthy: args.includes('unhealthy') };
    default:
      return { type: name as 'start' | 'fencerReady' | 'healthy' | 'obeyed' | 'active' };
  }
}

test('failover.trace', async () => {
  const file = fileURLToPath(new URL('failover.trace', import.meta.url));
  const group = new TraceGroup();
  const execute = (command: Command): readonly string[] => {
    if (command.name === 'start') {
      const given = (word: string): boolean => command.args.includes(word);
      const machine = new Failover({
        texts: { old: 'nn1', new: 'nn2' },
        sameAddress: given('sameAddress'),
        forceFence: given('forceFence'),
        forceActive: given('forceActive'),
      });
      group.add('failover', machine, { text: (effect) => valueText(effect) });
    }
    group.feed('failover', failoverInput(command));
    return group.take();
  };
  await expect(runTrace(file, execute)).toMatchFileSnapshot(file);
});
