/**
 * Two NameNodes and three JournalNodes in the simulated world, someone who writes, and someone who administers by RPC.
 */
import { hasCode } from '../../src/base/errors.js';
import { SeededRandom } from '../../src/base/prng.js';
import { configurationOf } from '../../src/config/hadoop/load.js';
import type { Host } from '../../src/host/host.js';
import { createWorld } from '../../src/host/sim/index.js';
import type { Instance, World } from '../../src/host/sim/index.js';
import { journalNodeConfigFrom } from '../../src/journal/config.js';
import { startJournalNode } from '../../src/journal/journal-node.js';
import { nameNodeConfigFrom } from '../../src/namenode/config.js';
import type { NameNodeConfig } from '../../src/namenode/config.js';
import { bootstrapStandby, formatNameNode, startNameNode } from '../../src/namenode/name-node.js';
import { HARequestSource } from '../../src/wire/hadoop/gen/ha-service-protocol.js';
import { clientNamenodeProtocol } from '../../src/wire/hadoop/protocols/client-namenode.js';
import { haServiceProtocol } from '../../src/wire/hadoop/protocols/ha-service.js';
import { createRpcClient } from '../../src/wire/hadoop/rpc/client.js';
import type { RpcClient } from '../../src/wire/hadoop/rpc/client.js';
import type { RequestOf, ResponseOf } from '../../src/wire/hadoop/rpc/spec.js';

const PROPERTIES = {
  'fs.defaultFS': 'hdfs://ns1',
  'dfs.nameservices': 'ns1',
  'dfs.ha.namenodes.ns1': 'nn1,nn2',
  'dfs.namenode.rpc-address.ns1.nn1': 'm1:9000',
  'dfs.namenode.rpc-address.ns1.nn2': 'm2:9000',
  'dfs.namenode.http-address.ns1.nn1': 'm1:50070',
  'dfs.namenode.http-address.ns1.nn2': 'm2:50070',
  'dfs.namenode.shared.edits.dir': 'qjournal://m1:8485;m2:8485;m3:8485/ns1',
  'dfs.namenode.name.dir': '/name',
  'dfs.journalnode.edits.dir': '/journal',
  'hadoop.tmp.dir': '/tmp',
  'dfs.ha.tail-edits.period': '2s',
  'dfs.ha.log-roll.period': '5s',
  'dfs.namenode.checkpoint.txns': '60',
  'dfs.namenode.checkpoint.check.period': '3s',
};

export class SimPair {
  readonly world: World;
  readonly random: SeededRandom;
  readonly nn: (Instance | undefined)[] = [undefined, undefined];
  readonly jn: (Instance | undefined)[] = [undefined, undefined, undefined];
  readonly acknowledged = new Set<string>();
  readonly trouble: string[] = [];
  #client!: RpcClient;
  #host!: Host;
  /** Where writes go: the one made active last. */
  active = 0;
  #written = 0;
  #stopWriting = false;

  constructor(seed: number, overrides: Record<string, string> = {}) {
    this.world = createWorld({ seed });
    this.random = this.world.forkRandom();
    for (let i = 1; i <= 4; i++) this.world.addMachine(`m${i}`, `10.0.0.${i}`);
    this.#conf = configurationOf({ ...PROPERTIES, ...overrides });
    this.world.observe({
      onEnd: (instance, end) => {
        if (end.how === 'crash') this.trouble.push(`${instance.id} crashed: ${end.reason}`);
        if (end.how === 'exit' && end.code !== 0 && /^could not start/.test(end.reason))
          this.trouble.push(`${instance.id}: ${end.reason}`);
      },
      onLog: (role, level, message, nowMs) => {
        if (process.env['SIM_LOG'] !== undefined) console.error(nowMs.toFixed(1), role, level, message);
      },
    });
  }

  readonly #conf;

