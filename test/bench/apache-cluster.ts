/**
 * The book's cluster out of Apache's own processes: three ZooKeeper servers, three JournalNodes, two NameNodes and
 * their ZKFCs, ten JVMs on three loopback addresses, Apache's timers. For measuring beside a lab; nothing of ours runs
 * in it.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientHost } from '../../src/cluster/client-host.js';
import { fourLetterWord, parseServerReport } from '../../src/cluster/four-letter.js';
import type { NamedEndpoint } from '../../src/namenode/client/failover-proxy-shell.js';
import { createLiveHost } from '../../src/host/live/index.js';
import { HAServiceStateProto } from '../../src/wire/hadoop/gen/ha-service-protocol.js';
import { haServiceProtocol } from '../../src/wire/hadoop/protocols/ha-service.js';
import { createRpcClient } from '../../src/wire/hadoop/rpc/client.js';
import { eventually, java, startJava, type JavaServer } from '../apache/apache.js';

const NAMESERVICE = 'hdfs-cluster';
const HOSTS = [1, 2, 3] as const;

const KINDS = {
  zk: { main: 'org.apache.zookeeper.server.quorum.QuorumPeerMain', hosts: [1, 2, 3], port: 2181 },
  jn: { main: 'org.apache.hadoop.hdfs.qjournal.server.JournalNode', hosts: [1, 2, 3], port: 8485 },
  nn: { main: 'org.apache.hadoop.hdfs.server.namenode.NameNode', hosts: [1, 2], port: 9000 },
  zkfc: { main: 'org.apache.hadoop.hdfs.tools.DFSZKFailoverController', hosts: [1, 2], port: 8019 },
} as const;
type Kind = keyof typeof KINDS;

const kindOf = (id: string): Kind => id.slice(0, -1) as Kind;
const hostIndexOf = (id: string): number => Number(id.at(-1));

/** Ids of all roles, in the order in which they are started: `zk1` ... `zkfc2`. */
export const ROLES: readonly string[] = (Object.keys(KINDS) as Kind[]).flatMap((kind) =>
  KINDS[kind].hosts.map((host) => `${kind}${host}`),
);

export class ApacheCluster {
  readonly #network = 1 + (process.pid % 250);
  readonly #directory = mkdtempSync(join(tmpdir(), 'halab-apache-'));
  readonly #running = new Map<string, JavaServer>();
  readonly #probe = createRpcClient(createLiveHost({ id: 'probe' }), { user: 'root', connectRetries: 0 });

  readonly nameNodes: readonly NamedEndpoint[] = KINDS.nn.hosts.map((host) => ({
    id: `nn${host}`,
    host: this.address(host),
    port: KINDS.nn.port,
  }));

  readonly zooKeepers = HOSTS.map((host) => `${this.address(host)}:${KINDS.zk.port}`).join(',');

  constructor() {
    for (const host of HOSTS) this.#configure(host);
  }

  address(host: number): string {
    return `127.18.${this.#network}.${host}`;
  }

