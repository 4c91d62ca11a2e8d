/**
 * The world as a role sees it. A role never imports node:net, node:fs, timers, Date or Math.random: it is handed a
 * Host. `host/live` is Node on a real machine; `host/sim` is a seeded, virtual one in which whole clusters run in one
 * thread.
 *
 * Calling order, for both hosts: no callback ever runs inside the call that registered it; callbacks never overlap (one
 * thread); what a stream delivers arrives in order, after `onOpen`, and `onClose` is the last callback of a stream,
 * called exactly once.
 */
import type { Endpoint } from '../base/endpoint.js';
import type { LabEvent, TraceEvent } from '../base/events.js';
import type { Random } from '../base/prng.js';

export type { Endpoint } from '../base/endpoint.js';

export interface Host {
  /** The instance's name in logs, events and reports: `zk1`, `jn2`, `nn1`, `zkfc1`, or `client-…`. */
  readonly id: string;
  readonly clock: Clock;
  readonly net: Net;
  readonly disk: Disk;
  readonly random: Random;
  readonly log: Log;
  readonly exec: Exec;
  /** What happened, past tense, for people and checks: rare enough to write each one down. */
  emit(event: LabEvent): void;
  /**
   * Per-operation facts for the simulator's checks; undefined when live, so write `host.trace?.({...})` (costs nothing
   * live).
   */
  readonly trace: ((event: TraceEvent) => void) | undefined;
  /**
   * The role cannot go on (disk failed, fatal protocol state): the live host logs, flushes and exits the process with
   * this code; the simulated host crashes the machine's process. Nothing of the role runs afterwards.
   */
  exit(code: number, reason: string): void;
}

export interface Clock {
  /** Monotonic milliseconds since an arbitrary start; may be fractional. For time-outs and durations. */
  nowMs(): number;
  /** Milliseconds since 1970, integer. For what is stored or shown: mtime, ctime, log stamps. */
  wallMs(): number;
  /** Calls once after `delayMs` (>= 0). */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls every `periodMs`; the first time after one period. */
  every(periodMs: number, callback: () => void): Timer;
  /** Calls once what is at hand now has been handled: the place to flush a batch. Not cancellable. */
  soon(callback: () => void): void;
}

export interface Timer {
  /** Idempotent; the callback does not run afterwards. */
  cancel(): void;
}

export interface Net {
  /** Resolves once bound; rejects LabError `ADDRESS_IN_USE` / `ADDRESS_NOT_AVAILABLE` naming address and port. */
  listen(endpoint: Endpoint, accept: (stream: Stream) => StreamHandler): Promise<Listener>;
  /**
   * Opens a byte stream. Returns at once; `handler.onOpen` or `handler.onClose(error)` follows. Errors are LabError
   * with code `CONNECT_REFUSED`, `CONNECT_TIMEOUT`, `HOST_UNKNOWN`, `HOST_UNREACHABLE`, `CONNECTION_RESET`.
   */
  connect(endpoint: Endpoint, options: { timeoutMs: number }, handler: StreamHandler): Stream;
  /** Addresses of a name, first choice first; rejects LabError `HOST_UNKNOWN`. */
  resolve(name: string): Promise<readonly string[]>;
}

export interface Listener {
  readonly endpoint: Endpoint;
  /** Stops accepting; streams already open stay. */
  close(): Promise<void>;
}

export interface StreamHandler {
  /** Only for streams made by `connect`. */
  onOpen?(): void;
  /** The chunk is the receiver's to keep. */
  onData(chunk: Buffer): void;
  /** `queuedBytes` has fallen below the low mark after having been above the high one (see Stream.write). */
  onDrain?(): void;
  /** The stream is over, in both directions. `error` is undefined after an orderly end by either side. */
  onClose(error: Error | undefined): void;
}

