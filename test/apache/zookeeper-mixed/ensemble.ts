/**
 * An ensemble of three voters, and perhaps an observer, in which each server is Apache's or ours, on loopback addresses
 * of its own. Ours run in the test's process, on a live host; Apache's as `java
 * org.apache.zookeeper.server.quorum.QuorumPeerMain`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLiveHost } from '../../../src/host/live/index.js';
import type { Host } from '../../../src/host/host.js';
import type { StampedEvent } from '../../../src/base/events.js';
import { quorumPeerConfig } from '../../../src/config/quorum-peer-config.js';
import type { QuorumServer } from '../../../src/config/quorum-peer-config.js';
import { ZooKeeperClient } from '../../../src/zookeeper/client/client.js';
import { startQuorumPeer } from '../../../src/zookeeper/quorum-peer.js';
import type { RunningQuorumPeer } from '../../../src/zookeeper/quorum-peer.js';
import { eventually, startJava } from '../apache.js';
import type { JavaServer } from '../apache.js';

export type Make = 'apache' | 'ours';

const TICK_MS = 500;
let networks = 0;

interface Running {
  readonly stop: () => Promise<void>;
  readonly output: () => string;
}

const COMPLAINTS = [
  /digest.*(mismatch|not match)/i,
  /mismatch.*digest/i,
  /Unexpected exception causing/i,
  /NullPointer/i,
  /Severe unrecoverable/i,
];

export class MixedEnsemble {
  readonly #makes: ReadonlyMap<number, Make>;
  readonly #network = networks++;
  readonly #directory = mkdtempSync(join(tmpdir(), 'halab-mixed-'));
  readonly #running = new Map<number, Running>();
  readonly #peers = new Map<number, RunningQuorumPeer>();
  readonly #clients: ZooKeeperClient[] = [];
  /** Events of our servers, by sid. */
  readonly events: { sid: number; event: StampedEvent }[] = [];
  readonly log: string[] = [];

  constructor(makes: readonly [Make, Make, Make, Make?]) {
    this.#makes = new Map(makes.flatMap((make, index) => (make === undefined ? [] : [[index + 1, make] as const])));
  }

  get sids(): readonly number[] {
    return [...this.#makes.keys()];
  }

  host(sid: number): string {
    return `127.13.${100 + this.#network}.${sid}`;
  }

  #servers(): QuorumServer[] {
    return this.sids.map((sid) => ({
      sid,
      host: this.host(sid),
      quorumPort: 2888,
      electionPort: 3888,
      type: sid > 3 ? 'observer' : 'participant',
      client: undefined,
    }));
  }

  async start(...sids: number[]): Promise<void> {
    await Promise.all(
      sids.map(async (sid) => {
        this.#running.set(sid, this.#makes.get(sid) === 'ours' ? await this.#startOurs(sid) : this.#startApache(sid));
      }),
    );
  }

  async #startOurs(sid: number): Promise<Running> {
    const live = createLiveHost({
      id: `zk${sid}`,
      address: this.host(sid),
      root: join(this.#directory, String(sid)),
      logLevel: 'debug',
      logStream: { write: (text) => this.log.push(text) },
    });
    const host: Host = {
      ...live,
      emit: (event) => {
        this.events.push({ sid, event: { ...event, wallMs: 0, role: `zk${sid}` } });
      },
    };
    const peer: RunningQuorumPeer = await startQuorumPeer(
      host,
      quorumPeerConfig({
        sid,
        servers: this.#servers(),
        client: { host: this.host(sid), port: 2181 },
        dataDir: '/data',
        tickTimeMs: TICK_MS,
        initLimit: 20,
        syncLimit: 10,
        fourLetterWordWhitelist: ['*'],
      }),
    );
    this.#peers.set(sid, peer);
    return { stop: () => peer.stop(), output: () => '' };
  }

  #startApache(sid: number): Running {
    const directory = join(this.#directory, String(sid));
    mkdirSync(join(directory, 'data'), { recursive: true });
    writeFileSync(join(directory, 'data', 'myid'), `${sid}\n`);
    const zoo = join(directory, 'zoo.cfg');
    writeFileSync(
      zoo,
      [
        `tickTime=${TICK_MS}`,
        'initLimit=20',
        'syncLimit=10',
        `dataDir=${join(directory, 'data')}`,
        'clientPort=2181',
        `clientPortAddress=${this.host(sid)}`,
        '4lw.commands.whitelist=*',
        'admin.enableServer=false',
        ...this.#servers().map((server) => `server.${server.sid}=${server.host}:2888:3888:${server.type}`),
        ...(sid > 3 ? ['peerType=observer'] : []),
        '',
      ].join('\n'),
    );
    writeFileSync(
      join(directory, 'logback.xml'),
      `<configuration><appender name="out" class="ch.qos.logback.core.ConsoleAppender"><encoder>
      <pattern>%d{HH:mm:ss.SSS} zk${sid} %-5p %c{1} - %m%n</pattern></encoder></appender>
      <root level="INFO"><appender-ref ref="out"/></root></configuration>`,
    );
    const server: JavaServer = startJava('org.apache.zookeeper.server.quorum.QuorumPeerMain', [zoo], {
      classpath: 'zk',
      conf: directory,
    });
    return {
      stop: async () => {
        server.kill('SIGKILL');
        await server.exited;
      },
      output: () => server.output(),
    };
  }

  async stop(...sids: number[]): Promise<void> {
    for (const sid of sids) {
      const running = this.#running.get(sid);
      this.#running.delete(sid);
      await running?.stop();
    }
  }

  async stopAll(): Promise<void> {
    for (const client of this.#clients) await client.close().catch(() => undefined);
    await this.stop(...this.#running.keys());
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /**
   * Waits until these servers stand at the same zxid, twice in a row. Apache's follower (3.8.4) loses its log thread,
   * and never serves again, when the leader goes just while it acknowledges (a NullPointerException in
   * SendAckRequestProcessor): a test that is not about that lets it finish first.
   */
  async settled(...sids: number[]): Promise<void> {
    let before = '';
    await eventually(`servers ${sids.join(', ')} settled`, async () => {
      const zxids = await Promise.all(
        sids.map(async (sid) => /^Zxid: (\w+)/m.exec((await this.word(sid, 'srvr')) ?? '')?.[1]),
      );
      const now = zxids.join(' ');
      const same = now === before && new Set(zxids).size === 1;
      before = now;
      return same ? true : undefined;
    });
  }

  /**
   * Waits until this server has that many requests in hand that no quorum acknowledges, and has had time to log them.
   */
  async hasOutstanding(sid: number, count: number): Promise<void> {
    const logged = (): bigint | undefined => this.#peers.get(sid)?.consensus.status().lastLoggedZxid;
    const committed = (): bigint | undefined => this.#peers.get(sid)?.consensus.status().lastCommittedZxid;
    let seen = 0;
    await eventually(
      `${count} requests outstanding at server ${sid}`,
      async () => {
        if (this.#makes.get(sid) === 'ours') return logged()! - committed()! >= BigInt(count) ? true : undefined;
        const outstanding = Number(/^Outstanding: (\d+)/m.exec((await this.word(sid, 'srvr')) ?? '')?.[1] ?? 0);
        return outstanding >= count && ++seen > 2 ? true : undefined;
      },
      5000,
    );
  }

  /** How this server was last brought to its leader's history, by its own account. */
  lastSynchronization(sid: number): string | undefined {
    const text = this.#makes.get(sid) === 'ours' ? this.log.join('') : this.output(sid);
    const words: [RegExp, string][] = [
      [/Getting a diff from/g, 'DIFF'],
      [/Getting a snapshot from/g, 'SNAP'],
      [/Truncating log to get/g, 'TRUNC'],
      ...(['DIFF', 'SNAP', 'TRUNC'] as const).map((mode): [RegExp, string] => [
        new RegExp(`zk${sid}.*synchronized with the leader, server \\d, by ${mode}`, 'g'),
        mode,
      ]),
    ];
    let last: { at: number; mode: string } | undefined;
    for (const [pattern, mode] of words)
      for (const match of text.matchAll(pattern))
        if (last === undefined || match.index > last.at) last = { at: match.index, mode };
    return last?.mode;
  }

  output(sid: number): string {
    return this.#running.get(sid)?.output() ?? '';
  }

  /** A four-letter word's answer; undefined while nobody answers. */
  word(sid: number, word: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const socket = connect({ host: this.host(sid), port: 2181 });
      let text = '';
      socket.setTimeout(2000, () => socket.destroy());
      socket.on('connect', () => socket.write(word));
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text === '' ? undefined : text));
    });
  }

  /** What Apache's servers print when their tree and ours differ, or when one of them fails; empty if all is well. */
  complaints(): string[] {
    return [...this.#running.values()]
      .flatMap((running) => running.output().split('\n'))
      .filter((line) => COMPLAINTS.some((complaint) => complaint.test(line)));
  }

  /** `leader`, `follower`, ... as `srvr` says it; undefined while it does not serve. */
  async mode(sid: number): Promise<string | undefined> {
    return /^Mode: (\w+)/m.exec((await this.word(sid, 'srvr')) ?? '')?.[1];
  }

  /** Waits until all these serve, and returns which one leads. */
  serving(...sids: number[]): Promise<number> {
    return eventually(
      `servers ${sids.join(', ')} serving`,
      async () => {
        const modes = await Promise.all(sids.map((sid) => this.mode(sid)));
        if (modes.some((mode) => mode !== 'leader' && mode !== 'follower' && mode !== 'observer')) return undefined;
        return sids.find((_, index) => modes[index] === 'leader');
      },
      40_000,
    ).catch((error: unknown) => {
      throw new Error(
        `${String(error)}\n--- ours\n${this.log.slice(-60).join('')}\n--- ` +
          `Apache\n${sids.map((sid) => this.output(sid).slice(-6000)).join('\n')}`,
      );
    });
  }

  /** A session, first on the server with this sid, and able to go on at the others given. */
  async client(...sids: number[]): Promise<ZooKeeperClient> {
    const client = new ZooKeeperClient(createLiveHost({ id: 'client-test' }), {
      connectString: sids.map((sid) => `${this.host(sid)}:2181`).join(','),
      sessionTimeoutMs: 8000,
    });
    this.#clients.push(client);
    await client.connected(15_000);
    return client;
  }
}
