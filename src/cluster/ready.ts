/**
 * Waiting for roles by asking them, with a limit; a process that dies while it is waited for ends the wait with the end
 * of its log.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../base/errors.js';
import type { Lab } from './lab.js';
import { readPidFile } from './pid-file.js';
import type { PlannedRole } from './plan.js';
import { hostRoot, logFile, pidFile, stateDir } from './state-dir.js';

export interface WaitOptions {
  readonly limitMs: number;
  /** What is waited for, for the message: `m1:9000 to answer`. */
  readonly what: string;
  /** Their death ends the wait. */
  readonly roles?: readonly PlannedRole[];
  readonly pollMs?: number;
}

/** Resolves with the first result that is not undefined. Rejects LabError `ROLE_DIED`, `NOT_READY`. */
export async function waitFor<T>(lab: Lab, options: WaitOptions, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + options.limitMs;
  let last: unknown;
  for (;;) {
    try {
      const result = await look();
      if (result !== undefined) return result;
      last = undefined;
    } catch (error) {
      last = error;
    }
    for (const role of options.roles ?? []) {
      if (readPidFile(pidFile(lab.dir, role.id)).kind !== 'alive') throw roleDied(lab, role);
    }
    if (Date.now() >= deadline) {
      throw new LabError(
        'NOT_READY',
        `waited ${Math.round(options.limitMs / 1000)} s for ` +
          `${options.what}${last instanceof Error ? `: ${last.message}` : ''}`,
        {
          remedy: `see \`halab status\` and the logs in ${stateDir(lab.dir).logsDir}`,
          ...(last === undefined ? {} : { cause: last }),
        },
      );
    }
    await sleep(options.pollMs ?? 20);
  }
}

export function roleDied(lab: Lab, role: PlannedRole): LabError {
  const path = logFile(lab.dir, role.id);
  const why = lastError(path);
  return new LabError('ROLE_DIED', `${role.id} ended while it was started${why === undefined ? '' : `: ${why}`}`, {
    remedy: `its log is ${path}; what ${role.host} calls / is ${hostRoot(lab.dir, role.host)}`,
    data: { role: role.id },
  });
}

const STAMPED = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/;
/** Of a message of many lines, so many are told; the log has the rest. */
const MAX_LINES = 8;

/** The last line of a log that is an error, without its stamp, with the lines that belong to it. */
export function lastError(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const lines = text.trimEnd().split('\n').slice(-40);
  let at = lines.findLastIndex((line) => STAMPED.test(line) && / (ERROR|FATAL) /.test(line));
  // What is not a role's own word: Node's, the shell's.
  if (at < 0) at = lines.findLastIndex((line) => /^\S.*(Error|error|cannot|missing)/.test(line));
  if (at < 0) return lines.at(-1) === '' ? undefined : lines.at(-1);
  const end = lines.findIndex((line, index) => index > at && (STAMPED.test(line) || index >= at + MAX_LINES));
  return lines
    .slice(at, end < 0 ? undefined : end)
    .join('\n')
    .replace(/^\S+ \S+ (ERROR|FATAL)\s+\S+: /, '')
    .replace(/^exiting with code \d+: /, '');
}
