/**
 * Looks at a lab from outside and says what it sees (status.ts): processes by their pid files, roles by the interfaces
 * that Apache's own tools use. A role that does not answer in time is reported so; a probe itself never fails.
 * `createProber` keeps connections between looks, for whoever looks again and again.
 */
import { connect } from 'node:net';
import { hasCode, LabError } from '../base/errors.js';
import type { HaState } from '../base/events.js';
import { epochOf } from '../base/zxid.js';
import type { LiveHost } from '../host/live/index.js';
import { ActiveNodeInfo } from '../wire/hadoop/gen/ha-zk-info.js';
import { HAServiceStateProto } from '../wire/hadoop/gen/ha-service-protocol.js';
import { haServiceProtocol } from '../wire/hadoop/protocols/ha-service.js';
import { qjournalProtocol } from '../wire/hadoop/protocols/qjournal.js';
import { createRpcClient, type RpcClient } from '../wire/hadoop/rpc/client.js';
import { ZooKeeperClient } from '../zookeeper/client/client.js';
import { clientHost } from './client-host.js';
import { fourLetterWord, parseServerReport } from './four-letter.js';
import { readBean } from './jmx.js';
import type { Lab } from './lab.js';
import { readPidFile } from './pid-file.js';
import { hostOf, rolesOfPlan, type PlannedHost, type PlannedRole } from './plan.js';
import { pssKb } from './processes.js';
import { pidFile } from './state-dir.js';
import { userName } from './surroundings.js';
import type { HostStatus, LabStatus, RoleStatus } from './status.js';

export interface ProbeOptions {
  /** How long one role may take to answer. */
  readonly timeoutMs?: number;
  /** Memory is read from /proc, a few ms a process: not for tight loops. Default true. */
  readonly memory?: boolean;
}

export interface Prober {
  probe(options?: ProbeOptions): Promise<LabStatus>;
  /** One role only. */
  look(role: PlannedRole, timeoutMs?: number): Promise<RoleStatus>;
  close(): Promise<void>;
}

/** One look. */
export async function probeLab(lab: Lab, options: ProbeOptions = {}): Promise<LabStatus> {
  const prober = createProber(lab);
  try {
    return await prober.probe(options);
  } finally {
    await prober.close();
  }
}

type Facts = Partial<Omit<RoleStatus, 'id' | 'kind' | 'host'>>;

export function createProber(lab: Lab): Prober {
  const host = clientHost(lab, 'probe');
  const rpc = createRpcClient(host, { user: userName(), connectRetries: 0, connectRetriesOnTimeouts: 0 });
  const election = new ElectionReader(lab, host);
  return {
    async probe(options = {}) {
      const { timeoutMs = 1000, memory = true } = options;
      const [hosts, elected] = await Promise.all([
        Promise.all(lab.plan.hosts.map((planned) => probeHost(lab, planned, rpc, timeoutMs, memory))),
        election.read(timeoutMs),
      ]);
      return summary(lab, withLag(hosts), elected);
    },
    look: (role, timeoutMs = 1000) => probeRole(lab, hostOf(lab.plan, role.host), role, rpc, timeoutMs, false),
    async close() {
      rpc.close();
      await election.close();
    },
  };
}

async function probeHost(
  lab: Lab,
  planned: PlannedHost,
  rpc: RpcClient,
  timeoutMs: number,
  memory: boolean,
): Promise<HostStatus> {
  const roles = await Promise.all(planned.roles.map((role) => probeRole(lab, planned, role, rpc, timeoutMs, memory)));
  return { name: planned.name, address: planned.address, roles };
}

async function probeRole(
  lab: Lab,
  planned: PlannedHost,
  role: PlannedRole,
  rpc: RpcClient,
  timeoutMs: number,
  memory: boolean,
): Promise<RoleStatus> {
  const found = readPidFile(pidFile(lab.dir, role.id));
  const base = {
    id: role.id,
    kind: role.kind,
    host: role.host,
    address: planned.address,
    port: role.ports[0]!,
    ...(role.httpPort === undefined ? {} : { httpPort: role.httpPort }),
    ...(role.sid === undefined ? {} : { sid: role.sid }),
    pid: found.kind === 'alive' ? found.pid : undefined,
    uptimeMs: undefined,
    pssKb: undefined,
    answers: false,
    detail: '',
  };
  if (found.kind === 'absent') return { ...base, state: 'stopped', detail: 'not running' };
  if (found.kind === 'stale')
    return {
      ...base,
      state: 'dead',
      detail: found.pid === undefined ? 'its pid file is damaged' : `process ${found.pid} is gone`,
    };
  const alive = { ...base, uptimeMs: found.facts.uptimeMs, pssKb: memory ? pssKb(found.pid) : undefined };
  if (found.facts.paused) return { ...alive, state: 'paused', detail: 'stopped by SIGSTOP' };
  try {
    return { ...alive, state: 'running', answers: true, ...(await askRole(lab, planned, role, rpc, timeoutMs)) };
  } catch (error) {
    const starting = (found.facts.uptimeMs ?? 0) < 5000 && hasCode(error, 'CONNECT_REFUSED');
    return { ...alive, state: 'running', detail: starting ? 'starting' : (error as Error).message };
  }
}

