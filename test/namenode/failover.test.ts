/** Two NameNodes over three JournalNodes, as their clients and administrators see them. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HARequestSource } from '../../src/wire/hadoop/gen/ha-service-protocol.js';
import { clientNamenodeProtocol } from '../../src/wire/hadoop/protocols/client-namenode.js';
import { startCluster } from './cluster-fixture.js';
import type { Cluster } from './cluster-fixture.js';
import { refusal, refusedWrites, writeRefusals } from './write-refusals.js';

let cluster: Cluster;
beforeEach(async () => {
  cluster = await startCluster();
});
afterEach(() => cluster.end());

describe('a pair', () => {
  test('the active serves, the standby sends clients away', async () => {
    expect([await cluster.state(0), await cluster.state(1)]).toEqual(['ACTIVE', 'STANDBY']);
    expect(await cluster.mkdirs(0, '/a/b')).toBe(true);
    expect(await refusal(cluster.mkdirs(1, '/x'))).toBe(
      'org.apache.hadoop.ipc.StandbyException: Operation category WRITE is not supported in state standby. Visit ' +
        'https://s.apache.org/sbnn-error',
    );
    expect(await refusal(cluster.exists(1, '/a'))).toContain(
      'Operation category READ is not supported in state standby',
    );
  });

  test('msync, renewLease and other writes are refused as writes, at a standby and at an observer', async () => {
    expect(await writeRefusals(cluster, 1)).toEqual(refusedWrites('STANDBY'));
    await cluster.transition(1, 'OBSERVER');
    expect(await writeRefusals(cluster, 1)).toEqual(refusedWrites('OBSERVER'));
    await cluster.transition(1, 'STANDBY');
    expect(await cluster.client.call(clientNamenodeProtocol, 'msync', cluster.nn[0].rpc, {})).toEqual({});
  });

  test('a graceful failover there and back keeps everything', async () => {
    for (let i = 0; i < 50; i++) await cluster.mkdirs(0, `/first/${i}`);
    await cluster.transition(0, 'STANDBY');
    await cluster.transition(1, 'ACTIVE');
    expect(await cluster.list(1, '/first')).toHaveLength(50);
    for (let i = 0; i < 50; i++) await cluster.mkdirs(1, `/second/${i}`);
    await cluster.transition(1, 'STANDBY');
    await cluster.transition(0, 'ACTIVE');
    expect(await cluster.list(0, '/first')).toHaveLength(50);
    expect(await cluster.list(0, '/second')).toHaveLength(50);
  });

  test('a new active fences the old one, which ends itself rather than lie', async () => {
    await cluster.mkdirs(0, '/before');
    await cluster.transition(1, 'ACTIVE');
    expect(await cluster.exists(1, '/before')).toBe(true);
    const late = cluster.mkdirs(0, '/late').then(
      () => 'answered',
      () => 'failed',
    );
    await expect.poll(() => cluster.nn[0].exited?.code, { timeout: 10_000 }).toBe(1);
    expect(cluster.nn[0].exited!.reason).toContain('flush failed for required journal');
    expect(await cluster.exists(1, '/late')).toBe(false);
    await cluster.stop(0);
    expect(await late).toBe('failed');
  });

  test('an operation that a client sends again is not done again, at the other NameNode either', async () => {
    await cluster.mkdirs(0, '/d');
    const callId = cluster.client.nextCallId();
    const request = { src: '/d', recursive: false };
    expect(await cluster.client.call(clientNamenodeProtocol, 'delete', cluster.nn[0].rpc, request, { callId })).toEqual(
      { result: true },
    );
    expect(
      await cluster.client.call(clientNamenodeProtocol, 'delete', cluster.nn[0].rpc, request, {
        callId,
        retryCount: 1,
      }),
    ).toEqual({ result: true });
    await cluster.transition(0, 'STANDBY');
    await cluster.transition(1, 'ACTIVE');
    expect(
      await cluster.client.call(clientNamenodeProtocol, 'delete', cluster.nn[1].rpc, request, {
        callId,
        retryCount: 2,
      }),
    ).toEqual({ result: true });
    expect(await cluster.client.call(clientNamenodeProtocol, 'delete', cluster.nn[1].rpc, request)).toEqual({
      result: false,
    });
  });

  test("illegal transitions in Hadoop's words", async () => {
    expect(await refusal(cluster.transition(0, 'OBSERVER'))).toBe(
      "org.apache.hadoop.ha.ServiceFailedException: Cannot transition from 'active' to 'observer'",
    );
    await cluster.transition(1, 'OBSERVER');
    expect(await cluster.state(1)).toBe('OBSERVER');
    expect(await refusal(cluster.transition(1, 'ACTIVE'))).toBe(
      "org.apache.hadoop.ha.ServiceFailedException: Cannot transition from 'observer' to 'active'",
    );
    await cluster.transition(1, 'STANDBY');
    expect(await refusal(cluster.transition(1, 'ACTIVE', HARequestSource.REQUEST_BY_ZKFC))).toMatch(
      new RegExp(
        '^org.apache.hadoop.security.AccessControlException: Request from ZK failover controller at .* denied since ' +
          'automatic HA is not enabled$',
      ),
    );
  });

  test('everything is there after both have restarted, and a node that was away catches up', async () => {
    await cluster.mkdirs(0, '/one');
    await cluster.stop(0);
    await cluster.transition(1, 'ACTIVE');
    await cluster.mkdirs(1, '/two');
    await cluster.stop(1);
    await cluster.start(0);
    await cluster.start(1);
    await cluster.transition(0, 'ACTIVE');
    expect(await cluster.list(0, '/')).toEqual(['one', 'two']);
  });

  test('one JournalNode is not missed, two are', async () => {
    await cluster.journalNodes[0]!.stop();
    expect(await cluster.mkdirs(0, '/one-down')).toBe(true);
    await cluster.journalNodes[1]!.stop();
    const answered = cluster.mkdirs(0, '/two-down').then(
      () => 'answered',
      () => 'failed',
    );
    await expect.poll(() => cluster.nn[0].exited?.code, { timeout: 25_000 }).toBe(1);
    await cluster.stop(0);
    expect(await answered).toBe('failed');
  });
});
