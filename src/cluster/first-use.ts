/**
 * What an operator looks at before a cluster's first start: which directories hold what, and whether a sensible start
 * would format anything. Nothing that is there is formatted again. `hdfs namenode -format` and `-bootstrapStandby` are
 * then done by the NameNodes' own processes, told at their gates; `hdfs zkfc -formatZK` is format-election.ts.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../base/errors.js';
import { zooFileFor } from '../config/ensemble.js';
import type { Configuration } from '../config/hadoop/contract.js';
import { readZooFile } from '../config/zoo.js';
import { diskError } from '../host/live/errors.js';
import { journalNodeConfigFrom } from '../journal/config.js';
import { nameNodeConfigFrom } from '../namenode/config.js';
import type { Described } from './draft.js';
import { zooFileOf } from './environment.js';
import type { Lab } from './lab.js';
import { hostOf, rolesOfPlan, type PlannedRole } from './plan.js';
import { hostRoot } from './state-dir.js';
import { userName } from './surroundings.js';

/** Writes the number of each ZooKeeper server into its myid, where there is none. */
export function writeMyIds(lab: Lab, { ensemble }: Described): void {
  for (const role of rolesOfPlan(lab.plan))
    if (role.kind === 'zookeeper') writeNumber(lab, role, zooFileFor(ensemble, role.host)!.dataDir);
}

/** As writeMyIds, for one server whose file has not been read yet. */
export function writeMyId(lab: Lab, role: PlannedRole): void {
  writeNumber(lab, role, readZooFile(zooFileOf(lab, role.host)).dataDir);
}

function writeNumber(lab: Lab, role: PlannedRole, dataDir: string): void {
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
  /** Where the bare ones would have their images, on this machine. */
  readonly bareDirectories: readonly string[];
}

export function lookWhatIsFormatted(lab: Lab, { cluster: { conf } }: Described): Formatted {
  const all = rolesOfPlan(lab.plan);
  const nameNodes = all
    .filter((role) => role.kind === 'namenode')
    .map((role) => ({ role, images: imageDirectories(lab, role, conf) }));
  const isFormatted = ({ images }: { images: readonly string[] }): boolean =>
    images.some((dir) => contentOf(join(dir, 'current')).some((name) => /^fsimage_\d+$/.test(name)));
  const bare = nameNodes.filter((each) => !isFormatted(each));
  const { editsDir, editsDirs } = journalNodeConfigFrom(conf);
  const journal = join(editsDirs[lab.plan.nameservice] ?? editsDir, lab.plan.journal, 'current');
  return {
    nameNodes: nameNodes.filter(isFormatted).map(({ role }) => role),
    bare: bare.map(({ role }) => role),
    journalNodes: all.filter(
      (role) => role.kind === 'journalnode' && existsSync(join(hostRoot(lab.dir, role.host), journal)),
    ),
    bareDirectories: bare.map(({ images }) => images[0]!),
  };
}

function imageDirectories(lab: Lab, role: PlannedRole, conf: Configuration): readonly string[] {
  const { imageDirs } = nameNodeConfigFrom(conf, {
    nameserviceId: lab.plan.nameservice,
    nameNodeId: role.nameNodeId!,
    user: userName(),
    address: hostOf(lab.plan, role.host).address,
  });
  return imageDirs.map((dir) => join(hostRoot(lab.dir, role.host), dir));
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
        `bring the name directory back from ${found.bareDirectories.join(' or ')}, or give up the namespace: ` +
        'halab down --wipe',
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
