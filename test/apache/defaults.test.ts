/**
 * Hadoop's own defaults, as the jars declare them, are what `config/hadoop/gen` holds: `vitest -u` on this file writes
 * them anew for another release.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { readPropertyFile } from '../../src/config/hadoop/xml.js';
import { jar } from './apache.js';

const work = mkdtempSync(join(tmpdir(), 'halab-defaults-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const gen = fileURLToPath(new URL('../../src/config/hadoop/gen/', import.meta.url));

/** The file as TypeScript: keys in the order of the alphabet, empty values left out since they set nothing. */
function asSource(file: string, name: string): string {
  const settings = new Map(readPropertyFile(join(work, file)).map(({ name: key, value }) => [key, value]));
  const lines = [...settings]
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`);
  return (
    `/** ${file} of Hadoop 3.3.6, written by test/apache/defaults.test.ts. */\n` +
    `export const ${name}: Readonly<Record<string, string>> = {\n${lines.join('')}};\n`
  );
}

test.each([
  ['core-default.xml', 'hadoop-common-3', 'CORE_DEFAULTS', 'core-default.ts'],
  ['hdfs-default.xml', 'hadoop-hdfs-3', 'HDFS_DEFAULTS', 'hdfs-default.ts'],
])('%s', async (file, prefix, name, source) => {
  execFileSync('jar', ['xf', jar('hadoop', prefix), file], { cwd: work });
  await expect(asSource(file, name)).toMatchFileSnapshot(join(gen, source));
});
