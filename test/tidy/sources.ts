/** The tree as the tidy tests see it: source files as text, and who imports whom. Generated code and its
 * generator are left out. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Source {
  /** From the root of the project, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly from: string;
  /** A path like `from`, or the name of a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

export function sourcesIn(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).split(sep).join('/'))
    .filter((name) => /\.(ts|mjs)$/.test(name) && !/\/(gen|proto)\//.test(name))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

const STATIC_IMPORT = String.raw`(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'`;
const LATE_IMPORT = String.raw`import\(\s*(?:\/\*.*?\*\/\s*)?'([^']+)'\s*\)`;

export function importsOf({ path, text }: Source): Import[] {
  const found: Import[] = [];
  for (const match of text.matchAll(new RegExp(`${STATIC_IMPORT}|${LATE_IMPORT}`, 'g'))) {
    const target = match[2] ?? match[3]!;
    const to = target.startsWith('.')
      ? normalize(join(dirname(path), target))
          .split(sep)
          .join('/')
          .replace(/\.js$/, '.ts')
      : target;
    found.push({ from: path, to, typeOnly: match[1] !== undefined });
  }
  return found;
}

/** `cli` of `src/cli/commands/up.ts`; a package's name is its own folder. */
export const folderOf = (path: string): string => (path.startsWith('src/') ? path.split('/')[1]! : path);

export const roles = ['zookeeper', 'journal', 'namenode', 'datanode', 'zkfc'];

export const src = sourcesIn('src');
export const tests = sourcesIn('test');
export const lab = sourcesIn('lab');
export const srcImports = src.flatMap(importsOf);
