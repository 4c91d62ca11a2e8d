/**
 * Two ZKFCs on a simulated cluster, and NameNodes that are nothing but their HA state. The fencing command is a power
 * switch: it kills the NameNode it is told about. So it can be held, at every moment, that at most one is active.
 */
import type { StampedEvent } from '../../src/base/events.js';
import { configurationOf } from '../../src/config/hadoop/load.js';
import { SimCluster } from '../../src/drill/sim/cluster.js';
import { MACHINES, addMachines } from '../../src/drill/sim/machines.js';
import { runProcess } from '../../src/drill/sim/process.js';
import { CONNECT_STRING, addEnsemble } from '../../src/drill/sim/zk-scenario.js';
import type { Host } from '../../src/host/host.js';
import type { RunningRole } from '../../src/host/role.js';
import { createWorld } from '../../src/host/sim/index.js';
import type { World } from '../../src/host/sim/index.js';
import { HAServiceStateProto } from '../../src/wire/hadoop/gen/ha-service-protocol.js';
import { haServiceProtocol } from '../../src/wire/hadoop/protocols/ha-service.js';
import { JavaException } from '../../src/wire/hadoop/rpc/exceptions.js';
import { bindProtocol, createRpcServer } from '../../src/wire/hadoop/rpc/server.js';
import { zkfcConfigFrom } from '../../src/zkfc/config.js';
import type { ZkfcConfig } from '../../src/zkfc/config.js';
import { formatZk } from '../../src/zkfc/format-zk.js';
import { startZkfc } from '../../src/zkfc/zkfc.js';

export const NAME_NODES = ['nn1', 'nn2'] as const;
export type NameNodeId = (typeof NAME_NODES)[number];

export const otherOf = (id: NameNodeId): NameNodeId => (id === 'nn1' ? 'nn2' : 'nn1');
export const zkfcOf = (id: NameNodeId): string => id.replace('nn', 'zkfc');

interface NameNodeState {
  state: keyof typeof HAServiceStateProto;
  healthy: boolean;
  refusesActive: boolean;
}

export class BareNameNodes {
  readonly world: World;
  readonly cluster: SimCluster;
  readonly events: (StampedEvent & { readonly atMs: number })[] = [];
  readonly log: string[] = [];
  /** Who was fenced by the command, in order. */
  readonly fenced: NameNodeId[] = [];
  readonly nameNodes: Readonly<Record<NameNodeId, NameNodeState>>;
  /** Broken rules, in words. */
  readonly faults: string[] = [];
  fencingWorks = true;
  readonly #seed: number;
  readonly #configs: Readonly<Record<NameNodeId, ZkfcConfig>>;
  readonly #zkfcs = new Map<string, RunningRole>();

