/**
 * What goes wrong before and beside a cluster: each names its thing and says what to do, and leaves everything else as
 * it was.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { rolesOf } from '../../src/cluster/status.js';
import { build, LabFixture, root, run } from './lab-fixture.js';

const book = join(root, 'configs', 'book');
beforeAll(build, 120_000);

/** A lab that is thrown away after its test. */
let fixture: LabFixture | undefined;
function lab(): LabFixture {
  return (fixture = new LabFixture());
}
afterEach(async () => {
  await fixture?.end();
  fixture = undefined;
});

/** The book's configuration with one file changed. */
function changed(at: LabFixture, name: string, change: (text: string) => string): string {
  const conf = join(at.home, 'conf');
  cpSync(book, conf, { recursive: true });
  writeFileSync(join(conf, name), change(readFileSync(join(conf, name), 'utf8')));
  return conf;
}

describe('configuration', () => {
  test.each([
    ['hdfs-site.xml', (text: string) => text.replace('</configuration>', ''), /hdfs-site\.xml: line \d+: /],
    [
      'core-site.xml',
      (text: string) => text.replace('m1:2181,', 'm1:2182,'),
      /core-site\.xml: line \d+: ha\.zookeeper\.quorum names m1:2182, where no ZooKeeper server/,
    ],
    [
      'zoo.cfg',
      (text: string) => text.replace('server.2=m2:2888:3888', 'server.2=m2:2888'),
      /zoo\.cfg: line \d+: server\.2: the election port is missing/,
    ],
    ['zoo.cfg', (text: string) => text.replace('dataDir=', 'dataDirectory='), /zoo\.cfg: dataDir is not set/],
    [
      'topology.yaml',
      (text: string) => text.replace('journalnode, namenode', 'journalnode, namenod'),
      /topology\.yaml: line \d+: hosts\.m1: unknown role namenod/,
    ],
    [
      'topology.yaml',
      (text: string) => text.replace('m3: [zookeeper, journalnode, datanode]', ''),
      /no host m3 with the role zookeeper/,
    ],
    [
      'hdfs-site.xml',
      (text: string) =>
        text.replace(
          '</configuration>',
          '<property><name>dfs.ha.zkfc.port</name><value>99999</value></property></configuration>',
        ),
      /hdfs-site\.xml: line \d+: dfs\.ha\.zkfc\.port: 99999 is not a port/,
    ],
    [
      'hdfs-site.xml',
      (text: string) =>
        text.replace(
          '</configuration>',
          '<property><name>dfs.journalnode.http-address</name><value>0.0.0.0:-1</value></property></configuration>',
        ),
      /hdfs-site\.xml: line \d+: dfs\.journalnode\.http-address: "0\.0\.0\.0:-1" is not host:port/,
    ],
    [
      'hdfs-site.xml',
      (text: string) =>
        text.replace(
          '</configuration>',
          '<property><name>dfs.ha.zkfc.port</name><value>9000</value></property></configuration>',
        ),
      /topology\.yaml: on m1, nn1 and zkfc1 both need port 9000/,
    ],
    [
      'hdfs-site.xml',
      (text: string) => text.replace('<value>m1:9000</value>', '<value>m1:port</value>'),
      /hdfs-site\.xml: line \d+: dfs\.namenode\.rpc-address\.hdfs-cluster\.nn1: "m1:port" is not host:port/,
    ],
  ])('%s', async (name, change, message) => {
    const at = lab();
    const { code, err } = await at.halab('up', changed(at, name, change));
    expect(code).toBe(1);
    expect(err).toMatch(message);
    // Two lines: the fault, and what to do.
    expect(err.trim().split('\n').length).toBe(2);
    expect(at.processes()).toEqual([]);
    expect(existsSync(at.dir)).toBe(false);
  });

  test('no such file, no such directory', async () => {
    const at = lab();
    expect(await at.halab('up', join(at.home, 'none.yaml'))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/none\.yaml: cannot be read/),
    });
    mkdirSync(join(at.home, 'empty'));
    expect(await at.halab('up', join(at.home, 'empty'))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/empty holds neither core-site\.xml nor hdfs-site\.xml/),
    });
    expect(await run(join(root, 'lab/bin/hdfs'), ['--config', join(at.home, 'empty'), 'namenode'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/empty holds neither core-site\.xml nor hdfs-site\.xml/),
    });
    expect(await run(join(root, 'lab/bin/zkServer.sh'), ['start-foreground', join(at.home, 'none.cfg')])).toMatchObject(
      { code: 2, err: expect.stringMatching(/none\.cfg: cannot be read/) },
    );
  });
});

