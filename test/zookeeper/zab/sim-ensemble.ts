/**
 * A simulated ensemble under a workload and a storm of faults, all decided by one seed, and the checks that watch it:
 * at most one leader an epoch, committed transactions the same everywhere and in one order, nothing committed or
 * acknowledged lost.
 */
import type { Host } from '../../../src/host/host.js';
import { createWorld } from '../../../src/host/sim/index.js';
import type { Instance, Machine, World } from '../../../src/host/sim/index.js';
import { LabError } from '../../../src/base/errors.js';
import { ZooKeeperClient } from '../../../src/zookeeper/client/client.js';
import { quorumPeerConfig } from '../../../src/config/quorum-peer-config.js';
import type { QuorumPeerConfig, QuorumServer } from '../../../src/config/quorum-peer-config.js';
import { startQuorumPeer } from '../../../src/zookeeper/quorum-peer.js';
import type { RunningQuorumPeer } from '../../../src/zookeeper/quorum-peer.js';

export interface SimOptions {
  readonly voters?: number;
  readonly observers?: number;
  readonly config?: Partial<QuorumPeerConfig>;
}

export class SimEnsemble {
  readonly world: World;
  readonly servers: readonly QuorumServer[];
  readonly peers = new Map<number, RunningQuorumPeer>();
  readonly instances = new Map<number, Instance>();
  readonly violations: string[] = [];
  readonly log: string[] = [];
  /** How each learner was last synchronized, as its leader told. */
  readonly synchronizations: { learner: number; mode: string; atMs: number }[] = [];
  readonly #options: SimOptions;
  // All that was ever committed, in order, and what each process has committed last.
  readonly #order: bigint[] = [];
  readonly #digests = new Map<bigint, string>();
  readonly #position = new Map<string, bigint>();
  readonly #leaders = new Map<bigint, string>();

  constructor(seed: number, options: SimOptions = {}) {
    this.#options = options;
    this.world = createWorld({ seed });
    const voters = options.voters ?? 3;
    const count = voters + (options.observers ?? 0);
    this.servers = Array.from({ length: count }, (_, index) => ({
      sid: index + 1,
      host: `127.0.1.${index + 1}`,
      quorumPort: 2888,
      electionPort: 3888,
      type: index < voters ? 'participant' : 'observer',
      client: undefined,
    }));
    for (const { sid, host } of this.servers) this.world.addMachine(`m${sid}`, host);
    this.world.observe({
      onEvent: (event, nowMs) => {
        this.log.push(`${nowMs.toFixed(1)} ${event.role} ${text(event)}`);
        if (event.type === 'LearnerSynchronized')
          this.synchronizations.push({ learner: event.learner, mode: event.mode, atMs: nowMs });
      },
      onLog: (role, level, message, nowMs) => {
        if (level !== 'debug') this.log.push(`${nowMs.toFixed(1)} ${role} [${level}] ${message}`);
      },
      onEnd: (instance, end) => {
        this.log.push(`${this.world.nowMs.toFixed(1)} ${instance.id} ended: ${end.how} ${end.reason}`);
        if (end.how === 'crash' || end.how === 'exit')
          this.violations.push(`${instance.id} ended by itself: ${end.reason}`);
      },
      onTrace: (event) => {
        const process = `${event.role}#${event.incarnation}`;
        switch (event.type) {
          case 'SnapshotRestored':
            this.#position.set(process, event.zxid);
            break;
          case 'TxnCommitted':
            this.#committed(process, event.zxid, event.digest);
            break;
          case 'LeaderServing': {
            const other = this.#leaders.get(event.epoch);
            if (other !== undefined)
              this.violations.push(`two leaders of epoch ${event.epoch}: ${other} and ${process}`);
            this.#leaders.set(event.epoch, process);
            const last = this.#order[this.#order.length - 1] ?? 0n;
            if (event.zxid < last)
              this.violations.push(
                `${process} leads epoch ${event.epoch} with ${event.zxid.toString(16)}, but ${last.toString(16)} ` +
                  `is committed`,
              );
            break;
          }
          default:
        }
      },
    });
  }

  get committedCount(): number {
    return this.#order.length;
  }

  get epochs(): number {
    return this.#leaders.size;
  }

