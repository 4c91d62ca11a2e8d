/** Patterns of names: `*`, `?`, `[a-c]`, `[^a]`, `{a,b}`, `\` before any of them. Mirrors GlobPattern, GlobExpander. */

const SPECIAL = /[*?[{\\]/;

export function isGlob(text: string): boolean {
  return SPECIAL.test(text);
}

export function unquoted(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

/** One pattern for each alternative in braces that spans more than one name: `{a/b,c}` is `a/b` and `c`. */
export function expandBraces(pattern: string): readonly string[] {
  const match = /\{([^{}]*\/[^{}]*)\}/.exec(pattern);
  if (match === null) return [pattern];
  const [whole, inner] = match;
  const [before, after] = [pattern.slice(0, match.index), pattern.slice(match.index + whole.length)];
  return inner!.split(',').flatMap((choice) => expandBraces(`${before}${choice}${after}`));
}

/** For one name of a path. */
export function nameMatcher(pattern: string): RegExp {
  let out = '';
  let inBraces = 0;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    if (char === '\\' && at + 1 < pattern.length) out += literal(pattern[++at]!);
    else if (char === '*') out += '.*';
    else if (char === '?') out += '.';
    else if (char === '{') {
      inBraces++;
      out += '(?:';
    } else if (char === '}' && inBraces > 0) {
      inBraces--;
      out += ')';
    } else if (char === ',' && inBraces > 0) out += '|';
    else if (char === '[') {
      const end = pattern.indexOf(']', at + 2);
      if (end < 0) out += '\\[';
      else {
        const body = pattern
          .slice(at + 1, end)
          .replace(/^[!^]/, '^')
          .replace(/\\/g, '\\\\');
        out += `[${body}]`;
        at = end;
      }
    } else out += literal(char);
  }
  return new RegExp(`^${out}${')'.repeat(inBraces)}$`, 's');
}

function literal(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/]/, '\\$&');
}