export interface Stream {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /**
   * Bytes written and not yet taken by the network. A sender that cares holds back above 1 MiB until `onDrain` (256
   * KiB).
   */
  readonly queuedBytes: number;
  /**
   * Queues bytes; the host sends what was written during one turn as one piece. The bytes must not change afterwards.
   */
  write(bytes: Uint8Array): void;
  /** Stops / restarts `onData`, so that a slow receiver pushes back on the sender. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then closes. */
  end(): void;
  /** Closes at once, dropping what is queued; the peer sees a reset or an end. */
  destroy(): void;
}

/**
 * Paths are absolute, `/`-separated; a live host may map them below a directory (a lab's host has a root of its own).
 * Failures reject with LabError `DISK_FULL`, `DISK_FAILED`, `NOT_FOUND`, `LOCKED`, `CORRUPT`, naming the path.
 */
export interface Disk {
  /** An ordered key-value store (LevelDB when live). Creates it if absent. One opener at a time. */
  openStore(path: string): Promise<Store>;
  /** An append-only file; creates it if absent. */
  openAppend(path: string): Promise<AppendFile>;
  /** Whole content, or undefined if absent. */
  readFile(path: string): Promise<Buffer | undefined>;
  /** Part of a file: up to `length` bytes from `offset` (fewer at the end); rejects NOT_FOUND. */
  readRange(path: string, offset: number, length: number): Promise<Buffer>;
  /**
   * Replaces the file durably: temporary file, sync, rename, sync of the directory. Either the old or the new survives
   * a crash.
   */
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  /** Names in a directory, sorted; undefined if it is absent. */
  list(path: string): Promise<readonly string[] | undefined>;
  stat(path: string): Promise<{ kind: 'file' | 'directory'; size: number } | undefined>;
  makeDirectory(path: string): Promise<void>;
  /** Atomic and durable when it resolves. */
  rename(from: string, to: string): Promise<void>;
  /** File or whole directory; absent is fine. */
  remove(path: string): Promise<void>;
  /**
   * Takes `path` as an exclusive lock file that dies with the process (stale ones are taken over).
   * Rejects LOCKED, naming the holder where known.
   */
  lock(path: string): Promise<{ release(): Promise<void> }>;
}

export type StoreOperation = { readonly put: Uint8Array; readonly value: Uint8Array } | { readonly delete: Uint8Array };

/** Keys are compared as unsigned bytes. */
export interface Store {
  get(key: Uint8Array): Promise<Buffer | undefined>;
  /** All or nothing, in the order of the calls. With `sync`, durable (with every batch before it) when it resolves. */
  batch(operations: readonly StoreOperation[], options: { sync: boolean }): Promise<void>;
  /** A range in key order (or reversed), read in pages; sees the store as it was when the iteration began. */
  entries(range: {
    gte?: Uint8Array;
    gt?: Uint8Array;
    lte?: Uint8Array;
    lt?: Uint8Array;
    reverse?: boolean;
    limit?: number;
  }): AsyncIterable<readonly [Buffer, Buffer]>;
  close(): Promise<void>;
}

export interface AppendFile {
  /** Bytes appended, synced or not. */
  readonly size: number;
  /**
   * Queues bytes behind what is there; order is kept; failures surface at the next `sync`. The bytes must not change
   * afterwards.
   */
  append(bytes: Uint8Array): void;
  /** Resolves when everything appended before the call is durable. Calls coalesce. */
  sync(): Promise<void>;
  read(offset: number, length: number): Promise<Buffer>;
  /** Cuts the file to `size`, durably. */
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** One line of a role's log: WARN and above are shown to people who did not ask. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Child processes: only fencing uses them. */
export interface Exec {
  run(command: {
    readonly file: string;
    readonly args: readonly string[];
    /** Added to the role's own environment. */
    readonly env: Readonly<Record<string, string>>;
    readonly onStdout: (line: string) => void;
    readonly onStderr: (line: string) => void;
    /** Absent: no limit. On expiry the child is killed and the promise rejects LabError `EXEC_TIMEOUT`. */
    readonly timeoutMs?: number;
  }): Promise<{ readonly exitCode: number }>;
  /** A hint that a command may follow soon: what is slow about the first one may be done now. */
  prepare?(): void;
}