  conf(host = 1): string {
    return join(this.#directory, `m${host}`, 'conf');
  }

  #configure(host: number): void {
    const data = join(this.#directory, `m${host}`);
    const xml = (entries: Record<string, string>): string =>
      `<?xml version="1.0"?>\n<configuration>\n${Object.entries(entries)
        .map(([key, value]) => `<property><name>${key}</name><value>${value}</value></property>`)
        .join('\n')}\n</configuration>\n`;
    mkdirSync(this.conf(host), { recursive: true });
    mkdirSync(join(data, 'zookeeper'), { recursive: true });
    writeFileSync(join(data, 'zookeeper', 'myid'), `${host}\n`);
    writeFileSync(
      join(this.conf(host), 'zoo.cfg'),
      [
        'tickTime=2000',
        'initLimit=10',
        'syncLimit=5',
        `dataDir=${join(data, 'zookeeper')}`,
        'clientPort=2181',
        `clientPortAddress=${this.address(host)}`,
        '4lw.commands.whitelist=*',
        'admin.enableServer=false',
        ...HOSTS.map((sid) => `server.${sid}=${this.address(sid)}:2888:3888`),
        '',
      ].join('\n'),
    );
    writeFileSync(
      join(this.conf(host), 'logback.xml'),
      '<configuration><appender name="out" class="ch.qos.logback.core.ConsoleAppender"/><root ' +
        'level="WARN"><appender-ref ref="out"/></root></configuration>',
    );
    writeFileSync(
      join(this.conf(host), 'core-site.xml'),
      xml({
        'fs.defaultFS': `hdfs://${NAMESERVICE}`,
        'hadoop.tmp.dir': join(data, 'tmp'),
        'ha.zookeeper.quorum': HOSTS.map((index) => `${this.address(index)}:2181`).join(','),
      }),
    );
    const journals = HOSTS.map((index) => `${this.address(index)}:8485`).join(';');
    writeFileSync(
      join(this.conf(host), 'hdfs-site.xml'),
      xml({
        'dfs.nameservices': NAMESERVICE,
        [`dfs.ha.namenodes.${NAMESERVICE}`]: 'nn1,nn2',
        'dfs.ha.namenode.id': `nn${host}`,
        'dfs.replication': '3',
        ...Object.fromEntries(
          KINDS.nn.hosts.flatMap((index) => [
            [`dfs.namenode.rpc-address.${NAMESERVICE}.nn${index}`, `${this.address(index)}:9000`],
            [`dfs.namenode.http-address.${NAMESERVICE}.nn${index}`, `${this.address(index)}:50070`],
          ]),
        ),
        'dfs.namenode.shared.edits.dir': `qjournal://${journals}/${NAMESERVICE}`,
        'dfs.namenode.name.dir': join(data, 'name'),
        'dfs.journalnode.edits.dir': join(data, 'journal'),
        'dfs.journalnode.rpc-address': `${this.address(host)}:8485`,
        'dfs.journalnode.http-address': `${this.address(host)}:8480`,
        'dfs.ha.automatic-failover.enabled': 'true',
        'dfs.ha.fencing.methods': 'shell(/bin/true)',
        [`dfs.client.failover.proxy.provider.${NAMESERVICE}`]:
          'org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider',
      }),
    );
  }

  /** From format to one active and one standby. */
  async up(): Promise<void> {
    this.start(ROLES.filter((id) => kindOf(id) === 'zk' || kindOf(id) === 'jn'));
    await eventually('ZooKeeper', () => this.zooKeeperLeader(), 60_000);
    await this.#command(KINDS.zkfc.main, '-formatZK', 1);
    await this.#listen(ROLES.filter((id) => kindOf(id) === 'jn'));
    await this.#command(KINDS.nn.main, '-format', 1);
    this.start(['nn1']);
    await this.#listen(['nn1']);
    await this.#command(KINDS.nn.main, '-bootstrapStandby', 2);
    this.start(['nn2', 'zkfc1', 'zkfc2']);
    await this.settled();
  }

  start(ids: readonly string[]): void {
    for (const id of ids) {
      const host = hostIndexOf(id);
      const kind = kindOf(id);
      this.#running.set(
        id,
        startJava(KINDS[kind].main, kind === 'zk' ? [join(this.conf(host), 'zoo.cfg')] : [], {
          classpath: kind === 'zk' ? 'zk' : 'hadoop',
          conf: this.conf(host),
        }),
      );
    }
  }

  /** SIGKILL; resolves when they are gone. */
  async kill(ids: readonly string[]): Promise<void> {
    await Promise.all(
      ids.map(async (id) => {
        const server = this.#running.get(id);
        this.#running.delete(id);
        server?.kill('SIGKILL');
        await server?.exited;
      }),
    );
  }

  async down(): Promise<void> {
    this.#probe.close();
    await this.kill([...this.#running.keys()]);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async zooKeeperLeader(): Promise<string | undefined> {
    const modes = await Promise.all(
      KINDS.zk.hosts.map(
        async (host) =>
          parseServerReport(
            await fourLetterWord(clientHost(undefined, 'test'), 'srvr', { host: this.address(host), port: 2181 }, 2000),
          ).mode,
      ),
    );
    return modes.every((mode) => mode === 'leader' || mode === 'follower')
      ? `zk${modes.indexOf('leader') + 1}`
      : undefined;
  }

  /** Every role answers, one NameNode is active and the other standby; which one is active. */
  settled(): Promise<string> {
    return eventually(
      'the cluster settled',
      async () => {
        if ((await this.zooKeeperLeader()) === undefined || !(await this.#open(ROLES))) return undefined;
        const states = await Promise.all(
          this.nameNodes.map(
            async (nameNode) =>
              (await this.#probe.call(haServiceProtocol, 'getServiceStatus', nameNode, {}, { timeoutMs: 3000 })).state,
          ),
        );
        const active = states.indexOf(HAServiceStateProto.ACTIVE);
        return active >= 0 && states[1 - active] === HAServiceStateProto.STANDBY
          ? this.nameNodes[active]!.id
          : undefined;
      },
      90_000,
    );
  }

  async #listen(ids: readonly string[]): Promise<void> {
    await eventually(`${ids.join(', ')} listening`, async () => ((await this.#open(ids)) ? true : undefined), 60_000);
  }

  async #open(ids: readonly string[]): Promise<boolean> {
    const open = await Promise.all(
      ids.map(
        (id) =>
          new Promise<boolean>((resolve) => {
            const socket = connect({ host: this.address(hostIndexOf(id)), port: KINDS[kindOf(id)].port });
            socket
              .on('connect', () => {
                socket.destroy();
                resolve(true);
              })
              .on('error', () => resolve(false));
          }),
      ),
    );
    return open.every(Boolean);
  }

  async #command(main: string, option: string, host: number): Promise<void> {
    const result = await java(main, [option, '-nonInteractive'], { classpath: 'hadoop', conf: this.conf(host) });
    if (result.code !== 0)
      throw new Error(`${main} ${option} ended with ${result.code}\n${result.stdout}\n${result.stderr}`);
  }
}
