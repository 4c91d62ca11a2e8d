/** The version that package.json names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../cluster/package-root.js';

export function version(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}
