/**
 * Looks at a lab from outside and says what it sees (status.ts): processes by their pid files, roles by the interfaces
 * that Apache's own tools use. A role that does not answer in time is reported so; a probe itself never fails.
 * `createProber` keeps connections between looks, for whoever looks again and again.
 */
import { hasCode, messageOf } from '../base/errors.js';
import { createRpcClient } from '../wire/hadoop/rpc/client.js';
import { clientHost } from './client-host.js';
import { ElectionReader, type Elected } from './election-reader.js';
import type { Lab } from './lab.js';
import { readPidFile } from './pid-file.js';
import { hostOf, type PlannedHost, type PlannedRole } from './plan.js';
import { askRole, type Asker } from './probe-roles.js';
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

export function createProber(lab: Lab): Prober {
  const host = clientHost(lab, 'probe');
  const rpc = createRpcClient(host, { user: userName(), connectRetries: 0, connectRetriesOnTimeouts: 0 });
  const asker: Asker = { lab, host, rpc };
  const election = new ElectionReader(lab, host);
  return {
    async probe(options = {}) {
      const { timeoutMs = 1000, memory = true } = options;
      const [hosts, elected] = await Promise.all([
        Promise.all(lab.plan.hosts.map((planned) => probeHost(asker, planned, timeoutMs))),
        election.read(timeoutMs),
      ]);
      return summary(lab, withLag(memory ? withMemory(hosts) : hosts), elected);
    },
    look: (role, timeoutMs = 1000) => probeRole(asker, hostOf(lab.plan, role.host), role, timeoutMs),
    async close() {
      rpc.close();
      await election.close();
    },
  };
}

async function probeHost(asker: Asker, planned: PlannedHost, timeoutMs: number): Promise<HostStatus> {
  const roles = await Promise.all(planned.roles.map((role) => probeRole(asker, planned, role, timeoutMs)));
  return { name: planned.name, address: planned.address, roles };
}

/**
 * The system takes its time to add up a process's memory, and more on a busy machine: it is asked when no answer is
 * awaited any more, or the first role's time would be up before its answer is read.
 */
function withMemory(hosts: readonly HostStatus[]): readonly HostStatus[] {
  return hosts.map((host) => ({
    ...host,
    roles: host.roles.map((role) => (role.pid === undefined ? role : { ...role, pssKb: pssKb(role.pid) })),
  }));
}

async function probeRole(
  asker: Asker,
  planned: PlannedHost,
  role: PlannedRole,
  timeoutMs: number,
): Promise<RoleStatus> {
  const found = readPidFile(pidFile(asker.lab.dir, role.id));
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
  const alive = { ...base, uptimeMs: found.facts.uptimeMs };
  if (found.facts.paused) return { ...alive, state: 'paused', detail: 'stopped by SIGSTOP' };
  try {
    return { ...alive, state: 'running', answers: true, ...(await askRole(asker, planned, role, timeoutMs)) };
  } catch (error) {
    const starting = (found.facts.uptimeMs ?? 0) < 5000 && hasCode(error, 'CONNECT_REFUSED');
    return { ...alive, state: 'running', detail: starting ? 'starting' : messageOf(error) };
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
      // A NameNode that has applied nothing yet has not begun to follow.
      return top === undefined || role.txid === undefined || (role.kind === 'namenode' && role.txid === '0')
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
    ...elected,
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
