/**
 * `${...}` in a value: another key, a system property (`user.name`), or the environment (`${env.NAME}`, with `-default`
 * and `:-default`). Mirrors Configuration.substituteVars: at most 20 substitutions, an unbound variable stays as it is
 * written, a value that leads back to itself is left alone.
 */
import { LabError } from '../../base/errors.js';

const MAX_SUBSTITUTIONS = 20;
/** Innermost first: a name holds no `$`, brace or blank. */
const VARIABLE = /\$\{([^\s${}]+)\}/;

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `user.name`, `user.home`, `java.io.tmpdir` and the like. */
  readonly properties: Readonly<Record<string, string>>;
}

export function expand(text: string, lookup: (key: string) => string | undefined, around: Surroundings): string {
  if (!text.includes('${')) return text;
  let current = text;
  for (let count = 0; count < MAX_SUBSTITUTIONS; count++) {
    const match = VARIABLE.exec(current);
    if (match === null) return current;
    const name = match[1]!;
    const value =
      (name.startsWith('env.') && name.length > 4
        ? fromEnv(name.slice(4), around)
        : ownValue(around.properties, name)) ?? lookup(name);
    if (value === undefined) return current;
    if (value.includes(match[0])) return text;
    current = current.slice(0, match.index) + value + current.slice(match.index + match[0].length);
  }
  throw new LabError('BAD_CONFIG', `more than ${MAX_SUBSTITUTIONS} variables to expand in: ${text}`, {
    remedy: 'remove the variables that refer to each other',
  });
}

function fromEnv(expression: string, around: Surroundings): string | undefined {
  const match = /^([^:-]*)(:?-)(.*)$/s.exec(expression);
  if (match === null) return ownValue(around.env, expression);
  const value = ownValue(around.env, match[1]!);
  if (match[2] === ':-') return value === undefined || value === '' ? match[3] : value;
  return value ?? match[3];
}

/** A table's own entry: `${constructor}` is no property of Java's. */
function ownValue(table: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
