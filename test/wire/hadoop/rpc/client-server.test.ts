/** Our RPC client and server over real loopback sockets. */
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { LabError } from '../../../../src/base/errors.js';
import { createLiveHost } from '../../../../src/host/live/index.js';
import { haServiceProtocol as ha } from '../../../../src/wire/hadoop/protocols/ha-service.js';
import { zkfcProtocol } from '../../../../src/wire/hadoop/protocols/zkfc.js';
import { createRpcClient } from '../../../../src/wire/hadoop/rpc/client.js';
import type { RpcClient } from '../../../../src/wire/hadoop/rpc/client.js';
import { JavaException } from '../../../../src/wire/hadoop/rpc/exceptions.js';
import { bindProtocol, createRpcServer } from '../../../../src/wire/hadoop/rpc/server.js';
import type { RpcServer } from '../../../../src/wire/hadoop/rpc/server.js';
import type { Handlers } from '../../../../src/wire/hadoop/rpc/spec.js';

const host = createLiveHost({ id: 'rpc-test' });
const address = '127.14.2.2';
const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(handlers: Handlers<typeof ha>): Promise<RpcServer> {
  const server = await createRpcServer(
    host,
    { host: address, port: 0 },
    { protocols: [bindProtocol(ha, handlers)], maxDataLength: 1 << 20 },
  );
  cleanups.push(() => server.close());
  return server;
}

function connectAs(user: string): RpcClient {
  const client = createRpcClient(host, { user, connectRetries: 0 });
  cleanups.push(() => client.close());
  return client;
}

test('a call carries user, ids and request; its answer comes back', async () => {
  const server = await serve({
    transitionToActive: (request, call) =>
      call.fail(
        JavaException.SERVICE_FAILED,
        `${call.user} ${request.reqInfo.reqSource} ${call.clientId.length} ${call.retryCount}`,
      ),
    getServiceStatus: (_request, call) => call.reply({ state: 1, readyToBecomeActive: false, notReadyReason: '' }),
  });
  const client = connectAs('alice');
  await expect(
    client.call(ha, 'transitionToActive', server.endpoint, { reqInfo: { reqSource: 2 } }, { retryCount: 3 }),
  ).rejects.toMatchObject({
    code: 'REMOTE',
    message: 'alice 2 16 3',
    data: { className: JavaException.SERVICE_FAILED },
  });
  expect(await client.call(ha, 'getServiceStatus', server.endpoint, {})).toEqual({
    state: 1,
    readyToBecomeActive: false,
    notReadyReason: '',
  });
});

test('calls share a connection and may be answered out of order', async () => {
  const held: (() => void)[] = [];
  const server = await serve({
    monitorHealth: (_request, call) => void held.push(() => call.reply({})),
    getServiceStatus: (_request, call) => {
      call.reply({ state: 2 });
      held.splice(0).forEach((release) => release());
    },
  });
  const client = connectAs('alice');
  const order: string[] = [];
  await Promise.all([
    client.call(ha, 'monitorHealth', server.endpoint, {}).then(() => order.push('health')),
    client.call(ha, 'getServiceStatus', server.endpoint, {}).then(() => order.push('status')),
  ]);
  expect(order).toEqual(['status', 'health']);
  expect(server.openConnections).toBe(1);
});

test('two users are two connections', async () => {
  const seen: string[] = [];
  const server = await serve({
    monitorHealth: (_request, call) => {
      seen.push(call.user);
      call.reply({});
    },
  });
  const client = connectAs('alice');
  await client.call(ha, 'monitorHealth', server.endpoint, {});
  await client.call(ha, 'monitorHealth', server.endpoint, {}, { user: 'bob' });
  expect(seen).toEqual(['alice', 'bob']);
  expect(server.openConnections).toBe(2);
});

test('what the server does not know is named', async () => {
  const server = await serve({});
  const client = connectAs('alice');
  await expect(client.call(ha, 'monitorHealth', server.endpoint, {})).rejects.toMatchObject({
    data: { className: JavaException.NO_SUCH_METHOD },
  });
  await expect(client.call(zkfcProtocol, 'gracefulFailover', server.endpoint, {})).rejects.toMatchObject({
    data: { className: JavaException.NO_SUCH_PROTOCOL },
  });
});

test('a handler that throws answers; the server lives on', async () => {
  const server = await serve({
    monitorHealth: () => {
      throw new LabError('USAGE', 'not now', { data: { className: JavaException.STANDBY } });
    },
    getServiceStatus: () => {
      throw new Error('a fault of ours');
    },
  });
  const client = connectAs('alice');
  await expect(client.call(ha, 'monitorHealth', server.endpoint, {})).rejects.toMatchObject({
    message: 'not now',
    data: { className: JavaException.STANDBY },
  });
  await expect(client.call(ha, 'getServiceStatus', server.endpoint, {})).rejects.toMatchObject({
    message: 'a fault of ours',
    data: { className: JavaException.IO },
  });
});

