/** What /proc tells of a process: enough to know whether it is still the one that was started. Linux only. */
import { readFileSync, readdirSync } from 'node:fs';

export interface ProcStat {
  /** Field 3: `R`, `S`, `T` (stopped), ... */
  readonly state: string;
  /** Field 22: clock ticks after boot when it started. */
  readonly startTicks: string;
  /**
   * Killed, not yet fetched by its parent, which may take its time, and its last thread is gone: it holds no lock and
   * no port any more.
   */
  readonly over: boolean;
}

/** Undefined where there is no /proc, or no such process. */
export function procStat(pid: number): ProcStat | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name in parentheses may hold anything; what follows the last one does not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0]!;
  return { state, startTicks: fields[19]!, over: (state === 'Z' || state === 'X') && threadsOf(pid) <= 1 };
}

function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}
