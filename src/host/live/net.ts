/**
 * TCP as Net. Names are looked up in the lab's hosts table first. Between loopback addresses a connection leaves from
 * the role's own address, so that every simulated machine of a lab is recognizable by its address.
 */
import { lookup } from 'node:dns/promises';
import { createServer, isIP, Socket } from 'node:net';
import { LabError } from '../../base/errors.js';
import type { Endpoint, Listener, Net, Stream, StreamHandler } from '../host.js';
import { endpointText } from '../../base/host-port.js';
import { listenError, streamError } from './errors.js';
import { LiveStream } from './stream.js';

const BACKLOG = 511;

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

export interface LiveNetOptions {
  /** The role's own address. */
  readonly address?: string | undefined;
  /** Names in small letters: their case does not matter. */
  readonly hosts?: ReadonlyMap<string, string> | undefined;
}

export function liveNet({ address, hosts }: LiveNetOptions): Net {
  /** Without asking anyone: an address, or a name of the table. */
  const known = (name: string): string | undefined =>
    hosts?.get(name.toLowerCase()) ?? (isIP(name) === 0 ? undefined : name);

  async function resolve(name: string): Promise<readonly string[]> {
    const at = known(name);
    if (at !== undefined) return [at];
    try {
      const found = await lookup(name, { all: true });
      // IPv4 first: a loopback lab lives there, whatever the resolver prefers.
      return found.sort((a, b) => a.family - b.family).map((entry) => entry.address);
    } catch (error) {
      throw new LabError('HOST_UNKNOWN', `host name ${name} does not resolve`, {
        remedy: `add ${name} to the topology's hosts or to /etc/hosts, or use an address`,
        data: { host: name },
        cause: error,
      });
    }
  }

  async function listen(endpoint: Endpoint, accept: (stream: Stream) => StreamHandler): Promise<Listener> {
    const host = (await resolve(endpoint.host))[0]!;
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      const stream = new LiveStream(socket, undefined);
      stream.start(accept(stream));
    });
    await new Promise<void>((done, failed) => {
      server.once('error', (error) => failed(listenError(error, endpoint)));
      server.listen({ host, port: endpoint.port, backlog: BACKLOG, exclusive: true }, done);
    });
    server.removeAllListeners('error');
    // EMFILE and the like at accept: that one connection is lost, the port stays open.
    server.on('error', () => {});
    const bound = server.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : endpoint.port;
    return {
      endpoint: { host, port },
      async close() {
        // The port is free at once; the callback would wait for every open stream.
        server.close();
      },
    };
  }

  function connect(endpoint: Endpoint, { timeoutMs }: { timeoutMs: number }, handler: StreamHandler): Stream {
    const socket = new Socket({ allowHalfOpen: true });
    socket.setNoDelay(true);
    const stream = new LiveStream(socket, endpoint);
    stream.start(handler);
    const timer = setTimeout(() => {
      if (stream.isOpen) return;
      stream.fail(
        new LabError('CONNECT_TIMEOUT', `${endpointText(endpoint)}: no connection within ${timeoutMs} ms`, {
          data: { ...endpoint },
        }),
      );
    }, timeoutMs);
    socket.once('close', () => clearTimeout(timer));
    socket.once('connect', () => clearTimeout(timer));
    const go = (to: string): void => {
      if (socket.destroyed) return;
      const localAddress =
        address !== undefined && isLoopback(to) && isLoopback(address) && isIP(to) === isIP(address)
          ? address
          : undefined;
      socket.connect({ host: to, port: endpoint.port, ...(localAddress === undefined ? {} : { localAddress }) });
    };
    const to = known(endpoint.host);
    if (to !== undefined) {
      // A wrong port throws out of Socket.connect: as an error of the stream, like any other.
      process.nextTick(() => {
        try {
          go(to);
        } catch (error) {
          stream.fail(streamError(error, endpoint));
        }
      });
    } else {
      resolve(endpoint.host)
        .then((found) => go(found[0]!))
        .catch((error: unknown) => stream.fail(error as Error));
    }
    return stream;
  }

  return Object.freeze({ listen, connect, resolve });
}
