/**
 * All events of a lab, merged in time order: what the files hold, then what is added. Files that appear later are
 * found; a line that is not whole yet waits for its rest. Reading the files is all it does, so it also works on a lab
 * that is down.
 */
import { closeSync, fstatSync, openSync, readSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WIDE_FIELDS, type StampedEvent } from '../base/events.js';
import { stateDir } from './state-dir.js';

export interface TailOptions {
  /** Only what is stamped at or after this, milliseconds since 1970. */
  readonly sinceMs?: number;
  /** How often the files are looked at. */
  readonly pollMs?: number;
  /** How long an event waits for earlier ones of slower writers before it is handed out. */
  readonly settleMs?: number;
  readonly signal?: AbortSignal;
}

class FileTail {
  readonly #path: string;
  #offset = 0;

  constructor(path: string) {
    this.#path = path;
  }

  read(out: StampedEvent[]): void {
    let descriptor: number;
    try {
      descriptor = openSync(this.#path, 'r');
    } catch {
      return;
    }
    try {
      const { size } = fstatSync(descriptor);
      if (size < this.#offset) this.#offset = 0; // wiped and begun anew
      if (size === this.#offset) return;
      const bytes = Buffer.alloc(size - this.#offset);
      const count = readSync(descriptor, bytes, 0, bytes.length, this.#offset);
      // Only up to the last line end: a character may be cut in two behind it.
      const end = bytes.lastIndexOf(10, count - 1);
      if (end < 0) return;
      this.#offset += end + 1;
      for (const line of bytes.toString('utf8', 0, end).split('\n')) {
        const event = parseEvent(line);
        if (event !== undefined) out.push(event);
      }
    } finally {
      closeSync(descriptor);
    }
  }
}

/** One line as an event; undefined for anything else. */
export function parseEvent(line: string): StampedEvent | undefined {
  if (line === '') return undefined;
  try {
    const value = JSON.parse(line, widened) as { type?: unknown; wallMs?: unknown; role?: unknown };
    return typeof value.type === 'string' && typeof value.wallMs === 'number' && typeof value.role === 'string'
      ? (value as StampedEvent)
      : undefined;
  } catch {
    return undefined; // the last line of a process that was killed while it wrote
  }
}

/** Bigints are written as decimal strings. */
function widened(key: string, value: unknown): unknown {
  return Object.hasOwn(WIDE_FIELDS, key) && typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : value;
}

class Files {
  readonly #dir: string;
  readonly #tails = new Map<string, FileTail>();

  constructor(labDir: string) {
    this.#dir = stateDir(labDir).eventsDir;
  }

  read(sinceMs: number): StampedEvent[] {
    let names: string[] = [];
    try {
      names = readdirSync(this.#dir)
        .filter((name) => name.endsWith('.ndjson'))
        .sort();
    } catch {
      // No events yet.
    }
    const out: StampedEvent[] = [];
    for (const name of names) {
      let tail = this.#tails.get(name);
      if (tail === undefined) this.#tails.set(name, (tail = new FileTail(join(this.#dir, name))));
      tail.read(out);
    }
    return out.filter((event) => event.wallMs >= sinceMs).sort((a, b) => a.wallMs - b.wallMs);
  }
}

/** What the files hold now, in time order. */
export function readEvents(labDir: string, sinceMs = 0): StampedEvent[] {
  return new Files(labDir).read(sinceMs);
}

/** What the files hold, then what is added, until the signal is aborted. */
export async function* tailEvents(labDir: string, options: TailOptions = {}): AsyncGenerator<StampedEvent, void, void> {
  const { sinceMs = 0, pollMs = 100, settleMs = 50, signal } = options;
  const files = new Files(labDir);
  let waiting: StampedEvent[] = [];
  while (signal?.aborted !== true) {
    waiting = [...waiting, ...files.read(sinceMs)].sort((a, b) => a.wallMs - b.wallMs);
    const until = Date.now() - settleMs;
    let ready = waiting.findIndex((event) => event.wallMs > until);
    if (ready < 0) ready = waiting.length;
    for (const event of waiting.slice(0, ready)) yield event;
    waiting = waiting.slice(ready);
    await sleep(pollMs, undefined, { ...(signal === undefined ? {} : { signal }) }).catch(() => {});
  }
}
