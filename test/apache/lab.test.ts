/** Apache's own programs as clients of a lab, with nothing but the files that `halab conf` writes. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, run } from '../cluster/lab-fixture.js';
import { eventually, javac, startJava, stopAll } from './apache.js';
import { TestLab } from './lab.js';

const HAADMIN = 'org.apache.hadoop.hdfs.tools.DFSHAAdmin';
const ZKMAIN = 'org.apache.zookeeper.ZooKeeperMain';

const lab = new TestLab();
let classes: string;

beforeAll(async () => {
  classes = await javac([fileURLToPath(new URL('java/Writer.java', import.meta.url))], 'hadoop');
  await lab.up();
});

afterAll(async () => {
  await stopAll();
  await lab.end();
});

describe('hdfs haadmin', () => {
  test('one NameNode is active and one standby', async () => {
    const all = await lab.java(HAADMIN, ['-getAllServiceState']);
    expect(all.code, all.stderr).toBe(0);
    expect(
      all.stdout
        .trim()
        .split('\n')
        .map((line) => line.replace(/^\S+\s+/, '').trim())
        .sort(),
    ).toEqual(['active', 'standby']);
    const active = await lab.active();
    expect((await lab.java(HAADMIN, ['-getServiceState', active])).stdout).toBe('active\n');
    expect((await lab.java(HAADMIN, ['-checkHealth', active])).code).toBe(0);
    // Ours says the same of the same NameNodes: in the lab's shell, and anywhere with the same files.
    expect(await lab.well('shell', 'm1', '-c', `hdfs haadmin -getServiceState ${active}`)).toBe('active\n');
    const ours = await run(join(root, 'lab/bin/hdfs'), ['--config', lab.conf, 'haadmin', '-getAllServiceState'], {
      HALAB_DIR: lab.dir,
    });
    expect([ours.code, ours.out], ours.err).toEqual([0, all.stdout]);
  });

  test('a failover through the ZKFCs, there and back', async () => {
    const first = await lab.active();
    const second = first === 'nn1' ? 'nn2' : 'nn1';
    const there = await lab.java(HAADMIN, ['-failover', first, second]);
    expect([there.code, there.stdout], there.stderr).toEqual([
      0,
      expect.stringMatching(/^Failover to NameNode at .*:9000 successful\n$/),
    ]);
    expect(await lab.active(first)).toBe(second);
    const back = await lab.java(HAADMIN, ['-failover', second, first]);
    expect(back.code, back.stderr).toBe(0);
    expect(await lab.active(second)).toBe(first);
  });

  test("states are not changed by hand behind the ZKFCs' back", async () => {
    const active = await lab.active();
    const refused = await lab.java(HAADMIN, ['-transitionToStandby', active]);
    expect(refused.code).toBe(255);
    expect(refused.stderr).toContain('Refusing to manually manage HA state');
  });
});

describe('hdfs dfs', () => {
  test('-mkdir, -touchz, -ls, -mv, -rm', async () => {
    await lab.dfs('-mkdir', '-p', '/shell/a');
    await lab.dfs('-touchz', '/shell/a/one', '/shell/a/two');
    await lab.dfs('-mv', '/shell/a/two', '/shell/three');
    await lab.dfs('-rm', '/shell/a/one');
    const listing = await lab.dfs('-ls', '-R', '/shell');
    expect(
      listing
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/))
        .map((words) => [words[0], words[2], words[4], words.at(-1)]),
    ).toEqual([
      ['drwxr-xr-x', 'root', '0', '/shell/a'],
      ['-rw-r--r--', 'root', '0', '/shell/three'],
    ]);
  });

  test('-stat, -test, -chmod, -chown, -touch, -count, -df, -setrep', async () => {
    const results = await lab.shell([
      ['-mkdir', '-p', '/more/a'],
      ['-touchz', '/more/a/f'],
      ['-chmod', '640', '/more/a/f'],
      ['-chown', 'alice:staff', '/more/a/f'],
      ['-touch', '-t', '20200102:030405', '/more/a/f'],
      ['-stat', '%A %u %g %F %n %b %o %r', '/more/a/f'],
      ['-setrep', '2', '/more/a/f'],
      ['-stat', '%r', '/more/a/f'],
      ['-test', '-d', '/more/a'],
      ['-test', '-e', '/more/nothing'],
      ['-count', '/more'],
      ['-df', '/'],
      ['-mkdir', '/more/b'],
      ['-mv', '/more/a', '/more/b'],
      ['-ls', '-C', '/more/b/a'],
      ['-rm', '-r', '/more/b'],
      ['-ls', '/more'],
    ]);
    expect(
      results.map(({ code }) => code),
      results.map(({ stderr }) => stderr).join(''),
    ).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    const out = results.map(({ stdout }) => stdout);
    expect(out[5]).toMatch(/^-?rw-r----- alice staff regular file f 0 134217728 3\n$/);
    expect(out[7]).toBe('2\n');
    expect(out[10]).toMatch(/^\s+2\s+1\s+0 \/more\n$/);
    expect(out[11]).toContain('hdfs://hdfs-cluster');
    expect(out[14]).toBe('/more/b/a/f\n');
    expect(out[16]).toBe('');
  });

  test('what is wrong is said as HDFS says it', async () => {
    const cases: [string[], RegExp][] = [
      [['-ls', '/nothing'], /ls: `\/nothing': No such file or directory/],
      [['-mkdir', '/nothing/below'], /mkdir: `.*\/nothing': No such file or directory/],
      [['-mkdir', '/shell'], /mkdir: `\/shell': File exists/],
      [['-rm', '/shell'], /rm: `\/shell': Is a directory/],
      [['-touchz', '/shell'], /touchz: `\/shell': Is a directory/],
      [['-rmdir', '/shell'], /rmdir: `\/shell': Directory is not empty/],
    ];
    const results = await lab.shell(cases.map(([words]) => words));
    expect(results.map(({ code, stderr }, i) => [cases[i]![0], code, stderr])).toEqual(
      cases.map(([words, message]) => [words, 1, expect.stringMatching(message)]),
    );
  });
});

describe.each([
  ['3.8.4', 'zk'],
  ['3.6.3, which Hadoop 3.3.6 carries', 'hadoop'],
  ['3.3.6', 'zk-old'],
] as const)('zkCli of ZooKeeper %s', (_version, classpath) => {
  const zk = async (...args: string[]): Promise<string> => {
    const result = await lab.java(ZKMAIN, ['-server', await lab.zooKeepers(), ...args], { classpath });
    expect(result.code, result.stdout + result.stderr).toBe(0);
    // Old ones print a stat on standard error.
    return result.stdout + result.stderr;
  };

  test('sees the lock and the breadcrumb', async () => {
    expect(await zk('ls', '/hadoop-ha/hdfs-cluster')).toMatch(
      /^\[(ActiveBreadCrumb, ActiveStandbyElectorLock|ActiveStandbyElectorLock, ActiveBreadCrumb)\]$/m,
    );
    expect(await zk('get', '/hadoop-ha/hdfs-cluster/ActiveBreadCrumb')).toContain(await lab.active());
    expect(await zk('stat', '/hadoop-ha/hdfs-cluster/ActiveStandbyElectorLock')).toMatch(
      /ephemeralOwner = 0x[0-9a-f]{8,}/,
    );
  });

  test('creates, changes and deletes', async () => {
    const path = `/by-${classpath}`;
    await zk('create', path, 'one');
    await zk('set', path, 'two');
    expect(await zk('get', path)).toContain('two');
    await zk('create', '-s', `${path}/n-`, 'x');
    expect(await zk('ls', path)).toContain('[n-0000000000]');
    await zk('delete', `${path}/n-0000000000`);
    await zk('delete', path);
    expect(await zk('ls', '/')).not.toContain(path.slice(1));
  });
});

describe('the active NameNode is killed', () => {
  test('hdfs dfs, at once, waits and works', async () => {
    const active = await lab.active();
    await lab.well('kill', active);
    const other = active === 'nn1' ? 'nn2' : 'nn1';
    await lab.dfs('-touchz', '/shell/after-kill');
    expect((await lab.java(HAADMIN, ['-getServiceState', other])).stdout).toBe('active\n');
    await lab.well('start', active);
  });

  test('a Java writer loses nothing of what was acknowledged, and nothing is done twice', async () => {
    const count = 600;
    const writer = startJava('Writer', ['/written', String(count)], {
      classpath: 'hadoop',
      conf: lab.conf,
      extra: [classes],
    });
    const lines = (): string[] =>
      writer
        .output()
        .split('\n')
        .filter((line) => /^\d+ \d+$/.test(line));
    await eventually('the writer writing', () => (lines().length > 100 ? true : undefined), 60_000);
    const active = await lab.active();
    await lab.well('kill', active);
    expect(await writer.exited).toBe(0);
    expect(writer.output()).not.toMatch(/^failed/m);
    const acknowledged = lines().map((line) => line.split(' ')[0]!);
    expect(acknowledged.length).toBe(count);
    const found = new Set(
      (await lab.dfs('-ls', '-C', '/written')).split('\n').map((path) => path.replace('/written/', '')),
    );
    expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
    expect([...found].filter((name) => /^(new|shadow)-/.test(name))).toEqual([`shadow-${count - 1}`]);
    // The longest wait is the failover as the client saw it; the real cluster's is 1.8 to 3.0 seconds.
    const longest = Math.max(...lines().map((line) => Number(line.split(' ')[1])));
    expect(longest).toBeLessThan(15_000);
    process.stderr.write(`longest wait of the writer: ${longest} ms\n`);
    await lab.well('start', active);
  });
});
