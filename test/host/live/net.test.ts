import { createConnection } from 'node:net';
import { expect, test } from 'vitest';
import type { Listener, Stream, StreamHandler } from '../../../src/host/host.js';
import { createLiveHost } from '../../../src/host/live/index.js';
import { eventual } from './temporary.js';

const host = createLiveHost({ id: 'test1', address: '127.11.0.1', hosts: new Map([['m2', '127.11.0.2']]) });

async function listen(accept: (stream: Stream) => StreamHandler): Promise<Listener> {
  return host.net.listen({ host: '127.11.0.2', port: 0 }, accept);
}

test('bytes arrive in order, after onOpen; the end comes last, once, without an error', async () => {
  const got: Buffer[] = [];
  const over = eventual<string[]>();
  const calls: string[] = [];
  const listener = await listen(() => ({
    onData: (chunk) => void got.push(chunk),
    onClose: () => calls.push('server closed'),
  }));
  const stream = host.net.connect(
    { host: 'm2', port: listener.endpoint.port },
    { timeoutMs: 5000 },
    {
      onOpen: () => {
        calls.push('open');
        for (let i = 0; i < 1000; i++) stream.write(Buffer.from(`${i},`));
        stream.end();
        stream.write(Buffer.from('too late'));
      },
      onData: () => {},
      onClose: (error) => {
        calls.push('closed');
        expect(error).toBeUndefined();
        over.resolve(calls);
      },
    },
  );
  stream.write(Buffer.from('early,'));
  expect(await over.promise).toEqual(expect.arrayContaining(['open', 'closed']));
  expect(calls[0]).toBe('open');
  expect(Buffer.concat(got).toString()).toBe(`early,${Array.from({ length: 1000 }, (_, i) => `${i},`).join('')}`);
  await listener.close();
});

test('what is written in one turn arrives as one piece', async () => {
  const first = eventual<Buffer>();
  const listener = await listen(() => ({ onData: (chunk) => first.resolve(chunk), onClose: () => {} }));
  const stream = host.net.connect(
    listener.endpoint,
    { timeoutMs: 5000 },
    {
      onOpen: () => {
        for (let i = 0; i < 100; i++) stream.write(Buffer.from([i]));
      },
      onData: () => {},
      onClose: () => {},
    },
  );
  expect((await first.promise).length).toBe(100);
  stream.destroy();
  await listener.close();
});

test("connections leave from the role's own address, and both ends know each other", async () => {
  const seen = eventual<Stream>();
  const listener = await listen((stream) => {
    seen.resolve(stream);
    return { onData: () => {}, onClose: () => {} };
  });
  const stream = host.net.connect(
    { host: 'm2', port: listener.endpoint.port },
    { timeoutMs: 5000 },
    { onData: () => {}, onClose: () => {} },
  );
  const server = await seen.promise;
  expect(server.remote.host).toBe('127.11.0.1');
  expect(server.local).toEqual({ host: '127.11.0.2', port: listener.endpoint.port });
  expect(stream.local).toEqual(server.remote);
  stream.destroy();
  await listener.close();
});

test('a slow receiver holds the sender back, and onDrain lets it go on', async () => {
  const accepted = eventual<Stream>();
  let received = 0;
  const total = 40 * 256 * 1024;
  const all = eventual<void>();
  const listener = await listen((stream) => {
    stream.pause();
    accepted.resolve(stream);
    return {
      onData: (chunk) => {
        received += chunk.length;
        if (received === total) all.resolve();
      },
      onClose: () => {},
    };
  });
  const drained = eventual<number>();
  const stream = host.net.connect(
    listener.endpoint,
    { timeoutMs: 5000 },
    { onData: () => {}, onClose: () => {}, onDrain: () => drained.resolve(stream.queuedBytes) },
  );
  for (let i = 0; i < 40; i++) stream.write(Buffer.alloc(256 * 1024, i));
  const server = await accepted.promise;
  expect(stream.queuedBytes).toBeGreaterThan(1024 * 1024);
  server.resume();
  expect(await drained.promise).toBeLessThan(256 * 1024);
  await all.promise;
  stream.destroy();
  await listener.close();
});

test('errors have the closed codes', async () => {
  const codeOf = async (endpoint: { host: string; port: number }, timeoutMs = 5000): Promise<unknown> => {
    const over = eventual<unknown>();
    host.net.connect(
      endpoint,
      { timeoutMs },
      { onData: () => {}, onClose: (error) => over.resolve((error as { code?: unknown } | undefined)?.code) },
    );
    return over.promise;
  };
  const listener = await listen(() => ({ onData: () => {}, onClose: () => {} }));
  const { port } = listener.endpoint;
  await expect(
    host.net.listen({ host: '127.11.0.2', port }, () => ({ onData: () => {}, onClose: () => {} })),
  ).rejects.toMatchObject({
    code: 'ADDRESS_IN_USE',
    message: expect.stringContaining(`127.11.0.2:${port}`),
  });
  await listener.close();
  expect(await codeOf({ host: '127.11.0.2', port })).toBe('CONNECT_REFUSED');
  expect(await codeOf({ host: 'no-such-host.invalid', port })).toBe('HOST_UNKNOWN');
  await expect(host.net.resolve('no-such-host.invalid')).rejects.toMatchObject({ code: 'HOST_UNKNOWN' });
  await expect(
    host.net.listen({ host: '192.0.2.1', port }, () => ({ onData: () => {}, onClose: () => {} })),
  ).rejects.toMatchObject({ code: 'ADDRESS_NOT_AVAILABLE' });
  // A port is free at once after close, though a stream is still open.
  const again = await host.net.listen({ host: '127.11.0.2', port }, () => ({ onData: () => {}, onClose: () => {} }));
  const stays = host.net.connect(
    again.endpoint,
    { timeoutMs: 5000 },
    { onOpen: () => opened.resolve(), onData: () => {}, onClose: () => {} },
  );
  const opened = eventual<void>();
  await opened.promise;
  await again.close();
  const third = await host.net.listen({ host: '127.11.0.2', port }, () => ({ onData: () => {}, onClose: () => {} }));
  stays.destroy();
  await third.close();
});

test('a peer that goes without a word is a reset, or an end', async () => {
  const over = eventual<Error | undefined>();
  const listener = await listen((stream) => ({ onData: () => stream.destroy(), onClose: () => {} }));
  const stream = host.net.connect(
    listener.endpoint,
    { timeoutMs: 5000 },
    { onOpen: () => stream.write(Buffer.alloc(10)), onData: () => {}, onClose: over.resolve },
  );
  const error = await over.promise;
  if (error !== undefined) expect(error).toMatchObject({ code: 'CONNECTION_RESET' });
  await listener.close();
});

test('a client that ends at once still gets the answer of this turn', async () => {
  const closed = eventual<Error | undefined>();
  const listener = await listen((stream) => ({
    onData: () => host.clock.soon(() => stream.write(Buffer.from('imok'))),
    onClose: closed.resolve,
  }));
  const answer = eventual<string>();
  let text = '';
  const socket = createConnection({ host: '127.11.0.2', port: listener.endpoint.port, allowHalfOpen: true }, () =>
    socket.end('ruok'),
  );
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  socket.on('end', () => answer.resolve(text));
  expect(await answer.promise).toBe('imok');
  expect(await closed.promise).toBeUndefined();
  await listener.close();
});
