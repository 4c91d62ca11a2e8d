/**
 * Ensembles of Apache ZooKeeper 3.8.4 and our servers together: elections, both as leader, every kind of
 * synchronization in both directions, and sessions that move from one make of server to the other.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { CreateMode } from '../../src/wire/zookeeper/client/modes.js';
import { eventually } from './apache.js';
import { MixedEnsemble } from './zookeeper-mixed/ensemble.js';
import type { Make } from './zookeeper-mixed/ensemble.js';

let ensemble: MixedEnsemble;
afterEach(async () => {
  const complaints = ensemble.complaints();
  await ensemble.stopAll();
  expect(complaints).toEqual([]);
});

function make(makes: readonly [Make, Make, Make, Make?]): void {
  ensemble = new MixedEnsemble(makes);
}

/** Every server gives the same answer for this node. */
async function everywhere(path: string, data: string, ...sids: number[]): Promise<void> {
  for (const sid of sids) {
    const client = await ensemble.client(sid);
    await client.sync(path);
    expect((await client.getData(path)).data?.toString(), `server ${sid}`).toBe(data);
    await client.close();
  }
}

const compositions: [string, [Make, Make, Make]][] = [
  ["two of Apache's, ours leads", ['apache', 'apache', 'ours']],
  ["two of Apache's, one of them leads", ['ours', 'apache', 'apache']],
  ['two of ours, one of them leads', ['apache', 'ours', 'ours']],
  ["two of ours, Apache's leads", ['ours', 'ours', 'apache']],
];

describe.each(compositions)('%s', (_, makes) => {
  test('writes go everywhere; the leader is lost and comes back', async () => {
    make(makes);
    // With equal histories the largest sid leads, as there is no quorum without it.
    await ensemble.start(1, 3);
    expect(await ensemble.serving(1, 3)).toBe(3);
    await ensemble.start(2);
    expect(await ensemble.serving(1, 2, 3)).toBe(3);
    for (const sid of [1, 2, 3]) {
      const client = await ensemble.client(sid);
      await client.create(`/by-${sid}`, Buffer.from(`from ${sid}`));
      await client.create(`/ephemeral-${sid}`, null, { mode: CreateMode.EPHEMERAL });
      await client.close();
    }
    for (const sid of [1, 2, 3]) await everywhere(`/by-${sid}`, `from ${sid}`, 1, 2, 3);

    await ensemble.settled(1, 2, 3);
    await ensemble.stop(3);
    const second = await ensemble.serving(1, 2);
    const client = await ensemble.client(1);
    expect(await client.exists('/ephemeral-3')).toBeUndefined();
    for (let i = 0; i < 20; i++) await client.setData('/by-1', Buffer.from(`again ${i}`));
    await ensemble.start(3);
    expect(await ensemble.serving(1, 2, 3)).toBe(second);
    await everywhere('/by-1', 'again 19', 1, 2, 3);

    // The second leader goes; one of the others takes over.
    await ensemble.settled(1, 2, 3);
    await ensemble.stop(second);
    const rest = [1, 2, 3].filter((sid) => sid !== second);
    expect(rest).toContain(await ensemble.serving(...rest));
    await everywhere('/by-1', 'again 19', ...rest);
  });
});

