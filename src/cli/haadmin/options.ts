/**
 * Command lines as Hadoop's tools read them: generic options in front, then flags with one dash or two among the
 * arguments.
 */
import { LabError } from '../../base/errors.js';
import type { Configuration } from '../../config/hadoop/contract.js';
import { configurationOf } from '../../config/hadoop/load.js';
import { readPropertyFile } from '../../config/hadoop/xml.js';

/** Options of every Hadoop tool, each with a value. Those that only matter to MapReduce are read and left at that. */
const GENERIC = new Set(['conf', 'D', 'fs', 'jt', 'files', 'libjars', 'archives', 'tokenCacheFile']);

/**
 * What is left after the generic options, and the configuration they make of `conf`. Throws LabError `USAGE`,
 * `BAD_CONFIG`.
 */
export function takeGenericOptions(
  conf: Configuration,
  argv: readonly string[],
): { readonly conf: Configuration; readonly argv: readonly string[] } {
  const changes: Record<string, string> = {};
  let at = 0;
  for (; at < argv.length; at++) {
    const [name, inline] = genericOption(argv[at]!);
    if (name === undefined) break;
    const value = inline ?? argv[++at];
    if (value === undefined) throw new LabError('USAGE', `Missing argument for option: ${name}`);
    if (name === 'D') {
      const [key, ...rest] = value.split('=');
      if (key !== undefined && rest.length > 0) changes[key] = rest.join('=');
    } else if (name === 'conf') {
      for (const property of readPropertyFile(value))
        if (property.value !== undefined) changes[property.name] = property.value;
    } else if (name === 'fs') {
      changes['fs.defaultFS'] = value;
    }
  }
  const changed =
    Object.keys(changes).length === 0
      ? conf
      : configurationOf({ ...Object.fromEntries(conf.entries()), ...changes }, 'the command line');
  return { conf: changed, argv: argv.slice(at) };
}

function genericOption(word: string): [name: string | undefined, inline: string | undefined] {
  if (!word.startsWith('-')) return [undefined, undefined];
  const bare = word.replace(/^--?/, '');
  if (GENERIC.has(bare)) return [bare, undefined];
  const equals = bare.indexOf('=');
  if (equals > 0 && GENERIC.has(bare.slice(0, equals))) return [bare.slice(0, equals), bare.slice(equals + 1)];
  if (word.startsWith('-D')) return ['D', word.slice(2)];
  return [undefined, undefined];
}

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
