/** The program of every role's process in a lab: `role.js zookeeper [zoo.cfg] | journalnode | namenode | zkfc`. */
import * as nodeModule from 'node:module';
import { LabError } from '../base/errors.js';
import { logStamp } from '../host/live/log.js';
import { exitCodeOf, runRole } from './run-role.js';

// Node 22 and later keep what they compiled for the next start; what is loaded from here on (the role itself) comes
// from there.
(nodeModule as { readonly enableCompileCache?: () => unknown }).enableCompileCache?.();

const [kind = '', ...args] = process.argv.slice(2);
runRole(kind, args).catch((error: unknown) => {
  const text =
    error instanceof LabError
      ? error.toString()
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  const code = exitCodeOf(error);
  // It is no role yet and has no log of its own; its last word reads like one all the same.
  process.stderr.write(
    `${logStamp(Date.now())} ERROR ${process.env['HALAB_ID'] ?? kind}: exiting with code ${code}: ${text}\n`,
  );
  process.exit(code);
});
