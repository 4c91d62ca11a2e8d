/**
 * Node on a real machine as a Host: TCP, files and LevelDB, timers, child processes, a log of lines, events as NDJSON.
 * One per role, one role a process; also for command-line clients. Which role runs on it is `cli`'s affair.
 */
import { randomBytes } from 'node:crypto';
import type { LabEvent } from '../../base/events.js';
import { SeededRandom } from '../../base/prng.js';
import type { Host } from '../host.js';
import { liveClock } from './clock.js';
import { liveDisk } from './disk.js';
import { eventLine } from './event-log.js';
import { createLiveExec } from './exec.js';
import { lineLog, type LogLevel } from './log.js';
import { liveNet } from './net.js';
import { batchingSink, fileSink, type Sink } from './sink.js';

export interface LiveHostOptions {
  readonly id: string;
  /** The role's own address: connections to other loopback addresses leave from it. */
  readonly address?: string | undefined;
  /** Directory below which the role's absolute paths lie; absent: the machine's own. */
  readonly root?: string | undefined;
  /** Names that this lab knows, before the machine's resolver is asked. */
  readonly hosts?: ReadonlyMap<string, string> | undefined;
  /** Events are appended there as NDJSON. */
  readonly eventsFile?: string | undefined;
  readonly logFile?: string | undefined;
  /** `process.stderr`, for a role in the foreground. May stand beside `logFile`. */
  readonly logStream?: { write(text: string): unknown } | undefined;
  /** What children inherit; default: this process's own. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Default `info`. */
  readonly logLevel?: LogLevel | undefined;
}

export interface LiveHost extends Host {
  /** Writes out log and events gathered this turn. `exit` and the end of the process do it by themselves. */
  flush(): void;
}

/** One listener for all hosts of a process: tests and tools make many. */
const flushes = new Set<() => void>();
process.on('exit', () => {
  for (const flush of flushes) flush();
});

export function createLiveHost(options: LiveHostOptions): LiveHost {
  const { id, logStream } = options;
  const logSinks: Sink[] = [];
  if (options.logFile !== undefined) logSinks.push(fileSink(options.logFile));
  if (logStream !== undefined) logSinks.push(batchingSink((text) => void logStream.write(text)));
  const events = options.eventsFile === undefined ? undefined : fileSink(options.eventsFile);
  const log = lineLog(id, options.logLevel ?? 'info', logSinks, liveClock.wallMs);

  const flush = (): void => {
    for (const sink of logSinks) sink.flush();
    events?.flush();
  };
  flushes.add(flush);

  const emit = (event: LabEvent): void => events?.write(eventLine(event, liveClock.wallMs(), id));

  return Object.freeze<LiveHost>({
    id,
    clock: liveClock,
    net: liveNet(options),
    disk: liveDisk(options),
    random: new SeededRandom(randomBytes(8).readBigUInt64BE(), randomBytes(4).readInt32BE()),
    log,
    exec: createLiveExec(options.env ?? process.env),
    emit,
    trace: undefined,
    exit(code, reason) {
      log[code === 0 ? 'info' : 'error'](`exiting with code ${code}: ${reason}`);
      emit({ type: 'RoleStopped', code, reason });
      flush();
      process.exit(code);
    },
    flush,
  });
}
