/** A simulated process's Host: the machine's clock, network and disk, seen through one instance. */
import type { LabEvent, TraceEvent } from '../../base/events.js';
import { LabError } from '../../base/errors.js';
import type { Random } from '../../base/prng.js';
import type { Clock, Disk, Exec, Host, Log, Net, Timer } from '../host.js';
import type { Instance } from './instance.js';
import type { Kernel } from './kernel.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What a command that a role runs does: fencing scripts. Times are virtual. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout?: readonly string[];
  readonly stderr?: readonly string[];
  readonly tookMs?: number;
}

export type RunCommand = (
  command: { file: string; args: readonly string[]; env: Readonly<Record<string, string>> },
  by: Instance,
) => CommandResult;

export interface SimHostParts {
  readonly kernel: Kernel;
  readonly instance: Instance;
  readonly startWallMs: number;
  readonly net: Net;
  readonly disk: Disk;
  readonly random: Random;
  readonly runCommand: RunCommand;
  onEvent(event: LabEvent): void;
  onTrace(event: TraceEvent): void;
  onLog(level: LogLevel, message: string): void;
}

export function simHost(parts: SimHostParts): Host {
  const { kernel, instance } = parts;
  const random = kernel.random;
  /** As Node's: a millisecond at least, and never exact. Less would let a rest of a rounding error stop the time. */
  const late = (delayMs: number): number => Math.max(1, delayMs) + random.unit();

  const clock: Clock = {
    nowMs: () => kernel.nowMs,
    wallMs: () => parts.startWallMs + Math.floor(kernel.nowMs),
    after(delayMs, callback): Timer {
      let live = true;
      const scheduled = instance.schedule(late(delayMs), () => {
        if (live) {
          live = false;
          callback();
        }
      });
      return {
        cancel: () => {
          live = false;
          scheduled.run = undefined;
        },
      };
    },
    every(periodMs, callback): Timer {
      let live = true;
      let scheduled = instance.schedule(late(periodMs), tick);
      function tick(): void {
        if (!live) return;
        scheduled = instance.schedule(late(periodMs), tick);
        callback();
      }
      return {
        cancel: () => {
          live = false;
          scheduled.run = undefined;
        },
      };
    },
    soon: (callback) => void instance.schedule(0, callback),
  };

  const exec: Exec = {
    run: ({ file, args, env, onStdout, onStderr, timeoutMs }) =>
      new Promise((resolve, reject) => {
        instance.schedule(1, () => {
          const { exitCode, stdout = [], stderr = [], tookMs = 5 } = parts.runCommand({ file, args, env }, instance);
          if (timeoutMs !== undefined && tookMs > timeoutMs) {
            instance.schedule(timeoutMs, () =>
              reject(new LabError('EXEC_TIMEOUT', `${file}: still running after ${timeoutMs} ms, killed`)),
            );
            return;
          }
          instance.schedule(tookMs, () => {
            for (const line of stdout) onStdout(line);
            for (const line of stderr) onStderr(line);
            resolve({ exitCode });
          });
        });
      }),
  };

  const at =
    (level: LogLevel) =>
    (message: string): void => {
      if (!instance.dead) parts.onLog(level, message);
    };
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };

  return Object.freeze<Host>({
    id: instance.id,
    clock: Object.freeze(clock),
    net: parts.net,
    disk: parts.disk,
    random: parts.random,
    log: Object.freeze(log),
    exec: Object.freeze(exec),
    emit: (event) => {
      if (!instance.dead) parts.onEvent(event);
    },
    trace: (event) => {
      if (!instance.dead) parts.onTrace(event);
    },
    exit(code, reason) {
      if (instance.dead) return;
      parts.onEvent({ type: 'RoleStopped', code, reason });
      instance.finish({ how: 'exit', code, reason });
    },
  });
}
