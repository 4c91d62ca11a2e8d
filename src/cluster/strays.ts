/**
 * Role processes of a lab that no pid file speaks of: found by the lab's directory in their environment. Linux only.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Pids, ascending. Shells and commands of the lab are not among them: only roles carry HALAB_ID. */
export function strayProcesses(labDir: string): readonly number[] {
  if (process.platform !== 'linux') return [];
  const out: number[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    let environment: string;
    try {
      environment = readFileSync(`/proc/${name}/environ`, 'latin1');
    } catch {
      continue; // another user's, or gone
    }
    const entries = environment.split('\0');
    if (entries.includes(`HALAB_DIR=${labDir}`) && entries.some((entry) => entry.startsWith('HALAB_ID=')))
      out.push(Number(name));
  }
  return out.sort((a, b) => a - b);
}
