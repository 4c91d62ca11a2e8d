/** zkServer.sh beside any lab: its lines and exit codes, and an ensemble of servers that it started. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { build, LabFixture, root, run, type Ran } from './lab-fixture.js';

const script = join(root, 'lab/bin/zkServer.sh');
const shell = join(root, 'lab/bin/zkCli.sh');
const usage =
  'Usage: zkServer.sh [--config <conf-dir>] {start|start-foreground|stop|version|restart|status|print-cmd}\n';

beforeAll(build, 120_000);

let home: string;
/** Configuration directories of servers that a test started. */
let started: string[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'halab zk-'));
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((at) => run(script, ['--config', at, 'stop'])));
  rmSync(home, { recursive: true, force: true });
});

/** A configuration directory with zoo.cfg and what else is given; `@` is the directory of its own data. */
function conf(name: string, zoo: string, files: Readonly<Record<string, string>> = {}): string {
  const directory = join(home, name);
  mkdirSync(join(directory, 'data'), { recursive: true });
  const all = { 'zoo.cfg': zoo, ...files };
  for (const [file, text] of Object.entries(all))
    writeFileSync(join(directory, file), text.replaceAll('@', join(directory, 'data')));
  return directory;
}

const ours = (directory: string, ...words: string[]): Promise<Ran> =>
  run(script, ['--config', directory, ...words], environment);
/** Logs go where they are thrown away with the rest. */
const environment = { ZOO_LOG_DIR: join(tmpdir(), `halab-zk-logs-${process.pid}`) };

async function ports(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const found = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return found;
}

const greeting = (directory: string): string =>
  `ZooKeeper JMX enabled by default\nUsing config: ${join(directory, 'zoo.cfg')}\n`;

