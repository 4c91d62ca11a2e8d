/**
 * A small Host in virtual time for tests of the server half: timers run when the test says so, and clients are byte
 * queues in memory. Nothing is delivered inside the call that sent it, as with the real hosts.
 */
import { SeededRandom } from '../../../src/base/prng.js';
import type { LabEvent, TraceEvent } from '../../../src/base/events.js';
import type { Endpoint, Host, Stream, StreamHandler, Timer } from '../../../src/host/host.js';

interface Due {
  atMs: number;
  order: number;
  run: () => void;
  cancelled: boolean;
}

/** A client's end of a connection, as a test sees it. */
export interface FakeClient {
  send(bytes: Uint8Array): void;
  /** Bytes received and not yet taken. */
  take(): Buffer;
  close(): void;
  readonly closedByServer: boolean;
  readonly serverPaused: boolean;
  /** How often the server has written. */
  readonly writeCount: number;
}

export interface FakeHost extends Host {
  readonly events: LabEvent[];
  readonly traces: TraceEvent[];
  readonly logLines: string[];
  /** Runs everything due now, without moving time. */
  settle(): void;
  /** Moves time, running what falls due on the way. */
  advance(ms: number): void;
  connect(from?: Endpoint): FakeClient;
}

export function fakeHost(options: { wallMs?: number } = {}): FakeHost {
  let nowMs = 1000;
  let order = 0;
  let queue: Due[] = [];
  let accept: ((stream: Stream) => StreamHandler) | undefined;
  let port = 40000;
  const wallBase = options.wallMs ?? 1_700_000_000_000;
  const events: LabEvent[] = [];
  const traces: TraceEvent[] = [];
  const logLines: string[] = [];

  const at = (delayMs: number, run: () => void): Due => {
    const due: Due = { atMs: nowMs + delayMs, order: order++, run, cancelled: false };
    queue.push(due);
    return due;
  };
  const runUntil = (limitMs: number): void => {
    for (let steps = 0; steps < 1_000_000; steps++) {
      queue = queue.filter((due) => !due.cancelled);
      const next = queue.filter((due) => due.atMs <= limitMs).sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
      if (next === undefined) return;
      queue.splice(queue.indexOf(next), 1);
      nowMs = Math.max(nowMs, next.atMs);
      next.run();
    }
    throw new Error('the test does not settle');
  };

  const host: FakeHost = {
    id: 'zk1',
    clock: {
      nowMs: () => nowMs,
      wallMs: () => wallBase + Math.floor(nowMs),
      after: (delayMs, callback): Timer => {
        const due = at(delayMs, callback);
        return {
          cancel: () => {
            due.cancelled = true;
          },
        };
      },
      every: (periodMs, callback): Timer => {
        let current: Due;
        let over = false;
        const again = (): void => {
          current = at(periodMs, () => {
            callback();
            if (!over) again();
          });
        };
        again();
        return {
          cancel: () => {
            over = true;
            current.cancelled = true;
          },
        };
      },
      soon: (callback) => void at(0, callback),
    },
    net: {
      listen: (endpoint, accepting) => {
        accept = accepting;
        return Promise.resolve({
          endpoint,
          close: () => {
            accept = undefined;
            return Promise.resolve();
          },
        });
      },
      connect: () => {
        throw new Error('the server half connects to nobody');
      },
      resolve: (name) => Promise.resolve([name]),
    },
    get disk(): never {
      throw new Error('the server half has no disk');
    },
    get exec(): never {
      throw new Error('the server half runs nothing');
    },
    random: new SeededRandom(1),
    log: {
      debug: () => undefined,
      info: (line) => void logLines.push(line),
      warn: (line) => void logLines.push(line),
      error: (line) => void logLines.push(line),
    },
    emit: (event) => void events.push(event),
    trace: (event) => void traces.push(event),
    exit: (code, reason) => {
      throw new Error(`exit ${code}: ${reason}`);
    },
    events,
    traces,
    logLines,
    settle: () => runUntil(nowMs),
    advance: (ms) => {
      const until = nowMs + ms;
      runUntil(until);
      nowMs = until;
    },
    connect: (from = { host: '127.0.0.1', port: port++ }) => {
      if (accept === undefined) throw new Error('nobody listens');
      let received: Buffer[] = [];
      let over = false;
      let closedByServer = false;
      let paused = false;
      let writeCount = 0;
      let handler: StreamHandler | undefined;
      const backlog: Buffer[] = [];
      const end = (): void => {
        if (over) return;
        over = true;
        closedByServer = true;
        at(0, () => handler!.onClose(undefined));
      };
      const deliver = (): void => {
        while (!over && !paused && backlog.length > 0) handler!.onData(backlog.shift()!);
      };
      const stream: Stream = {
        local: { host: '127.0.0.1', port: 2181 },
        remote: from,
        queuedBytes: 0,
        write: (bytes) => {
          writeCount++;
          if (!over) received.push(Buffer.from(bytes));
        },
        pause: () => {
          paused = true;
        },
        resume: () => {
          paused = false;
          at(0, deliver);
        },
        end,
        destroy: end,
      };
      handler = accept(stream);
      return {
        send: (bytes) => {
          backlog.push(Buffer.from(bytes));
          at(0, deliver);
        },
        take: () => {
          const all = Buffer.concat(received);
          received = [];
          return all;
        },
        close: () => {
          if (!over) {
            over = true;
            at(0, () => handler!.onClose(undefined));
          }
        },
        get closedByServer() {
          return closedByServer;
        },
        get serverPaused() {
          return paused;
        },
        get writeCount() {
          return writeCount;
        },
      };
    },
  };
  return host;
}
