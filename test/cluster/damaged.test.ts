/**
 * Damaged directories of one role, as a crash, a disk or a hand leaves them: `halab up` says which file is wrong and
 * what to do, changes nothing of it, and leaves no process. What a crash alone can leave is mended without a word.
 */
import {
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rolesOf } from '../../src/cluster/status.js';
import { build, LabFixture } from './lab-fixture.js';

const at = new LabFixture();
const sound = join(at.home, 'sound');
const zk = join(at.dir, 'm1/root/zookeeper/data');
const jn = join(at.dir, 'm1/root/journalnode/data/hdfs-cluster');
const nn = join(at.dir, 'm1/root/hdfs/namenode');
const garbage = (bytes: number): Buffer => Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 89 + 7) % 251));
const replaceBy = (path: string, text: string | Buffer): void => {
  rmSync(path, { recursive: true, force: true });
  writeFileSync(path, text);
};
const only = (directory: string, name: RegExp): string =>
  join(directory, readdirSync(directory).find((candidate) => name.test(candidate))!);

beforeAll(async () => {
  build();
  const up = await at.halab('up', 'configs/fast');
  expect(up.code, up.err).toBe(0);
  expect((await at.on('m1', 'hdfs dfs -mkdir -p /kept/a /kept/b')).code).toBe(0);
  expect((await at.halab('down')).code).toBe(0);
  cpSync(at.dir, sound, { recursive: true });
}, 180_000);
afterAll(() => at.end());

/** What m1 has on disk, as names and digests; locks come and go, and LevelDB sorts what it holds when it is opened. */
function contents(): Record<string, string> {
  const root = join(at.dir, 'm1');
  return Object.fromEntries(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter(
        (name) => !name.endsWith('in_use.lock') && !name.includes('/txnlog/') && statSync(join(root, name)).isFile(),
      )
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(root, name)))
          .digest('hex'),
      ]),
  );
}

function damage(how: () => void): void {
  for (const name of ['m1', 'm2', 'm3']) rmSync(join(at.dir, name), { recursive: true, force: true });
  cpSync(sound, at.dir, { recursive: true });
  how();
}

describe('told, with the file and what to do', () => {
  test.each<[string, string, () => void, RegExp]>([
    [
      'zk1',
      'a myid that is no number',
      () => writeFileSync(join(zk, 'myid'), 'abc\n'),
      /\/root\/zookeeper\/data\/myid: "abc" is not a server number\n +write the N/,
    ],
    [
      'zk1',
      "another server's myid",
      () => writeFileSync(join(zk, 'myid'), '2\n'),
      /\/root\/zookeeper\/data\/myid says 2, which is m2 in .*zoo\.cfg, and this is m1\n +write 1 into it/,
    ],
    [
      'zk1',
      'an epoch that is no number',
      () => writeFileSync(join(zk, 'version-2/acceptedEpoch'), ''),
      /\/version-2\/acceptedEpoch does not hold a number: ""\n +move/,
    ],
    [
      'zk1',
      'epochs that contradict each other',
      () => writeFileSync(join(zk, 'version-2/currentEpoch'), '99'),
      /acceptedEpoch \d is less than currentEpoch 99\n +move/,
    ],
    [
      'zk1',
      'a store without its CURRENT',
      () => rmSync(join(zk, 'version-2/txnlog/CURRENT')),
      /\/version-2\/txnlog: damaged data: CURRENT is missing beside \S+\n +move/,
    ],
    [
      'zk1',
      'a store without its manifest',
      () => rmSync(only(join(zk, 'version-2/txnlog'), /^MANIFEST/)),
      /\/version-2\/txnlog: damaged data: .*\n +move/,
    ],
    [
      'zk1',
      'a file for a directory',
      () => replaceBy(zk, 'x'),
      /zookeeper\/data\/myid: EEXIST.*\n +a file is where a directory should be/,
    ],
    [
      'jn1',
      'a VERSION that is none',
      () => writeFileSync(join(jn, 'current/VERSION'), 'garbage'),
      /\/hdfs-cluster\/current\/VERSION: the property \S+ is missing\n +Restore/,
    ],
    [
      'jn1',
      'no VERSION beside edits',
      () => rmSync(join(jn, 'current/VERSION')),
      /\/hdfs-cluster\/current\/VERSION is missing beside \S+\n +Restore/,
    ],
    [
      'jn1',
      'a promise that is no number',
      () => writeFileSync(join(jn, 'current/last-promised-epoch'), ''),
      /\/hdfs-cluster\/current\/last-promised-epoch: not an epoch number\n +Stop this JournalNode/,
    ],
    [
      'jn1',
      'a lock that somebody holds',
      () => writeFileSync(join(jn, 'in_use.lock'), `${process.pid}@here\n`),
      new RegExp(
        `Cannot lock storage /root/journalnode/data/hdfs-cluster\\. The directory is already locked by process ` +
          `${process.pid}\n +Another`,
      ),
    ],
    [
      'nn1',
      'a VERSION that is none',
      () => writeFileSync(join(nn, 'current/VERSION'), 'garbage'),
      /\/namenode\/current\/VERSION: layoutVersion is missing\n +Restore/,
    ],
    [
      'nn1',
      'an image with another digest',
      () => truncateSync(only(join(nn, 'current'), /^fsimage_\d+$/), 100),
      /Image file \/root\/hdfs\/namenode\/current\/fsimage_\d+ is corrupt with MD5 checksum of .*\n +Copy the image/,
    ],
    [
      'nn1',
      'an image that is none, with its digest',
      () => {
        const image = only(join(nn, 'current'), /^fsimage_\d+$/);
        writeFileSync(image, garbage(400));
        writeFileSync(
          `${image}.md5`,
          `${createHash('md5').update(garbage(400)).digest('hex')} *${image.split('/').at(-1)}\n`,
        );
      },
      /\/namenode\/current\/fsimage_\d+: not an fsimage .*\n +Copy the image/,
    ],
    [
      'nn1',
      'a seen_txid that is no number',
      () => writeFileSync(join(nn, 'current/seen_txid'), 'garbage'),
      /\/namenode\/current\/seen_txid does not hold a transaction id: "garbage"\n +write/,
    ],
  ])(
    '%s: %s',
    async (id, _what, how, message) => {
      damage(how);
      const before = contents();
      const up = await at.halab('up');
      expect(up.code).toBe(1);
      expect(up.err).toMatch(message);
      if (!/EEXIST/.test(up.err)) expect(up.err).toContain(`halab: ${id} ended while it was started: `);
      expect(up.err).not.toMatch(/\n\s+at /);
      expect(at.processes()).toEqual([]);
      const after = contents();
      for (const [name, digest] of Object.entries(before))
        if (name.includes({ zk1: 'zookeeper', jn1: 'journalnode', nn1: 'namenode' }[id]!))
          expect([name, after[name]]).toEqual([name, digest]);
    },
    60_000,
  );
});

