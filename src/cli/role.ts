/** The program of every role's process in a lab: `role.js zookeeper [zoo.cfg] | journalnode | namenode | zkfc`. */
import * as nodeModule from 'node:module';
import { LabError, exitCodeOf } from '../base/errors.js';
import { logStamp } from '../host/live/log.js';
import { genericOptions } from './generic-options.js';
import { onceOnly } from './once-only.js';
import { runRole } from './run-role.js';

// Node 22 and later keep what they compiled for the next start; what is loaded from here on (the role itself) comes
// from there.
(nodeModule as { readonly enableCompileCache?: () => unknown }).enableCompileCache?.();

const [kind = '', ...args] = process.argv.slice(2);

async function start(): Promise<void> {
  if (kind === 'zookeeper') return runRole(kind, args);
  const { commandLine, argv, fault } = genericOptions(args);
  if (fault !== undefined) process.stderr.write(`options parsing failed: ${fault}\n`);
  const invocation = { command: kind, commandLine };
  if (argv.length > 0 && (kind === 'namenode' || kind === 'zkfc')) {
    const code = await onceOnly(kind, argv, invocation);
    if (code !== undefined) process.exit(code);
  }
  return runRole(kind, [], invocation);
}

start().catch((error: unknown) => {
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
