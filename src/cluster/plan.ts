/**
 * The plan of a lab: every role with its id, host, address and ports, worked out once (draft.ts) from a topology and
 * the user's files, and kept as lab.json.
 */
import { LabError } from '../base/errors.js';
import { sameHost } from '../config/hadoop/nameservice.js';
import type { Profile } from '../config/profile.js';
import type { RoleName } from '../config/topology.js';

export interface PlannedRole {
  readonly id: string;
  readonly kind: Exclude<RoleName, 'datanode'>;
  readonly host: string;
  /** What it listens on; the first is the one people talk to. */
  readonly ports: readonly number[];
  readonly httpPort?: number;
  /** ZooKeeper's server number. */
  readonly sid?: number;
  /** NameNode, and the ZKFC beside it. */
  readonly nameNodeId?: string;
}

export interface PlannedHost {
  readonly name: string;
  /** Other names by which the configuration calls it. */
  readonly aliases?: readonly string[];
  readonly address: string;
  /** Added to every port where all hosts share one address; 0 otherwise. */
  readonly portShift: number;
  /** The zoo.cfg that holds here; where there is none, the lab has written one (zooFileOf). */
  readonly zooFile?: string;
  readonly roles: readonly PlannedRole[];
}

export interface Plan {
  readonly version: 1;
  readonly name: string;
  readonly profile: Profile;
  /** The topology file or directory it was made from. */
  readonly source: string;
  readonly hadoopDir: string;
  readonly nameservice: string;
  readonly journal: string;
  readonly automaticFailover: boolean;
  /** Where the election's nodes lie in ZooKeeper. */
  readonly electionZnode: string;
  readonly hosts: readonly PlannedHost[];
}

/** A plan with the directory that its state lies in. */
export interface Lab {
  readonly dir: string;
  readonly plan: Plan;
  /** Milliseconds since 1970 of the last `up`. */
  readonly startedAt: number | undefined;
}

export function rolesOfPlan(plan: Plan): readonly PlannedRole[] {
  return plan.hosts.flatMap((host) => host.roles);
}

export function hostOf(plan: Plan, name: string): PlannedHost {
  const found = plan.hosts.find((host) => sameHost(host.name, name));
  if (found === undefined)
    throw new LabError('UNKNOWN_TARGET', `no host ${name} in lab ${plan.name}`, {
      remedy: `the hosts are ${plan.hosts.map((host) => host.name).join(', ')}`,
    });
  return found;
}

/** The addresses of all hosts by each of their names, in small letters: what a lab has in place of DNS. */
export function hostsTable(plan: Plan): ReadonlyMap<string, string> {
  return new Map(
    plan.hosts.flatMap(({ name, aliases = [], address }) =>
      [name, ...aliases].map((each): [string, string] => [each.toLowerCase(), address]),
    ),
  );
}