function askRole(lab: Lab, host: PlannedHost, role: PlannedRole, rpc: RpcClient, timeoutMs: number): Promise<Facts> {
  switch (role.kind) {
    case 'zookeeper':
      return askZooKeeper(host, role, timeoutMs);
    case 'journalnode':
      return askJournalNode(lab, host, role, rpc, timeoutMs);
    case 'namenode':
      return askNameNode(host, role, rpc, timeoutMs);
    case 'zkfc':
      return askZkfc(host, role, timeoutMs);
  }
}

async function askZooKeeper(host: PlannedHost, role: PlannedRole, timeoutMs: number): Promise<Facts> {
  const report = parseServerReport(await fourLetterWord('srvr', host.address, role.ports[0]!, timeoutMs));
  if (report.mode === undefined) return { mode: 'looking', detail: report.refusal ?? 'looking for a leader' };
  return {
    mode: report.mode,
    detail: '',
    ...(report.zxid === undefined ? {} : { zxid: report.zxid.toString(), epoch: epochOf(report.zxid).toString() }),
    ...(report.connections === undefined ? {} : { connections: report.connections }),
  };
}

async function askJournalNode(
  lab: Lab,
  host: PlannedHost,
  role: PlannedRole,
  rpc: RpcClient,
  timeoutMs: number,
): Promise<Facts> {
  const endpoint = { host: host.address, port: role.ports[0]! };
  const jid = { identifier: lab.plan.journal };
  const options = { timeoutMs, connectTimeoutMs: timeoutMs };
  const { isFormatted } = await rpc.call(
    qjournalProtocol,
    'isFormatted',
    endpoint,
    { jid, nameServiceId: lab.plan.nameservice },
    options,
  );
  if (!isFormatted) return { detail: 'not formatted' };
  const [state, bean] = await Promise.all([
    rpc.call(qjournalProtocol, 'getJournalState', endpoint, { jid, nameServiceId: lab.plan.nameservice }, options),
    readBean(
      host.address,
      role.httpPort!,
      `Hadoop:service=JournalNode,name=Journal-${lab.plan.journal}`,
      timeoutMs,
    ).catch(() => undefined),
  ]);
  return {
    promisedEpoch: state.lastPromisedEpoch.toString(),
    detail: '',
    ...(bean?.['LastWriterEpoch'] === undefined ? {} : { writerEpoch: String(bean['LastWriterEpoch']) }),
    ...(bean?.['LastWrittenTxId'] === undefined ? {} : { txid: String(bean['LastWrittenTxId']) }),
  };
}

const HA_STATES: Readonly<Record<number, HaState>> = {
  [HAServiceStateProto.INITIALIZING]: 'INITIALIZING',
  [HAServiceStateProto.ACTIVE]: 'ACTIVE',
  [HAServiceStateProto.STANDBY]: 'STANDBY',
  [HAServiceStateProto.OBSERVER]: 'OBSERVER',
};

async function askNameNode(host: PlannedHost, role: PlannedRole, rpc: RpcClient, timeoutMs: number): Promise<Facts> {
  const endpoint = { host: host.address, port: role.ports[0]! };
  const options = { timeoutMs, connectTimeoutMs: timeoutMs };
  const [status, health, bean] = await Promise.all([
    rpc.call(haServiceProtocol, 'getServiceStatus', endpoint, {}, options),
    rpc.call(haServiceProtocol, 'monitorHealth', endpoint, {}, options).then(
      () => 'healthy' as const,
      (error: unknown) => (hasCode(error, 'REMOTE') ? ('unhealthy' as const) : undefined),
    ),
    readBean(host.address, role.httpPort!, 'Hadoop:service=NameNode,name=NameNodeInfo', timeoutMs).catch(
      () => undefined,
    ),
  ]);
  const journal = jsonAttribute(bean?.['JournalTransactionInfo']);
  const txid = journal?.['LastAppliedOrWrittenTxId'];
  const safeMode = bean?.['Safemode'];
  return {
    haState: HA_STATES[status.state] ?? 'INITIALIZING',
    ...(health === undefined ? {} : { health }),
    ...(txid === undefined ? {} : { txid: String(txid) }),
    ...(typeof safeMode === 'string' ? { safeMode: safeMode !== '' } : {}),
    detail: status.readyToBecomeActive === false ? (status.notReadyReason ?? 'not ready to become active') : '',
  };
}

function jsonAttribute(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return JSON.parse(value) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** A ZKFC answers nothing that changes nothing: that it accepts connections has to do. */
async function askZkfc(host: PlannedHost, role: PlannedRole, timeoutMs: number): Promise<Facts> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host: host.address, port: role.ports[0]! }, () => {
      socket.destroy();
      resolve();
    });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)));
    socket.on('error', reject);
  });
  return { detail: '' };
}

interface Elected {
  readonly lockHolder: { readonly id: string; readonly session: string } | undefined;
  readonly breadcrumb: string | undefined;
}

