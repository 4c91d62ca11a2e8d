/** zoo.cfg, myid and system properties as ZooKeeper 3.8.4 reads them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LabError } from '../../src/base/errors.js';
import { loadZooConfig, systemProperties, zooEnvironment } from '../../src/config/zoo.js';
import { lay, nameOf, ZOO_CASES } from './zoo-cases.js';

describe('what Apache takes is taken, what it refuses is refused, with file, line and key', () => {
  const { files, remove } = lay(ZOO_CASES);
  afterAll(remove);

  test.each(ZOO_CASES.map((each, index) => [nameOf(each), each, files[index]!] as const))('%s', (_name, each, file) => {
    const { says, warns, gives } = each;
    if (says === undefined) {
      const { config, warnings } = loadZooConfig(file);
      if (gives !== undefined) expect(config).toMatchObject(gives);
      if (warns !== undefined) expect(warnings).toContainEqual(expect.stringMatching(warns));
      return;
    }
    const refusal = refusalOf(() => loadZooConfig(file));
    expect(refusal.message).toMatch(says);
    expect(refusal.message).toContain(file.slice(0, file.lastIndexOf('/')));
    expect(refusal.remedy).toBeDefined();
    expect(refusal.data).toMatchObject({ exitCode: 2 });
  });
});

function refusalOf(work: () => unknown): LabError {
  try {
    work();
  } catch (error) {
    if (error instanceof LabError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('files of a machine', () => {
  let root: string;
  let file: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'halab-zoo-'));
    file = join(root, 'zoo.cfg');
    mkdirSync(join(root, 'data'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const alone = 'dataDir=/data\nclientPort=2181\n';
  const load = (text: string, flags: NodeJS.ProcessEnv = {}) => {
    writeFileSync(file, text);
    return loadZooConfig(file, { root, properties: systemProperties(flags) });
  };

  test("an ensemble of three, with Apache's defaults", () => {
    writeFileSync(join(root, 'data', 'myid'), '2\n');
    const servers = [1, 2, 3].map((sid) => `server.${sid}=m${sid}:2888:3888\n`).join('');
    const { config, warnings } = load(`${alone}initLimit=10\nsyncLimit=5\n${servers}`);
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      mode: 'quorum',
      sid: 2,
      client: { host: '0.0.0.0', port: 2181 },
      tickTimeMs: 3000,
      minSessionTimeoutMs: 6000,
      maxSessionTimeoutMs: 60_000,
      dataDir: '/data',
      dataLogDir: '/data',
      snapCount: 100_000,
      maxClientCnxns: 60,
      autopurge: { snapRetainCount: 3, purgeIntervalHours: 0 },
      fourLetterWordWhitelist: ['srvr'],
      juteMaxBuffer: 0xfffff,
      servers: [1, 2, 3].map((sid) => ({ sid, host: `m${sid}`, quorumPort: 2888, electionPort: 3888 })),
    });
  });

  test('a number that no server has: exit code 1, as there', () => {
    writeFileSync(join(root, 'data', 'myid'), '9');
    const refusal = refusalOf(() => load(`${alone}initLimit=1\nsyncLimit=1\nserver.1=a:1:2\nserver.2=b:1:2\n`));
    expect(refusal.message).toMatch(/my id 9 .* is not among the servers 1, 2/);
    expect(refusal.data).toMatchObject({ exitCode: 1 });
  });

  test('a file that is not there: exit code 2', () => {
    const refusal = refusalOf(() => loadZooConfig(join(root, 'none.cfg')));
    expect(refusal.message).toMatch(/none\.cfg: cannot be read/);
    expect(refusal.data).toMatchObject({ exitCode: 2 });
  });

  test('datadir.autocreate=false: a data directory that is not there ends the server with code 3', () => {
    const flags = { SERVER_JVMFLAGS: '-Dzookeeper.datadir.autocreate=false' };
    const refusal = refusalOf(() => load(alone, flags));
    expect(refusal.message).toMatch(/data\/version-2 is missing, and none may be made/);
    expect(refusal.data).toMatchObject({ exitCode: 3 });
    mkdirSync(join(root, 'data', 'version-2'));
    expect(load(alone, flags).config.mode).toBe('standalone');
  });

  describe('system properties', () => {
    test('SERVER_JVMFLAGS and JVMFLAGS: the last of a name counts, and JVMFLAGS comes last', () => {
      const { config } = load(alone, {
        SERVER_JVMFLAGS: '-Xmx1g -Dzookeeper.snapCount=10 -Djute.maxbuffer=0x9fffff  -Dzookeeper.skipACL=yes',
        JVMFLAGS: '-Dzookeeper.snapCount=20',
        CLIENT_JVMFLAGS: '-Dzookeeper.snapCount=30',
      });
      expect(config).toMatchObject({ snapCount: 20, juteMaxBuffer: 0x9fffff, skipAcl: true });
    });

    test('a line of the file is stronger than -D', () => {
      const { config } = load(`${alone}snapCount=50\n`, { JVMFLAGS: '-Dzookeeper.snapCount=20' });
      expect(config.snapCount).toBe(50);
    });

    test('the super user, TTL nodes, quotas and others by -D', () => {
      const { config } = load(alone, {
        SERVER_JVMFLAGS:
          '-Dzookeeper.DigestAuthenticationProvider.superDigest=super:abc= -Dzookeeper.extendedTypesEnabled=true ' +
          '-Dzookeeper.enforceQuota=true -Dzookeeper.maxCnxns=7 -Dzookeeper.leaderServes=no -Dzookeeper.forceSync=no ' +
          '-Dzookeeper.4lw.commands.whitelist=* -Dzookeeper.observer.syncEnabled=false',
      });
      expect(config).toMatchObject({
        superDigest: 'super:abc=',
        extendedTypesEnabled: true,
        enforceQuota: true,
        maxCnxns: 7,
        leaderServes: false,
        forceSync: false,
        fourLetterWordWhitelist: ['*', 'srvr'],
        syncEnabled: false,
      });
    });

    test.each([
      ['-Djute.maxbuffer=1m', /SERVER_JVMFLAGS: -D: jute\.maxbuffer: "1m" is not a number; 1048575 is used/],
      ['-Dzookeeper.tickTime=5', /zookeeper\.tickTime: has no effect: write tickTime into zoo\.cfg/],
      ['-Dzookeeper.snapcount=5', /zookeeper\.snapcount: ZooKeeper knows no such property/],
      ['-Dzookeeper.admin.serverPort=1', /has no effect here: there is no AdminServer/],
    ])('%s: a warning', (flags, warning) => {
      expect(load(alone, { SERVER_JVMFLAGS: flags }).warnings).toContainEqual(expect.stringMatching(warning));
    });

    test.each([
      ['-Dreadonlymode.enabled=true', /readonlymode\.enabled: read-only servers are not offered/],
      ['-Dzookeeper.authProvider.1=x.Y', /only digest, ip and world are offered/],
      ['-Dzookeeper.db.autocreate=false', /db\.autocreate: a history is never asked for/],
    ])('%s: refused', (flags, says) => {
      const refusal = refusalOf(() => load(alone, { SERVER_JVMFLAGS: flags }));
      expect(refusal.message).toMatch(says);
      expect(refusal.remedy).toBe('take it out of SERVER_JVMFLAGS');
    });

    test("the JVM's and libraries' own are no concern of ZooKeeper's", () => {
      const flags = { JVMFLAGS: '-Dcom.sun.management.jmxremote -Djava.net.preferIPv4Stack=true -XX:+UseG1GC' };
      expect(load(alone, flags).warnings).toEqual([]);
    });
  });

  describe('zookeeper-env.sh and java.env', () => {
    test('are read by a shell, the second after the first, and see the environment', async () => {
      writeFileSync(
        join(root, 'zookeeper-env.sh'),
        'N=3\nSERVER_JVMFLAGS="-Da=$((N + 1)) $SERVER_JVMFLAGS"\necho noise\n',
      );
      writeFileSync(join(root, 'java.env'), 'export JVMFLAGS="-Xmx2g -Db=$ZOOCFGDIR"\nZOO_LOG_DIR=/var/log/zk\n');
      const env = await zooEnvironment({ PATH: process.env['PATH'], SERVER_JVMFLAGS: '-Dc=1' }, root);
      expect(env['ZOO_LOG_DIR']).toBe('/var/log/zk');
      expect([...systemProperties(env)].map(([name, { value }]) => `${name}=${value}`)).toEqual([
        'a=4',
        'c=1',
        `b=${root}`,
      ]);
    });

    test('where there is none, nothing is started', async () => {
      const env = { JVMFLAGS: '-Da=1' };
      expect(await zooEnvironment(env, root)).toBe(env);
    });

    test('one that ends the shell is refused by name', async () => {
      writeFileSync(join(root, 'java.env'), 'echo "no such thing" >&2\nexit 4\n');
      await expect(zooEnvironment({ PATH: process.env['PATH'] }, root)).rejects.toThrow(
        /java\.env: cannot be run: no such thing/,
      );
    });
  });
});