describe.each<[Make, Make]>([
  ['apache', 'ours'],
  ['ours', 'apache'],
  ['ours', 'ours'],
])('a learner (%s) of a leader (%s)', (learner, leader) => {
  // Server 3 leads, server 1 is its voter, server 2 learns.
  async function leading(): Promise<void> {
    make([leader, learner, leader]);
    await ensemble.start(1, 3);
    expect(await ensemble.serving(1, 3)).toBe(3);
  }

  test('a little behind: DIFF', async () => {
    await leading();
    await ensemble.start(2);
    await ensemble.serving(1, 2, 3);
    const client = await ensemble.client(1);
    await client.create('/a', Buffer.from('1'));
    await everywhere('/a', '1', 2);
    await ensemble.stop(2);
    for (let i = 0; i < 50; i++) await client.setData('/a', Buffer.from(String(i)));
    await ensemble.start(2);
    await ensemble.serving(1, 2, 3);
    expect(ensemble.lastSynchronization(2)).toBe('DIFF');
    await everywhere('/a', '49', 2);
  });

  test('with nothing of its own, and the beginning long gone: SNAP', async () => {
    await leading();
    const client = await ensemble.client(1);
    await client.create('/a', Buffer.from('1'));
    const last = 1200;
    for (let i = 0; i <= last; i++) void client.setData('/a', Buffer.from(String(i))).catch(() => undefined);
    await client.sync('/a');
    await client.create('/a-mine', null, { mode: CreateMode.EPHEMERAL });
    await ensemble.start(2);
    await ensemble.serving(1, 2, 3);
    expect(ensemble.lastSynchronization(2)).toBe('SNAP');
    await everywhere('/a', String(last), 2);
    expect(await (await ensemble.client(2)).exists('/a-mine')).toBeDefined();
    // What it got is its own: after a restart it needs but a DIFF.
    await ensemble.stop(2);
    await ensemble.start(2);
    await ensemble.serving(1, 2, 3);
    expect(ensemble.lastSynchronization(2)).toBe('DIFF');
    await everywhere('/a', String(last), 2);
  });

  test('it has logged what nobody else has: TRUNC', async () => {
    make([leader, learner, leader]);
    // Server 2 leads, with 1 as its only follower; that one goes, and 2 logs proposals that nobody else sees.
    await ensemble.start(1, 2);
    expect(await ensemble.serving(1, 2)).toBe(2);
    const client = await ensemble.client(2);
    await client.create('/a', Buffer.from('kept'));
    await ensemble.stop(1);
    for (let i = 0; i < 5; i++) void client.setData('/a', Buffer.from(`lost ${i}`)).catch(() => undefined);
    await ensemble.hasOutstanding(2, 5);
    await ensemble.stop(2);
    await ensemble.start(1, 3);
    expect(await ensemble.serving(1, 3)).toBe(1);
    await ensemble.start(2);
    await ensemble.serving(1, 2, 3);
    expect(ensemble.lastSynchronization(2)).toBe('TRUNC');
    await everywhere('/a', 'kept', 1, 2, 3);
    const after = await ensemble.client(2);
    await after.setData('/a', Buffer.from('goes on'));
    await everywhere('/a', 'goes on', 1, 2, 3);
  });
});

test.each<[Make, Make]>([
  ['ours', 'apache'],
  ['apache', 'ours'],
])('an observer (%s) of an ensemble led by %s', async (observer, voter) => {
  make([voter, voter, voter, observer]);
  await ensemble.start(1, 2, 3, 4);
  await ensemble.serving(1, 2, 3, 4);
  expect(await ensemble.mode(4)).toBe('observer');
  const client = await ensemble.client(4);
  for (let i = 0; i < 50; i++) await client.create(`/n${i}`, Buffer.from(String(i)));
  await everywhere('/n49', '49', 1, 2, 3, 4);
  await ensemble.stop(4);
  const voters = await ensemble.client(1);
  await voters.setData('/n49', Buffer.from('later'));
  await ensemble.start(4);
  await ensemble.serving(1, 2, 3, 4);
  await everywhere('/n49', 'later', 4);
});

test.each<[string, [Make, Make, Make]]>([
  ["Apache's", ['apache', 'ours', 'apache']],
  ['ours', ['ours', 'apache', 'ours']],
])('a session goes on when its server, %s, is lost, and ends only with its client', async (_, makes) => {
  make(makes);
  await ensemble.start(1, 2, 3);
  await ensemble.serving(1, 2, 3);
  // It knows servers 1 and 2, and is on one of them.
  const client = await ensemble.client(1, 2);
  const session = client.sessionId;
  await client.create('/mine', Buffer.from('x'), { mode: CreateMode.EPHEMERAL });
  for (const sid of [1, 2]) {
    await ensemble.stop(sid);
    await eventually('the session on another server', async () =>
      (await client.exists('/mine')) === undefined ? undefined : true,
    );
    expect(client.sessionId).toBe(session);
    await ensemble.start(sid);
    await ensemble.serving(1, 2, 3);
  }
  await client.close();
  const other = await ensemble.client(3);
  await other.sync('/');
  expect(await other.exists('/mine')).toBeUndefined();
});
