/**
 * An ensemble on the simulator's own cluster (src/drill/sim), under its checks, for tests that say themselves what
 * happens and when. How servers stand is read off their events.
 */
import { Violations } from '../../src/drill/checks/check.js';
import { election } from '../../src/drill/checks/election.js';
import { zabDurability } from '../../src/drill/checks/zab-durability.js';
import { zabOrder } from '../../src/drill/checks/zab-order.js';
import { zkSessions } from '../../src/drill/checks/zk-sessions.js';
import { watch } from '../../src/drill/sim/campaign.js';
import { SimCluster } from '../../src/drill/sim/cluster.js';
import { addMachines } from '../../src/drill/sim/machines.js';
import { runProcess } from '../../src/drill/sim/process.js';
import type { Run } from '../../src/drill/sim/scenario.js';
import { addEnsemble } from '../../src/drill/sim/zk-scenario.js';
import type { StampedEvent } from '../../src/base/events.js';
import type { QuorumPeerConfig } from '../../src/config/quorum-peer-config.js';
import type { Host } from '../../src/host/host.js';
import { createWorld } from '../../src/host/sim/index.js';
import type { World } from '../../src/host/sim/index.js';
import { ZooKeeperClient } from '../../src/zookeeper/client/client.js';

export interface EnsembleOptions {
  readonly voters?: number;
  readonly observers?: number;
  readonly config?: Partial<QuorumPeerConfig>;
}

/** Virtual time goes by. */
export type Pause = (ms: number) => Promise<void>;

type Standing = { readonly is: 'leader' } | { readonly is: 'learner'; readonly of: number };

const sidOf = (role: string): number => Number(role.slice('zk'.length));

export class SimulatedEnsemble {
  readonly world: World;
  readonly cluster: SimCluster;
  readonly sids: readonly number[];
  readonly events: StampedEvent[] = [];
  readonly warnings: string[] = [];
  /** How processes ended that nobody killed. */
  readonly exits: string[] = [];
  readonly #run: Run;
  readonly #violations = new Violations();
  readonly #standing = new Map<number, Standing>();
  #clients = 0;

  constructor(seed: number, { voters = 3, observers = 0, config = {} }: EnsembleOptions = {}) {
    this.world = createWorld({ seed });
    this.cluster = new SimCluster(this.world);
    const { world, cluster } = this;
    const { report } = this.#violations;
    this.#run = { world, cluster, random: world.forkRandom(), report, note: () => undefined };
    this.sids = Array.from({ length: voters + observers }, (_, index) => index + 1);
    addMachines(
      this.#run,
      this.sids.map((sid) => `m${sid}`),
    );
    const options = { tickTimeMs: 500, initLimit: 10, fourLetterWordWhitelist: ['*'], ...config };
    const participants = addEnsemble(this.#run, options, { voters, observers });
    watch(world, [
      election(participants, report),
      zabOrder(participants, report),
      zabDurability(report),
      zkSessions(report),
    ]);
    world.observe({
      onEvent: (event) => {
        this.events.push(event);
        this.#see(event);
      },
      onLog: (role, level, message) => {
        if (level === 'warn') this.warnings.push(`${role} ${message}`);
      },
      onEnd: ({ id }, end) => {
        if (id.startsWith('zk')) this.#standing.delete(sidOf(id));
        if (end.how === 'exit' || end.how === 'crash') this.exits.push(`${id} ${end.reason}`);
      },
    });
  }

  #see(event: StampedEvent): void {
    const sid = sidOf(event.role);
    switch (event.type) {
      case 'LeaderEstablished':
        this.#standing.set(sid, { is: 'leader' });
        break;
      case 'FollowingEstablished':
        this.#standing.set(sid, { is: 'learner', of: event.leader });
        break;
      case 'LookingStarted':
      case 'LeadershipEnded':
      case 'FollowingEnded':
        this.#standing.delete(sid);
        break;
      default:
    }
  }

  /** Promises of the field that were broken. */
  get violations(): readonly string[] {
    return this.#violations.list.map(({ check, message }) => `${check}: ${message}`);
  }

  of(type: StampedEvent['type']): readonly StampedEvent[] {
    return this.events.filter((event) => event.type === type);
  }

  launch(...sids: number[]): void {
    for (const sid of sids) this.cluster.release(`zk${sid}`);
  }

  kill(...sids: number[]): void {
    for (const sid of sids) this.cluster.kill(`zk${sid}`);
  }

  get leader(): number | undefined {
    return [...this.#standing].find(([, { is }]) => is === 'leader')?.[0];
  }

  /** Runs until one of these leads and the others learn from it. */
  async serving(limitMs: number, ...sids: number[]): Promise<number> {
    const formed = (): boolean => {
      const leader = this.leader;
      return (
        leader !== undefined &&
        sids.includes(leader) &&
        sids.every((sid) => {
          const standing = this.#standing.get(sid);
          return sid === leader || (standing?.is === 'learner' && standing.of === leader);
        })
      );
    };
    if ((await this.world.run({ untilMs: this.world.nowMs + limitMs, until: formed })) !== 'until')
      throw new Error(`servers ${sids.join(', ')} do not serve after ${limitMs} ms`);
    return this.leader!;
  }

  async pass(ms: number): Promise<void> {
    await this.world.run({ untilMs: this.world.nowMs + ms });
  }

  /** Runs this in a process of its own, and the world until it is done. */
  async process(main: (host: Host) => Promise<void>, limitMs = 60_000): Promise<void> {
    const id = `client${++this.#clients}`;
    this.world.addMachine(id, `127.0.2.${this.#clients}`);
    if (!(await runProcess(this.#run, id, id, limitMs, main))) throw new Error(`${id} not done after ${limitMs} ms`);
  }

  /** A client of these servers, or of all; its process is killed when `use` is done. */
  async client<T>(use: (client: ZooKeeperClient, pause: Pause) => Promise<T>, ...sids: number[]): Promise<T> {
    const connectString = (sids.length === 0 ? this.sids : sids).map((sid) => `m${sid}:2181`).join(',');
    let result: { readonly value: T } | undefined;
    await this.process(async (host) => {
      const client = new ZooKeeperClient(host, { connectString, sessionTimeoutMs: 4000 });
      await client.connected(10_000);
      result = { value: await use(client, (ms) => new Promise((done) => void host.clock.after(ms, done))) };
    });
    return result!.value;
  }

  /** What server `sid` answers to a four-letter word. */
  async word(sid: number, word: string): Promise<string> {
    let text = '';
    await this.process(
      (host) =>
        new Promise((resolve) => {
          const stream = host.net.connect(
            { host: `m${sid}`, port: 2181 },
            { timeoutMs: 1000 },
            {
              onOpen: () => stream.write(Buffer.from(word)),
              onData: (chunk) => (text += chunk.toString('latin1')),
              onClose: () => resolve(),
            },
          );
        }),
    );
    return text;
  }
}
