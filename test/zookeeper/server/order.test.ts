import { describe, expect, test } from 'vitest';
import { ErrorCode } from '../../../src/wire/zookeeper/error-code.js';
import { Op } from '../../../src/wire/zookeeper/op.js';
import { writeSyncRequest } from '../../../src/wire/zookeeper/client/sync.js';
import { create, del, exists, get, set } from './requests.js';
import { TestClient } from './test-client.js';
import { testServer } from './test-server.js';

describe('order within a session', () => {
  test('a read waits for the writes before it; replies come in the order of the requests', async () => {
    const host = await testServer();
    const { consensus } = host;
    const client = new TestClient(host);
    await client.connect();
    consensus.hold = true;
    const sent = [
      client.send(...create('/a')),
      client.send(...get('/a')),
      client.send(...set('/a', 'w')),
      client.send(...exists('/b')),
      client.send(Op.ping, undefined, -2),
    ];
    expect(await client.replies()).toEqual([]);
    consensus.release();
    const replies = await client.replies();
    expect(replies.map((reply) => reply.xid)).toEqual(sent);
    expect(replies.map((reply) => reply.err)).toEqual([0, 0, 0, ErrorCode.NONODE, 0]);
    expect(replies.map((reply) => Number(reply.zxid))).toEqual([2, 2, 3, 3, 3]);
  });

  test('another session does not wait', async () => {
    const host = await testServer();
    const { consensus } = host;
    const writer = new TestClient(host);
    await writer.connect();
    const reader = new TestClient(host);
    await reader.connect();
    consensus.hold = true;
    writer.send(...create('/a'));
    expect((await reader.call(...exists('/a'))).err).toBe(ErrorCode.NONODE);
    consensus.release();
    expect((await reader.call(...exists('/a'))).err).toBe(ErrorCode.OK);
  });

  test('sync is answered in its turn', async () => {
    const host = await testServer();
    const { consensus } = host;
    const client = new TestClient(host);
    await client.connect();
    consensus.hold = true;
    const sent = [
      client.send(...create('/a')),
      client.send(Op.sync, (w) => writeSyncRequest(w, { path: '/a' })),
      client.send(...exists('/a')),
    ];
    expect(await client.replies()).toEqual([]);
    consensus.release();
    expect((await client.replies()).map((reply) => reply.xid)).toEqual(sent);
  });

  test('a watch fires before the reply from which its cause could be known', async () => {
    const host = await testServer();
    const client = new TestClient(host);
    await client.connect();
    await client.call(...exists('/a', true));
    const made = client.send(...create('/a'));
    expect((await client.replies()).map((reply) => reply.xid)).toEqual([-1, made]);
    const other = new TestClient(host);
    await other.connect();
    await client.call(...get('/a', true));
    other.send(...set('/a', 'new'));
    const read = client.send(...get('/a'));
    const replies = await client.replies();
    expect(replies.map((reply) => reply.xid)).toEqual([-1, read]);
    expect(replies[1]!.body.view(replies[1]!.body.i32()).toString()).toBe('new');
  });

  test('a watch fires once, and not for whoever may no longer read', async () => {
    const host = await testServer();
    const [a, b] = [new TestClient(host), new TestClient(host)];
    await a.connect();
    await b.connect();
    await a.call(...create('/n'));
    await b.call(...get('/n', true));
    await b.call(...exists('/n', true));
    await a.call(...set('/n', '1'));
    await a.call(...set('/n', '2'));
    expect(await b.events()).toEqual(['3 /n']);
    await b.call(...exists('/n', true));
    await a.call(...del('/n'));
    expect(await b.events()).toEqual(['2 /n']);
  });

  test('what is answered in one turn is sent as one piece', async () => {
    const host = await testServer();
    const client = new TestClient(host);
    await client.connect();
    const before = client.wire.pieces;
    for (let i = 0; i < 10; i++) client.send(...exists('/'));
    expect(await client.replies()).toHaveLength(10);
    expect(client.wire.pieces - before).toBe(1);
  });
});

describe('a slow or greedy client', () => {
  test('is not read from while too many of its requests wait', async () => {
    const host = await testServer();
    const { consensus } = host;
    const client = new TestClient(host);
    await client.connect();
    consensus.hold = true;
    for (let i = 0; i < 1500; i++) client.send(...set('/zookeeper', 'x'));
    await host.settle();
    expect(consensus.held.length).toBe(1000);
    consensus.hold = false;
    consensus.release();
    expect(await client.replies()).toHaveLength(1500);
  });
});
