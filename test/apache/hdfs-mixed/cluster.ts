/**
 * An HA cluster on three hosts, a loopback address each, in which every role is Apache's or ours: a ZooKeeper server,
 * three JournalNodes, two NameNodes, two ZKFCs. Ours run in the test's process, on live hosts; Apache's as JVMs. All of
 * them read the same Hadoop configuration.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientHost } from '../../../src/cluster/client-host.js';
import { fourLetterWord } from '../../../src/cluster/four-letter.js';
import { loadConfiguration } from '../../../src/config/hadoop/load.js';
import type { Host } from '../../../src/host/host.js';
import type { RunningRole } from '../../../src/host/role.js';
import { createLiveHost } from '../../../src/host/live/index.js';
import { journalNodeConfigFrom } from '../../../src/journal/config.js';
import { startJournalNode } from '../../../src/journal/journal-node.js';
import { nameNodeConfigFrom } from '../../../src/namenode/config.js';
import { bootstrapStandby, formatNameNode, startNameNode } from '../../../src/namenode/name-node.js';
import { HAServiceStateProto } from '../../../src/wire/hadoop/gen/ha-service-protocol.js';
import { haServiceProtocol } from '../../../src/wire/hadoop/protocols/ha-service.js';
import { createRpcClient } from '../../../src/wire/hadoop/rpc/client.js';
import { zkfcConfigFrom } from '../../../src/zkfc/config.js';
import { formatZk } from '../../../src/zkfc/format-zk.js';
import { startZkfc } from '../../../src/zkfc/zkfc.js';
import { quorumPeerConfig } from '../../../src/config/quorum-peer-config.js';
import { startQuorumPeer } from '../../../src/zookeeper/quorum-peer.js';
import { eventually, java, startJava } from '../apache.js';
import type { JavaResult } from '../apache.js';

export type Make = 'apache' | 'ours';
export type RoleId = 'zk1' | 'jn1' | 'jn2' | 'jn3' | 'nn1' | 'nn2' | 'zkfc1' | 'zkfc2';

export interface Makes {
  readonly zookeeper: Make;
  readonly journalNodes: readonly [Make, Make, Make];
  readonly nameNodes: readonly [Make, Make];
  readonly zkfcs: readonly [Make, Make];
}

interface Running {
  kill(): Promise<void>;
  output(): string;
}

/** Two runs on one machine must not meet. */
let networks = process.pid % 100;
const NAMESERVICE = 'mixed';

export class MixedHdfs {
  readonly #makes: Makes;
  readonly #network = networks++;
  readonly #directory = mkdtempSync(join(tmpdir(), 'halab-hdfs-'));
  readonly #running = new Map<RoleId, Running>();
  readonly #outputs: string[] = [];
  readonly #log: string[] = [];
  readonly #probe = createRpcClient(createLiveHost({ id: 'probe' }), { user: 'root', connectRetries: 0 });

  constructor(makes: Makes) {
    this.#makes = makes;
    for (const index of [1, 2, 3]) this.#writeConf(index);
  }

  address(index: number): string {
    return `127.14.${100 + (this.#network % 150)}.${index}`;
  }

