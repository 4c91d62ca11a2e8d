/** Kills, pauses, resumes and stops processes of a lab: what a person does to a machine, by signals. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../base/errors.js';
import type { Lab } from './lab.js';
import { writeLabEvent } from './lab-events.js';
import { readPidFile, removePidFile } from './pid-file.js';
import type { PlannedRole } from './plan.js';
import { processFacts } from './processes.js';
import { pidFile } from './state-dir.js';

export type ControlAction = 'kill' | 'pause' | 'resume';

export interface Controlled {
  readonly role: PlannedRole;
  /** Undefined: it was not running. */
  readonly pid: number | undefined;
}

const SIGNALS = { kill: 'SIGKILL', pause: 'SIGSTOP', resume: 'SIGCONT' } as const;
const EVENTS = { kill: 'RoleKilled', pause: 'RolePaused', resume: 'RoleResumed' } as const;

/**
 * Sends the signal to each at once (a host dies as a whole). A role that does not run is left alone, unless none does:
 * then LabError `NOT_RUNNING`. A killed process is gone when this resolves; its pid file stays, as after a real crash.
 * Needs no lock of the lab.
 */
export async function control(
  lab: Lab,
  roles: readonly PlannedRole[],
  action: ControlAction,
): Promise<readonly Controlled[]> {
  if (process.platform === 'win32' && action !== 'kill')
    throw new LabError('UNSUPPORTED', `${action} needs SIGSTOP, which Windows lacks`, { remedy: 'run the lab in WSL' });
  const done = roles.map((role): Controlled => {
    const found = readPidFile(pidFile(lab.dir, role.id));
    return { role, pid: found.kind === 'alive' ? found.pid : undefined };
  });
  // A host is lost all at once: nothing comes between the signals, and the ZKFC, which could still tell of the
  // NameNode's death, gets the first.
  const zkfcFirst = [...done].sort((a, b) => Number(b.role.kind === 'zkfc') - Number(a.role.kind === 'zkfc'));
  for (const { pid } of zkfcFirst) {
    try {
      if (pid !== undefined) process.kill(pid, SIGNALS[action]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // ended by itself just now
    }
  }
  for (const { role, pid } of done)
    if (pid !== undefined) writeLabEvent(lab, { type: EVENTS[action], target: role.id, pid });
  if (done.every(({ pid }) => pid === undefined)) {
    throw new LabError('NOT_RUNNING', `${roles.map((role) => role.id).join(', ')}: not running`, {
      remedy: `start it with \`halab start ${roles.map((role) => role.id).join(' ')}\``,
    });
  }
  if (action === 'kill') for (const { pid } of done) if (pid !== undefined) await goneWithin(pid, 5000);
  return done;
}

/** How long an orderly stop may take before it is a kill. */
const STOP_LIMIT_MS = 8000;

/**
 * SIGTERM, and SIGKILL to what does not go in time; paused ones are woken to hear it. In waves, so that a NameNode can
 * still close its segment on JournalNodes that live. Pid files are removed. Resolves with those that had to be killed.
 * The caller holds the lab's lock.
 */
export async function stopRoles(
  lab: Lab,
  roles: readonly PlannedRole[],
  limitMs = STOP_LIMIT_MS,
): Promise<readonly PlannedRole[]> {
  const killed: PlannedRole[] = [];
  for (const wave of [['zkfc'], ['namenode'], ['journalnode', 'zookeeper']]) {
    await Promise.all(
      roles
        .filter((role) => wave.includes(role.kind))
        .map(async (role) => {
          const path = pidFile(lab.dir, role.id);
          const found = readPidFile(path);
          if (found.kind === 'alive') {
            if (!(await stopProcess(found.pid, limitMs))) killed.push(role);
          }
          removePidFile(path);
        }),
    );
  }
  return killed;
}

/** False if it had to be killed. */
export async function stopProcess(pid: number, limitMs: number): Promise<boolean> {
  send(pid, 'SIGTERM');
  send(pid, 'SIGCONT');
  if (await goneWithin(pid, limitMs)) return true;
  send(pid, 'SIGKILL');
  await goneWithin(pid, 5000);
  return false;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone meanwhile.
  }
}

/** True once there is no such process (or another has its pid). */
export async function goneWithin(pid: number, limitMs: number): Promise<boolean> {
  const birth = processFacts(pid)?.birth;
  if (birth === undefined) return true;
  const deadline = Date.now() + limitMs;
  for (let waitMs = 4; ; waitMs = Math.min(waitMs * 2, 50)) {
    if (processFacts(pid)?.birth !== birth) return true;
    if (Date.now() >= deadline) return false;
    await sleep(waitMs);
  }
}
