/** What a role may touch (its Host and nothing else), and what a machine may do (decide, and nothing else). */
import { describe, expect, test } from 'vitest';
import { folderOf, roles, src, srcImports, type Source } from './sources.js';

const worldless = ['base', 'wire', 'config', ...roles];

/** The lines of a file without comments and strings that match. */
function linesWith({ path, text }: Source, pattern: RegExp): string[] {
  const found: string[] = [];
  text.split('\n').forEach((line, index) => {
    const code = line
      .replace(/^\s*(\*|\/\*|\/\/).*$/, '')
      .replace(/\/\/.*$/, '')
      .replace(/(['"`])(?:\\.|(?!\1).)*\1/g, "''");
    if (pattern.test(code)) found.push(`${path}:${index + 1}: ${line.trim()}`);
  });
  return found;
}

describe('what a role may touch', () => {
  test('no Node module but through a Host', () => {
    const bad = srcImports.filter(({ from, to }) => {
      if (!worldless.includes(folderOf(from))) return false;
      if (!to.startsWith('node:')) return false;
      // Pure computations, and reading the user's files, which is what config is for.
      if (['node:crypto', 'node:zlib'].includes(to)) return false;
      return !(folderOf(from) === 'config' && ['node:fs', 'node:path', 'node:child_process', 'node:os'].includes(to));
    });
    expect(bad.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test("no clock, timer, chance or console but the Host's", () => {
    const forbidden = new RegExp(
      '\\b(setTimeout|setInterval|setImmediate|queueMicrotask|Math\\.random|Date\\.now|performance\\.now|' +
        'new Date\\(\\)|console\\.|process\\.)',
    );
    const files = src.filter(({ path }) => worldless.includes(folderOf(path)));
    expect(files.flatMap((file) => linesWith(file, forbidden))).toEqual([]);
  });
});

describe('what a machine may do', () => {
  const machines = src.filter(({ text }) => /^(export )?class \w+ implements Machine</m.test(text));

  test('there are machines', () => {
    // Else the next test would hold nothing.
    expect(machines.length).toBeGreaterThanOrEqual(10);
  });

  test('it never waits, and does nothing itself', () => {
    expect(machines.flatMap((file) => linesWith(file, /\b(await\s|async\s|Promise\b|host\.|clock\.)/))).toEqual([]);
  });
});
