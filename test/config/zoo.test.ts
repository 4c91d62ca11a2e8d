/** zoo.cfg as ZooKeeper 3.8.4 reads it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadZooConfig } from '../../src/config/zoo.js';

let root: string;
let file: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'halab-zoo-'));
  file = join(root, 'zoo.cfg');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function load(text: string, myid?: string) {
  writeFileSync(file, text);
  if (myid !== undefined) {
    mkdirSync(join(root, 'data'), { recursive: true });
    writeFileSync(join(root, 'data', 'myid'), myid);
  }
  return loadZooConfig(file, { root });
}

const ensemble =
  'tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/data\nclientPort=2181\nserver.1=m1:2888:3888\nserver.2=m2:2888:3888\nserver.3=m3:2888:3888\n';

describe('what it means', () => {
  test("an ensemble of three, with Apache's defaults", () => {
    expect(load(ensemble, '2\n')).toMatchObject({
      mode: 'quorum',
      sid: 2,
      client: { host: '0.0.0.0', port: 2181 },
      tickTimeMs: 2000,
      initLimit: 10,
      syncLimit: 5,
      minSessionTimeoutMs: 4000,
      maxSessionTimeoutMs: 40_000,
      dataDir: '/data',
      dataLogDir: '/data',
      snapCount: 100_000,
      maxClientCnxns: 60,
      autopurge: { snapRetainCount: 3, purgeIntervalHours: 0 },
      syncEnabled: true,
      juteMaxBuffer: 0xfffff,
      servers: [1, 2, 3].map((sid) => ({
        sid,
        host: `m${sid}`,
        quorumPort: 2888,
        electionPort: 3888,
        type: 'participant',
      })),
    });
  });

  test('carriage returns, comments, blanks, colons, continuations', () => {
    expect(
      load(
        `# c\r\n! c\r\n tickTime = 1000 \r\ninitLimit:10\r\nsyncLimit 5\r\ndataDir=/da\\\r\n   ` +
          `ta\r\nclientPort=2181\r\n${ensemble.split('\n').slice(5).join('\r\n')}`,
        '1\r\n',
      ),
    ).toMatchObject({ tickTimeMs: 1000, initLimit: 10, syncLimit: 5, dataDir: '/data', sid: 1 });
  });

  test('observers, client ports in server lines, everything that can be set', () => {
    const config = load(
      `${ensemble}server.4=m4:2888:3888:observer;127.0.0.4:2184
dataLogDir=/log\nminSessionTimeout=1000\nmaxSessionTimeout=9000\nmaxClientCnxns=0\nsnapCount=1000\nautopurge.snapRetainCount=5\nautopurge.purgeInterval=1
4lw.commands.whitelist=srvr, mntr\nsyncEnabled=false\nquorumListenOnAllIPs=true\nleaderServes=no\njute.maxbuffer=4096\nconnectToLearnerMasterLimit=7\n`,
      '4',
    );
    expect(config).toMatchObject({
      sid: 4,
      client: { host: '127.0.0.4', port: 2184 },
      dataLogDir: '/log',
      minSessionTimeoutMs: 1000,
      maxSessionTimeoutMs: 9000,
      maxClientCnxns: 0,
      snapCount: 1000,
      autopurge: { snapRetainCount: 5, purgeIntervalHours: 1 },
      fourLetterWordWhitelist: ['srvr', 'mntr'],
      syncEnabled: false,
      quorumListenOnAllIPs: true,
      leaderServes: false,
      juteMaxBuffer: 4096,
      connectToLearnerMasterLimit: 7,
    });
    expect(config.servers[3]).toMatchObject({ type: 'observer' });
  });

  test('no servers, or one: standalone, without myid', () => {
    expect(load('dataDir=/data\nclientPort=2181\n')).toMatchObject({ mode: 'standalone', tickTimeMs: 3000 });
    expect(load('dataDir=/data\nclientPort=2181\nserver.1=m1:2888:3888\n')).toMatchObject({ mode: 'standalone' });
    expect(
      load(
        'standaloneEnabled=false\ninitLimit=5\nsyncLimit=2\ndataDir=/data\nclientPort=2181\nserver.1=m1:2888:3888\n',
        '1',
      ),
    ).toMatchObject({ mode: 'quorum' });
  });
});

describe('what is said of a mistake', () => {
  test.each([
    ['clientPort=abc', /zoo\.cfg: line 5: clientPort: "abc" is not a whole number/],
    ['clientPort=70000', /line 5: clientPort: "70000" is not a port/],
    ['tickTime=', /line 1: tickTime: "" is not a whole number/],
    ['server.1=m1', /line 6: server\.1: "m1" does not say host:port:port/],
    ['server.1=m1:2888', /line 6: server\.1: the election port is missing/],
    ['initLimit=0', /initLimit is not set/],
  ])('%s', (line, message) => {
    const key = line.split('=')[0]!;
    expect(() => load(ensemble.replace(new RegExp(`^${key.replace('.', '\\.')}=.*$`, 'm'), line), '1')).toThrow(
      message,
    );
  });

  test.each([
    ['server.x=m1:2888:3888', /line 9: server\.x: a server number is 0 to 255/],
    ['electionAlg=1', /electionAlg: "1" is not supported/],
    ['secureClientPort=2281', /secureClientPort: TLS is not offered/],
    ['group.1=1:2:3', /weights and groups are not offered/],
    ['syncEnabled=yes', /line 9: syncEnabled: "yes" is neither true nor false/],
    ['minSessionTimeout=90000', /minSessionTimeout is larger than maxSessionTimeout/],
    ['bad=\\u12', /line 9: \\u needs four hexadecimal digits/],
  ])('%s', (line, message) => {
    expect(() => load(`${ensemble}${line}\n`, '1')).toThrow(message);
  });

  test('myid: missing, no number, of no server', () => {
    expect(() => load(ensemble)).toThrow(/data\/myid is missing/);
    expect(() => load(ensemble, 'one')).toThrow(/myid: "one" is not a server number/);
    expect(() => load(ensemble, '9')).toThrow(/my id 9 .* is not among the servers 1, 2, 3/);
  });

  test('dataDir and clientPort must be there, and the file', () => {
    expect(() => load('clientPort=2181\n')).toThrow(/dataDir is not set/);
    expect(() => load('dataDir=/data\n')).toThrow(/clientPort is not set/);
    expect(() => loadZooConfig(join(root, 'none.cfg'))).toThrow(/none\.cfg: cannot be read/);
  });
});
