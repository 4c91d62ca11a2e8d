/** A role that runs in the foreground: in a lab it is seen by `halab status` and `jps` as well. */
import { LabError } from '../base/errors.js';
import { roleEnvironment } from '../cluster/environment.js';
import { whereAmI } from '../cluster/here.js';
import type { RoleKindName } from '../cluster/launch.js';
import { readPidFile, removePidFile, writePidFile } from '../cluster/pid-file.js';
import { daemonOf, locked } from './daemon.js';
import type { Invocation } from './role-context.js';
import { runRole } from './run-role.js';

/** Resolves never: the process lives until it is stopped. Rejects what keeps it from starting. */
export async function foreground(kind: RoleKindName, invocation: Invocation): Promise<number> {
  const env = invocation.env ?? process.env;
  const found = daemonOf(kind, [], whereAmI(env), env);
  const place = found?.place;
  if (found !== undefined && place !== undefined) {
    await locked(found, async () => {
      const before = readPidFile(found.pidFile);
      if (before.kind === 'alive')
        throw new LabError(
          'ALREADY_RUNNING',
          `${kind} is running as process ${before.pid}.  Stop it first and ensure ${found.pidFile} file is empty ` +
            `before retry.`,
        );
      writePidFile(found.pidFile, process.pid);
    });
    process.once('exit', () => removePidFile(found.pidFile));
  }
  const inLab = place === undefined ? {} : roleEnvironment(place.here.lab, place.role);
  await runRole(kind, [], { ...invocation, env: { ...env, ...inLab } });
  return new Promise<number>(() => {});
}
