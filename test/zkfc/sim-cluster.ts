/**
 * Three ZooKeeper servers, two ZKFCs and two NameNodes that are nothing but their HA state, in the simulator. The
 * fencing command is a power switch: it kills the NameNode it is told about. So it can be held, at every moment, that
 * at most one is active.
 */
import { configurationOf } from '../../src/config/hadoop/load.js';
import type { StampedEvent } from '../../src/base/events.js';
import type { Host } from '../../src/host/host.js';
import type { RunningRole } from '../../src/host/role.js';
import { createWorld } from '../../src/host/sim/index.js';
import type { Instance, World } from '../../src/host/sim/index.js';
import { HAServiceStateProto } from '../../src/wire/hadoop/gen/ha-service-protocol.js';
import { haServiceProtocol } from '../../src/wire/hadoop/protocols/ha-service.js';
import { JavaException } from '../../src/wire/hadoop/rpc/exceptions.js';
import { bindProtocol, createRpcServer } from '../../src/wire/hadoop/rpc/server.js';
import { zkfcConfigFrom } from '../../src/zkfc/config.js';
import type { ZkfcConfig } from '../../src/zkfc/config.js';
import { formatZk } from '../../src/zkfc/format-zk.js';
import { startZkfc } from '../../src/zkfc/zkfc.js';
import { quorumPeerConfig } from '../../src/config/quorum-peer-config.js';
import { startQuorumPeer } from '../../src/zookeeper/quorum-peer.js';

const MACHINES = ['m1', 'm2', 'm3'] as const;
export type NameNodeId = 'nn1' | 'nn2';

export interface NameNodeState {
  state: keyof typeof HAServiceStateProto;
  healthy: boolean;
  refusesActive: boolean;
}

export interface SimCluster {
  readonly world: World;
  readonly events: (StampedEvent & { readonly atMs: number })[];
  readonly log: string[];
  /** Who was fenced by the command, in order. */
  readonly fenced: NameNodeId[];
  readonly nameNodes: Readonly<Record<NameNodeId, NameNodeState>>;
  /** Broken rules, in words. */
  readonly faults: string[];
  fencingWorks: boolean;
  config(id: NameNodeId): ZkfcConfig;
  startZooKeeper(number: number): void;
  startNameNode(id: NameNodeId): void;
  startZkfc(id: NameNodeId): void;
  /** In good order, as SIGTERM does it. */
  stopZkfc(id: NameNodeId): Promise<void>;
  instance(id: string): Instance | undefined;
  /** Runs as a process of its own on m3. */
  asClient<T>(main: (host: Host) => Promise<T>): Promise<T>;
  active(): NameNodeId | undefined;
  /** Runs until it holds; throws after the limit, in virtual milliseconds. */
  until(what: string, holds: () => boolean, limitMs: number): Promise<number>;
}