describe('usage', () => {
  test('wrong words end with 2 and say what there is', async () => {
    const at = lab();
    expect((await at.halab('shell', 'm1', '-c', 'true')).code).toBe(0);
    expect(await at.halab('kill', 'nn9')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/unknown target nn9\n.*nn1, .*zk-leader/s),
    });
    expect(await at.halab('shell', 'm9', '-c', 'true')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no host m9 .*\n.*m1, m2, m3/s),
    });
    expect((await at.halab('kill')).code).toBe(2);
    expect((await at.halab('up', '--wait', 'long')).code).toBe(2);
    expect((await run(join(root, 'lab/bin/halab'), ['nonsense'])).code).toBe(2);
    expect(await at.halab('kill', 'nn1')).toMatchObject({ code: 1, err: expect.stringMatching(/nn1: not running/) });
  });

  test('no lab there', async () => {
    const at = lab();
    expect(await at.halab('status')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no lab in .*\n.*halab up/s),
    });
    expect((await at.halab('down')).code).toBe(0);
  });
});

describe('a port in use', () => {
  let squatter: Server | undefined;
  afterEach(() => void squatter?.close());

  test('is named with its address, and nothing is started', async () => {
    const at = lab();
    await at.halab('shell', 'm1', '-c', 'true');
    const { hosts } = await at.status();
    squatter = createServer().listen(9000, hosts[1]!.address);
    await new Promise((resolve) => squatter!.once('listening', resolve));
    const { code, err } = await at.halab('up');
    expect(code).toBe(1);
    expect(err).toContain(`nn2 needs ${hosts[1]!.address}:9000, which another process holds`);
    expect(at.processes()).toEqual([]);
    // The role itself says so as well.
    expect(await at.on('m2', 'hdfs --daemon start namenode')).toMatchObject({
      code: 1,
      err: expect.stringContaining(`${hosts[1]!.address}:9000`),
    });
    expect(at.processes()).toEqual([]);
  });
});

