/**
 * What a lab looks like at one moment, as plain data: `halab status --json`, the dashboard and the scripts read it.
 * Filled by probe.ts from standard interfaces only (four-letter words, ZooKeeper reads, HAServiceProtocol, `/jmx`,
 * JournalNode RPC), so the same shape can describe a cluster of Apache's processes. 64-bit ids are decimal strings, so
 * that JSON keeps them exact.
 */
import type { HaState, RoleKind } from '../base/events.js';

/** `paused`: stopped by SIGSTOP. `dead`: was started and is gone without having been asked to stop. */
export type ProcessState = 'running' | 'paused' | 'stopped' | 'dead';

export type ZooKeeperMode = 'leader' | 'follower' | 'observer' | 'standalone' | 'looking';

export interface RoleStatus {
  /** `zk1`, `jn2`, `nn1`, `zkfc1`, `dn3`. */
  readonly id: string;
  readonly kind: Exclude<RoleKind, 'client'>;
  /** Name of the host it runs on: `m1`. */
  readonly host: string;
  readonly pid: number | undefined;
  readonly address: string;
  /** The port people talk to: 2181, 8485, 9000, 8019. */
  readonly port: number;
  /** The port of its web face, where it has one. */
  readonly httpPort?: number;
  readonly state: ProcessState;
  /** It answered the probe. A running process that does not answer is starting, hung or cut off. */
  readonly answers: boolean;
  /** NameNode: state by its own word. */
  readonly haState?: HaState;
  /** NameNode: `monitorHealth`. */
  readonly health?: 'healthy' | 'unhealthy';
  readonly safeMode?: boolean;
  /** ZooKeeper server. */
  readonly mode?: ZooKeeperMode;
  readonly sid?: number;
  readonly connections?: number;
  /** ZooKeeper: epoch of the last zxid. Active NameNode: its writer epoch. */
  readonly epoch?: string;
  readonly zxid?: string;
  /** NameNode: last applied transaction. JournalNode: highest transaction on disk. */
  readonly txid?: string;
  /** Transactions behind the most advanced of its kind. */
  readonly lag?: string;
  /** JournalNode. */
  readonly promisedEpoch?: string;
  readonly writerEpoch?: string;
  readonly uptimeMs: number | undefined;
  /** Proportional set size of the process; undefined where the system does not tell. */
  readonly pssKb: number | undefined;
  /** One short phrase for people: why it does not answer, how it ended, what else is worth knowing. */
  readonly detail: string;
}

export interface HostStatus {
  readonly name: string;
  readonly address: string;
  readonly roles: readonly RoleStatus[];
}

export interface LabStatus {
  readonly name: string;
  /** The lab's state directory. */
  readonly dir: string;
  /** Milliseconds since 1970 of the last `up`; undefined if it was never up. */
  readonly startedAt: number | undefined;
  /** When this was probed, milliseconds since 1970. */
  readonly probedAt: number;
  readonly profile: 'production' | 'fast';
  readonly nameservice: string;
  /** Id of the NameNode that says it is active; undefined if none or more than one does. */
  readonly active: string | undefined;
  /** Holder of ActiveStandbyElectorLock; `session` as ZooKeeper prints it, in hexadecimal. */
  readonly lockHolder: { readonly id: string; readonly session: string } | undefined;
  /** NameNode named by ActiveBreadCrumb. */
  readonly breadcrumb: string | undefined;
  /** Why lock and breadcrumb, which may well be there, cannot be read; `closed`: their ACLs are against it. */
  readonly electionUnreadable?: { readonly why: string; readonly closed: boolean };
  /** Sum over all processes, where known. */
  readonly pssKb: number | undefined;
  readonly hosts: readonly HostStatus[];
}

/** All roles of all hosts, in the order of the topology. */
export function rolesOf(status: LabStatus): readonly RoleStatus[] {
  return status.hosts.flatMap((host) => host.roles);
}

/**
 * One NameNode active, the other NameNodes standby (or observer), the lock held by the active one's ZKFC, unless its
 * ACL hides it.
 */
export function isSettled(status: LabStatus): boolean {
  const nameNodes = rolesOf(status).filter((role) => role.kind === 'namenode');
  if (status.active === undefined) return false;
  if (status.electionUnreadable?.closed !== true && status.lockHolder?.id !== status.active) return false;
  return nameNodes.every(
    (role) => role.id === status.active || role.haState === 'STANDBY' || role.haState === 'OBSERVER',
  );
}
