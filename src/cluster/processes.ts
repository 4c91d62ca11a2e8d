/**
 * What the operating system knows of a process: whether it is the one that was started (a pid alone is reused), whether
 * it is stopped by SIGSTOP, how long it runs, how much memory is its own. Linux from /proc, elsewhere from ps, called
 * in place: a pid file is read where nobody can wait, and most programs of the lab would load execa for nothing else.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { procStat } from '../host/live/proc-stat.js';

export interface ProcessFacts {
  /** Something that differs between two processes that had the same pid. */
  readonly birth: string;
  readonly paused: boolean;
  readonly uptimeMs: number | undefined;
}

const onLinux = process.platform === 'linux';
/** USER_HZ: what /proc counts in, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Undefined if there is no such process, or only its zombie is left. */
export function processFacts(pid: number): ProcessFacts | undefined {
  return onLinux ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): ProcessFacts | undefined {
  const stat = procStat(pid);
  if (stat === undefined || stat.over) return undefined;
  const startTicks = Number(stat.startTicks);
  const uptimeSeconds = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  return {
    birth: String(startTicks),
    paused: stat.state === 'T' || stat.state === 't',
    uptimeMs: Math.max(0, Math.round((uptimeSeconds - startTicks / TICKS_PER_SECOND) * 1000)),
  };
}

function fromPs(pid: number): ProcessFacts | undefined {
  let line: string;
  try {
    line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C' },
    }).trim();
  } catch {
    return undefined;
  }
  const match = /^(\S+)\s+(.+)$/.exec(line);
  if (match === null || match[1]!.startsWith('Z')) return undefined;
  const started = Date.parse(match[2]!);
  return {
    birth: match[2]!,
    paused: match[1]!.startsWith('T'),
    uptimeMs: Number.isNaN(started) ? undefined : Math.max(0, Date.now() - started),
  };
}

/**
 * Proportional set size in KiB: what shared pages cost is divided among those who share. Undefined where it cannot be
 * had.
 */
export function pssKb(pid: number): number | undefined {
  if (!onLinux) return undefined;
  try {
    const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
    return match === null ? undefined : Number(match[1]);
  } catch {
    return undefined;
  }
}
