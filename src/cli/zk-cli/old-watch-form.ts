/** `get path watch`, `ls path watch`, `stat path watch`: the form before ZooKeeper 3.5, still understood. */
import type { CliCommand, CliContext } from './command.js';

/** Tells that it is old, and gives the line in its new form: the second word means -w, whatever it is. */
export function oldWatchForm(
  { error }: CliContext,
  { name, options }: Pick<CliCommand, 'name' | 'options'>,
  args: readonly string[],
): readonly string[] {
  const now = name === 'ls' ? 'ls [-w] path' : `${name} ${options}`;
  error(`'${name} path [watch]' has been deprecated. Please use '${now}' instead.`);
  return [args[0]!, '-w', ...args.slice(2)];
}
