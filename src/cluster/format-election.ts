/**
 * `hdfs zkfc -formatZK` by the supervisor, with the very code of that command. Loaded when the processes are under way.
 */
import { LabError } from '../base/errors.js';
import type { Configuration } from '../config/hadoop/contract.js';
import { createLiveHost, type LiveHost } from '../host/live/index.js';
import { formatZk } from '../zkfc/format-zk.js';
import { zkfcConfigOn } from './election-auth.js';
import type { Lab } from './lab.js';
import { hostOf, hostsTable, type PlannedRole } from './plan.js';
import { hostRoot, logFile } from './state-dir.js';
import { userName } from './surroundings.js';

/** `hdfs zkfc -formatZK`, unless the election's node is there. */
export async function formatElection(lab: Lab, role: PlannedRole, conf: Configuration): Promise<void> {
  const config = zkfcConfigOn(conf, {
    nameserviceId: lab.plan.nameservice,
    nameNodeId: role.nameNodeId!,
    user: userName(),
  });
  const code = await formatZk(hostOfRole(lab, role), config, {
    force: false,
    nonInteractive: true,
    confirm: async () => false,
  });
  // 2: it is there already, and stays.
  if (code !== 0 && code !== 2)
    throw new LabError('FORMAT_FAILED', `hdfs zkfc -formatZK ended with code ${code}`, {
      remedy: `see ${logFile(lab.dir, role.id)}`,
    });
}

/** A Host that sees the role's machine as the role does; what it logs goes to the role's log. */
function hostOfRole(lab: Lab, role: PlannedRole): LiveHost {
  const { address } = hostOf(lab.plan, role.host);
  return createLiveHost({
    id: role.id,
    address,
    root: hostRoot(lab.dir, role.host),
    hosts: hostsTable(lab.plan),
    logFile: logFile(lab.dir, role.id),
  });
}
