/** A directory for one test file, removed with its tests; and waiting for a condition, with a limit. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'halab-test-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A promise with its ends outside, that fails after `limitMs`. */
export function eventual<T>(limitMs = 10_000): { promise: Promise<T>; resolve(value: T): void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done, failed) => {
    const timer = setTimeout(() => failed(new Error(`nothing happened within ${limitMs} ms`)), limitMs);
    resolve = (value) => {
      clearTimeout(timer);
      done(value);
    };
  });
  promise.catch(() => {});
  return { promise, resolve };
}
