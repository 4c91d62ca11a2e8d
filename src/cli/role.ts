/** The program of every role's process in a lab: `role.js zookeeper [zoo.cfg] | journalnode | namenode | zkfc`. */
import { LabError } from '../base/errors.js';
import { exitCodeOf, runRole } from './run-role.js';

const [kind = '', ...args] = process.argv.slice(2);
runRole(kind, args).catch((error: unknown) => {
  process.stderr.write(`${error instanceof LabError ? error.toString() : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(exitCodeOf(error));
});