  constructor(seed: number, settings: Readonly<Record<string, string>> = {}) {
    this.#seed = seed;
    const conf = configurationOf({
      'ha.zookeeper.quorum': CONNECT_STRING,
      'dfs.nameservices': 'hdfs-cluster',
      'dfs.ha.namenodes.hdfs-cluster': 'nn1,nn2',
      'dfs.namenode.rpc-address.hdfs-cluster.nn1': 'm1:9000',
      'dfs.namenode.rpc-address.hdfs-cluster.nn2': 'm2:9000',
      'dfs.ha.automatic-failover.enabled': 'true',
      'dfs.ha.fencing.methods': 'shell(power off $target_namenodeid)',
      ...settings,
    });
    const configOf = (nameNodeId: NameNodeId): ZkfcConfig =>
      zkfcConfigFrom(conf, { nameserviceId: 'hdfs-cluster', nameNodeId, user: 'root' });
    this.#configs = { nn1: configOf('nn1'), nn2: configOf('nn2') };
    const newState = (): NameNodeState => ({ state: 'INITIALIZING', healthy: true, refusesActive: false });
    this.nameNodes = { nn1: newState(), nn2: newState() };

    this.world = createWorld({
      seed,
      runCommand: ({ env }) => {
        if (!this.fencingWorks) return { exitCode: 1, stderr: ['the power switch does not answer'] };
        const target = env['target_namenodeid'] as NameNodeId;
        this.fenced.push(target);
        this.cluster.kill(target);
        return { exitCode: 0 };
      },
    });
    this.cluster = new SimCluster(this.world);
    addMachines(this);
    addEnsemble(this, { tickTimeMs: 2000 });
    for (const id of NAME_NODES) {
      const machine = this.#configs[id].local.address.host;
      this.cluster.add({ id, machine, main: (host) => this.#nameNode(host, id, this.nameNodes[id]) });
      this.cluster.add({
        id: zkfcOf(id),
        machine,
        main: async (host) => this.#zkfcs.set(zkfcOf(id), await startZkfc(host, this.#configs[id])),
      });
    }
    this.world.observe({
      onEvent: (event, nowMs) => this.events.push({ ...event, atMs: nowMs }),
      onLog: (role, level, message, nowMs) => {
        if (level !== 'debug') this.log.push(`${nowMs.toFixed(1).padStart(10)} ${role} ${level} ${message}`);
      },
    });
  }

  /** Formatted, all started, nobody elected yet. */
  async start(): Promise<void> {
    for (const machine of MACHINES) this.cluster.start(machine.replace('m', 'zk'));
    await this.asClient((host) =>
      formatZk(host, this.#configs.nn1, { force: true, nonInteractive: true, confirm: () => Promise.resolve(false) }),
    );
    for (const id of NAME_NODES) {
      this.cluster.start(id);
      this.cluster.start(zkfcOf(id));
    }
  }

  config(id: NameNodeId): ZkfcConfig {
    return this.#configs[id];
  }

  /** Its ZKFC stops in good order, as after SIGTERM. */
  async stopZkfc(id: NameNodeId): Promise<void> {
    let stopped = false;
    const stop = (): void =>
      void this.#zkfcs
        .get(zkfcOf(id))!
        .stop()
        .then(() => (stopped = true));
    this.cluster.running(zkfcOf(id))!.dispatch(stop);
    await this.until('stopped', () => stopped, 5000);
  }

  /** Runs as a process of its own on m3. */
  async asClient<T>(main: (host: Host) => Promise<T>): Promise<T> {
    let result: { readonly value: T } | undefined;
    const done = await runProcess(this, 'm3', 'client', 600_000, async (host) => {
      result = { value: await main(host) };
    });
    if (!done) throw new Error('the client did not finish');
    return result!.value;
  }

  active(): NameNodeId | undefined {
    return NAME_NODES.find((id) => this.#lives(id) && this.nameNodes[id].state === 'ACTIVE');
  }

  run(ms: number): Promise<unknown> {
    return this.world.run({ untilMs: this.world.nowMs + ms });
  }

  /** Runs until it holds; throws after the limit, in virtual milliseconds. */
  async until(what: string, holds: () => boolean, limitMs: number): Promise<number> {
    const startedMs = this.world.nowMs;
    if ((await this.world.run({ until: holds, untilMs: startedMs + limitMs })) !== 'until')
      throw new Error(`seed ${this.#seed}: not within ${limitMs} ms: ${what}\n${this.log.slice(-40).join('\n')}`);
    return this.world.nowMs - startedMs;
  }

  #lives(id: NameNodeId): boolean {
    return this.cluster.running(id) !== undefined;
  }

  #nameNode(host: Host, id: NameNodeId, self: NameNodeState): Promise<unknown> {
    self.state = 'STANDBY';
    const served = bindProtocol(haServiceProtocol, {
      getServiceStatus: (_request, call) =>
        call.reply({ state: HAServiceStateProto[self.state], readyToBecomeActive: true }),
      monitorHealth: (_request, call) =>
        self.healthy ? call.reply({}) : call.fail(JavaException.HEALTH_CHECK_FAILED, 'no resources available'),
      transitionToStandby: (_request, call) => {
        self.state = 'STANDBY';
        call.reply({});
      },
      transitionToActive: (_request, call) => {
        if (self.refusesActive) return call.fail(JavaException.SERVICE_FAILED, 'cannot start active services');
        self.state = 'ACTIVE';
        const other = otherOf(id);
        if (this.#lives(other) && this.nameNodes[other].state === 'ACTIVE')
          this.faults.push(`${this.world.nowMs.toFixed(0)}: ${id} became active while ${other} was`);
        call.reply({});
      },
      transitionToObserver: (_request, call) => {
        self.state = 'OBSERVER';
        call.reply({});
      },
    });
    return createRpcServer(host, this.#configs[id].local.address, { protocols: [served] });
  }
}
