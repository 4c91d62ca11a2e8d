/** Roles outside any lab, from a directory that holds hdfs-site.xml and nothing else: Hadoop minds no missing file. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build, root, run } from './lab-fixture.js';

const home = mkdtempSync(join(tmpdir(), 'halab-alone-'));
const started: ChildProcess[] = [];
beforeAll(build, 120_000);
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

const hdfs = join(root, 'lab/bin/hdfs');
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(HALAB|HADOOP)_/.test(name)));

/** Resolves once a line of its log says so. */
function serving(args: readonly string[], sign: RegExp): Promise<ChildProcess> {
  const child = spawn(hdfs, args, { env: clean, stdio: ['ignore', 'ignore', 'pipe'] });
  started.push(child);
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (sign.test(text)) resolve(child);
    });
    child.on('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}: ${text}`)));
  });
}

test('a JournalNode, formatting, a NameNode; a ZKFC gets as far as ZooKeeper', async () => {
  const [rpc, http, journal, journalHttp, zkfc] = await Promise.all(Array.from({ length: 5 }, freePort));
  const settings = {
    'fs.defaultFS': 'hdfs://c',
    'dfs.nameservices': 'c',
    'dfs.ha.namenodes.c': 'nn1,nn2',
    'dfs.ha.namenode.id': 'nn1',
    'dfs.namenode.rpc-address.c.nn1': `127.0.0.1:${rpc}`,
    'dfs.namenode.rpc-address.c.nn2': '127.0.0.1:1',
    'dfs.namenode.http-address.c.nn1': `127.0.0.1:${http}`,
    'dfs.namenode.name.dir': `${home}/nn`,
    'dfs.namenode.shared.edits.dir': `qjournal://127.0.0.1:${journal}/c`,
    'dfs.journalnode.rpc-address': `127.0.0.1:${journal}`,
    'dfs.journalnode.http-address': `127.0.0.1:${journalHttp}`,
    'dfs.journalnode.edits.dir': `${home}/jn`,
    'dfs.ha.automatic-failover.enabled': 'true',
    'dfs.ha.fencing.methods': 'shell(true)',
    'dfs.ha.zkfc.port': String(zkfc),
    'ha.zookeeper.quorum': '127.0.0.1:1',
    'ha.zookeeper.session-timeout.ms': '500',
  };
  writeFileSync(
    join(home, 'hdfs-site.xml'),
    `<configuration>${Object.entries(settings)
      .map(([name, value]) => `<property name="${name}" value="${value}"/>`)
      .join('')}</configuration>`,
  );
  const config = ['--config', home];
  const journalNode = await serving([...config, 'journalnode'], new RegExp(`127\\.0\\.0\\.1:${journal}`));
  const format = await run(hdfs, [...config, 'namenode', '-format', '-nonInteractive']);
  expect(format.code, format.err).toBe(0);
  const nameNode = await serving([...config, 'namenode'], new RegExp(`127\\.0\\.0\\.1:${rpc}`));
  const state = await run(hdfs, [...config, 'haadmin', '-getServiceState', 'nn1']);
  expect(state).toMatchObject({ code: 0, out: 'standby\n' });
  const controller = await run(hdfs, [...config, 'zkfc']);
  expect(controller.err).toMatch(/ZooKeeper/);
  for (const child of [nameNode, journalNode]) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  }
}, 60_000);