  /** Configuration directory of a host; that of host 1 also serves clients. */
  conf(index = 1): string {
    return join(this.#directory, `conf${index}`);
  }

  #writeConf(index: number): void {
    const data = join(this.#directory, `m${index}`);
    const nodes = [1, 2, 3].map((i) => `${this.address(i)}:8485`).join(';');
    const xml = (entries: Record<string, string>): string =>
      '<?xml version="1.0"?>\n<configuration>\n' +
      `${Object.entries(entries)
        .map(([key, value]) => `<property><name>${key}</name><value>${value}</value></property>`)
        .join('\n')}\n</configuration>\n`;
    mkdirSync(this.conf(index), { recursive: true });
    writeFileSync(
      join(this.conf(index), 'core-site.xml'),
      xml({
        'fs.defaultFS': `hdfs://${NAMESERVICE}`,
        'hadoop.tmp.dir': join(data, 'tmp'),
        'ha.zookeeper.quorum': `${this.address(1)}:2181`,
        'ha.zookeeper.session-timeout.ms': '4000',
        'ipc.client.connect.retry.interval': '200',
        // Hadoop's client keeps a connection for 10 s after its last call, and reads from it only while a call is out:
        // a NameNode that comes back sooner than that (ours does) is first asked on the connection to its predecessor,
        // which ends the call with an EOFException.
        'ipc.client.connection.maxidletime': '1000',
      }),
    );
    writeFileSync(
      join(this.conf(index), 'hdfs-site.xml'),
      xml({
        'dfs.nameservices': NAMESERVICE,
        [`dfs.ha.namenodes.${NAMESERVICE}`]: 'nn1,nn2',
        'dfs.ha.namenode.id': `nn${Math.min(index, 2)}`,
        ...Object.fromEntries(
          [1, 2].flatMap((i) => [
            [`dfs.namenode.rpc-address.${NAMESERVICE}.nn${i}`, `${this.address(i)}:9000`],
            [`dfs.namenode.http-address.${NAMESERVICE}.nn${i}`, `${this.address(i)}:9870`],
          ]),
        ),
        'dfs.namenode.shared.edits.dir': `qjournal://${nodes}/${NAMESERVICE}`,
        'dfs.namenode.name.dir': join(data, 'name'),
        'dfs.journalnode.edits.dir': join(data, 'journal'),
        'dfs.journalnode.rpc-address': `${this.address(index)}:8485`,
        'dfs.journalnode.http-address': `${this.address(index)}:8480`,
        'dfs.ha.automatic-failover.enabled': 'true',
        'dfs.ha.fencing.methods': 'shell(/bin/true)',
        'dfs.replication': '1',
        'dfs.ha.tail-edits.period': '1s',
        'dfs.ha.log-roll.period': '2s',
        [`dfs.client.failover.proxy.provider.${NAMESERVICE}`]:
          'org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider',
        'dfs.client.failover.sleep.base.millis': '100',
        'dfs.client.failover.sleep.max.millis': '1000',
      }),
    );
  }

  async start(...roles: RoleId[]): Promise<void> {
    for (const role of roles)
      this.#running.set(role, this.makeOf(role) === 'ours' ? await this.#startOurs(role) : this.#startApache(role));
  }

  makeOf(role: RoleId): Make {
    const index = Number(role.at(-1)) - 1;
    if (role.startsWith('zkfc')) return this.#makes.zkfcs[index]!;
    if (role.startsWith('nn')) return this.#makes.nameNodes[index]!;
    if (role.startsWith('jn')) return this.#makes.journalNodes[index]!;
    return this.#makes.zookeeper;
  }

  #host(role: string, index: number): Host {
    return createLiveHost({
      id: role,
      address: this.address(index),
      logLevel: 'debug',
      logStream: { write: (text) => this.#log.push(text) },
    });
  }

  async #startOurs(role: RoleId): Promise<Running> {
    const index = Number(role.at(-1));
    const host = this.#host(role, index);
    const conf = loadConfiguration(this.conf(index));
    const ids = { nameserviceId: NAMESERVICE, nameNodeId: `nn${index}`, user: 'root' };
    let running: RunningRole;
    if (role === 'zk1') {
      running = await startQuorumPeer(
        host,
        quorumPeerConfig({
          sid: 1,
          servers: [],
          client: { host: this.address(1), port: 2181 },
          dataDir: join(this.#directory, 'zookeeper'),
          tickTimeMs: 1000,
          fourLetterWordWhitelist: ['*'],
        }),
      );
    } else if (role.startsWith('jn')) running = await startJournalNode(host, journalNodeConfigFrom(conf));
    else if (role.startsWith('zkfc')) running = await startZkfc(host, zkfcConfigFrom(conf, ids));
    else {
      running = await startNameNode(host, nameNodeConfigFrom(conf, ids));
    }
    return { kill: () => running.stop(), output: () => '' };
  }

  #startApache(role: RoleId): Running {
    const index = Number(role.at(-1));
    const main = role.startsWith('jn')
      ? 'org.apache.hadoop.hdfs.qjournal.server.JournalNode'
      : role.startsWith('zkfc')
        ? 'org.apache.hadoop.hdfs.tools.DFSZKFailoverController'
        : 'org.apache.hadoop.hdfs.server.namenode.NameNode';
    if (role === 'zk1') throw new Error('ZooKeeper is mixed in zookeeper-mixed.test.ts');
    const server = startJava(main, [], { classpath: 'hadoop', conf: this.conf(index) });
    return {
      kill: async () => {
        server.kill('SIGKILL');
        await server.exited;
        this.#outputs.push(`--- ${role} (Apache)\n${server.output()}`);
      },
      output: () => server.output(),
    };
  }