test('nobody listening: CONNECT_REFUSED, after the retries asked for', async () => {
  const client = connectAs('alice');
  const before = performance.now();
  await expect(
    client.call(ha, 'monitorHealth', { host: address, port: 1 }, {}, { connectRetries: 2, connectRetryIntervalMs: 50 }),
  ).rejects.toMatchObject({ code: 'CONNECT_REFUSED' });
  expect(performance.now() - before).toBeGreaterThanOrEqual(95);
});

test('a server that comes up during the retries is used', async () => {
  const first = await serve({});
  const { endpoint } = first;
  await first.close();
  const client = connectAs('alice');
  const answer = client.call(ha, 'monitorHealth', endpoint, {}, { connectRetries: 100, connectRetryIntervalMs: 20 });
  const server = await createRpcServer(host, endpoint, {
    protocols: [bindProtocol(ha, { monitorHealth: (_request, call) => call.reply({}) })],
  });
  cleanups.push(() => server.close());
  expect(await answer).toEqual({});
});

test('a frozen server: RPC_TIMEOUT, and the next call opens a new connection', async () => {
  let frozen = true;
  const server = await serve({
    monitorHealth: (_request, call) => {
      if (!frozen) call.reply({});
    },
  });
  const client = connectAs('alice');
  await expect(client.call(ha, 'monitorHealth', server.endpoint, {}, { timeoutMs: 100 })).rejects.toMatchObject({
    code: 'RPC_TIMEOUT',
  });
  frozen = false;
  expect(await client.call(ha, 'monitorHealth', server.endpoint, {}, { timeoutMs: 5000 })).toEqual({});
});

test('a late answer to one call does not cost the others their connection', async () => {
  const server = await serve({
    monitorHealth: () => undefined,
    getServiceStatus: (_request, call) => call.reply({ state: 2 }),
  });
  const client = connectAs('alice');
  const slow = client.call(ha, 'monitorHealth', server.endpoint, {}, { timeoutMs: 300 });
  slow.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await client.call(ha, 'getServiceStatus', server.endpoint, {});
  await expect(slow).rejects.toMatchObject({ code: 'RPC_TIMEOUT' });
  expect(server.openConnections).toBe(1);
});

test('a server that dies amid a call: the call fails, and a restarted server is reached', async () => {
  const server = await serve({ monitorHealth: () => void server.close() });
  const client = connectAs('alice');
  await expect(client.call(ha, 'monitorHealth', server.endpoint, {})).rejects.toMatchObject({
    code: expect.stringMatching(/^CONNECTION_/),
  });
  const again = await createRpcServer(host, server.endpoint, {
    protocols: [bindProtocol(ha, { monitorHealth: (_request, call) => call.reply({}) })],
  });
  cleanups.push(() => again.close());
  expect(await client.call(ha, 'monitorHealth', again.endpoint, {})).toEqual({});
});

test('an idle connection is closed by the client', async () => {
  const server = await serve({ monitorHealth: (_request, call) => call.reply({}) });
  const client = createRpcClient(host, { user: 'alice', maxIdleMs: 50 });
  cleanups.push(() => client.close());
  await client.call(ha, 'monitorHealth', server.endpoint, {});
  await expect.poll(() => server.openConnections, { timeout: 5000 }).toBe(0);
});

test('closing the client fails what is outstanding', async () => {
  const server = await serve({ monitorHealth: () => undefined });
  const client = connectAs('alice');
  const waiting = client.call(ha, 'monitorHealth', server.endpoint, {});
  waiting.catch(() => undefined);
  client.close();
  await expect(waiting).rejects.toMatchObject({ code: 'RPC_CLIENT_CLOSED' });
  await expect(client.call(ha, 'monitorHealth', server.endpoint, {})).rejects.toMatchObject({
    code: 'RPC_CLIENT_CLOSED',
  });
});

test('ten thousand pipelined calls are all answered', async () => {
  const server = await serve({ getServiceStatus: (_request, call) => call.reply({ state: 2 }) });
  const client = connectAs('alice');
  let answers = 0;
  await new Promise<void>((resolve, reject) => {
    for (let i = 0; i < 10_000; i++) {
      client.send(ha, 'getServiceStatus', server.endpoint, {}, {}, (error) => {
        if (error !== undefined) reject(error);
        else if (++answers === 10_000) resolve();
      });
    }
  });
  expect(answers).toBe(10_000);
});

test.each([
  ['an answer longer than allowed', Buffer.from('7fffffff', 'hex')],
  ['an answer that is no protobuf', Buffer.from('00000003ffffff', 'hex')],
])('hostile server: %s fails the call', async (_name, bytes) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('data', () => socket.write(bytes)).on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  cleanups.push(
    () =>
      new Promise<void>((resolve) => {
        sockets.forEach((socket) => socket.destroy());
        server.close(() => resolve());
      }),
  );
  const endpoint = { host: address, port: (server.address() as { port: number }).port };
  await expect(connectAs('alice').call(ha, 'monitorHealth', endpoint, {}, { timeoutMs: 2000 })).rejects.toMatchObject({
    code: 'MALFORMED',
  });
});
