/**
 * Child processes as Exec: no stdin, output by lines, a process group of its own so that a time-out ends its children
 * too. execa starts them; it is loaded with the first, since most processes of a lab never start one.
 */
import { constants } from 'node:os';
import { LabError, messageOf } from '../../base/errors.js';
import type { Exec } from '../host.js';
import { lineSplitter } from './lines.js';

/** `env`: what a child inherits. */
export function createLiveExec(env: NodeJS.ProcessEnv): Exec {
  return Object.freeze<Exec>({
    prepare() {
      void import('execa');
    },
    async run({ file, args, env: more, onStdout, onStderr, timeoutMs }) {
      const { execa } = await import('execa');
      const child = execa(file, args, {
        env: { ...env, ...more },
        extendEnv: false,
        stdin: 'ignore',
        buffer: false,
        detached: true,
        reject: false,
      });
      const out = lineSplitter(onStdout);
      const err = lineSplitter(onStderr);
      child.stdout.on('data', out.data);
      child.stderr.on('data', err.data);
      const ended = child.then((result) => {
        if (result.exitCode === undefined && result.signal === undefined)
          throw new LabError('EXEC_FAILED', `cannot run ${file}: ${messageOf(result.cause)}`, {
            data: { file },
            cause: result.cause,
          });
        out.end();
        err.end();
        return { exitCode: exitCodeOfChild(result) };
      });
      if (timeoutMs === undefined) return ended;
      let timer: NodeJS.Timeout | undefined;
      const over = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          killGroup(child.pid);
          child.stdout.destroy();
          child.stderr.destroy();
          reject(
            new LabError('EXEC_TIMEOUT', `${file}: still running after ${timeoutMs} ms, killed`, {
              data: { file, timeoutMs },
            }),
          );
        }, timeoutMs);
      });
      // What comes of a child that was killed concerns nobody any more.
      ended.catch(() => {});
      return Promise.race([ended, over]).finally(() => clearTimeout(timer));
    },
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself just now.
  }
}

/** As a shell would report it. */
export function exitCodeOfChild(ended: {
  readonly exitCode?: number | undefined;
  readonly signal?: NodeJS.Signals | undefined;
}): number {
  return ended.exitCode ?? 128 + (ended.signal === undefined ? 0 : constants.signals[ended.signal]);
}