describe('one server', () => {
  test('every verb, with the lines of the script', async () => {
    const [port] = await ports(1);
    const at = conf('zk', `dataDir=@\nclientPort=${port}\n`);
    started.push(at);
    const found = `Client port found: ${port}. Client address: localhost. Client SSL: false.\n`;
    expect(await ours(at, 'status')).toEqual({
      code: 1,
      out: `${found}Error contacting service. It is probably not running.\n`,
      err: greeting(at),
    });
    expect(await ours(at, 'start')).toEqual({ code: 0, out: 'Starting zookeeper ... STARTED\n', err: greeting(at) });
    expect(await ours(at, 'start')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^Starting zookeeper \.\.\. already running as process \d+\.\n$/),
    });
    expect(await ours(at, 'status')).toEqual({ code: 0, out: `${found}Mode: standalone\n`, err: greeting(at) });
    expect(await ours(at, 'restart')).toEqual({
      code: 0,
      out: 'Stopping zookeeper ... STOPPED\nStarting zookeeper ... STARTED\n',
      err: greeting(at).repeat(3),
    });
    expect(await ours(at, 'stop')).toMatchObject({ code: 0, out: 'Stopping zookeeper ... STOPPED\n' });
    expect(await ours(at, 'stop')).toMatchObject({
      code: 0,
      out: `Stopping zookeeper ... no zookeeper to stop (could not find file ${at}/data/zookeeper_server.pid)\n`,
    });
    expect(await ours(at, 'version')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Apache ZooKeeper, version 3\.8\.4 /),
      err: greeting(at),
    });
    expect(await ours(at, 'print-cmd')).toMatchObject({ code: 0, out: expect.stringContaining('"zookeeper"') });
    for (const word of ['strat', ''])
      expect(await ours(at, word)).toEqual({ code: 0, out: '', err: `${greeting(at)}${usage}` });
  }, 60_000);

  test('a zoo.cfg that is refused: 2 in the foreground, FAILED TO START in the background', async () => {
    const at = conf('zk', 'dataDir=@\nclientPort=2181 # the port\n');
    const why = `${at}/zoo.cfg: line 2: clientPort: "2181 # the port" is not a whole number`;
    expect(await ours(at, 'start-foreground')).toMatchObject({ code: 2, err: expect.stringContaining(why) });
    expect(await ours(at, 'start')).toMatchObject({
      code: 1,
      out: 'Starting zookeeper ... FAILED TO START\n',
      err: expect.stringContaining(why),
    });
    expect(await ours(at, 'status')).toMatchObject({
      code: 1,
      out: expect.stringContaining('Client port found: 2181 # the port. '),
    });
    expect((await ours(at, 'stop')).code).toBe(0);
  });

  test('a myid that no line has: 1, as there', async () => {
    const servers = 'server.1=127.0.0.1:2888:3888\nserver.2=127.0.0.2:2888:3888\n';
    const at = conf('zk', `dataDir=@\nclientPort=2181\ninitLimit=5\nsyncLimit=5\n${servers}`, { 'data/myid': '9' });
    expect(await ours(at, 'start-foreground')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/my id 9 .* is not among the servers 1, 2/),
    });
  });

  test('no port to ask: where it was looked for', async () => {
    const at = conf('zk', 'dataDir=@\nserver.1=127.0.0.1:2888:3888\n', { 'data/myid': '1' });
    expect(await ours(at, 'status')).toMatchObject({
      code: 1,
      out:
        'Client port not found in static config file. Looking in dynamic config file.\n' +
        'Client port not found in the server configs\n' +
        'Client port not found. Looking for secureClientPort in the static config.\n' +
        'Unable to find either secure or unsecure client port in any configs. Terminating.\n',
    });
  });

  test('ZOO_DATADIR_AUTOCREATE_DISABLE in zookeeper-env.sh, JMXDISABLE in java.env', async () => {
    const at = conf('zk', 'dataDir=@\nclientPort=2181\n', {
      'zookeeper-env.sh': 'ZOO_DATADIR_AUTOCREATE_DISABLE=1\n',
      'java.env': 'JMXDISABLE=true\n',
    });
    expect(await ours(at, 'start')).toEqual({
      code: 1,
      out: `ZooKeeper data directory is missing at ${at}/data fix the path or run initialize\n`,
      err: `JMX disabled by user request\nUsing config: ${at}/zoo.cfg\n`,
    });
  });

  test('SERVER_JVMFLAGS, a key that becomes a property, and a longer packet by java.env', async () => {
    const [port] = await ports(1);
    const at = conf('zk', `dataDir=@\nclientPort=${port}\nextendedTypesEnabled=true\njute.maxbuffer=64\n`, {
      'java.env': 'SERVER_JVMFLAGS="-Djute.maxbuffer=0x9fffff $SERVER_JVMFLAGS"\n',
    });
    started.push(at);
    const sweep = '-Dznode.container.checkIntervalMs=100';
    // super:secret
    const digest = 'super:lK75jTNcA+U9vtVEw5vB51mj/w4=';
    const flags = {
      ...environment,
      SERVER_JVMFLAGS: `-Dzookeeper.DigestAuthenticationProvider.superDigest=${digest} ${sweep}`,
    };
    expect(await run(script, ['--config', at, 'start'], flags)).toMatchObject({ code: 0 });
    const lines = [
      'create -t 60000 /ttl v',
      'create -t 1 /brief v',
      'create /closed v world:anyone:r',
      'create /closed/1 v',
      'addauth digest super:secret',
      'create /closed/2 v',
      `create /long ${'x'.repeat(2_000_000)}`,
      'quit',
    ];
    const { out, err } = await run(shell, ['-server', `127.0.0.1:${port}`], {}, `${lines.join('\n')}\n`);
    const said = out + err;
    expect(said).toContain('Created /ttl');
    expect(said).toContain('Insufficient permission : /closed/1');
    expect(said).toContain('Created /closed/2');
    expect(said).toContain('Created /long');
    const client = (line: string, env = {}) => run(shell, ['-server', `127.0.0.1:${port}`, ...line.split(' ')], env);
    // What is longer than a client takes ends its connection; CLIENT_JVMFLAGS says how much it takes.
    expect((await client('get /long', { CLIENT_JVMFLAGS: '-Djute.maxbuffer=0x9fffff' })).out).toContain(
      'x'.repeat(2_000_000),
    );
    expect((await client('get /long')).out).not.toContain('xxx');
    const listed = await client('ls /');
    expect(listed.out).toContain('ttl');
    expect(listed.out).not.toContain('brief');
  }, 60_000);
});

