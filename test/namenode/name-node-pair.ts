/**
 * Two NameNodes and three JournalNodes on the simulator's own cluster, without ZKFCs: somebody writes, and somebody
 * says by RPC who is to be the active.
 */
import { SeededRandom } from '../../src/base/prng.js';
import { configurationOf } from '../../src/config/hadoop/load.js';
import { SimCluster } from '../../src/drill/sim/cluster.js';
import { addJournalNodes } from '../../src/drill/sim/journal-nodes.js';
import { MACHINES, addMachines } from '../../src/drill/sim/machines.js';
import { runProcess } from '../../src/drill/sim/process.js';
import type { Host } from '../../src/host/host.js';
import { createWorld, type World } from '../../src/host/sim/index.js';
import { listDirectory } from '../../src/namenode/client/list-directory.js';
import { nameNodeConfigFrom, type NameNodeConfig } from '../../src/namenode/config.js';
import { bootstrapStandby, formatNameNode, startNameNode } from '../../src/namenode/name-node.js';
import { HARequestSource } from '../../src/wire/hadoop/gen/ha-service-protocol.js';
import { clientNamenodeProtocol } from '../../src/wire/hadoop/protocols/client-namenode.js';
import { haServiceProtocol } from '../../src/wire/hadoop/protocols/ha-service.js';
import { createRpcClient, type RpcClient } from '../../src/wire/hadoop/rpc/client.js';
import type { RequestOf, ResponseOf } from '../../src/wire/hadoop/rpc/spec.js';

const PROPERTIES = {
  'fs.defaultFS': 'hdfs://ns1',
  'dfs.nameservices': 'ns1',
  'dfs.ha.namenodes.ns1': 'nn1,nn2',
  'dfs.namenode.rpc-address.ns1.nn1': 'm1:9000',
  'dfs.namenode.rpc-address.ns1.nn2': 'm2:9000',
  'dfs.namenode.shared.edits.dir': `qjournal://${MACHINES.map((machine) => `${machine}:8485`).join(';')}/ns1`,
  'dfs.namenode.name.dir': '/name',
  'dfs.journalnode.edits.dir': '/journal',
  'dfs.ha.tail-edits.period': '2s',
  'dfs.ha.log-roll.period': '5s',
  'dfs.namenode.checkpoint.txns': '60',
  'dfs.namenode.checkpoint.check.period': '3s',
};

type Methods = (typeof clientNamenodeProtocol)['methods'];
export type NameNodeId = 'nn1' | 'nn2';

export function otherThan(id: NameNodeId): NameNodeId {
  return id === 'nn1' ? 'nn2' : 'nn1';
}

export class NameNodePair {
  readonly world: World;
  readonly random: SeededRandom;
  readonly cluster: SimCluster;
  readonly acknowledged = new Set<string>();
  /** Crashes, and starts that failed. */
  readonly trouble: string[] = [];
  /** Where writes go: the one made active last. */
  active: NameNodeId = 'nn1';
  readonly #configs: Readonly<Record<NameNodeId, NameNodeConfig>>;
  #host!: Host;
  #client!: RpcClient;
  #written = 0;
  #writing = true;

