/** The plan that comes of a Hadoop directory: who runs where, and what is refused before anything starts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { draftPlan } from '../../src/cluster/draft.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halab-conf-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

type Settings = Readonly<Record<string, string | undefined>>;

const BASE = {
  'dfs.nameservices': 'c',
  'dfs.ha.namenodes.c': 'nn1,nn2',
  'dfs.namenode.rpc-address.c.nn1': 'm1:8020',
  'dfs.namenode.rpc-address.c.nn2': 'm2:8020',
  'dfs.namenode.shared.edits.dir': 'qjournal://m1:8485;m2:8485;m3:8485/c',
  'dfs.ha.automatic-failover.enabled': 'true',
  'ha.zookeeper.quorum': 'm1:2181,m2:2181,m3:2181',
};

async function draft(changes: Settings = {}) {
  const properties = Object.entries({ ...BASE, ...changes } as Settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<property><name>${name}</name><value>${value}</value></property>\n`);
  writeFileSync(join(dir, 'hdfs-site.xml'), `<configuration>\n${properties.join('')}</configuration>\n`);
  return draftPlan(dir);
}

describe('who runs where', () => {
  test('hdfs-site.xml alone is enough', async () => {
    const { draft: plan, warnings } = await draft();
    expect(plan.hosts.map(({ name, roles }) => [name, ...roles.map(({ id }) => id)].join(' '))).toEqual([
      'm1 zk1 jn1 nn1 zkfc1',
      'm2 zk2 jn2 nn2 zkfc2',
      'm3 zk3 jn3',
    ]);
    expect(warnings).toEqual([expect.stringContaining('there is no zoo.cfg')]);
  });

  test('without automatic failover neither ZooKeeper nor ZKFCs are needed', async () => {
    const { draft: plan } = await draft({
      'dfs.ha.automatic-failover.enabled': undefined,
      'ha.zookeeper.quorum': undefined,
    });
    expect(plan.hosts.flatMap(({ roles }) => roles.map(({ id }) => id))).toEqual(['jn1', 'nn1', 'jn2', 'nn2', 'jn3']);
  });

  test("further names of a NameNode's host are its host's; further ports are its own", async () => {
    const { draft: plan } = await draft({
      'dfs.namenode.servicerpc-address.c.nn1': 'nn1-internal:8021',
      'dfs.namenode.http-address.c.nn1': 'nn1-web:50070',
      'dfs.namenode.lifeline.rpc-address.c.nn1': 'M1:8050',
    });
    expect(plan.hosts[0]).toMatchObject({ name: 'm1', aliases: ['nn1-internal', 'nn1-web'] });
    expect(plan.hosts[0]!.roles.find(({ id }) => id === 'nn1')!.ports).toEqual([8020, 50070, 8021, 8050]);
    expect(plan.hosts[1]!.aliases).toBeUndefined();
  });

  test('of several nameservices the internal one', async () => {
    const far = {
      'dfs.nameservices': 'c,far',
      'dfs.ha.namenodes.far': 'x,y',
      'dfs.namenode.rpc-address.far.x': 'fx:8020',
      'dfs.namenode.rpc-address.far.y': 'fy:8020',
    };
    expect((await draft({ ...far, 'dfs.internal.nameservices': 'c' })).draft.nameservice).toBe('c');
    expect((await draft({ ...far, 'dfs.nameservice.id': 'c' })).draft.nameservice).toBe('c');
    await expect(draft({ ...far, 'dfs.namenode.shared.edits.dir.far': 'qjournal://fx/far' })).rejects.toThrow(
      /hdfs-site\.xml: line 2: dfs\.nameservices names c, far: which one is meant is not said/,
    );
    await expect(draft({ 'dfs.internal.nameservices': 'd' })).rejects.toThrow(
      /line 9: dfs\.internal\.nameservices: nameservice d is not in dfs\.nameservices \(c\)/,
    );
  });

  test('the chroot of the quorum and the parent make the place of the election', async () => {
    const quorum = `${BASE['ha.zookeeper.quorum']}/hdfs`;
    expect((await draft({ 'ha.zookeeper.quorum': quorum })).draft.electionZnode).toBe('/hdfs/hadoop-ha/c');
    expect((await draft({ 'ha.zookeeper.parent-znode': '/x/' })).draft.electionZnode).toBe('/x/c');
  });
});

describe('what is refused', () => {
  const zoo = (...lines: readonly string[]): void =>
    writeFileSync(join(dir, 'zoo.cfg'), ['initLimit=10', 'syncLimit=5', 'dataDir=/zk', ...lines, ''].join('\n'));

  test('ZooKeeper servers that nobody can ask, though ZooKeeper would start them', async () => {
    const servers = ['server.1=m1:2888:3888', 'server.2=m2:2888:3888', 'server.3=m3:2888:3888'];
    zoo(...servers);
    await expect(draft()).rejects.toThrow(/zoo\.cfg: clientPort is not set: nobody could ask the server on m1/);
    zoo(...servers, 'clientPort=0');
    await expect(draft()).rejects.toThrow(/nobody could ask the server on m1/);
    zoo('server.1=m1:2888:3888;2181', 'server.2=m2:2888:3888;2181', 'server.3=m3:2888:3888');
    await expect(draft()).rejects.toThrow(/nobody could ask the server on m3/);
    zoo();
    await expect(draft({ 'ha.zookeeper.quorum': 'm1:2181' })).rejects.toThrow(/nobody could ask the server on m1/);
  });

  test('two answers to where clients connect, as each server itself would refuse them', async () => {
    const servers = ['server.1=m1:2888:3888', 'server.2=m2:2888:3888;2181', 'server.3=m3:2888:3888'];
    zoo('clientPort=2182', ...servers);
    await expect(draft()).rejects.toThrow(
      /zoo\.cfg: line 4: clientPort: clients connect to 0\.0\.0\.0:2182, but server\.2 says 0\.0\.0\.0:2181/,
    );
    zoo('clientPortAddress=0.0.0.0', ...servers);
    await expect(draft()).rejects.toThrow(/zoo\.cfg: line 4: clientPortAddress: set, but clientPort is not/);
  });

  test.each<[string, Settings, RegExp]>([
    [
      'two NameNodes of one host',
      { 'dfs.namenode.rpc-address.c.nn2': 'M1:8021' },
      /line 5: dfs\.namenode\.rpc-address\.c\.nn2: NameNodes nn1 and nn2 are both on M1/,
    ],
    [
      'two JournalNodes of one host',
      { 'dfs.namenode.shared.edits.dir': 'qjournal://m1:8485;m1:8486;m3:8485/c' },
      /line 6: dfs\.namenode\.shared\.edits\.dir: the JournalNodes at ports 8485 and 8486 are both on m1/,
    ],
    ['shared edits that are none', { 'dfs.namenode.shared.edits.dir': 'file:///mnt/nfs' }, /is not a quorum journal/],
    ['no quorum', { 'ha.zookeeper.quorum': undefined }, /ha\.zookeeper\.quorum is not set/],
    [
      'Kerberos',
      { 'hadoop.security.authentication': 'kerberos' },
      /line 9: hadoop\.security\.authentication: kerberos: /,
    ],
    [
      'one port for two servers',
      { 'dfs.namenode.http-address.c.nn1': 'm1:8485' },
      /on m1, jn1 and nn1 both need port 8485/,
    ],
  ])('%s', async (_name, changes, message) => {
    await expect(draft(changes)).rejects.toThrow(message);
  });

  test('no directory, and one without files', async () => {
    await expect(draftPlan(join(dir, 'none'))).rejects.toThrow(/none: no such directory/);
    await expect(draftPlan(dir)).rejects.toThrow(/holds neither core-site\.xml nor hdfs-site\.xml/);
  });
});