  config(index: number): NameNodeConfig {
    return nameNodeConfigFrom(this.#conf, {
      nameserviceId: 'ns1',
      nameNodeId: `nn${index + 1}`,
      user: 'hdfs',
      address: `m${index + 1}`,
    });
  }

  startJournal(i: number): void {
    this.jn[i] = this.world
      .machine(`m${i + 1}`)
      .launch(`jn${i + 1}`, (host) =>
        startJournalNode(host, journalNodeConfigFrom(this.#conf, { address: `m${i + 1}` })),
      );
  }

  startNameNode(i: number): void {
    this.nn[i] = this.world.machine(`m${i + 1}`).launch(`nn${i + 1}`, (host) => startNameNode(host, this.config(i)));
  }

  /** Runs a program on a machine to its end. */
  async once(machine: string, main: (host: Host) => Promise<unknown>): Promise<void> {
    let done = false;
    let failure: unknown;
    this.world.machine(machine).launch(`tool-${machine}`, async (host) => {
      try {
        await main(host);
      } catch (error) {
        failure = error;
      }
      done = true;
      host.exit(0, 'done');
    });
    await this.world.run({ untilMs: this.world.nowMs + 60_000, until: () => done });
    if (failure !== undefined || !done) throw failure ?? new Error('the program did not end');
  }

  /** Formatted, both up, nn1 active, the writer at work. */
  async up(): Promise<void> {
    for (let i = 0; i < 3; i++) this.startJournal(i);
    await this.pass(100);
    await this.once('m1', (host) => formatNameNode(host, this.config(0), {}));
    this.startNameNode(0);
    await this.pass(200);
    await this.once('m2', (host) => bootstrapStandby(host, this.config(1), {}));
    this.startNameNode(1);
    this.world.machine('m4').launch('client-1', (host) => {
      this.#host = host;
      this.#client = createRpcClient(host, { user: 'hdfs', connectRetries: 0, connectTimeoutMs: 1000 });
    });
    await this.pass(200);
    await this.transition(0, 'ACTIVE');
    for (let i = 0; i < 2; i++) void this.#write();
  }

  pass(ms: number): Promise<unknown> {
    return this.world.run({ untilMs: this.world.nowMs + ms });
  }

  /** Runs the world until the promise has settled. */
  async wait<T>(promise: Promise<T>, limitMs = 120_000): Promise<T> {
    let settled = false;
    promise.then(
      () => {
        settled = true;
      },
      () => {
        settled = true;
      },
    );
    const end = await this.world.run({ untilMs: this.world.nowMs + limitMs, until: () => settled });
    if (!settled) throw new Error(`not settled within ${limitMs} ms (${end})`);
    return promise;
  }

  rpc(i: number): { host: string; port: number } {
    return { host: `m${i + 1}`, port: 9000 };
  }

  /** True if the NameNode says that it is there. */
  async transition(i: number, to: 'ACTIVE' | 'STANDBY', timeoutMs = 30_000): Promise<boolean> {
    const method = to === 'ACTIVE' ? 'transitionToActive' : 'transitionToStandby';
    // A connection from before the machine lost its power would only be found dead by the call.
    this.#client.disconnect(this.rpc(i));
    try {
      await this.wait(
        this.#client.call(
          haServiceProtocol,
          method,
          this.rpc(i),
          { reqInfo: { reqSource: HARequestSource.REQUEST_BY_USER } },
          { timeoutMs },
        ),
      );
    } catch {
      return false;
    }
    if (to === 'ACTIVE') this.active = i;
    return true;
  }

  /** One writer: a directory after the other, each acknowledged one noted. */
  async #write(): Promise<void> {
    while (!this.#stopWriting) {
      const path = `/w/${this.#written++}`;
      try {
        const { result } = await this.#client.call(
          clientNamenodeProtocol,
          'mkdirs',
          this.rpc(this.active),
          { src: path, masked: { perm: 0o755 }, createParent: true },
          { timeoutMs: 3000 },
        );
        if (result) this.acknowledged.add(path.slice(3));
      } catch (error) {
        if (hasCode(error, 'RPC_CLIENT_CLOSED')) return;
        await new Promise<void>((resolve) => this.#host.clock.after(20, resolve));
      }
      await new Promise<void>((resolve) => this.#host.clock.after(5 + this.random.below(20), resolve));
    }
  }

  /** Does not wait: run the world for the answer. */
  call<M extends keyof (typeof clientNamenodeProtocol)['methods']>(
    i: number,
    method: M,
    request: RequestOf<(typeof clientNamenodeProtocol)['methods'][M]>,
  ): Promise<ResponseOf<(typeof clientNamenodeProtocol)['methods'][M]>> {
    return this.#client.call(clientNamenodeProtocol, method, this.rpc(i), request);
  }

  /** Asks for a transition and does not wait. */
  ask(i: number, method: 'transitionToActive' | 'transitionToStandby'): Promise<unknown> {
    return this.#client.call(haServiceProtocol, method, this.rpc(i), {
      reqInfo: { reqSource: HARequestSource.REQUEST_BY_USER },
    });
  }

  stopWriting(): void {
    this.#stopWriting = true;
  }

  async list(i: number): Promise<Set<string>> {
    const names = new Set<string>();
    let startAfter = Buffer.alloc(0);
    for (;;) {
      const { dirList } = await this.wait(
        this.#client.call(clientNamenodeProtocol, 'getListing', this.rpc(i), {
          src: '/w',
          startAfter,
          needLocation: false,
        }),
      );
      for (const entry of dirList?.partialListing ?? []) names.add(entry.path.toString('utf8'));
      const last = dirList?.partialListing.at(-1);
      if (last === undefined || dirList!.remainingEntries === 0) return names;
      startAfter = Buffer.from(last.path);
    }
  }

  async saveNamespace(i: number): Promise<void> {
    await this.wait(this.#client.call(clientNamenodeProtocol, 'setSafeMode', this.rpc(i), { action: 2 }));
    await this.wait(this.#client.call(clientNamenodeProtocol, 'saveNamespace', this.rpc(i), {}));
    await this.wait(this.#client.call(clientNamenodeProtocol, 'setSafeMode', this.rpc(i), { action: 1 }));
  }
}
