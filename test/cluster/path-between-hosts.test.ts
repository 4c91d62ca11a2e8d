/** Which `ssh` fences: the lab's own, unless somebody wrote one to rehearse with. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { hostsCommandsDir, pathBetweenHosts } from '../../src/cluster/environment.js';
import { createLiveHost } from '../../src/host/live/index.js';

const home = mkdtempSync(join(tmpdir(), 'halab-path-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

function directory(name: string, content?: string, mode = 0o755): string {
  const path = join(home, name);
  mkdirSync(path, { recursive: true });
  if (content !== undefined) {
    writeFileSync(join(path, 'ssh'), content);
    chmodSync(join(path, 'ssh'), mode);
  }
  return path;
}

const empty = directory('empty');
const binary = directory('binary', '\x7fELF');
const script = directory('script', '#!/bin/sh\nexit 7\n');
const unusable = directory('unusable', '#!/bin/sh\n', 0o644);

test.each([
  ['none', [empty], [hostsCommandsDir, empty]],
  ["the machine's", [empty, binary], [hostsCommandsDir, empty, binary]],
  ['a script in front', [empty, script, binary], [empty, script, hostsCommandsDir, binary]],
  ["a script behind the machine's", [binary, script], [hostsCommandsDir, binary, script]],
  ['a script that may not be run', [unusable, binary], [hostsCommandsDir, unusable, binary]],
  ['a PATH that had it already', [hostsCommandsDir, empty], [hostsCommandsDir, empty]],
])('%s', (_name, before, after) => {
  expect(pathBetweenHosts({ PATH: before.join(':') })).toBe(after.join(':'));
});

test.each([1, 7, 127, 255])("an ssh of one's own that ends with %i is what is called", async (code) => {
  const own = directory(`own-${code}`, `#!/bin/sh\necho "rehearsed $1"\nexit ${code}\n`);
  const host = createLiveHost({ id: 'zkfc', env: { PATH: pathBetweenHosts({ PATH: `${own}:/usr/bin:/bin` }) } });
  const lines: string[] = [];
  const ended = await host.exec.run({
    file: 'ssh',
    args: ['m1'],
    env: {},
    onStdout: (line) => lines.push(line),
    onStderr: () => {},
  });
  expect([ended.exitCode, lines]).toEqual([code, ['rehearsed m1']]);
});

test('one that hangs is ended with what it started', async () => {
  const own = directory('hangs', '#!/bin/sh\nsleep 600 & wait\n');
  const host = createLiveHost({ id: 'zkfc', env: { PATH: `${own}:/usr/bin:/bin` } });
  await expect(
    host.exec.run({ file: 'ssh', args: [], env: {}, onStdout: () => {}, onStderr: () => {}, timeoutMs: 100 }),
  ).rejects.toMatchObject({ code: 'EXEC_TIMEOUT' });
});

test('one that is not there', async () => {
  const host = createLiveHost({ id: 'zkfc', env: { PATH: empty } });
  await expect(
    host.exec.run({ file: 'ssh', args: [], env: {}, onStdout: () => {}, onStderr: () => {} }),
  ).rejects.toMatchObject({ code: 'EXEC_FAILED', message: 'cannot run ssh: spawn ssh ENOENT' });
});
