/** What belongs to the process: child processes, log, events, exit. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createLiveHost } from '../../../src/host/live/index.js';
import { temporaryDirectory } from './temporary.js';

const root = temporaryDirectory();

test('a child process gives its lines, its exit code, and is killed with its children on time-out', async () => {
  const { exec } = createLiveHost({ id: 'zkfc1' });
  const out: string[] = [];
  const err: string[] = [];
  const run = (script: string, timeoutMs?: number): Promise<{ exitCode: number }> =>
    exec.run({
      file: 'sh',
      args: ['-c', script],
      env: { target_host: 'm1' },
      onStdout: (line) => out.push(line),
      onStderr: (line) => err.push(line),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  expect(await run('echo $target_host; printf "no end"; echo bad >&2; cat; exit 3')).toEqual({ exitCode: 3 });
  expect(out).toEqual(['m1', 'no end']);
  expect(err).toEqual(['bad']);
  expect(await run('kill -9 $$')).toEqual({ exitCode: 137 });
  await expect(run('sleep 60 & sleep 60', 100)).rejects.toMatchObject({ code: 'EXEC_TIMEOUT' });
  await expect(
    exec.run({ file: '/no/such/file', args: [], env: {}, onStdout: () => {}, onStderr: () => {} }),
  ).rejects.toMatchObject({ code: 'EXEC_FAILED' });
});

test('log lines and events are written out before the process exits', () => {
  const shown: string[] = [];
  const exits: unknown[] = [];
  const exit = vi.spyOn(process, 'exit').mockImplementation(((code: unknown) => void exits.push(code)) as never);
  const logFile = join(root, 'l/zk1.log');
  const eventsFile = join(root, 'e/events.ndjson');
  const host = createLiveHost({ id: 'zk1', eventsFile, logFile, logStream: { write: (text) => shown.push(text) } });
  host.log.debug('not shown');
  host.log.warn('take care');
  host.emit({ type: 'SessionOpened', session: 0x100000000000001n, timeoutMs: 4000, client: '127.0.0.1:1' });
  host.exit(4, 'no disk');
  exit.mockRestore();
  expect(exits).toEqual([4]);
  expect(shown.join('')).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARN {2}zk1: take care\n.* ERROR zk1: exiting with code 4: no disk\n$/,
  );
  expect(readFileSync(logFile, 'utf8')).toBe(shown.join(''));
  const events = readFileSync(eventsFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(events).toMatchObject([
    { type: 'SessionOpened', session: '72057594037927937', role: 'zk1', wallMs: expect.any(Number) },
    { type: 'RoleStopped', code: 4, reason: 'no disk', role: 'zk1' },
  ]);
});
