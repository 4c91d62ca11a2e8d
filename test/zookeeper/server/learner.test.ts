import { describe, expect, test } from 'vitest';
import { ErrorCode } from '../../../src/wire/zookeeper/error-code.js';
import { Op } from '../../../src/wire/zookeeper/op.js';
import type { Consensus } from '../../../src/zookeeper/contract.js';
import { sessionPassword } from '../../../src/zookeeper/server/session-id.js';
import { create, exists } from './requests.js';
import { TestClient } from './test-client.js';
import { testServer } from './test-server.js';

describe('a learner', () => {
  test('asks the leader about a session that comes from elsewhere', async () => {
    const host = await testServer();
    const { server, consensus } = host;
    const asked: bigint[] = [];
    (consensus as { revalidate: Consensus['revalidate'] }).revalidate = (session) => void asked.push(session);
    server.setServing('looking');
    server.setServing('follower');
    const [good, bad] = [new TestClient(host), new TestClient(host)];
    expect(await good.connect({ sessionId: 5n, passwd: sessionPassword(5n) })).toBeUndefined();
    expect(await bad.connect({ sessionId: 6n, passwd: sessionPassword(6n) })).toBeUndefined();
    expect(asked).toEqual([5n, 6n]);
    server.revalidated(5n, true);
    server.revalidated(6n, false);
    const [accepted] = await good.replies();
    expect(accepted).toBeDefined();
    expect(good.wire.closedByServer).toBe(false);
    expect(bad.wire.closedByServer).toBe(true);
    expect((await good.call(...exists('/'))).err).toBe(ErrorCode.OK);
  });

  test('a wrong password does not even get as far as the leader', async () => {
    const host = await testServer();
    const { server } = host;
    server.setServing('looking');
    server.setServing('follower');
    const client = new TestClient(host);
    expect(await client.connect({ sessionId: 5n, passwd: Buffer.alloc(16) })).toMatchObject({
      sessionId: 0n,
      timeOut: 0,
    });
  });

  test('reports whom it has heard from, once', async () => {
    const host = await testServer();
    const { server, consensus } = host;
    server.setServing('looking');
    server.setServing('follower');
    consensus.server = server;
    const client = new TestClient(host);
    const { sessionId } = (await client.connect({ timeOut: 8000 }))!;
    expect([...server.takeTouchedSessions()]).toEqual([[sessionId, 8000]]);
    expect([...server.takeTouchedSessions()]).toEqual([]);
    await client.call(Op.ping, undefined, -2);
    expect([...server.takeTouchedSessions()]).toEqual([[sessionId, 8000]]);
  });
});

describe('the leader', () => {
  test('keeps sessions of learners alive as long as they are reported', async () => {
    const host = await testServer();
    const { server, consensus } = host;
    const body = Buffer.alloc(4);
    body.writeInt32BE(4000);
    consensus.submit({ sessionId: 99n, cxid: 0, op: Op.createSession, body, authInfo: [], origin: 2 });
    for (let i = 0; i < 5; i++) {
      await host.advance(3000);
      server.touchSessions(new Map([[99n, 4000]]));
    }
    expect(host.events.filter((event) => event.type === 'SessionExpired')).toEqual([]);
    await host.advance(6100);
    expect(host.events.filter((event) => event.type === 'SessionExpired')).toEqual([
      { type: 'SessionExpired', session: 99n },
    ]);
    expect(server.adoptSession(99n, 4000, 3)).toBe(false);
  });

  test('gives every session its full time-out when it begins to lead', async () => {
    const host = await testServer();
    const { server, consensus } = host;
    const body = Buffer.alloc(4);
    body.writeInt32BE(4000);
    consensus.submit({ sessionId: 99n, cxid: 0, op: Op.createSession, body, authInfo: [], origin: 2 });
    server.setServing('looking');
    await host.advance(60_000);
    server.setServing('leader');
    await host.advance(3900);
    expect(host.events.filter((event) => event.type === 'SessionExpired')).toEqual([]);
    await host.advance(2200);
    expect(host.events.filter((event) => event.type === 'SessionExpired')).toHaveLength(1);
  });

  test('what a session left behind at its old server sends is refused by closing that connection', async () => {
    const host = await testServer();
    const { server } = host;
    const client = new TestClient(host);
    const { sessionId } = (await client.connect())!;
    expect(server.adoptSession(sessionId, 10_000, 3)).toBe(true);
    client.send(...create('/late'));
    expect(await client.replies()).toEqual([]);
    expect(client.wire.closedByServer).toBe(true);
    const other = new TestClient(host);
    await other.connect();
    expect((await other.call(...exists('/late'))).err).toBe(ErrorCode.NONODE);
  });
});
