/**
 * A path as it is typed: `hdfs://authority/path`, `hdfs:///path`, `/path`, or relative to the user's home. Mirrors
 * org.apache.hadoop.fs.Path and the names that PathData shows.
 */
import { posix } from 'node:path';
import { LineFault } from './fault.js';

export interface FsPath {
  readonly typed: string;
  readonly scheme: string | undefined;
  readonly authority: string | undefined;
  /** As typed, without empty components; empty for `hdfs://authority`. */
  readonly path: string;
}

/** Throws LineFault. */
export function parsePath(typed: string): FsPath {
  if (typed === '') throw new LineFault('Can not create a Path from an empty string');
  const colon = typed.indexOf(':');
  const slash = typed.indexOf('/');
  const scheme = colon >= 0 && (slash < 0 || colon < slash) ? typed.slice(0, colon) : undefined;
  let rest = scheme === undefined ? typed : typed.slice(colon + 1);
  let authority: string | undefined;
  if (rest.startsWith('//') && rest.length > 2) {
    const end = rest.indexOf('/', 2);
    authority = rest.slice(2, end < 0 ? rest.length : end);
    if (authority === '') authority = undefined;
    rest = end < 0 ? '' : rest.slice(end);
  }
  const path = rest.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
  if (scheme !== undefined && authority === undefined && !path.startsWith('/')) throw notAbsolute(typed);
  const odd = path.split('/').find((part) => part.includes(':'));
  if (odd !== undefined) throw notAbsolute(odd);
  return { typed, scheme, authority, path };
}

function notAbsolute(text: string): LineFault {
  return new LineFault(`java.net.URISyntaxException: Relative path in absolute URI: ${text}`);
}

/** The whole path in its file system. */
export function absolute(path: FsPath, home: string): string {
  return posix.resolve('/', home, path.path);
}

/** How an entry is shown that was found by what was typed: with as much in front of its path as was typed. */
export function shownAs(typed: FsPath, found: string, home: string): string {
  if (typed.scheme !== undefined) return `${typed.scheme}://${typed.authority ?? ''}${found}`;
  return typed.path.startsWith('/') ? found : posix.relative(home, found) || '.';
}

export function childOf(shown: string, name: string): string {
  if (shown === '.') return name;
  return `${shown}${shown.endsWith('/') ? '' : '/'}${name}`;
}
