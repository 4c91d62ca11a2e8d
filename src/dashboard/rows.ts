/** Roles as rows of a table: strings and styles only, tested as text; frame.ts lays them out. */
import { zxidText } from '../base/zxid.js';
import { rolesOf, type HostStatus, type LabStatus, type RoleStatus } from '../cluster/status.js';
import type { Style } from './text.js';

export interface Row {
  readonly id: string;
  readonly host: string;
  readonly state: string;
  readonly style: Style;
  readonly pid: string;
  readonly epoch: string;
  /** zxid of a ZooKeeper server, txid of a JournalNode or NameNode. */
  readonly position: string;
  readonly lag: string;
  readonly address: string;
  readonly detail: string;
}

/** What a role is doing, in one word or two, and how that weighs. */
export function roleState(role: RoleStatus, host: HostStatus, status: LabStatus): { text: string; style: Style } {
  if (role.state === 'stopped') return { text: 'stopped', style: 'dim' };
  if (role.state === 'dead') return { text: 'dead', style: 'bad' };
  if (role.state === 'paused') return { text: 'paused', style: 'wait' };
  if (!role.answers) return { text: 'no answer', style: 'wait' };
  switch (role.kind) {
    case 'zookeeper':
      return {
        text: role.mode ?? 'running',
        style: role.mode === 'leader' ? 'mark' : role.mode === 'looking' ? 'wait' : 'plain',
      };
    case 'namenode':
      if (role.health === 'unhealthy') return { text: 'unhealthy', style: 'bad' };
      if (role.haState === 'ACTIVE') return { text: 'active', style: 'good' };
      return {
        text: (role.haState ?? 'running').toLowerCase(),
        style: role.haState === 'STANDBY' || role.haState === 'OBSERVER' ? 'plain' : 'wait',
      };
    case 'zkfc': {
      const holds = host.roles.some((other) => other.kind === 'namenode' && other.id === status.lockHolder?.id);
      return holds ? { text: 'holds lock', style: 'mark' } : { text: 'waits', style: 'plain' };
    }
    default:
      return { text: 'running', style: 'plain' };
  }
}

function epochText(role: RoleStatus): string {
  if (role.kind === 'journalnode') return role.promisedEpoch ?? '';
  return role.epoch ?? '';
}

function positionText(role: RoleStatus): string {
  if (role.zxid !== undefined) return zxidText(BigInt(role.zxid));
  return role.txid ?? '';
}

export function roleRows(status: LabStatus): readonly Row[] {
  return status.hosts.flatMap((host) =>
    host.roles.map((role) => {
      const { text, style } = roleState(role, host, status);
      return {
        id: role.id,
        host: host.name,
        state: text,
        style,
        pid: role.pid === undefined ? '' : String(role.pid),
        epoch: epochText(role),
        position: positionText(role),
        lag: role.lag === undefined || role.lag === '0' ? '' : role.lag,
        address: `${role.address}:${role.port}`,
        detail: role.detail,
      };
    }),
  );
}

/** Lanes of the timeline want these, in the order of the topology. */
export function nameNodesOf(status: LabStatus): readonly string[] {
  return rolesOf(status)
    .filter((role) => role.kind === 'namenode')
    .map((role) => role.id);
}