  #committed(process: string, zxid: bigint, digest: string): void {
    const known = this.#digests.get(zxid);
    if (known !== undefined && known !== digest)
      this.violations.push(`${process} commits ${zxid.toString(16)} as ${digest}, others as ${known}`);
    const before = this.#position.get(process) ?? 0n;
    this.#position.set(process, zxid);
    const expected = this.#order[this.#after(before)];
    if (expected === undefined) {
      if (zxid <= before) this.violations.push(`${process} commits ${zxid.toString(16)} after ${before.toString(16)}`);
      this.#order.push(zxid);
      this.#digests.set(zxid, digest);
    } else if (expected !== zxid) {
      this.violations.push(
        `${process} commits ${zxid.toString(16)} after ${before.toString(16)}, but ${expected.toString(16)} comes next`,
      );
    }
  }

  /** Index of the first committed transaction after this zxid. */
  #after(zxid: bigint): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#order[middle]! <= zxid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  config(sid: number): QuorumPeerConfig {
    return quorumPeerConfig({
      sid,
      servers: this.servers,
      client: { host: `127.0.1.${sid}`, port: 2181 },
      dataDir: '/zk',
      tickTimeMs: 500,
      fourLetterWordWhitelist: ['*'],
      ...this.#options.config,
    });
  }

  machine(sid: number): Machine {
    return this.world.machine(`m${sid}`);
  }

  launch(...sids: number[]): void {
    for (const sid of sids) {
      if (!this.machine(sid).isUp) this.machine(sid).powerOn();
      if (this.machine(sid).instances.length > 0) continue;
      this.peers.delete(sid);
      this.instances.set(
        sid,
        this.machine(sid).launch(`zk${sid}`, async (host) => {
          this.peers.set(sid, await startQuorumPeer(host, this.config(sid)));
        }),
      );
    }
  }

  kill(sid: number): void {
    for (const instance of this.machine(sid).instances) instance.kill();
    this.peers.delete(sid);
  }

  powerOff(sid: number): void {
    this.machine(sid).powerOff();
    this.peers.delete(sid);
  }

  leader(): number | undefined {
    for (const [sid, peer] of this.peers) if (peer.consensus.mode === 'leader') return sid;
    return undefined;
  }

  /** Runs until one of these leads and the others learn from it. */
  async serving(limitMs: number, ...sids: number[]): Promise<number> {
    const end = this.world.nowMs + limitMs;
    const done = (): boolean => {
      const modes = sids.map((sid) => this.peers.get(sid)?.consensus.mode ?? 'looking');
      if (!modes.includes('leader') || modes.includes('looking')) return false;
      const leader = sids[modes.indexOf('leader')];
      return sids.every((sid) => this.peers.get(sid)!.consensus.status().leader === leader);
    };
    const result = await this.world.run({ untilMs: end, until: done });
    if (result !== 'until')
      throw new Error(`servers ${sids.join(', ')} not serving after ${limitMs} ms:\n${this.log.slice(-80).join('\n')}`);
    return sids.find((sid) => this.peers.get(sid)!.consensus.mode === 'leader')!;
  }

  /** Runs the world while this goes on. */
  async during<T>(work: Promise<T>, limitMs = 60_000): Promise<T> {
    let settled = false;
    const watched = work.finally(() => {
      settled = true;
    });
    watched.catch(() => undefined);
    await this.world.run({ untilMs: this.world.nowMs + limitMs, until: () => settled });
    if (!settled) throw new Error(`not done after ${limitMs} ms:\n${this.log.slice(-40).join('\n')}`);
    return watched;
  }

  /** A process on a machine of its own, with a client for these servers. */
  client(name: string, use: (client: ZooKeeperClient, host: Host) => unknown, ...sids: number[]): void {
    const machine = this.world.addMachine(name, `127.0.2.${this.#nextClient++}`);
    machine.launch(`client-${name}`, async (host) => {
      const connectString = (sids.length === 0 ? this.servers.map((server) => server.sid) : sids)
        .map((sid) => `127.0.1.${sid}:2181`)
        .join(',');
      await use(new ZooKeeperClient(host, { connectString, sessionTimeoutMs: 4000 }), host);
    });
  }

  #nextClient = 1;
}

function text(event: object): string {
  return JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value));
}

export interface StormResult {
  readonly violations: readonly string[];
  readonly log: readonly string[];
  readonly committed: number;
  readonly epochs: number;
  readonly acknowledged: number;
  readonly digest: string;
}

