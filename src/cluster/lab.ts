/** A lab on disk: its plan and its place. Making one writes the state directory and starts nothing. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LabError } from '../base/errors.js';
import { allotAddresses } from './addresses.js';
import { draftPlan, type Plan } from './plan.js';
import { hostRoot, stateDir, type LabPlace } from './state-dir.js';
import type { Profile } from '../config/profile.js';
import { renderShared } from './render-shared.js';

export interface Lab {
  readonly dir: string;
  readonly plan: Plan;
  /** Milliseconds since 1970 of the last `up`. */
  readonly startedAt: number | undefined;
}

export interface LabOptions {
  /** Topology file, or a directory with one or with the three configuration files. Absent: the book's. */
  readonly topology?: string | undefined;
  readonly profile?: Profile | undefined;
  /** All hosts on 127.0.0.1, ports shifted: what systems without loopback aliases get by themselves. */
  readonly oneAddress?: boolean | undefined;
}

/** The lab of this place. Throws LabError `NO_LAB` if there is none. */
export function openLab(place: LabPlace): Lab {
  const { labFile, dir } = stateDir(place.dir);
  let text: string;
  try {
    text = readFileSync(labFile, 'utf8');
  } catch {
    throw new LabError('NO_LAB', `no lab in ${dir}`, { remedy: 'start one with `halab up`, or say which is meant with --name or --dir' });
  }
  try {
    const { startedAt, ...plan } = JSON.parse(text) as Plan & { startedAt?: number };
    if (plan.version !== 1 || !Array.isArray(plan.hosts)) throw new Error('not a lab of this version');
    return { dir, plan, startedAt };
  } catch (error) {
    throw new LabError('BAD_LAB', `${labFile}: ${(error as Error).message}`, { remedy: `remove ${dir} (halab down --wipe) and start anew` });
  }
}

export function labExists(place: LabPlace): boolean {
  return existsSync(stateDir(place.dir).labFile);
}

/** The lab of this place, made if it is not there. Throws LabError of the configuration, or `OTHER_TOPOLOGY`. */
export async function openOrMakeLab(place: LabPlace, options: LabOptions = {}): Promise<{ lab: Lab; made: boolean; warnings: readonly string[] }> {
  if (labExists(place)) {
    const lab = openLab(place);
    if (options.topology !== undefined || options.profile !== undefined) {
      const { draft } = draftPlan(options.topology ?? lab.plan.source, { name: lab.plan.name, profile: options.profile });
      if (!sameLab(draft, lab.plan)) {
        throw new LabError('OTHER_TOPOLOGY', `the lab in ${lab.dir} was made from ${lab.plan.source} (profile ${lab.plan.profile})`, {
          remedy: 'remove it first with `halab down --wipe`, or make another one with --name NAME' });
      }
    }
    const { warnings } = draftPlan(lab.plan.source, { name: lab.plan.name, profile: lab.plan.profile });
    return { lab, made: false, warnings };
  }
  const { draft, warnings } = draftPlan(options.topology ?? bookTopology(), { name: place.name, profile: options.profile });
  const state = stateDir(place.dir);
  const plan = await allotAddresses(draft, state.dir, { oneAddress: options.oneAddress === true || process.env['HALAB_ONE_ADDRESS'] === '1' });
  for (const directory of [state.dir, state.eventsDir, state.pidsDir, state.logsDir, ...plan.hosts.map((host) => hostRoot(state.dir, host.name))]) {
    mkdirSync(directory, { recursive: true });
  }
  writeFileSync(state.hostsFile, plan.hosts.map((host) => `${host.address}\t${host.name}\n`).join(''));
  const lab: Lab = { dir: state.dir, plan, startedAt: undefined };
  renderShared(lab);
  saveLab(lab);
  return { lab, made: true, warnings };
}

/** Same roles in the same places; addresses are the lab's own affair. */
function sameLab(draft: Omit<Plan, 'hosts'> & { hosts: readonly { name: string; roles: readonly { id: string }[] }[] }, plan: Plan): boolean {
  const shape = (hosts: readonly { name: string; roles: readonly { id: string }[] }[]): string => JSON.stringify(hosts.map((host) => [host.name, host.roles.map((role) => role.id)]));
  return draft.source === plan.source && draft.profile === plan.profile && shape(draft.hosts) === shape(plan.hosts);
}

export function saveLab(lab: Lab): void {
  const { labFile } = stateDir(lab.dir);
  mkdirSync(dirname(labFile), { recursive: true });
  writeFileSync(`${labFile}.new`, `${JSON.stringify({ ...lab.plan, startedAt: lab.startedAt }, null, 2)}\n`);
  renameSync(`${labFile}.new`, labFile);
}

/** The package's own directory: where dist/, lab/ and configs/ are. */
export const packageRoot = join(import.meta.dirname, '..', '..');

export function bookTopology(): string {
  return join(packageRoot, 'configs', 'book', 'topology.yaml');
}
