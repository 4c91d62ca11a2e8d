import { describe, expect, test } from 'vitest';
import { ByteReader } from '../../../src/base/bytes.js';
import { readConnectResponse } from '../../../src/wire/zookeeper/client/connect.js';
import { ErrorCode } from '../../../src/wire/zookeeper/error-code.js';
import { Op } from '../../../src/wire/zookeeper/op.js';
import { firstSessionId, sessionPassword } from '../../../src/zookeeper/server/session-id.js';
import { create, exists } from './requests.js';
import { TestClient, packets } from './test-client.js';
import { testServer } from './test-server.js';
import type { TestServer } from './test-server.js';

/** One connects after the other. */
async function inTurn(host: TestServer, addresses: readonly string[]): Promise<TestClient[]> {
  const clients: TestClient[] = [];
  for (const address of addresses) {
    clients.push(new TestClient(host, address));
    await host.settle();
  }
  return clients;
}

describe('ids and passwords', () => {
  test('a password is what java.util.Random makes of the id', () => {
    // Printed by Java: new Random(id ^ 0xB3415C00L).nextBytes(new byte[16]).
    expect(sessionPassword(0x100002e44370000n).toString('hex')).toBe('db1c3106cc3c4f13b1f66c05f557d6b3');
    expect(sessionPassword(0x7f00112233445566n).toString('hex')).toBe('827e34b597054991260050c5e6c37a90');
    expect(sessionPassword(-5n).toString('hex')).toBe('d47144b5e45e45c49c3b7fdcd66257ba');
  });

  test('an id starts with the server and grows with time', () => {
    expect(firstSessionId(3, 0x123456789) >> 56n).toBe(3n);
    expect(firstSessionId(3, 2000)).toBeGreaterThan(firstSessionId(3, 1999));
    expect(BigInt.asUintN(64, firstSessionId(200, 1)) >> 56n).toBe(200n);
  });

  test('no id is given twice, also when serving begins anew within the same millisecond', async () => {
    const host = await testServer();
    const { server } = host;
    const ids = new Set<bigint>();
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) ids.add((await new TestClient(host).connect())!.sessionId);
      server.setServing('looking');
      server.setServing('standalone');
    }
    expect(ids.size).toBe(9);
  });
});

describe('opening', () => {
  test('the time-out is held between 2 and 20 ticks', async () => {
    const host = await testServer();
    expect((await new TestClient(host).connect({ timeOut: 1 }))!.timeOut).toBe(4000);
    expect((await new TestClient(host).connect({ timeOut: 12_345 }))!.timeOut).toBe(12_345);
    expect((await new TestClient(host).connect({ timeOut: 10_000_000 }))!.timeOut).toBe(40_000);
  });

  test('a client that sends no readOnly byte gets none', async () => {
    const host = await testServer();
    expect((await new TestClient(host).connect({ readOnly: undefined }))!.readOnly).toBeUndefined();
    expect((await new TestClient(host).connect())!.readOnly).toBe(false);
  });

  test('a client that has seen more than the server is sent away', async () => {
    const host = await testServer();
    const client = new TestClient(host);
    expect(await client.connect({ lastZxidSeen: 5n })).toBeUndefined();
    expect(client.wire.closedByServer).toBe(true);
  });

  test('no address holds more connections than maxClientCnxns', async () => {
    const host = await testServer({ maxClientCnxns: 2 });
    const clients = await inTurn(host, ['127.0.0.9', '127.0.0.9', '127.0.0.9']);
    expect(clients.map((client) => client.wire.closedByServer)).toEqual([false, false, true]);
    clients[0]!.wire.close();
    await host.settle();
    expect(await new TestClient(host, '127.0.0.9').connect()).toBeDefined();
    expect(await new TestClient(host, '127.0.0.8').connect()).toBeDefined();
  });

  test('the server holds no more connections than maxCnxns, whoever they are from', async () => {
    const host = await testServer({ maxCnxns: 2 });
    const clients = await inTurn(host, ['127.0.0.8', '127.0.0.9', '127.0.0.1']);
    expect(clients.map((client) => client.wire.closedByServer)).toEqual([false, false, true]);
    expect(host.logLines).toContain('too many connections: 2, the limit (maxCnxns) is 2');
    clients[0]!.wire.close();
    await host.settle();
    expect(await new TestClient(host).connect()).toBeDefined();
  });

  test('while the ensemble is looking nobody is served', async () => {
    const host = await testServer();
    const { server } = host;
    const client = new TestClient(host);
    await client.connect();
    server.setServing('looking');
    await host.settle();
    expect(client.wire.closedByServer).toBe(true);
    const other = new TestClient(host);
    expect(await other.connect()).toBeUndefined();
    expect(other.wire.closedByServer).toBe(true);
  });

  test('requests sent right behind the handshake are answered after it, in order', async () => {
    const host = await testServer();
    const { consensus } = host;
    consensus.hold = true;
    const client = new TestClient(host);
    expect(await client.connect()).toBeUndefined();
    const first = client.send(...exists('/'));
    const second = client.send(...exists('/zookeeper'));
    await host.settle();
    consensus.hold = false;
    consensus.release();
    await host.settle();
    const [opened, ...replies] = packets(client.wire.take()).map((bytes) => new ByteReader(bytes));
    expect(readConnectResponse(opened!)).toMatchObject({ timeOut: 10_000, passwd: expect.any(Buffer) });
    expect(replies.map((reply) => reply.i32())).toEqual([first, second]);
  });
});

