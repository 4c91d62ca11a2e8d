/**
 * What an operator looks at before a cluster's first start: which directories hold what, and whether a sensible start
 * would format anything. Nothing that is there is formatted again. `hdfs namenode -format` and `-bootstrapStandby` are
 * then done by the NameNodes' own processes, told at their gates; `hdfs zkfc -formatZK` is format-election.ts.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../base/errors.js';
import { loadConfiguration, type LoadedConfiguration } from '../config/hadoop/load.js';
import { OVERLAYS } from '../config/profile.js';
import { readZooFile } from '../config/zoo.js';
import { diskError } from '../host/live/errors.js';
import { nameNodeConfigFrom, type NameNodeConfig } from '../namenode/config.js';
import { journalNodeConfigFrom } from '../journal/config.js';
import { hadoopDirOf, zooFileOf } from './environment.js';
import type { Lab } from './lab.js';
import { hostOf, rolesOfPlan, type PlannedRole } from './plan.js';
import { hostRoot } from './state-dir.js';
import { surroundingsIn, userName } from './surroundings.js';

export function configurationFor(lab: Lab, role: PlannedRole): LoadedConfiguration {
  return loadConfiguration(hadoopDirOf(lab, role.host), {
    around: surroundingsIn(process.env),
    overlay: OVERLAYS[lab.plan.profile].hadoop,
    overlaySource: `profile ${lab.plan.profile}`,
  });
}

export function nameNodeConfigFor(lab: Lab, role: PlannedRole): NameNodeConfig {
  const { address } = hostOf(lab.plan, role.host);
  return nameNodeConfigFrom(configurationFor(lab, role), {
    nameserviceId: lab.plan.nameservice,
    nameNodeId: role.nameNodeId!,
    user: userName(),
    address,
  });
}

/** Writes the number of each ZooKeeper server into its myid, where there is none. */
export function writeMyIds(lab: Lab): void {
  for (const role of rolesOfPlan(lab.plan)) if (role.kind === 'zookeeper') writeMyId(lab, role);
}

export function writeMyId(lab: Lab, role: PlannedRole): void {
  const { dataDir } = readZooFile(zooFileOf(lab, role.host));
  const directory = join(hostRoot(lab.dir, role.host), dataDir);
  const file = join(directory, 'myid');
  try {
    mkdirSync(directory, { recursive: true });
    if (!existsSync(file)) writeFileSync(file, `${role.sid}\n`);
  } catch (error) {
    throw diskError(error, file);
  }
}

export interface Formatted {
  /** NameNodes whose name directory holds an image. */
  readonly nameNodes: readonly PlannedRole[];
  readonly bare: readonly PlannedRole[];
  /** JournalNodes that hold this journal. */
  readonly journalNodes: readonly PlannedRole[];
}

export function lookWhatIsFormatted(lab: Lab): Formatted {
  const all = rolesOfPlan(lab.plan);
  const nameNodes = all.filter((role) => role.kind === 'namenode');
  const formatted = nameNodes.filter((role) =>
    nameNodeConfigFor(lab, role).imageDirs.some((dir) =>
      contentOf(join(hostRoot(lab.dir, role.host), dir, 'current')).some((name) => /^fsimage_\d+$/.test(name)),
    ),
  );
  const journalNodes = all
    .filter((role) => role.kind === 'journalnode')
    .filter((role) => {
      const { address } = hostOf(lab.plan, role.host);
      const { editsDir, editsDirs } = journalNodeConfigFrom(configurationFor(lab, role), { address });
      return existsSync(
        join(hostRoot(lab.dir, role.host), editsDirs[lab.plan.nameservice] ?? editsDir, lab.plan.journal, 'current'),
      );
    });
  return { nameNodes: formatted, bare: nameNodes.filter((role) => !formatted.includes(role)), journalNodes };
}

/**
 * Refuses what no sensible start would do by itself: a new namespace over edits that belong to an old one. Throws
 * LabError `HALF_FORMATTED`.
 */
export function checkFormattable(lab: Lab, found: Formatted): void {
  if (found.nameNodes.length > 0 || found.journalNodes.length === 0) return;
  throw new LabError(
    'HALF_FORMATTED',
    `no NameNode of lab ${lab.plan.name} has a formatted name directory, but ` +
      `${found.journalNodes.map((role) => role.id).join(', ')} hold its edits`,
    {
      remedy:
        `bring the name directory back from ` +
        `${found.bare.map((role) => join(hostRoot(lab.dir, role.host), nameNodeConfigFor(lab, role).imageDirs[0]!)).join(' or ')}, or give up the namespace: halab down --wipe`,
    },
  );
}

/** Names in a directory; none if it is absent. */
function contentOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
