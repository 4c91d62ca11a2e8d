/**
 * Java's properties syntax, as zoo.cfg uses it: `key=value`, `key:value` or `key value`, `#` and `!` comments, a line
 * continued by a backslash at its end, `\uXXXX` and the usual escapes, any line ending. Mirrors
 * java.util.Properties.load.
 */
import { LabError } from '../base/errors.js';

export interface JavaProperty {
  readonly key: string;
  /** What stands in the file, blanks at its end included: some readers trim it, some must not. */
  readonly raw: string;
  /** Trimmed. */
  readonly value: string;
  /** Where it begins, counted from 1; 0 where it comes from no file. */
  readonly line: number;
  /** The file it stands in, or what else it comes from. */
  readonly file: string;
}

/** As java.lang.String.trim: blanks and control characters, but no others that Unicode calls white space. */
export function javaTrim(text: string): string {
  return text.replace(/^[\0- ]+|[\0- ]+$/g, '');
}

/** Throws LabError `BAD_CONFIG` naming file and line at a broken `\u` escape. */
export function parseJavaProperties(text: string, file: string): JavaProperty[] {
  const lines = text.split(/\r\n|\n|\r/);
  const out: JavaProperty[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1;
    let logical = lines[at]!.replace(/^[ \t\f]+/, '');
    if (logical === '' || logical.startsWith('#') || logical.startsWith('!')) continue;
    while (/(?:^|[^\\])(?:\\\\)*\\$/.test(logical) && at + 1 < lines.length) {
      logical = logical.slice(0, -1) + lines[++at]!.replace(/^[ \t\f]+/, '');
    }
    const end = keyEnd(logical);
    const rest = logical.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '');
    const raw = unescape(rest, file, line);
    out.push({ key: javaTrim(unescape(logical.slice(0, end), file, line)), raw, value: javaTrim(raw), line, file });
  }
  return out;
}

/** The key ends at the first `=`, `:` or blank that no backslash precedes. */
function keyEnd(text: string): number {
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '\\') i++;
    else if (character === '=' || character === ':' || character === ' ' || character === '\t' || character === '\f')
      return i;
  }
  return text.length;
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescape(text: string, file: string, line: number): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(u([0-9a-fA-F]{0,4})|[^]|$)/g, (_whole, escaped: string, hex: string | undefined) => {
    if (escaped.startsWith('u') && hex !== undefined) {
      if (hex.length !== 4)
        throw new LabError('BAD_CONFIG', `${file}: line ${line}: \\u needs four hexadecimal digits`, {
          remedy: 'write a backslash as \\\\',
          data: { file, line, exitCode: 2 },
        });
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    return ESCAPES[escaped] ?? escaped;
  });
}
