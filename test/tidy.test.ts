/**
 * The house rules of src/ARCHITECTURE.md, held by reading the sources as text: who may import whom, what a role may
 * touch, and how a file opens. Generated code is left out.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).split(sep).join('/'))
    .filter((name) => name.endsWith('.ts') && !name.includes('/gen/'))
    .sort();
}

const files = sources('src').map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function importsOf(path: string, text: string): Import[] {
  const found: Import[] = [];
  const pattern = /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\(\s*'([^']+)'\s*\)/g;
  for (const match of text.matchAll(pattern)) {
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

const all = files.flatMap(({ path, text }) => importsOf(path, text));
const folderOf = (path: string): string => (path.startsWith('src/') ? path.split('/')[1]! : path);

const roles = ['zookeeper', 'journal', 'namenode', 'datanode', 'zkfc'];

/** folder -> folders it may import; single files are named whole. */
const allowed: Record<string, readonly string[]> = {
  base: [],
  host: ['base'],
  wire: ['base', 'src/host/host.ts'],
  config: ['base'],
  zookeeper: ['base', 'src/host/host.ts', 'src/host/role.ts', 'wire', 'config'],
  journal: ['base', 'src/host/host.ts', 'src/host/role.ts', 'wire', 'config'],
  namenode: [
    'base',
    'src/host/host.ts',
    'src/host/role.ts',
    'wire',
    'config',
    'src/journal/writer/',
    'src/journal/config.ts',
  ],
  datanode: ['base', 'src/host/host.ts', 'src/host/role.ts', 'wire', 'config'],
  zkfc: ['base', 'src/host/host.ts', 'src/host/role.ts', 'wire', 'config', 'src/zookeeper/client/'],
  cluster: ['base', 'host', 'wire', 'config', ...roles],
  drill: ['base', 'host', 'wire', 'config', 'cluster', ...roles],
  dashboard: ['base', 'wire', 'config', 'cluster', 'drill'],
};

describe('who may import whom', () => {
  for (const [folder, may] of Object.entries(allowed)) {
    test(folder, () => {
      const bad = all.filter(({ from, to }) => {
        if (folderOf(from) !== folder || !to.startsWith('src/') || folderOf(to) === folder) return false;
        return !may.some((entry) => (entry.startsWith('src/') ? to.startsWith(entry) : folderOf(to) === entry));
      });
      expect(bad.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
    });
  }

  test('only cli and drill choose a host', () => {
    const bad = all.filter(
      ({ from, to, typeOnly }) =>
        /^src\/host\/(live|sim)\//.test(to) &&
        !['host', 'cli', 'drill', 'cluster'].includes(folderOf(from)) &&
        !typeOnly,
    );
    expect(bad.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('no circle among files', () => {
    const graph = new Map<string, string[]>();
    for (const { from, to, typeOnly } of all) {
      if (typeOnly || !to.startsWith('src/')) continue;
      graph.set(from, [...(graph.get(from) ?? []), to]);
    }
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (node: string, path: string[]): void => {
      if (path.includes(node)) {
        circles.push([...path.slice(path.indexOf(node)), node].join(' -> '));
        return;
      }
      if (done.has(node)) return;
      for (const next of graph.get(node) ?? []) visit(next, [...path, node]);
      done.add(node);
    };
    for (const node of [...graph.keys()].sort()) visit(node, []);
    expect(circles).toEqual([]);
  });
});

describe('what a role may touch', () => {
  const worldless = ['base', 'wire', 'config', ...roles];

  test('no Node module but through a Host', () => {
    const bad = all.filter(({ from, to }) => {
      if (!worldless.includes(folderOf(from))) return false;
      if (!to.startsWith('node:')) return false;
      // Pure computations, and reading the user's files, which is what config is for.
      if (['node:crypto', 'node:zlib'].includes(to)) return false;
      return !(folderOf(from) === 'config' && ['node:fs', 'node:path'].includes(to));
    });
    expect(bad.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test("no clock, timer, chance or console but the Host's", () => {
    const forbidden =
      /\b(setTimeout|setInterval|setImmediate|queueMicrotask|Math\.random|Date\.now|performance\.now|new Date\(\)|console\.|process\.)/;
    const bad: string[] = [];
    for (const { path, text } of files) {
      if (!worldless.includes(folderOf(path))) continue;
      text.split('\n').forEach((line, index) => {
        const code = line
          .replace(/^\s*(\*|\/\*|\/\/).*$/, '')
          .replace(/\/\/.*$/, '')
          .replace(/(['"`])(?:\\.|(?!\1).)*\1/g, "''");
        if (forbidden.test(code)) bad.push(`${path}:${index + 1}: ${line.trim()}`);
      });
    }
    expect(bad).toEqual([]);
  });
});

describe('how a file is written', () => {
  test('sources and tests agree with their types', () => {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', join(root, 'test', 'tsconfig.json')], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  }, 120_000);

  test('opens with what it is', () => {
    expect(files.filter(({ text }) => !/^(#!.*\n)?\/\*\*/.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('named exports only', () => {
    expect(files.filter(({ text }) => /^export default\b/m.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('the top level holds what it should', () => {
    const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
    const top = [...new Set(tracked.map((path) => path.split('/')[0]!))].sort();
    const may = [
      '.ci',
      '.gitignore',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'configs',
      'lab',
      'package-lock.json',
      'package.json',
      'src',
      'test',
      'tsconfig.json',
    ];
    expect(top.filter((name) => !may.includes(name))).toEqual([]);
  });

  test('every tested folder mirrors a source folder', () => {
    const own = new Set(['apache', 'bench', 'sim', 'cli', 'lab']);
    const folders = [
      ...new Set(
        sources('test')
          .map((path) => relative('test', path).split(sep)[0]!)
          .filter((name) => !name.endsWith('.ts')),
      ),
    ];
    const src = new Set(readdirSync(join(root, 'src')));
    expect(folders.filter((name) => !own.has(name) && !src.has(name))).toEqual([]);
  });
});