/** Formatted, all started, nobody elected yet. */
export async function simCluster(
  seed: number,
  settings: Record<string, string> = {},
  tickTimeMs = 2000,
): Promise<SimCluster> {
  const conf = configurationOf({
    'ha.zookeeper.quorum': 'm1:2181,m2:2181,m3:2181',
    'dfs.nameservices': 'hdfs-cluster',
    'dfs.ha.namenodes.hdfs-cluster': 'nn1,nn2',
    'dfs.namenode.rpc-address.hdfs-cluster.nn1': 'm1:9000',
    'dfs.namenode.rpc-address.hdfs-cluster.nn2': 'm2:9000',
    'dfs.ha.automatic-failover.enabled': 'true',
    'dfs.ha.fencing.methods': 'shell(power off $target_namenodeid)',
    ...settings,
  });
  const configs = {
    nn1: zkfcConfigFrom(conf, { nameserviceId: 'hdfs-cluster', nameNodeId: 'nn1', user: 'root' }),
    nn2: zkfcConfigFrom(conf, { nameserviceId: 'hdfs-cluster', nameNodeId: 'nn2', user: 'root' }),
  };
  const instances = new Map<string, Instance>();
  const running = new Map<NameNodeId, RunningRole>();
  const newState = (): NameNodeState => ({ state: 'INITIALIZING', healthy: true, refusesActive: false });
  const nameNodes: Record<NameNodeId, NameNodeState> = { nn1: newState(), nn2: newState() };
  const faults: string[] = [];
  const fenced: NameNodeId[] = [];

  const world = createWorld({
    seed,
    runCommand: ({ env }) => {
      const target = env['target_namenodeid'] as NameNodeId;
      if (!cluster.fencingWorks) return { exitCode: 1, stderr: ['the power switch does not answer'] };
      fenced.push(target);
      instances.get(target)?.kill();
      nameNodes[target].state = 'INITIALIZING';
      return { exitCode: 0 };
    },
  });
  MACHINES.forEach((name, index) => world.addMachine(name, `127.0.1.${index + 1}`));

  const alive = (id: string): boolean => instances.get(id)?.dead === false;
  const machineOf = (id: string): (typeof MACHINES)[number] => `m${id.at(-1)!}` as (typeof MACHINES)[number];
  const launch = (id: string, main: (host: Host) => unknown): void => {
    if (!alive(id) && world.machine(machineOf(id)).isUp)
      instances.set(id, world.machine(machineOf(id)).launch(id, main));
  };

  const cluster: SimCluster = {
    world,
    events: [],
    log: [],
    fenced,
    nameNodes,
    faults,
    fencingWorks: true,
    config: (id) => configs[id],
    startZooKeeper: (number) =>
      launch(`zk${number}`, (host) =>
        startQuorumPeer(
          host,
          quorumPeerConfig({
            sid: number,
            dataDir: '/zookeeper',
            tickTimeMs,
            client: { host: `m${number}`, port: 2181 },
            servers: [1, 2, 3].map((sid) => ({
              sid,
              host: `m${sid}`,
              quorumPort: 2888,
              electionPort: 3888,
              type: 'participant' as const,
              client: undefined,
            })),
          }),
        ),
      ),
    startNameNode: (id) => {
      const self = Object.assign(nameNodes[id], newState());
      const other = id === 'nn1' ? 'nn2' : 'nn1';
      launch(id, async (host) => {
        self.state = 'STANDBY';
        await createRpcServer(
          host,
          { host: machineOf(id), port: 9000 },
          {
            protocols: [
              bindProtocol(haServiceProtocol, {
                getServiceStatus: (_request, call) =>
                  call.reply({ state: HAServiceStateProto[self.state], readyToBecomeActive: true }),
                monitorHealth: (_request, call) =>
                  self.healthy
                    ? call.reply({})
                    : call.fail(JavaException.HEALTH_CHECK_FAILED, 'no resources available'),
                transitionToStandby: (_request, call) => {
                  self.state = 'STANDBY';
                  call.reply({});
                },
                transitionToActive: (_request, call) => {
                  if (self.refusesActive)
                    return call.fail(JavaException.SERVICE_FAILED, 'cannot start active services');
                  self.state = 'ACTIVE';
                  if (alive(other) && nameNodes[other].state === 'ACTIVE')
                    faults.push(`${world.nowMs.toFixed(0)}: ${id} became active while ${other} was`);
                  call.reply({});
                },
                transitionToObserver: (_request, call) => {
                  self.state = 'OBSERVER';
                  call.reply({});
                },
              }),
            ],
          },
        );
      });
    },
    startZkfc: (id) =>
      launch(id.replace('nn', 'zkfc'), async (host) => running.set(id, await startZkfc(host, configs[id]))),
    stopZkfc: async (id) => {
      let stopped = false;
      instances.get(id.replace('nn', 'zkfc'))!.dispatch(
        () =>
          void running
            .get(id)!
            .stop()
            .then(() => (stopped = true)),
      );
      await cluster.until('stopped', () => stopped, 5000);
    },
    instance: (id) => instances.get(id),
    asClient: async <T>(main: (host: Host) => Promise<T>): Promise<T> => {
      let result: { value: T } | { error: unknown } | undefined;
      world.machine('m3').launch('client', async (host) => {
        result = await main(host).then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        );
      });
      await world.run({ until: () => result !== undefined, untilMs: world.nowMs + 600_000 });
      if (result === undefined) throw new Error('the client did not finish');
      if ('error' in result) throw result.error;
      return result.value;
    },
    active: () => (['nn1', 'nn2'] as const).find((id) => alive(id) && nameNodes[id].state === 'ACTIVE'),
    until: async (what, holds, limitMs) => {
      const startedMs = world.nowMs;
      if ((await world.run({ until: holds, untilMs: startedMs + limitMs })) !== 'until') {
        throw new Error(`seed ${seed}: not within ${limitMs} ms: ${what}\n${cluster.log.slice(-40).join('\n')}`);
      }
      return world.nowMs - startedMs;
    },
  };
  world.observe({
    onEvent: (event, nowMs) => cluster.events.push({ ...event, atMs: nowMs }),
    onLog: (role, level, message, nowMs) => {
      if (level !== 'debug') cluster.log.push(`${nowMs.toFixed(1).padStart(10)} ${role} ${level} ${message}`);
    },
    onEnd: (instance, end) =>
      cluster.log.push(
        `${world.nowMs.toFixed(1).padStart(10)} ${instance.id} END ${end.how} ${end.code} ${end.reason}`,
      ),
  });

  for (const number of [1, 2, 3]) cluster.startZooKeeper(number);
  await cluster.asClient((host) =>
    formatZk(host, configs.nn1, { force: true, nonInteractive: true, confirm: () => Promise.resolve(false) }),
  );
  for (const id of ['nn1', 'nn2'] as const) {
    cluster.startNameNode(id);
    cluster.startZkfc(id);
  }
  return cluster;
}

export const otherOf = (id: NameNodeId): NameNodeId => (id === 'nn1' ? 'nn2' : 'nn1');
export const zkfcOf = (id: NameNodeId): string => id.replace('nn', 'zkfc');