  /**
   * Formats ZooKeeper, the JournalNodes and the first NameNode, starts both NameNodes, the second from the first, and
   * the ZKFCs.
   */
  async up(): Promise<void> {
    await this.#up().catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.report()}`);
    });
  }

  async #up(): Promise<void> {
    await this.start('zk1', 'jn1', 'jn2', 'jn3');
    await this.#formatZk();
    await eventually('the JournalNodes', () => this.#journalNodesListen(), 60_000);
    await this.#nameNodeCommand(1, 'format');
    await this.start('nn1');
    await eventually('nn1 answering', () => this.state('nn1'), 60_000);
    await this.#nameNodeCommand(2, 'bootstrapStandby');
    await this.start('nn2');
    await eventually('nn2 answering', () => this.state('nn2'), 60_000);
    await this.start('zkfc1', 'zkfc2');
    await this.oneActive();
  }

  async #journalNodesListen(): Promise<true | undefined> {
    const { connect } = await import('node:net');
    const open = await Promise.all(
      [1, 2, 3].map(
        (index) =>
          new Promise<boolean>((resolve) => {
            const socket = connect({ host: this.address(index), port: 8485 });
            socket
              .on('connect', () => {
                socket.destroy();
                resolve(true);
              })
              .on('error', () => resolve(false));
          }),
      ),
    );
    return open.every(Boolean) ? true : undefined;
  }

  async #formatZk(): Promise<void> {
    if (this.makeOf('zkfc1') === 'apache') {
      this.#succeeded(
        await this.java('org.apache.hadoop.hdfs.tools.DFSZKFailoverController', ['-formatZK', '-nonInteractive']),
      );
      return;
    }
    const code = await formatZk(
      this.#host('formatZK', 1),
      zkfcConfigFrom(loadConfiguration(this.conf()), { nameserviceId: NAMESERVICE, nameNodeId: 'nn1', user: 'root' }),
      {
        force: true,
        nonInteractive: true,
        confirm: async () => true,
      },
    );
    if (code !== 0) throw new Error(`formatZk ended with ${code}\n${this.report()}`);
  }

  async #nameNodeCommand(index: 1 | 2, command: 'format' | 'bootstrapStandby'): Promise<void> {
    if (this.makeOf(`nn${index}`) === 'apache') {
      this.#succeeded(
        await this.java('org.apache.hadoop.hdfs.server.namenode.NameNode', [`-${command}`, '-nonInteractive'], index),
      );
      return;
    }
    const config = nameNodeConfigFrom(loadConfiguration(this.conf(index)), {
      nameserviceId: NAMESERVICE,
      nameNodeId: `nn${index}`,
      user: 'root',
    });
    const host = this.#host(command, index);
    const { exitCode } = await (command === 'format' ? formatNameNode : bootstrapStandby)(host, config, {
      force: true,
    });
    if (exitCode !== 0) throw new Error(`${command} ended with ${exitCode}`);
  }

  #succeeded(result: JavaResult): void {
    if (result.code !== 0)
      throw new Error(`ended with ${result.code}\n${result.stdout}\n${result.stderr}\n${this.report()}`);
  }

  /** Runs one of Hadoop's programs as a client of this cluster. */
  java(main: string, args: readonly string[], index = 1): Promise<JavaResult> {
    return java(main, args, { classpath: 'hadoop', conf: this.conf(index), timeoutMs: 100_000 });
  }

  /** `hdfs dfs ...` */
  async shell(...args: string[]): Promise<string> {
    const result = await this.java('org.apache.hadoop.fs.FsShell', args);
    this.#succeeded(result);
    return result.stdout;
  }

  /** HA state of a NameNode, undefined while it does not answer. */
  async state(id: 'nn1' | 'nn2'): Promise<string | undefined> {
    try {
      const { state } = await this.#probe.call(
        haServiceProtocol,
        'getServiceStatus',
        { host: this.address(Number(id.at(-1))), port: 9000 },
        {},
        { timeoutMs: 3000 },
      );
      return Object.keys(HAServiceStateProto)[state];
    } catch {
      return undefined;
    }
  }

  /** Waits for one active (and, with both up, one standby); which one it is. */
  async oneActive(up: readonly ('nn1' | 'nn2')[] = ['nn1', 'nn2']): Promise<'nn1' | 'nn2'> {
    return eventually(
      `one active of ${up.join(', ')}`,
      async () => {
        const states = await Promise.all(up.map((id) => this.state(id)));
        const active = up.filter((_id, i) => states[i] === 'ACTIVE');
        return active.length === 1 && states.every((state) => state === 'ACTIVE' || state === 'STANDBY')
          ? active[0]
          : undefined;
      },
      60_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.report()}`);
    });
  }

  /**
   * Waits until the ZKFCs of both stand in the election: each watches the lock, once it has found its NameNode healthy.
   */
  async bothInElection(): Promise<void> {
    await eventually(
      'both ZKFCs watching the lock',
      async () => {
        const watches = await fourLetterWord(
          clientHost(undefined, 'test'),
          'wchp',
          { host: this.address(1), port: 2181 },
          3000,
        );
        const [, sessions = ''] = watches.split(`/hadoop-ha/${NAMESERVICE}/ActiveStandbyElectorLock\n`);
        return /^\t0x\w+\n\t0x\w+$/m.test(sessions) ? true : undefined;
      },
      60_000,
    );
  }

  /** Ours stop in order (they share this process); Apache's get SIGKILL. */
  async kill(...roles: RoleId[]): Promise<void> {
    for (const role of roles) {
      const running = this.#running.get(role);
      this.#running.delete(role);
      await running?.kill();
    }
  }

  async stopAll(): Promise<void> {
    this.#probe.close();
    await this.kill('zkfc1', 'zkfc2', 'nn1', 'nn2', 'jn1', 'jn2', 'jn3', 'zk1');
    if (process.env['HALAB_KEEP'] === undefined) rmSync(this.#directory, { recursive: true, force: true });
  }

  /** What everybody had to say, for a test that failed. */
  report(): string {
    const theirs = [...this.#running].map(([role, running]) =>
      running.output() === '' ? '' : `--- ${role} (Apache)\n${running.output().slice(-6000)}`,
    );
    const outputs = this.#outputs.map((text) => text.slice(-3000));
    return ['--- ours', this.#log.slice(-120).join(''), ...outputs, ...theirs].join('\n');
  }
}
