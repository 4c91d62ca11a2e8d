/**
 * Lock files that die with their process: the file names the holder by pid and start time, and whoever finds one whose
 * process is gone (or whose pid now belongs to another process) takes it over.
 */
import { link, readFile, realpath, rename, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { LabError } from '../../base/errors.js';
import { systemCode } from './errors.js';
import { procStat } from './proc-stat.js';

/** Locks this very process holds: its own pid in a file proves nothing else. */
const held = new Set<string>();
let counter = 0;

/** Clock ticks after boot when the process started; undefined where there is no /proc, or no such process. */
export function processStartTicks(pid: number): string | undefined {
  return procStat(pid)?.startTicks;
}

function isAlive(pid: number, startTicks: string | undefined): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) !== 'EPERM') return false;
  }
  const stat = procStat(pid);
  if (stat === undefined) return true;
  if (stat.over) return false;
  return startTicks === undefined || stat.startTicks === startTicks;
}

/**
 * `at` is where the file lies on this machine, in a directory that is there; `shown` is the role's name for it. Two
 * names of one directory are one lock. Rejects LOCKED; other failures as Node's errors.
 */
export async function takeLock(at: string, shown: string): Promise<{ release(): Promise<void> }> {
  const path = join(await realpath(dirname(at)), basename(at));
  const mine = `${process.pid}@${hostname()} ${processStartTicks(process.pid) ?? ''}\n`;
  const own = `${path}.${process.pid}.${++counter}`;
  await writeFile(own, mine);
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      try {
        // link, unlike open, makes the file appear with its content.
        await link(own, path);
        held.add(path);
        return {
          async release() {
            if (!held.delete(path)) return;
            await unlink(path).catch(() => {});
          },
        };
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw error;
      }
      let found: string;
      try {
        found = await readFile(path, 'utf8');
      } catch (error) {
        if (systemCode(error) === 'ENOENT') continue;
        throw error;
      }
      const holder = /^(\d+)\S*(?: (\d+))?/.exec(found);
      const pid = holder === null ? undefined : Number(holder[1]);
      const taken = pid !== undefined && (pid === process.pid ? held.has(path) : isAlive(pid, holder![2]));
      if (taken) {
        throw new LabError('LOCKED', `${shown}: held by process ${pid}`, {
          remedy: `stop process ${pid} first, or give this one a directory of its own`,
          data: { path: shown, pid },
        });
      }
      // Stale. Moved away rather than removed, so that of two who find it only one goes on with this very file.
      const stale = `${own}.stale`;
      try {
        await rename(path, stale);
        if ((await readFile(stale, 'utf8')) === found) await unlink(stale);
        else await link(stale, path).finally(() => unlink(stale));
      } catch (error) {
        if (!['ENOENT', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
      }
    }
    throw new LabError('LOCKED', `${shown}: others keep taking it`, {
      remedy: 'start one process at a time on this directory',
    });
  } finally {
    await unlink(own).catch(() => {});
  }
}