describe('coming back', () => {
  test('with the password the session goes on, and the older connection ends', async () => {
    const host = await testServer();
    const old = new TestClient(host);
    const { sessionId, passwd } = (await old.connect())!;
    await old.call(...create('/e', 1));
    const again = new TestClient(host);
    expect(await again.connect({ sessionId, passwd })).toMatchObject({ sessionId, timeOut: 10_000 });
    expect(old.wire.closedByServer).toBe(true);
    expect((await again.call(...exists('/e'))).err).toBe(ErrorCode.OK);
  });

  test('with a wrong password it is refused, and the session is left alone', async () => {
    const host = await testServer();
    const owner = new TestClient(host);
    const { sessionId } = (await owner.connect())!;
    const thief = new TestClient(host);
    expect(await thief.connect({ sessionId, passwd: Buffer.alloc(16, 1) })).toMatchObject({
      sessionId: 0n,
      timeOut: 0,
    });
    expect(thief.wire.closedByServer).toBe(true);
    expect(owner.wire.closedByServer).toBe(false);
    expect((await owner.call(...exists('/'))).err).toBe(ErrorCode.OK);
  });

  test('an unknown session is refused', async () => {
    const host = await testServer();
    const client = new TestClient(host);
    expect(await client.connect({ sessionId: 77n, passwd: sessionPassword(77n) })).toMatchObject({
      sessionId: 0n,
      timeOut: 0,
    });
  });
});

describe('the end', () => {
  test(
    'a silent session expires within a tick of its time-out, its ephemeral nodes go and ' + 'watchers hear of it',
    async () => {
      const host = await testServer();
      const dying = new TestClient(host);
      const { sessionId } = (await dying.connect({ timeOut: 4000 }))!;
      await dying.call(...create('/e', 1));
      const watcher = new TestClient(host);
      await watcher.connect({ timeOut: 40_000 });
      await watcher.call(...exists('/e', true));
      await host.advance(3900);
      expect((await watcher.call(...exists('/e'))).err).toBe(ErrorCode.OK);
      await host.advance(2200);
      expect(await watcher.events()).toEqual(['2 /e']);
      expect((await watcher.call(...exists('/e'))).err).toBe(ErrorCode.NONODE);
      expect(dying.wire.closedByServer).toBe(true);
      expect(host.events).toContainEqual({ type: 'SessionExpired', session: sessionId });
      expect(host.traces).toContainEqual(expect.objectContaining({ type: 'SessionEndedAt', session: sessionId }));
      expect(host.traces).toContainEqual(
        expect.objectContaining({ type: 'EphemeralDeleted', path: '/e', session: sessionId }),
      );
    },
  );

  test('pings keep it alive', async () => {
    const host = await testServer();
    const client = new TestClient(host);
    await client.connect({ timeOut: 4000 });
    for (let i = 0; i < 10; i++) {
      await host.advance(2000);
      expect((await client.call(Op.ping, undefined, -2)).err).toBe(ErrorCode.OK);
    }
    expect(host.events.some((event) => event.type === 'SessionExpired')).toBe(false);
  });

  test('closeSession is answered, then the connection ends', async () => {
    const host = await testServer();
    const client = new TestClient(host);
    const { sessionId } = (await client.connect())!;
    await client.call(...create('/e', 1));
    expect((await client.call(Op.closeSession)).err).toBe(ErrorCode.OK);
    expect(client.wire.closedByServer).toBe(true);
    expect(host.events).toContainEqual({ type: 'SessionClosed', session: sessionId });
    const other = new TestClient(host);
    await other.connect();
    expect((await other.call(...exists('/e'))).err).toBe(ErrorCode.NONODE);
  });

  test('a connection that says nothing is closed in the bucket of ten seconds after its time-out', async () => {
    const host = await testServer();
    const idle = new TestClient(host);
    const late = new TestClient(host);
    const half = new TestClient(host);
    half.wire.send(Buffer.from([0, 0]));
    await host.advance(19_800);
    expect([idle, late, half].map(({ wire }) => wire.closedByServer)).toEqual([false, false, false]);
    await host.advance(200);
    expect([idle, late, half].map(({ wire }) => wire.closedByServer)).toEqual([true, true, true]);
  });
});
