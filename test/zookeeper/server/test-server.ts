/**
 * A server half in the simulator with a consensus of its own, ready for clients on other machines. Time is virtual: it
 * goes on only while a test waits.
 */
import type { LabEvent, TraceEvent } from '../../../src/base/events.js';
import { quorumPeerConfig } from '../../../src/config/quorum-peer-config.js';
import type { QuorumPeerConfig } from '../../../src/config/quorum-peer-config.js';
import type { Host, Stream } from '../../../src/host/host.js';
import { createWorld } from '../../../src/host/sim/index.js';
import type { World } from '../../../src/host/sim/index.js';
import { createZooKeeperServer } from '../../../src/zookeeper/server/zookeeper-server.js';
import type { ZooKeeperServer } from '../../../src/zookeeper/server/zookeeper-server.js';
import { immediateConsensus } from './immediate-consensus.js';
import type { ImmediateConsensus } from './immediate-consensus.js';

/** Long enough for a request and its answer, and shorter than any time-out. */
const ROUND_TRIP_MS = 50;

/** A client's end of a connection, as a test sees it. */
export class Wire {
  closedByServer = false;
  /** Pieces received. */
  pieces = 0;
  readonly #stream: Stream;
  #received: Buffer[] = [];

  constructor(host: Host) {
    this.#stream = host.net.connect(
      { host: 'm1', port: 2181 },
      { timeoutMs: 1000 },
      {
        onData: (bytes) => {
          this.pieces++;
          this.#received.push(Buffer.from(bytes));
        },
        onClose: () => {
          this.closedByServer = true;
        },
      },
    );
  }

  send(bytes: Uint8Array): void {
    this.#stream.write(Buffer.from(bytes));
  }

  /** Bytes received and not yet taken. */
  take(): Buffer {
    return Buffer.concat(this.#received.splice(0));
  }

  close(): void {
    this.#stream.destroy();
  }
}

export class TestServer {
  readonly events: LabEvent[] = [];
  readonly traces: TraceEvent[] = [];
  readonly logLines: string[] = [];
  readonly consensus: ImmediateConsensus;
  readonly #world: World;
  #server!: ZooKeeperServer;
  readonly #clients = new Map<string, Host>();

  constructor(world: World, consensus: ImmediateConsensus) {
    this.#world = world;
    this.consensus = consensus;
    world.observe({
      onEvent: ({ wallMs: _wallMs, role: _role, ...event }) => void this.events.push(event),
      onTrace: (event) => void this.traces.push(event),
      onLog: (_role, _level, line) => void this.logLines.push(line),
    });
  }

  get server(): ZooKeeperServer {
    return this.#server;
  }

  wallMs(): number {
    return this.#world.wallMs();
  }

  async start(config: QuorumPeerConfig): Promise<void> {
    this.#world.addMachine('m1', '127.0.1.1').launch('zk1', async (host) => {
      this.#server = createZooKeeperServer(host, config, this.consensus);
      this.consensus.server = this.#server;
      this.#server.setServing('standalone');
      await this.#server.listen();
    });
    for (const address of ['127.0.0.1', '127.0.0.8', '127.0.0.9']) {
      const machine = this.#world.addMachine(address, address);
      machine.launch(`client at ${address}`, (host) => void this.#clients.set(address, host));
    }
    await this.settle();
  }

  /** Lets happen what is under way. */
  async settle(): Promise<void> {
    await this.advance(ROUND_TRIP_MS);
  }

  /** Moves time. */
  async advance(ms: number): Promise<void> {
    await this.#world.run({ untilMs: this.#world.nowMs + ms });
  }

  connect(address = '127.0.0.1'): Wire {
    return new Wire(this.#clients.get(address)!);
  }
}

export async function testServer(given: Partial<QuorumPeerConfig> = {}): Promise<TestServer> {
  const server = new TestServer(createWorld({ seed: 1, startWallMs: 1_700_000_000_000 }), immediateConsensus(1));
  await server.start(
    quorumPeerConfig({
      sid: 1,
      servers: [],
      client: { host: '127.0.1.1', port: 2181 },
      dataDir: '/data',
      tickTimeMs: 2000,
      fourLetterWordWhitelist: ['*'],
      ...given,
    }),
  );
  return server;
}
