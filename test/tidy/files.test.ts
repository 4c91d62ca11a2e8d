/** Nothing is dead, too long or unused, and nothing lies where it should not. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importsOf, lab, root, src, srcImports, tests } from './sources.js';

const everything = [...src, ...tests, ...lab];
const testImports = [...tests, ...lab].flatMap(importsOf);

/** Files that are run, not imported: the programs that lab/bundle.mjs packs, and what a program's text names. */
function isStarted(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.ts$/, '.js');
  return everything.some(
    (file) => file.path !== path && new RegExp(`['"/]${name.replace('.', '\\.')}['"]`).test(file.text),
  );
}

describe('nothing is dead', () => {
  test('every source is imported by a source, or is a program', () => {
    const used = new Set(srcImports.map(({ to }) => to));
    const dead = src.filter(({ path }) => !used.has(path) && !isStarted(path));
    expect(dead.map(({ path }) => path)).toEqual([]);
  });

  test('every file of the tests is a test, or is used by one', () => {
    const used = new Set(testImports.map(({ to }) => to));
    const dead = tests.filter(
      ({ path }) =>
        !/\.(test|bench)\.ts$/.test(path) &&
        !/^test\/bench\/[^/]*\.mjs$/.test(path) &&
        !/vitest\.config\.ts$/.test(path) &&
        !used.has(path) &&
        !isStarted(path),
    );
    expect(dead.map(({ path }) => path)).toEqual([]);
  });

  test('every exported value is mentioned somewhere else', () => {
    const words = new Map<string, Set<string>>();
    for (const { path, text } of everything) {
      for (const word of new Set(text.match(/\b[A-Za-z_$][\w$]*\b/g) ?? [])) {
        const paths = words.get(word) ?? new Set();
        words.set(word, paths.add(path));
      }
    }
    const dead: string[] = [];
    for (const { path, text } of src) {
      for (const [, name] of text.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)) {
        const inItsOwnFile = text.split(new RegExp(`\\b${name!}\\b`)).length - 1;
        if (words.get(name!)!.size === 1 && inItsOwnFile === 1) dead.push(`${path}: ${name!}`);
      }
    }
    expect(dead).toEqual([]);
  });

  test('every package is used', () => {
    const { dependencies, devDependencies, scripts } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    ) as Record<string, Record<string, string>>;
    const packageOf = (name: string): string => name.split('/', name.startsWith('@') ? 2 : 1).join('/');
    const imported = new Set([...srcImports, ...testImports].map(({ to }) => packageOf(to)));
    const named = [...everything.map(({ text }) => text), ...Object.values(scripts!), generatorSettings()].join('\n');
    const isUsed = (name: string): boolean =>
      imported.has(name) ||
      // A program that is run: by its path, or by the name of its command.
      named.includes(`node_modules/${name}/`) ||
      named.includes(`'${name}'`) ||
      named.includes(`'${name}/`) ||
      commandsOf(name).some((command) => new RegExp(`(^|\\s|/)${command}\\s`, 'm').test(named));
    expect(Object.keys(dependencies!).filter((name) => !imported.has(name))).toEqual([]);
    expect(Object.keys(devDependencies!).filter((name) => !isUsed(name) && !name.startsWith('@types/'))).toEqual([]);
  });

  function commandsOf(name: string): string[] {
    const { bin } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
      bin?: string | Record<string, string>;
    };
    return bin === undefined ? [] : typeof bin === 'string' ? [name] : Object.keys(bin);
  }

  /** What `npm run gen` reads. */
  function generatorSettings(): string {
    const folder = join(root, 'src/wire/hadoop/proto');
    return readdirSync(folder)
      .filter((name) => /\.(ya?ml|mjs)$/.test(name))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
  }
});

describe('nothing is too long', () => {
  test('a line has at most 120 columns', () => {
    const long = everything.flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) => (line.length > 120 ? [`${path}:${index + 1} (${line.length})`] : [])),
    );
    expect(long).toEqual([]);
  });

  test('a source file has at most 400 lines', () => {
    const long = src.map(({ path, text }) => [path, text.split('\n').length - 1] as const);
    expect(long.filter(([, lines]) => lines > 400).map(([path, lines]) => `${path} (${lines})`)).toEqual([]);
  });
});

describe('everything has its place', () => {
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
    const own = new Set(['apache', 'bench', 'sim', 'tidy', 'lab']);
    const folders = new Set(
      tests.map(({ path }) => relative('test', path).split(sep)[0]!).filter((name) => !/\.(ts|mjs)$/.test(name)),
    );
    const rooms = new Set(readdirSync(join(root, 'src')));
    expect([...folders].filter((name) => !own.has(name) && !rooms.has(name))).toEqual([]);
  });
});
