/**
 * Child processes as Exec: no stdin, output by lines, a process group of its own so that a time-out ends its children
 * too.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { LabError } from '../../base/errors.js';
import type { Exec } from '../host.js';
import { lineSplitter } from './lines.js';

export const liveExec: Exec = Object.freeze<Exec>({
  run({ file, args, env, onStdout, onStderr, timeoutMs }) {
    return new Promise((resolve, reject) => {
      const child = spawn(file, args, {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      const out = lineSplitter(onStdout);
      const err = lineSplitter(onStderr);
      child.stdout.on('data', out.data);
      child.stderr.on('data', err.data);
      let over = false;
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              over = true;
              try {
                if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
              } catch {
                /* ended by itself just now */
              }
              child.stdout.destroy();
              child.stderr.destroy();
              reject(
                new LabError('EXEC_TIMEOUT', `${file}: still running after ${timeoutMs} ms, killed`, {
                  data: { file, timeoutMs },
                }),
              );
            }, timeoutMs);
      child.on('error', (error) => {
        clearTimeout(timer);
        reject(new LabError('EXEC_FAILED', `cannot run ${file}: ${error.message}`, { data: { file }, cause: error }));
      });
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        if (over) return;
        out.end();
        err.end();
        // As a shell would report it.
        resolve({ exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) });
      });
    });
  },
});