/** Reads ActiveStandbyElectorLock and ActiveBreadCrumb over one session that is kept. */
class ElectionReader {
  readonly #lab: Lab;
  readonly #host: LiveHost;
  #client: ZooKeeperClient | undefined;
  #last: Elected = { lockHolder: undefined, breadcrumb: undefined };

  constructor(lab: Lab, host: LiveHost) {
    this.#lab = lab;
    this.#host = host;
  }

  async read(timeoutMs: number): Promise<Elected> {
    const servers = rolesOfPlan(this.#lab.plan).filter((role) => role.kind === 'zookeeper');
    const running = servers.filter((role) => {
      const found = readPidFile(pidFile(this.#lab.dir, role.id));
      return found.kind === 'alive' && !found.facts.paused;
    });
    // Without a majority nobody holds anything, and a session would only wait.
    if (running.length * 2 <= servers.length) return { lockHolder: undefined, breadcrumb: undefined };
    try {
      return (this.#last = await withLimit(this.#ask(running), timeoutMs));
    } catch (error) {
      if (hasCode(error, 'SessionExpired')) this.#client = undefined;
      return hasCode(error, 'NO_ANSWER') && this.#client?.connection.connected === true
        ? this.#last
        : { lockHolder: undefined, breadcrumb: undefined };
    }
  }

  async #ask(servers: readonly PlannedRole[]): Promise<Elected> {
    if (this.#client === undefined || this.#client.connection.over) {
      const addresses = new Map(this.#lab.plan.hosts.map((host) => [host.name, host.address]));
      this.#client = new ZooKeeperClient(this.#host, {
        connectString: servers.map((role) => `${addresses.get(role.host)}:${role.ports[0]}`).join(','),
        sessionTimeoutMs: 10_000,
      });
    }
    const client = this.#client;
    const parent = `/hadoop-ha/${this.#lab.plan.nameservice}`;
    const [lock, crumb] = await Promise.all(
      [`${parent}/ActiveStandbyElectorLock`, `${parent}/ActiveBreadCrumb`].map((path) =>
        client.getData(path).catch((error: unknown) => {
          if (hasCode(error, 'NoNode')) return undefined;
          throw error;
        }),
      ),
    );
    return {
      lockHolder:
        lock?.data == null
          ? undefined
          : { id: nameNodeOf(lock.data), session: `0x${BigInt.asUintN(64, lock.stat.ephemeralOwner).toString(16)}` },
      breadcrumb: crumb?.data == null ? undefined : nameNodeOf(crumb.data),
    };
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await withLimit(client.close(), 500).catch(() => {});
  }
}

function nameNodeOf(data: Buffer): string {
  try {
    return ActiveNodeInfo.decode(data).namenodeId;
  } catch {
    return '?';
  }
}

async function withLimit<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new LabError('NO_ANSWER', `no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}

/** How far each is behind the most advanced of its kind. */
function withLag(hosts: readonly HostStatus[]): readonly HostStatus[] {
  const all = hosts.flatMap((host) => host.roles);
  const best = (kind: RoleStatus['kind'], of: (role: RoleStatus) => string | undefined): bigint | undefined =>
    all
      .filter((role) => role.kind === kind)
      .map(of)
      .filter((value) => value !== undefined)
      .map(BigInt)
      .reduce<bigint | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined);
  const bestTxid = {
    namenode: best('namenode', (role) => role.txid),
    journalnode: best('journalnode', (role) => role.txid),
  };
  return hosts.map((host) => ({
    ...host,
    roles: host.roles.map((role) => {
      const top = role.kind === 'namenode' || role.kind === 'journalnode' ? bestTxid[role.kind] : undefined;
      return top === undefined || role.txid === undefined
        ? role
        : { ...role, lag: (top - BigInt(role.txid)).toString() };
    }),
  }));
}

function summary(lab: Lab, hosts: readonly HostStatus[], elected: Elected): LabStatus {
  const all = hosts.flatMap((host) => host.roles);
  const actives = all.filter((role) => role.haState === 'ACTIVE');
  const known = all.filter((role) => role.pssKb !== undefined);
  const writer = best(all.filter((role) => role.kind === 'journalnode').map((role) => role.promisedEpoch));
  const active = actives.length === 1 ? actives[0]!.id : undefined;
  return {
    name: lab.plan.name,
    dir: lab.dir,
    startedAt: lab.startedAt,
    probedAt: Date.now(),
    profile: lab.plan.profile,
    nameservice: lab.plan.nameservice,
    active,
    lockHolder: elected.lockHolder,
    breadcrumb: elected.breadcrumb,
    pssKb: known.length === 0 ? undefined : known.reduce((sum, role) => sum + role.pssKb!, 0),
    // The active writes under the highest epoch that was promised.
    hosts:
      writer === undefined
        ? hosts
        : hosts.map((host) => ({
            ...host,
            roles: host.roles.map((role) => (role.id === active ? { ...role, epoch: writer } : role)),
          })),
  };
}

function best(values: readonly (string | undefined)[]): string | undefined {
  return values
    .filter((value) => value !== undefined)
    .reduce<string | undefined>((a, b) => (a === undefined || BigInt(b) > BigInt(a) ? b : a), undefined);
}
