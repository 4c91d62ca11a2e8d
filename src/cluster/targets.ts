/**
 * What `halab kill X` means: a role's id, a host (all its roles), a kind, `all`, or a name whose meaning changes over
 * time (`active`, `standby`, `zk-leader`), which is looked up at the moment of asking.
 */
import { LabError } from '../base/errors.js';
import { sameHost } from '../config/hadoop/nameservice.js';
import type { Lab } from './lab.js';
import { rolesOfPlan, type PlannedRole } from './plan.js';
import { probeLab } from './probe.js';
import { rolesOf, type LabStatus } from './status.js';

const KINDS: readonly string[] = ['zookeeper', 'journalnode', 'namenode', 'zkfc'];
/** Names whose meaning only a look at the lab tells. */
export const MOVING_TARGETS = [
  'active',
  'standby',
  'active-zkfc',
  'standby-zkfc',
  'active-host',
  'zk-leader',
  'zk-follower',
] as const;
type MovingTarget = (typeof MOVING_TARGETS)[number];

/**
 * The roles meant, in the order of the topology. Throws LabError `UNKNOWN_TARGET` naming what there is, or
 * `NO_SUCH_ROLE_NOW` where nobody is active or leads at the moment.
 */
export async function resolveTargets(lab: Lab, names: readonly string[]): Promise<readonly PlannedRole[]> {
  const all = rolesOfPlan(lab.plan);
  const wanted = new Set<string>();
  let status: LabStatus | undefined;
  for (const name of names) {
    const fixed = fixedTarget(lab, name);
    if (fixed !== undefined) {
      for (const role of fixed) wanted.add(role.id);
      continue;
    }
    if (!(MOVING_TARGETS as readonly string[]).includes(name)) throw unknownTarget(lab, name);
    status ??= await probeLab(lab, { memory: false });
    for (const id of movingTarget(status, name as MovingTarget)) wanted.add(id);
  }
  return all.filter((role) => wanted.has(role.id));
}

function fixedTarget(lab: Lab, name: string): readonly PlannedRole[] | undefined {
  const all = rolesOfPlan(lab.plan);
  if (name === 'all') return all;
  const byId = all.filter((role) => role.id === name);
  if (byId.length > 0) return byId;
  const host = lab.plan.hosts.find((candidate) => sameHost(candidate.name, name));
  if (host !== undefined) return host.roles;
  return KINDS.includes(name) ? all.filter((role) => role.kind === name) : undefined;
}

function movingTarget(status: LabStatus, name: MovingTarget): readonly string[] {
  const all = rolesOf(status);
  const nobody = (what: string): LabError =>
    new LabError('NO_SUCH_ROLE_NOW', `${name}: ${what}`, {
      remedy: 'see `halab status`, wait until the lab has settled, or name a role',
    });
  const inState = (state: 'ACTIVE' | 'STANDBY') =>
    all.filter((role) => role.kind === 'namenode' && role.haState === state);
  const besideNameNode = (nameNodes: readonly { host: string }[], kind: string): string[] =>
    all
      .filter((role) => role.kind === kind && nameNodes.some((other) => other.host === role.host))
      .map((role) => role.id);
  switch (name) {
    case 'active':
    case 'active-zkfc':
    case 'active-host': {
      const found = inState('ACTIVE');
      if (found.length === 0) throw nobody('no NameNode is active now');
      if (name === 'active') return found.map((role) => role.id);
      if (name === 'active-zkfc') return besideNameNode(found, 'zkfc');
      return all.filter((role) => found.some((other) => other.host === role.host)).map((role) => role.id);
    }
    case 'standby':
    case 'standby-zkfc': {
      const found = inState('STANDBY');
      if (found.length === 0) throw nobody('no NameNode is standby now');
      return name === 'standby' ? found.map((role) => role.id) : besideNameNode(found, 'zkfc');
    }
    case 'zk-leader':
    case 'zk-follower': {
      const mode = name === 'zk-leader' ? 'leader' : 'follower';
      const found = all.filter((role) => role.mode === mode);
      if (found.length === 0) throw nobody(`no ZooKeeper server is ${mode} now`);
      return name === 'zk-leader' ? found.map((role) => role.id) : [found[0]!.id];
    }
  }
}

export function unknownTarget(lab: Lab, name: string): LabError {
  const roles = rolesOfPlan(lab.plan).map((role) => role.id);
  const hosts = lab.plan.hosts.map((host) => host.name);
  const others = [...MOVING_TARGETS, ...KINDS, 'all'];
  return new LabError('UNKNOWN_TARGET', `unknown target ${name}`, {
    remedy: `roles: ${roles.join(', ')}; hosts: ${hosts.join(', ')}; also ${others.join(', ')}`,
  });
}
