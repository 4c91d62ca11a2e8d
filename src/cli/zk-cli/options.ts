/**
 * Options of zkCli.sh's commands, which all have one dash: alone (`-s`), combined (`-sw`), with a value (`-v 3`, `-v3`,
 * `-v=3`), before, between and after the words. `--` ends them. Failures in the words of commons-cli 1.5, whose
 * DefaultParser this mirrors for options without a long name.
 */
import { CliFailure } from './command.js';

export interface OptionSpec {
  /** Options without a value, by their letters. */
  readonly flags?: string;
  /** Options that take a value, each by its name. */
  readonly valued?: readonly string[];
  /** Only one of these may be given. */
  readonly oneOf?: { readonly names: readonly string[]; readonly required?: string };
}

export interface ParsedOptions {
  has(name: string): boolean;
  /** The first value given. */
  value(name: string): string | undefined;
  readonly words: readonly string[];
}

/** Throws CliFailure. */
export function parseOptions(spec: OptionSpec, args: readonly string[]): ParsedOptions {
  const valued = new Set(spec.valued ?? []);
  const known = new Set([...(spec.flags ?? ''), ...valued]);
  const found = new Map<string, string | undefined>();
  const words: string[] = [];
  let selected: string | undefined;
  /** An option whose value is due. */
  let open: string | undefined;
  let literal = false;

  const isOption = (word: string): boolean => {
    if (!word.startsWith('-') || word.length === 1) return false;
    const name = word.slice(1).split('=')[0]!;
    return known.has(name) || (name !== '' && known.has(name[0]!));
  };
  const take = (value: string): void => {
    // The first value of a repeated option counts.
    if (found.get(open!) === undefined) found.set(open!, value);
    open = undefined;
  };
  const begin = (name: string): void => {
    if (open !== undefined) throw missing(open);
    if (spec.oneOf?.names.includes(name) === true) {
      if (selected !== undefined && selected !== name)
        throw failure(
          'AlreadySelectedException',
          `The option '${name}' was specified but an option from this group has already been selected: '${selected}'`,
        );
      selected = name;
    }
    if (!found.has(name)) found.set(name, undefined);
    if (valued.has(name)) open = name;
  };
  const short = (word: string): void => {
    const text = word.slice(1);
    const equals = text.indexOf('=');
    if (equals >= 0) {
      const name = text.slice(0, equals);
      if (name.length !== 1 || !valued.has(name)) throw unrecognized(word);
      begin(name);
      take(text.slice(equals + 1));
      return;
    }
    if (known.has(text)) return begin(text);
    for (let at = 0; at < text.length; at++) {
      const letter = text[at]!;
      if (!known.has(letter)) throw unrecognized(word);
      begin(letter);
      if (open !== undefined && at + 1 < text.length) return take(text.slice(at + 1));
    }
  };

  for (const word of args) {
    if (literal) words.push(word);
    else if (word === '--') literal = true;
    else if (open !== undefined && !isOption(word)) take(withoutQuotes(word));
    else if (word.startsWith('--')) throw unrecognized(word);
    else if (word.startsWith('-') && word !== '-') short(word);
    else words.push(word);
  }
  if (open !== undefined) throw missing(open);
  if (spec.oneOf?.required !== undefined && selected === undefined)
    throw failure('MissingOptionException', `Missing required option: ${spec.oneOf.required}`);
  return { has: (name) => found.has(name), value: (name) => found.get(name), words };
}

function withoutQuotes(word: string): string {
  return /^"[^"]*"$/.test(word) && word.length > 1 ? word.slice(1, -1) : word;
}

const unrecognized = (word: string): CliFailure =>
  failure('UnrecognizedOptionException', `Unrecognized option: ${word}`);

const missing = (name: string): CliFailure =>
  failure('MissingArgumentException', `Missing argument for option: ${name}`);

function failure(exception: string, message: string): CliFailure {
  return new CliFailure(`org.apache.commons.cli.${exception}: ${message}`);
}

/** An int of Java, for `-v` and the like. Throws CliFailure in its words. */
export function parseInt32(text: string): number {
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || value < -0x80000000 || value > 0x7fffffff)
    throw new CliFailure(`java.lang.NumberFormatException: For input string: "${text}"`);
  return value;
}

/** Undefined for what is no long of Java. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** The option `-v` of `set`, `delete`, `setAcl`: any version unless it is given. */
export function versionOf(options: ParsedOptions): number {
  const text = options.value('v');
  return text === undefined ? -1 : parseInt32(text);
}
