/** How a file is written: formatted, typed, opened with what it is. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lab, root, src, tests } from './sources.js';

describe('how a file is written', () => {
  test('as the formatter writes it (npm run format)', () => {
    const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [biome, 'format', '--config-path=test/format.json', 'src', 'test', 'lab'],
      { cwd: root, encoding: 'utf8' },
    );
    expect(status, `${stdout}${stderr}`.slice(0, 4000)).toBe(0);
  });

  test('sources and tests agree with their types', () => {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const project = join(root, 'test', 'tsconfig.json');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  }, 120_000);

  test('opens with what it is', () => {
    expect(src.filter(({ text }) => !/^(#!.*\n)?\/\*\*/.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('named exports only', () => {
    expect(src.filter(({ text }) => /^export default\b/m.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('no word for a tool that the project does not have', () => {
    const all = [...src, ...tests, ...lab].filter(({ path }) => !path.startsWith('test/tidy/'));
    expect(all.filter(({ text }) => /eslint-disable|prettier-ignore/.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
