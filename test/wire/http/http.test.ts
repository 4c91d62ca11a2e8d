/** Our HTTP server and client against each other and against Node's own, over real loopback sockets. */
import { createServer, request as nodeRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { LabError } from '../../../src/base/errors.js';
import { createLiveHost } from '../../../src/host/live/index.js';
import { httpGet, httpRequest } from '../../../src/wire/http/client.js';
import { readBody } from '../../../src/wire/http/body.js';
import { createHttpServer } from '../../../src/wire/http/server.js';
import type { HttpHandler, HttpServer } from '../../../src/wire/http/server.js';

const host = createLiveHost({ id: 'http-test' });
const address = '127.14.2.1';
const limits = { connectTimeoutMs: 2000, timeoutMs: 5000 };
const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(handler: HttpHandler): Promise<HttpServer> {
  const server = await createHttpServer(host, { host: address, port: 0 }, handler);
  cleanups.push(() => server.close());
  return server;
}

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, address);
    let out = '';
    socket
      .setEncoding('latin1')
      .on('data', (chunk: string) => (out += chunk))
      .on('error', reject)
      .on('close', () => resolve(out));
    socket.write(text);
  });
}

async function* pieces(count: number, size: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < count; i++) yield Buffer.alloc(size, i);
}

test('a GET with a query, and 404 for what is not there', async () => {
  const server = await serve(({ path, query }) =>
    path === '/a b'
      ? { status: 200, headers: { 'Content-Type': 'text/plain' }, body: `q=${query.get('q')}` }
      : { status: 404, body: 'no such page' },
  );
  expect((await httpGet(host, { endpoint: server.endpoint, path: '/a%20b?q=1%2B1', ...limits }, 100)).toString()).toBe(
    'q=1+1',
  );
  await expect(httpGet(host, { endpoint: server.endpoint, path: '/x', ...limits }, 100)).rejects.toMatchObject({
    code: 'HTTP_STATUS',
    data: { status: 404 },
  });
});

test('a body larger than what may be queued is streamed both ways without loss', async () => {
  let received = 0;
  const server = await serve(async ({ body }) => {
    for await (const chunk of body) received += chunk.length;
    return { status: 200, body: pieces(200, 65_536) };
  });
  const response = await httpRequest(host, {
    endpoint: server.endpoint,
    method: 'PUT',
    path: '/image',
    body: pieces(100, 65_536),
    ...limits,
  });
  const answer = await readBody(response.body, 100 << 20);
  expect(received).toBe(100 * 65_536);
  expect(answer.length).toBe(200 * 65_536);
  expect(response.headers.get('transfer-encoding')).toBe('chunked');
  expect(answer[65_536 * 7]).toBe(7);
});

test('an announced length goes out as Content-Length, and HEAD has no body', async () => {
  const server = await serve(() => ({ status: 200, body: pieces(2, 10), length: 20 }));
  const got = await httpRequest(host, { endpoint: server.endpoint, path: '/', ...limits });
  expect(got.headers.get('content-length')).toBe('20');
  expect((await readBody(got.body, 100)).length).toBe(20);
  const head = await httpRequest(host, { endpoint: server.endpoint, method: 'HEAD', path: '/', ...limits });
  expect(head.headers.get('content-length')).toBe('20');
  expect((await readBody(head.body, 100)).length).toBe(0);
});

test("Node's client keeps one connection for several requests", async () => {
  const server = await serve(async ({ method, body }) => ({
    status: 200,
    body: `${method} ${(await readBody(body, 1000)).length}`,
  }));
  const { Agent } = await import('node:http');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  cleanups.push(() => agent.destroy());
  const ask = (method: string, body?: string): Promise<[string, number]> =>
    new Promise((resolve, reject) => {
      const outgoing = nodeRequest({ host: address, port: server.endpoint.port, agent, method }, (incoming) => {
        let text = '';
        const port = incoming.socket.localPort!;
        incoming
          .setEncoding('utf8')
          .on('data', (chunk: string) => (text += chunk))
          .on('end', () => resolve([text, port]));
      }).on('error', reject);
      outgoing.end(body);
    });
  const first = await ask('GET');
  const second = await ask('POST', 'hello');
  const third = await ask('GET');
  expect([first[0], second[0], third[0]]).toEqual(['GET 0', 'POST 5', 'GET 0']);
  expect(new Set([first[1], second[1], third[1]]).size).toBe(1);
});

test("our client reads Node's server, chunked and broken off", async () => {
  const node = createServer((incoming, outgoing) => {
    outgoing.write('part one');
    if (incoming.url === '/broken') setImmediate(() => outgoing.destroy());
    else outgoing.end(', part two');
  });
  await new Promise<void>((resolve) => node.listen(0, address, resolve));
  cleanups.push(() => new Promise<void>((resolve) => node.close(() => resolve())));
  const endpoint = { host: address, port: (node.address() as { port: number }).port };
  expect((await httpGet(host, { endpoint, path: '/', ...limits }, 100)).toString()).toBe('part one, part two');
  await expect(httpGet(host, { endpoint, path: '/broken', ...limits }, 100)).rejects.toBeInstanceOf(LabError);
});

test('a silent server is given up in time', async () => {
  const server = await serve(() => new Promise<never>(() => undefined));
  await expect(
    httpGet(host, { endpoint: server.endpoint, path: '/', connectTimeoutMs: 1000, timeoutMs: 200 }, 100),
  ).rejects.toMatchObject({ code: 'HTTP_TIMEOUT' });
});

test.each([
  ['not HTTP at all', 'hello there\r\n\r\n'],
  ['a header without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n'],
  ['two framings', 'POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['a head without end', `GET / HTTP/1.1\r\nX: ${'y'.repeat(70_000)}`],
])('hostile: %s is refused, and the next client is served', async (_name, text) => {
  const server = await serve(() => ({ status: 200, body: 'ok' }));
  expect(await raw(server.endpoint.port, text)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect((await httpGet(host, { endpoint: server.endpoint, path: '/', ...limits }, 100)).toString()).toBe('ok');
});

test('a handler that fails is answered with 500 and its words', async () => {
  const server = await serve(() => {
    throw new Error('the disk is full');
  });
  await expect(httpGet(host, { endpoint: server.endpoint, path: '/', ...limits }, 100)).rejects.toThrow(
    /500.*the disk is full/,
  );
});
