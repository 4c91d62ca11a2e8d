/** Flags of haadmin's commands, with one dash or two, before, between and after the arguments. */

export interface ParsedCommand {
  readonly flags: ReadonlySet<string>;
  /** How many flags were written, repeated ones included. */
  readonly flagCount: number;
  readonly args: readonly string[];
}

/** Undefined: a flag that the command does not know. */
export function parseFlags(known: readonly string[], words: readonly string[]): ParsedCommand | undefined {
  const flags = new Set<string>();
  const args: string[] = [];
  let flagCount = 0;
  let literal = false;
  for (const word of words) {
    if (!literal && word === '--') literal = true;
    else if (literal || !word.startsWith('-') || word === '-') args.push(word);
    else {
      const name = word.replace(/^--?/, '');
      if (!known.includes(name)) return undefined;
      flags.add(name);
      flagCount += 1;
    }
  }
  return { flags, flagCount, args };
}
