/**
 * A hosts file (`address name…`, `#` comments) as a table, names in small letters. Apart from environment.ts, since
 * every role's process reads one.
 */
import { readFileSync } from 'node:fs';

export function readHostsFile(path: string): ReadonlyMap<string, string> {
  const table = new Map<string, string>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    for (const name of names) table.set(name.toLowerCase(), address!);
  }
  return table;
}
