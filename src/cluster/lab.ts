/** A lab on disk: its plan and its place. Making one writes the state directory and starts nothing. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LabError, messageOf } from '../base/errors.js';
import type { Profile } from '../config/profile.js';
import { allotAddresses, atAddress } from './addresses.js';
import { draftPlan, type Described, type Draft } from './draft.js';
import { packageRoot } from './package-root.js';
import type { Lab, Plan } from './plan.js';
import { renderHosts } from './render-hosts.js';
import { hostRoot, stateDir, type LabPlace } from './state-dir.js';

export type { Lab } from './plan.js';

export interface LabOptions {
  /** Topology file, or a directory with one or with the configuration files. Absent: the book's. */
  readonly topology?: string | undefined;
  readonly profile?: Profile | undefined;
  /** All hosts on 127.0.0.1, ports shifted: what systems without loopback aliases get by themselves. */
  readonly oneAddress?: boolean | undefined;
}

/** A lab together with the files that it was made from, as they were read now. */
export interface OpenedLab {
  readonly lab: Lab;
  readonly described: Described;
  readonly made: boolean;
  readonly warnings: readonly string[];
}

/** The lab of this place. Throws LabError `NO_LAB` if there is none. */
export function openLab(place: LabPlace): Lab {
  const { labFile, dir } = stateDir(place.dir);
  let text: string;
  try {
    text = readFileSync(labFile, 'utf8');
  } catch {
    throw new LabError('NO_LAB', `no lab in ${dir}`, {
      remedy: 'start one with `halab up`, or say which is meant with --name or --dir',
    });
  }
  try {
    const { startedAt, ...plan } = JSON.parse(text) as Plan & { startedAt?: number };
    if (plan.version !== 1 || !Array.isArray(plan.hosts)) throw new Error('not a lab of this version');
    return { dir, plan: completed(plan), startedAt };
  } catch (error) {
    throw new LabError('BAD_LAB', `${labFile}: ${messageOf(error)}`, {
      remedy: `remove ${dir} (halab down --wipe) and start anew`,
    });
  }
}

/** A plan that an earlier release wrote lacks what the next `up` will write. */
function completed(plan: Plan & { readonly zooFile?: string }): Plan {
  const { zooFile, ...rest } = plan;
  return {
    ...rest,
    electionZnode: plan.electionZnode ?? `/hadoop-ha/${plan.nameservice}`,
    hosts: zooFile === undefined ? plan.hosts : plan.hosts.map((host) => ({ zooFile, ...host })),
  };
}

export function labExists(place: LabPlace): boolean {
  return existsSync(stateDir(place.dir).labFile);
}

/** The lab of this place, made if it is not there. Rejects LabError of the configuration, or `OTHER_TOPOLOGY`. */
export async function openOrMakeLab(place: LabPlace, options: LabOptions = {}): Promise<OpenedLab> {
  return labExists(place) ? reopen(openLab(place), options) : make(place, options);
}

async function reopen(lab: Lab, options: LabOptions): Promise<OpenedLab> {
  const { draft, warnings, ...described } = await draftPlan(options.topology ?? lab.plan.source, {
    name: lab.plan.name,
    profile: options.profile ?? lab.plan.profile,
  });
  const plan = replanned(draft, lab.plan);
  if (plan === undefined) {
    const same = draft.source === lab.plan.source && draft.profile === lab.plan.profile;
    throw new LabError(
      'OTHER_TOPOLOGY',
      `the lab in ${lab.dir} was made from ${lab.plan.source} (profile ` +
        `${lab.plan.profile})${same ? ', which names other hosts or roles now' : ''}`,
      { remedy: 'remove it first with `halab down --wipe`, or make another one with --name NAME' },
    );
  }
  const changed: Lab = { ...lab, plan };
  renderHosts(changed, described);
  if (JSON.stringify(plan) !== JSON.stringify(lab.plan)) {
    writeHostsFile(changed);
    saveLab(changed);
  }
  return { lab: changed, described, made: false, warnings };
}

async function make(place: LabPlace, options: LabOptions): Promise<OpenedLab> {
  const { draft, warnings, ...described } = await draftPlan(options.topology ?? bookTopology(), {
    name: place.name,
    profile: options.profile,
  });
  const state = stateDir(place.dir);
  const plan = await allotAddresses(draft, state.dir, {
    oneAddress: options.oneAddress === true || process.env['HALAB_ONE_ADDRESS'] === '1',
  });
  const roots = plan.hosts.map((host) => hostRoot(state.dir, host.name));
  for (const directory of [state.dir, state.eventsDir, state.pidsDir, state.logsDir, ...roots])
    mkdirSync(directory, { recursive: true });
  const lab: Lab = { dir: state.dir, plan, startedAt: undefined };
  writeHostsFile(lab);
  renderHosts(lab, described);
  saveLab(lab);
  return { lab, described, made: true, warnings };
}

function writeHostsFile({ dir, plan }: Lab): void {
  const lines = plan.hosts.map(({ address, name, aliases = [] }) => `${address}\t${[name, ...aliases].join(' ')}\n`);
  writeFileSync(stateDir(dir).hostsFile, lines.join(''));
}

/**
 * The files as they are now, at the addresses that the hosts have. Undefined if it is another lab: its state would not
 * fit.
 */
function replanned(draft: Draft, plan: Plan): Plan | undefined {
  const shape = (hosts: readonly { name: string; roles: readonly { id: string }[] }[]): string =>
    JSON.stringify(hosts.map((host) => [host.name, host.roles.map((role) => role.id)]));
  if (draft.source !== plan.source || draft.profile !== plan.profile || shape(draft.hosts) !== shape(plan.hosts))
    return undefined;
  const hosts = draft.hosts.map((host, index) =>
    atAddress(host, plan.hosts[index]!.address, plan.hosts[index]!.portShift),
  );
  const { hosts: _hosts, ...rest } = draft;
  return { ...rest, hosts };
}

export function saveLab(lab: Lab): void {
  const { labFile } = stateDir(lab.dir);
  mkdirSync(dirname(labFile), { recursive: true });
  writeFileSync(`${labFile}.new`, `${JSON.stringify({ ...lab.plan, startedAt: lab.startedAt }, null, 2)}\n`);
  renameSync(`${labFile}.new`, labFile);
}

export function bookTopology(): string {
  return join(packageRoot, 'configs', 'book', 'topology.yaml');
}