describe('mended', () => {
  test.each<[string, () => void]>([
    [
      'what a crash leaves of a segment',
      () => {
        const edits = only(join(jn, 'current'), /^edits_\d+-\d+$/);
        renameSync(edits, edits.replace(/edits_(\d+)-\d+$/, 'edits_inprogress_$1'));
        truncateSync(
          edits.replace(/edits_(\d+)-\d+$/, 'edits_inprogress_$1'),
          statSync(edits.replace(/edits_(\d+)-\d+$/, 'edits_inprogress_$1')).size - 7,
        );
      },
    ],
    [
      'a segment that never was one',
      () => writeFileSync(join(jn, 'current/edits_inprogress_0000000000000000999'), garbage(3000)),
    ],
    [
      "the last record of ZooKeeper's log",
      () => {
        const log = only(join(zk, 'version-2/txnlog'), /\.log$/);
        truncateSync(log, statSync(log).size - 5);
      },
    ],
    ['a snapshot cut short', () => writeFileSync(join(zk, 'version-2/snapshot.100000001'), garbage(300))],
    [
      'a name directory and a dataDir that are gone: the others have it all',
      () => {
        rmSync(nn, { recursive: true });
        rmSync(zk, { recursive: true });
      },
    ],
    [
      'an image and a local segment half written',
      () => {
        writeFileSync(join(nn, 'current/fsimage.ckpt_0000000000000000009'), garbage(100));
        writeFileSync(join(nn, 'current/edits_inprogress_0000000000000000999'), garbage(100));
        mkdirSync(join(nn, 'empty'));
      },
    ],
  ])(
    '%s',
    async (_what, how) => {
      damage(how);
      const up = await at.halab('up');
      expect(up.code, up.err).toBe(0);
      expect(rolesOf(await at.status()).map(({ id, answers }) => [id, answers])).toEqual(
        rolesOf(await at.status()).map(({ id }) => [id, true]),
      );
      expect((await at.on('m1', 'hdfs dfs -ls /kept')).out).toMatch(/\/kept\/a\n.*\/kept\/b\n/s);
      expect((await at.halab('down')).code).toBe(0);
    },
    90_000,
  );
});