async function startAll(all: readonly string[]): Promise<void> {
  started.push(...all);
  const outcomes = await Promise.all(all.map((at) => ours(at, 'start')));
  expect(outcomes.map(({ code }) => code)).toEqual(all.map(() => 0));
}

test('in a lab, the flags of the environment in which it was brought up count for its servers', async () => {
  const lab = new LabFixture();
  try {
    const flags = { SERVER_JVMFLAGS: '-Dzookeeper.extendedTypesEnabled=true' };
    const up = await run(join(root, 'lab/bin/halab'), ['up', '--dir', lab.dir, join(root, 'configs/fast')], flags);
    expect(up).toMatchObject({ code: 0 });
    const { out, err } = await lab.on('m1', 'zkCli.sh create -t 60000 /ttl v');
    expect(out + err).toContain('Created /ttl');
  } finally {
    await lab.end();
  }
}, 60_000);

/** Waits until every server has a mode; their modes, sorted. */
async function modes(all: readonly string[]): Promise<readonly string[]> {
  const end = Date.now() + 30_000;
  for (;;) {
    const answers = await Promise.all(all.map((at) => ours(at, 'status')));
    if (answers.every(({ code }) => code === 0)) return answers.map(({ out }) => /Mode: (\w+)/.exec(out)![1]!).sort();
    if (Date.now() > end) throw new Error(JSON.stringify(answers));
  }
}

const ipv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));

describe('an ensemble', () => {
  test('numbers above 255, zeros in front, the client port behind the semicolon or in a dynamic file', async () => {
    const all = await ports(9);
    const line = (index: number, sid: string) =>
      `server.${sid}=127.0.0.1:${all[index]}:${all[index + 1]};127.0.0.1:${all[index + 2]}\n`;
    const servers = line(0, '1') + line(3, '300') + line(6, '1001');
    const base = 'tickTime=500\ninitLimit=20\nsyncLimit=10\ndataDir=@\n';
    const confs = [
      conf('a', base + servers, { 'data/myid': '01\n' }),
      conf('b', base + servers, { 'data/myid': '300\n' }),
      conf('c', `${base}dynamicConfigFile=${join(home, 'c', 'zoo.dynamic')}\n`, {
        'data/myid': '1001',
        'zoo.dynamic': servers,
      }),
    ];
    await startAll(confs);
    expect(await modes(confs)).toEqual(['follower', 'follower', 'leader']);
  }, 60_000);

  test.skipIf(!ipv6)(
    'IPv6 in every place',
    async () => {
      const all = await ports(6);
      const line = (sid: number) =>
        `server.${sid}=[::1]:${all[sid * 3 - 3]}:${all[sid * 3 - 2]}:participant;[::1]:${all[sid * 3 - 1]}\n`;
      const base = `tickTime=500\ninitLimit=20\nsyncLimit=10\ndataDir=@\n${line(1)}${line(2)}`;
      const confs = [1, 2].map((sid) => conf(`zk${sid}`, base, { 'data/myid': String(sid) }));
      for (const at of confs) {
        started.push(at);
        expect(await ours(at, 'start')).toMatchObject({ code: 0 });
      }
      expect(await modes(confs)).toEqual(['follower', 'leader']);
      expect((await ours(confs[0]!, 'status')).out).toContain(`Client port found: ${all[2]}. Client address: ::1.`);
      const { out, err } = await run(shell, ['-server', `[::1]:${all[2]}`, 'ls', '/']);
      expect(out + err).toContain('[zookeeper]');
    },
    60_000,
  );
});