  constructor(seed: number, overrides: Record<string, string> = {}) {
    this.world = createWorld({ seed });
    this.random = this.world.forkRandom();
    this.cluster = new SimCluster(this.world);
    this.world.observe({
      onEnd: ({ id }, end) => {
        if (end.how === 'crash') this.trouble.push(`${id} crashed: ${end.reason}`);
        if (end.how === 'exit' && end.code !== 0 && /^could not start/.test(end.reason))
          this.trouble.push(`${id}: ${end.reason}`);
      },
    });
    addMachines(this, [...MACHINES, 'm4']);
    const conf = configurationOf({ ...PROPERTIES, ...overrides });
    addJournalNodes(this, conf);
    const config = (nameNodeId: NameNodeId, address: string): NameNodeConfig =>
      nameNodeConfigFrom(conf, { nameserviceId: 'ns1', nameNodeId, user: 'hdfs', address });
    this.#configs = { nn1: config('nn1', 'm1'), nn2: config('nn2', 'm2') };
    for (const [id, own] of Object.entries(this.#configs))
      this.cluster.add({ id, machine: own.rpc.host, main: (host) => startNameNode(host, own) });
  }

  /** Formatted, both up, nn1 active, two writers at work. */
  async up(): Promise<void> {
    for (const id of ['jn1', 'jn2', 'jn3']) this.cluster.start(id);
    await this.pass(100);
    const { nn1, nn2 } = this.#configs;
    await runProcess(this, 'm1', 'setup', 60_000, async (host) => void (await formatNameNode(host, nn1, {})));
    this.cluster.start('nn1');
    await this.pass(200);
    await runProcess(this, 'm2', 'setup', 60_000, async (host) => void (await bootstrapStandby(host, nn2, {})));
    this.cluster.start('nn2');
    this.world.machine('m4').launch('client-1', (host) => {
      this.#host = host;
      this.#client = createRpcClient(host, { user: 'hdfs', connectRetries: 0, connectTimeoutMs: 1000 });
    });
    await this.pass(200);
    await this.transition('nn1', 'ACTIVE');
    for (let lane = 0; lane < 2; lane++) void this.#write();
  }

  pass(ms: number): Promise<unknown> {
    return this.world.run({ untilMs: this.world.nowMs + ms });
  }

  /** Runs the world until the promise is settled. */
  async wait<T>(promise: Promise<T>, limitMs = 120_000): Promise<T> {
    let settled = false;
    const done = (): void => void (settled = true);
    promise.then(done, done);
    const end = await this.world.run({ untilMs: this.world.nowMs + limitMs, until: () => settled });
    if (!settled) throw new Error(`not settled within ${limitMs} ms (${end})`);
    return promise;
  }

  /** Does not wait: run the world for the answer. */
  call<M extends keyof Methods>(
    id: NameNodeId,
    method: M,
    request: RequestOf<Methods[M]>,
    timeoutMs = 0,
  ): Promise<ResponseOf<Methods[M]>> {
    return this.#client.call(clientNamenodeProtocol, method, this.#configs[id].rpc, request, { timeoutMs });
  }

  /** Asks for a transition and does not wait. */
  ask(id: NameNodeId, to: 'ACTIVE' | 'STANDBY', timeoutMs = 0): Promise<unknown> {
    const { rpc } = this.#configs[id];
    // A connection from before the machine lost its power would only be found dead by the call.
    this.#client.disconnect(rpc);
    const method = to === 'ACTIVE' ? 'transitionToActive' : 'transitionToStandby';
    const request = { reqInfo: { reqSource: HARequestSource.REQUEST_BY_USER } };
    return this.#client.call(haServiceProtocol, method, rpc, request, { timeoutMs });
  }

  /** True if the NameNode says that it is there. */
  async transition(id: NameNodeId, to: 'ACTIVE' | 'STANDBY', timeoutMs = 30_000): Promise<boolean> {
    const there = await this.wait(
      this.ask(id, to, timeoutMs).then(
        () => true,
        () => false,
      ),
    );
    if (there && to === 'ACTIVE') this.active = id;
    return there;
  }

  stopWriting(): void {
    this.#writing = false;
  }

  /** Names of all that the writers made. */
  async list(id: NameNodeId): Promise<Set<string>> {
    const found = await this.wait(listDirectory((request) => this.call(id, 'getListing', request), '/w'));
    return new Set((found ?? []).map(({ path }) => path.toString('utf8')));
  }

  /** A directory after the other, each acknowledged one noted. */
  async #write(): Promise<void> {
    const pause = (ms: number): Promise<void> => new Promise((resolve) => this.#host.clock.after(ms, resolve));
    while (this.#writing) {
      const src = `/w/${this.#written++}`;
      const request = { src, masked: { perm: 0o755 }, createParent: true };
      await this.call(this.active, 'mkdirs', request, 3000).then(
        ({ result }) => void (result && this.acknowledged.add(src.slice(3))),
        () => pause(20),
      );
      await pause(5 + this.random.below(20));
    }
  }
}