/** Twenty virtual seconds of faults and writes, then peace, then the reckoning. */
export async function storm(seed: number, options: SimOptions = {}): Promise<StormResult> {
  const ensemble = new SimEnsemble(seed, {
    ...options,
    config: {
      commitLogCount: 20,
      snapCount: 40,
      autopurge: { snapRetainCount: 3, purgeIntervalHours: 0.001 },
      ...options.config,
    },
  });
  const { world } = ensemble;
  const random = world.forkRandom();
  const sids = ensemble.servers.map((server) => server.sid);
  // Every third storm with disks so slow that much is on its way to them at any moment.
  if (seed % 3 === 0)
    for (const sid of sids)
      ensemble.machine(sid).files.faults = { ...ensemble.machine(sid).files.faults, slowMs: 10 + random.below(40) };
  ensemble.launch(...sids);
  const acknowledged = new Set<string>();
  let peace = false;
  for (const writer of ['w1', 'w2']) {
    ensemble.client(writer, async (client, host) => {
      for (let i = 0; !peace; i++) {
        const path = `/${writer}-${i}`;
        try {
          await client.create(path, Buffer.from(String(i)));
          acknowledged.add(path);
          // Not faster: what matters are the faults between, and a run should be short.
          await new Promise<void>((resolve) => {
            host.clock.after(host.random.below(30), resolve);
          });
        } catch (error) {
          if (error instanceof LabError && error.code === 'NodeExists') acknowledged.add(path);
          else if (error instanceof LabError && error.code === 'SessionExpired') return;
          await new Promise<void>((resolve) => {
            host.clock.after(20, resolve);
          });
        }
      }
    });
  }
  const stormMs = 20_000;
  for (let at = 500; at < stormMs; at += 100 + random.below(1500)) {
    const sid = sids[random.below(sids.length)]!;
    const other = sids[random.below(sids.length)]!;
    const forMs = 50 + random.below(3000);
    const fault = random.below(9);
    world.at(at, () => {
      if (peace) return;
      switch (fault) {
        case 0:
          ensemble.kill(sid);
          world.at(forMs, () => ensemble.launch(sid));
          break;
        case 1:
          ensemble.powerOff(sid);
          world.at(forMs, () => ensemble.launch(sid));
          break;
        case 2: {
          const instance = ensemble.instances.get(sid);
          instance?.pause();
          world.at(forMs, () => instance?.resume());
          break;
        }
        case 3:
          world.partition(`m${sid}`, `m${other}`);
          world.at(forMs, () => world.healAll());
          break;
        case 4:
          for (const third of sids) if (third !== sid) world.partition(`m${sid}`, `m${third}`);
          world.at(forMs, () => world.healAll());
          break;
        case 5:
          world.links.between(`m${sid}`, `m${other}`).cut();
          world.at(forMs, () => world.healAll());
          break;
        case 8:
          for (const third of sids)
            world.links.between(`m${sid}`, `m${third}`).faults = { delayMs: 20, jitterMs: 200, loss: 0.05 };
          world.at(forMs, () => world.healAll());
          break;
        case 7:
          // The whole room: what is acknowledged must be on disks.
          for (const each of sids) {
            ensemble.powerOff(each);
            world.at(forMs / 10, () => ensemble.launch(each));
          }
          break;
        case 6: {
          const leader = ensemble.leader();
          if (leader === undefined) break;
          ensemble.kill(leader);
          world.at(forMs, () => ensemble.launch(leader));
        }
      }
    });
  }
  await world.run({ untilMs: stormMs });
  world.healAll();
  for (const instance of ensemble.instances.values()) instance.resume();
  ensemble.launch(...sids);
  const result = (): StormResult => ({
    violations: ensemble.violations,
    log: ensemble.log,
    committed: ensemble.committedCount,
    epochs: ensemble.epochs,
    acknowledged: acknowledged.size,
    digest: world.digest(),
  });
  try {
    await ensemble.serving(30_000, ...sids);
    peace = true;
    await world.run({ untilMs: world.nowMs + 5000 });
    await ensemble.serving(30_000, ...sids);
    // Every server holds every acknowledged write.
    for (const sid of sids) {
      const missing = await new Promise<readonly string[]>((resolve) => {
        const tree = ensemble.peers.get(sid)!.server.view.tree;
        resolve([...acknowledged].filter((path) => tree.node(path) === undefined));
      });
      if (missing.length > 0)
        ensemble.violations.push(
          `server ${sid} lacks ${missing.length} acknowledged writes: ${missing.slice(0, 5).join(', ')}`,
        );
    }
    const zxids = new Set(sids.map((sid) => ensemble.peers.get(sid)!.server.lastProcessedZxid));
    if (zxids.size > 1)
      ensemble.violations.push(
        `servers end at different zxids: ${[...zxids].map((zxid) => zxid.toString(16)).join(', ')}`,
      );
  } catch (error) {
    ensemble.violations.push(String(error));
  }
  return result();
}
