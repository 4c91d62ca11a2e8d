/** What a NameNode or ZKFC is told to do once instead of running: `-format`, `-formatZK` and the like. */
import { roleContext, type Invocation } from './role-context.js';

/** Resolves with the exit code; undefined: it is to run after all. */
export async function onceOnly(
  kind: 'namenode' | 'zkfc',
  args: readonly string[],
  invocation: Invocation,
): Promise<number | undefined> {
  const context = roleContext(invocation);
  return kind === 'namenode'
    ? (await import('./namenode-options.js')).nameNodeOption(args, context)
    : (await import('./zkfc-options.js')).zkfcOption(args, context);
}