describe('beside a running ensemble', () => {
  const at = new LabFixture();
  afterAll(() => at.end());

  test('a pid file of a dead process, and of one whose pid another has', async () => {
    expect(await at.halab('shell', 'm1', '-c', 'true')).toMatchObject({ code: 0 });
    expect((await at.halab('start', 'zookeeper')).code).toBe(0);
    writeFileSync(join(at.dir, 'pids', 'jn1.pid'), '4194000\n1\n');
    writeFileSync(join(at.dir, 'pids', 'jn2.pid'), `${process.pid}\n1\n`);
    writeFileSync(join(at.dir, 'pids', 'jn3.pid'), 'garbage\n');
    expect(
      rolesOf(await at.status())
        .filter(({ kind }) => kind === 'journalnode')
        .map(({ state }) => state),
    ).toEqual(['dead', 'dead', 'dead']);
    expect((await at.on('m1', 'hdfs --daemon status journalnode')).code).toBe(1);
    const started = await at.halab('start', 'journalnode');
    expect(started.code, started.err).toBe(0);
    expect(started.err).toMatch(/jn1: removed the pid file of process 4194000, which is gone/);
    expect(
      rolesOf(await at.status())
        .filter(({ kind }) => kind === 'journalnode')
        .map(({ state }) => state),
    ).toEqual(['running', 'running', 'running']);
  });

  test('a NameNode that was never formatted', async () => {
    const { code, err } = await at.on('m1', 'hdfs --daemon start namenode');
    expect(code).toBe(1);
    expect(err).toMatch(/namenode ended at once: .*\/root\/hdfs\/namenode/s);
    expect(rolesOf(await at.status()).find(({ id }) => id === 'nn1')).toMatchObject({ state: 'stopped' });
  });

  test("a ZKFC before ZooKeeper was formatted: exit code 3, as Hadoop's", async () => {
    const { code, err } = await at.on('m1', 'hdfs zkfc');
    expect(code).toBe(3);
    expect(err).toMatch(/Parent znode does not exist.*-formatZK/s);
  });

  test('a second server on the same directory is refused, the first goes on', async () => {
    const { code, err } = await at.on('m1', 'zkServer.sh start-foreground');
    expect(code).toBe(1);
    expect(err).toMatch(/already running as process \d+/);
    const before = rolesOf(await at.status()).map(({ pid }) => pid);
    expect(rolesOf(await at.status()).map(({ pid }) => pid)).toEqual(before);
  });

  test('a damaged data directory: the server says which, the others go on', async () => {
    await at.halab('stop', 'zk1');
    const data = join(at.dir, 'm1', 'root', 'zookeeper', 'data');
    const files = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /currentEpoch$|acceptedEpoch$/.test(name),
    );
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) truncateSync(join(data, name), 0);
    writeFileSync(join(data, files[0]!), 'nonsense\n');
    const { code, err } = await at.halab('start', 'zk1');
    expect(code).toBe(1);
    expect(err).toContain('/root/zookeeper/data');
    const roles = rolesOf(await at.status());
    expect(roles.find(({ id }) => id === 'zk1')).toMatchObject({ state: 'stopped' });
    expect(roles.filter(({ id }) => id === 'zk2' || id === 'zk3').map(({ state }) => state)).toEqual([
      'running',
      'running',
    ]);
    expect((await at.on('m2', 'zkCli.sh ls /')).out).toContain('[zookeeper]');
  });

  test('hostile and truncated bytes on every port: nobody minds', async () => {
    const { connect } = await import('node:net');
    const before = rolesOf(await at.status()).filter(({ state }) => state === 'running');
    const bytes = [
      Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2, 3]),
      Buffer.from('hrpc\x09\x00\x00\xff\xff\xff\xff'),
      Buffer.from('GET / HTTP/9.9\r\n'.repeat(10)),
      Buffer.from([0xff, 0xff, 0xff, 0xff]),
      Buffer.from([0, 0, 0, 45, 0]),
    ];
    const ports: Record<string, number[]> = { zookeeper: [2181, 2888, 3888], journalnode: [8485, 8480] };
    await Promise.all(
      before.flatMap((role) =>
        (ports[role.kind] ?? []).flatMap((port) =>
          bytes.map(
            (chunk) =>
              new Promise<void>((resolve) => {
                const socket = connect({ host: role.address, port }, () => socket.end(chunk));
                socket.on('error', () => resolve());
                socket.on('close', () => resolve());
                socket.setTimeout(3000, () => socket.destroy());
              }),
          ),
        ),
      ),
    );
    const after = rolesOf(await at.status());
    for (const role of before)
      expect(after.find(({ id }) => id === role.id)).toMatchObject({ state: 'running', pid: role.pid, answers: true });
  });
});

test('two labs stand side by side', async () => {
  const one = lab();
  const two = new LabFixture();
  try {
    expect((await one.halab('shell', 'm1', '-c', 'true')).code).toBe(0);
    expect((await two.halab('shell', 'm1', '-c', 'true')).code).toBe(0);
    expect((await one.halab('start', 'zk1', 'jn1')).code).toBe(0);
    expect((await two.halab('start', 'zk1', 'jn1')).code).toBe(0);
    const addresses = [(await one.status()).hosts[0]!.address, (await two.status()).hosts[0]!.address];
    expect(new Set(addresses).size).toBe(2);
    expect((await two.halab('down')).code).toBe(0);
    expect(one.processes().length).toBe(2);
  } finally {
    await two.end();
  }
});

test(
  'configuration that changed counts from the next command on, at the same addresses; another shape ' +
    'is another lab',
  async () => {
    const at = lab();
    const conf = changed(at, 'zoo.cfg', (text) => text);
    expect((await at.halab('shell', 'm1', '--topology', conf, '-c', 'true')).code).toBe(0);
    const before = await at.status();
    for (const name of ['zoo.cfg', 'core-site.xml'])
      writeFileSync(join(conf, name), readFileSync(join(conf, name), 'utf8').replaceAll('2181', '2182'));
    expect((await at.halab('shell', 'm1', '-c', 'true')).code).toBe(0);
    const after = await at.status();
    expect(after.hosts.map(({ address }) => address)).toEqual(before.hosts.map(({ address }) => address));
    expect(
      rolesOf(after)
        .filter(({ kind }) => kind === 'zookeeper')
        .map(({ port }) => port),
    ).toEqual([2182, 2182, 2182]);
    expect(await at.halab('up', '--profile', 'fast')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/was made from .*profile production.*\n.*down --wipe/s),
    });
    expect(at.processes()).toEqual([]);
  },
);
