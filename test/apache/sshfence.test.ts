/**
 * `sshfence` with a real ssh, sshd and fuser: an sshd of the test's own, run by this user on a loopback port, with keys
 * of its own. What listens on the NameNode's port is a process of the test's own, too; that fuser sees nobody else
 * there is made sure of before.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { configurationOf } from '../../src/config/hadoop/load.js';
import type { Host } from '../../src/host/host.js';
import { createLiveHost } from '../../src/host/live/index.js';
import { haTargetFrom } from '../../src/zkfc/config.js';
import { createNodeFencer } from '../../src/zkfc/fencing/node-fencer.js';
import { eventually } from './apache.js';

// Not in everybody's PATH; sshd wants to be called by its whole path.
const sshd = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/sbin/sshd'].find((path) => existsSync(path));
const { username } = userInfo();
const ADDRESS = '127.0.0.1';

const home = mkdtempSync(join(tmpdir(), 'halab-ssh-'));
const key = (name: string): string => join(home, name);
let server: ChildProcess;
let sshPort: number;
let nameNodePort: number;
let nameNode: ChildProcess | undefined;
const live = createLiveHost({ id: 'zkfc1' });

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, ADDRESS);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Pids that fuser finds at the port: what it would kill. */
function usersOf(port: number): number[] {
  return spawnSync('fuser', ['-n', 'tcp', String(port)], { encoding: 'utf8' })
    .stdout.trim()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(Number);
}

/** A stand-in for a NameNode: all that sshfence knows of one is its port. */
async function startNameNode(): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    ['-e', `require('node:net').createServer().listen(${nameNodePort}, '${ADDRESS}', () => console.log('up'))`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  nameNode = child;
  await once(child.stdout!, 'data');
  expect(usersOf(nameNodePort)).toEqual([child.pid]);
  return child;
}

beforeAll(async () => {
  if (sshd === undefined) throw new Error('no sshd: install openssh-server');
  for (const name of ['host_key', 'good', 'wrong'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key(name)]);
  execFileSync('cp', [key('good.pub'), key('authorized_keys')]);
  sshPort = await freePort();
  do nameNodePort = await freePort();
  while (usersOf(nameNodePort).length > 0);
  const version = Number(/OpenSSH_(\d+\.\d+)/.exec(spawnSync('ssh', ['-V'], { encoding: 'utf8' }).stderr)?.[1] ?? 0);
  writeFileSync(
    key('sshd_config'),
    [
      `Port ${sshPort}`,
      `ListenAddress ${ADDRESS}`,
      `HostKey ${key('host_key')}`,
      `AuthorizedKeysFile ${key('authorized_keys')}`,
      `PidFile ${key('sshd.pid')}`,
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'LogLevel VERBOSE',
      // Since 9.8, whoever was turned away has to wait: here that is the next test.
      ...(version >= 9.8 ? ['PerSourcePenalties no'] : []),
      '',
    ].join('\n'),
  );
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  server = spawn(sshd, ['-D', '-e', '-f', key('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr!.on('data', (chunk: Buffer) => {
    said += String(chunk);
  });
  await eventually('sshd listening', () => {
    if (server.exitCode !== null) throw new Error(said);
    return said.includes('Server listening') ? true : undefined;
  });
}, 60_000);

afterEach(() => {
  nameNode?.kill('SIGKILL');
  nameNode = undefined;
});
afterAll(() => {
  server?.kill('SIGCONT');
  server?.kill('SIGTERM');
  rmSync(home, { recursive: true, force: true });
});

/** Fences, and says how it went; `ports.ssh` for another one than the sshd's. */
async function fence(
  keys: readonly string[],
  options: { ssh?: number; connectTimeoutMs?: number; user?: string } = {},
): Promise<{ method: string | undefined; log: string; tookMs: number }> {
  const conf = configurationOf({
    'dfs.nameservices': 'book',
    'dfs.ha.namenodes.book': 'nn1,nn2',
    'dfs.namenode.rpc-address.book.nn1': `${ADDRESS}:${nameNodePort}`,
    'dfs.namenode.rpc-address.book.nn2': `${ADDRESS}:1`,
  });
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (message: string): void =>
      void lines.push(`${level} ${message}`);
  const host: Host = {
    ...live,
    log: { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') },
  };
  const fencer = createNodeFencer(
    host,
    `sshfence(${options.user ?? username}:${options.ssh ?? sshPort})`,
    'NameNode at m1',
    {
      connectTimeoutMs: options.connectTimeoutMs ?? 30_000,
      privateKeyFiles: keys.map(key),
    },
  );
  const begun = performance.now();
  const method = await fencer.fence({
    target: haTargetFrom(conf, 'book', 'nn1'),
    addressText: `m1/${ADDRESS}:${nameNodePort}`,
    transitionTo: undefined,
  });
  return { method, log: lines.join('\n'), tookMs: performance.now() - begun };
}

describe('sshfence', () => {
  test("kills what listens on the NameNode's port, and nothing else", async () => {
    const other = createServer().listen(0, ADDRESS);
    await once(other, 'listening');
    const victim = await startNameNode();
    const ended = once(victim, 'exit');
    const { method, log } = await fence(['good']);
    expect(method, log).toBe(`org.apache.hadoop.ha.SshFenceByTcpPort(${username}:${sshPort})`);
    expect(log).toContain(`info Successfully killed process that was listening on port ${nameNodePort}`);
    expect((await ended)[1]).toBe('SIGKILL');
    expect(server.exitCode).toBeNull();
    expect(other.listening).toBe(true);
    other.close();
  });

  test('tries its keys in turn', async () => {
    await startNameNode();
    expect((await fence(['wrong', 'good'])).method).toBeDefined();
  });

  test('nothing listens there: looked after, and fenced', async () => {
    const { method, log } = await fence(['good']);
    expect(method, log).toBeDefined();
    expect(log).toMatch(/Indeterminate response.*\n.*Verified that the service is down\./s);
  });

  test('a key that is not accepted, or is not there: not fenced, and the NameNode lives', async () => {
    const victim = await startNameNode();
    for (const keys of [['wrong'], ['nothing'], []]) {
      const { method, log } = await fence(keys);
      expect(method, log).toBeUndefined();
      expect(log).toMatch(/warn .*Permission denied \(publickey\).*\nwarn Unable to connect to 127\.0\.0\.1 as user /s);
    }
    expect(victim.exitCode ?? victim.signalCode).toBeNull();
  });

  test('no sshd there: not fenced', async () => {
    const { method, log } = await fence(['good'], { ssh: await freePort() });
    expect(method).toBeUndefined();
    expect(log).toMatch(/warn .*Connection refused.*\nwarn Unable to connect to/s);
  });

  test('a host that does not answer: given up after dfs.ha.fencing.ssh.connect-timeout', async () => {
    server.kill('SIGSTOP');
    try {
      const { method, log, tookMs } = await fence(['good'], { connectTimeoutMs: 1000 });
      expect(method).toBeUndefined();
      expect(log).toMatch(/warn .*timed out.*\nwarn Unable to connect to/s);
      expect(tookMs).toBeGreaterThan(900);
      expect(tookMs).toBeLessThan(15_000);
    } finally {
      server.kill('SIGCONT');
    }
  });
});
