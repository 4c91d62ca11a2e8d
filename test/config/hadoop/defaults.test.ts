/**
 * A number, a flag or a time that the code reads must have a default, unless the code looks first whether it is set.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { configurationOf } from '../../../src/config/hadoop/load.js';

const src = fileURLToPath(new URL('../../../src/', import.meta.url));

test('what is read without a look has a default that parses', () => {
  const conf = configurationOf({});
  const bad: string[] = [];
  for (const name of readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))) {
    for (const [, getter, key] of readFileSync(join(src, name), 'utf8').matchAll(
      /conf\.(getInt|getBoolean|getTimeMs)\('([^']+)'\)/g,
    )) {
      try {
        conf[getter as 'getInt'](key!);
      } catch (error) {
        bad.push(`${name}: ${(error as Error).message}`);
      }
    }
  }
  expect(bad).toEqual([]);
});
