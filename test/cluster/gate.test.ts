/** A process at its gate: goes on when told, and not at all when nobody is left to tell it. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gateEnvironment, openGate, passGate } from '../../src/cluster/gate.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halab-gate-'));
  mkdirSync(join(dir, 'pids'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('no gate: starts at once', async () => {
  expect(await passGate({})).toBe('start');
});

test('opened before or after it is reached, once', async () => {
  const env = gateEnvironment(dir, 'nn1');
  openGate(dir, 'nn1', 'format');
  expect(await passGate(env)).toBe('format');
  const waiting = passGate(env);
  openGate(dir, 'nn1', 'bootstrap');
  expect(await waiting).toBe('bootstrap');
});

test('the supervisor is gone: an error, not a wait for ever', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '0']);
  await expect(passGate({ ...gateEnvironment(dir, 'nn1'), HALAB_GATE_KEEPER: String(pid) })).rejects.toThrow(
    /the command that started this is gone/,
  );
});
