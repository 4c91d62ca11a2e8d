/** A pid file says something about one process only: the one that wrote it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { goneWithin, stopProcess } from '../../src/cluster/control.js';
import { readPidFile, removePidFile, writePidFile } from '../../src/cluster/pid-file.js';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halab-pid-'));
  file = join(dir, 'x.pid');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a living process, its death, and its being paused', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  writePidFile(file, child.pid!);
  // Other scripts read the first line.
  expect(readFileSync(file, 'utf8').split('\n')[0]).toBe(String(child.pid));
  expect(readPidFile(file)).toMatchObject({ kind: 'alive', pid: child.pid, facts: { paused: false } });
  process.kill(child.pid!, 'SIGSTOP');
  for (let found = readPidFile(file); found.kind !== 'alive' || !found.facts.paused; found = readPidFile(file))
    await new Promise((resolve) => setImmediate(resolve));
  // Paused ones hear that they are to stop.
  expect(await stopProcess(child.pid!, 5000)).toBe(true);
  expect(await goneWithin(child.pid!, 1000)).toBe(true);
  expect(readPidFile(file)).toEqual({ kind: 'stale', pid: child.pid, reused: false });
});

test('a pid that another process has now', () => {
  writeFileSync(file, `${process.pid}\n1\n`);
  expect(readPidFile(file)).toEqual({ kind: 'stale', pid: process.pid, reused: true });
});

test('a file with a pid alone, as other scripts write it, is believed; nonsense is not', () => {
  writeFileSync(file, `${process.pid}\n`);
  expect(readPidFile(file)).toMatchObject({ kind: 'alive', pid: process.pid });
  writeFileSync(file, 'nonsense\n');
  expect(readPidFile(file)).toEqual({ kind: 'stale', pid: undefined, reused: false });
  removePidFile(file);
  expect(readPidFile(file)).toEqual({ kind: 'absent' });
});
