/**
 * HA clusters of Apache Hadoop 3.3.6 and our roles together: each role of ours in the place of one of Apache's, through
 * a failover.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { MixedHdfs } from './hdfs-mixed/cluster.js';
import type { Makes } from './hdfs-mixed/cluster.js';

let cluster: MixedHdfs;
afterEach(() => cluster.stopAll());

const compositions: [string, Makes][] = [
  [
    "Apache's NameNodes and ZKFCs over our JournalNodes and ZooKeeper",
    {
      zookeeper: 'ours',
      journalNodes: ['ours', 'ours', 'ours'],
      nameNodes: ['apache', 'apache'],
      zkfcs: ['apache', 'apache'],
    },
  ],
  [
    "Apache's NameNodes over JournalNodes of both makes, our ZKFCs",
    {
      zookeeper: 'ours',
      journalNodes: ['ours', 'apache', 'ours'],
      nameNodes: ['apache', 'apache'],
      zkfcs: ['ours', 'ours'],
    },
  ],
  [
    "our NameNodes over Apache's JournalNodes, with Apache's ZKFCs",
    {
      zookeeper: 'ours',
      journalNodes: ['apache', 'apache', 'ours'],
      nameNodes: ['ours', 'ours'],
      zkfcs: ['apache', 'apache'],
    },
  ],
  [
    "one NameNode and ZKFC of each make, Apache's formatted, ours bootstrapped from it",
    {
      zookeeper: 'ours',
      journalNodes: ['ours', 'ours', 'ours'],
      nameNodes: ['apache', 'ours'],
      zkfcs: ['apache', 'ours'],
    },
  ],
  [
    "one NameNode and ZKFC of each make, ours formatted, Apache's bootstrapped from it",
    {
      zookeeper: 'ours',
      journalNodes: ['ours', 'apache', 'ours'],
      nameNodes: ['ours', 'apache'],
      zkfcs: ['ours', 'apache'],
    },
  ],
];

describe.each(compositions)('%s', (_name, makes) => {
  test('a failover, and what was written is there', async () => {
    cluster = new MixedHdfs(makes);
    await cluster.up();
    const first = await cluster.oneActive();
    await cluster.shell('-mkdir', '-p', '/a/b');
    await cluster.shell('-touchz', '/a/b/one');

    // Without one JournalNode of each kind in turn, writes go on.
    await cluster.kill('jn1');
    await cluster.shell('-touchz', '/a/b/two');
    await cluster.start('jn1');

    await cluster.kill(first);
    const second = first === 'nn1' ? 'nn2' : 'nn1';
    expect(await cluster.oneActive([second])).toBe(second);
    await cluster.shell('-mv', '/a/b/two', '/a/b/three');
    const listing = await cluster.shell('-ls', '/a/b');
    expect(
      listing
        .split('\n')
        .map((line) => line.split(' ').at(-1))
        .filter((path) => path?.startsWith('/')),
    ).toEqual(['/a/b/one', '/a/b/three']);

    await cluster.start(first);
    expect(await cluster.oneActive()).toBe(second);
    await cluster.bothInElection();
    await cluster.kill('jn2');
    const failover = await cluster.java('org.apache.hadoop.hdfs.tools.DFSHAAdmin', ['-failover', second, first]);
    expect(failover.code, `${failover.stderr}\n${cluster.report()}`).toBe(0);
    expect(await cluster.oneActive()).toBe(first);
    await cluster.shell('-rm', '/a/b/one');
    expect(await cluster.shell('-ls', '/a/b')).toContain('/a/b/three');
  });
});
