/**
 * An RPC client: one connection (connection.ts) for each endpoint, protocol, user and way of connecting. Mirrors
 * org.apache.hadoop.ipc.Client. Retrying a failed call, or on another server, is its caller's business.
 */
import { endpointText } from '../../../base/host-port.js';
import { LabError } from '../../../base/errors.js';
import type { Endpoint, Host } from '../../../host/host.js';
import { encodeCall } from './client-connection.js';
import { Connection, type ConnectionKey, type ConnectionOwner, type OutstandingCall } from './connection.js';
import type { AnyMethodSpec, ProtocolSpec, RequestOf, ResponseOf } from './spec.js';

/** How to get a connection. Defaults are those of Hadoop's ipc.client.* keys. */
export interface ConnectOptions {
  /** ipc.client.connect.timeout */
  readonly connectTimeoutMs?: number;
  /** ipc.client.connect.max.retries: after refusals and other failures. */
  readonly connectRetries?: number;
  /** ipc.client.connect.max.retries.on.timeouts */
  readonly connectRetriesOnTimeouts?: number;
  /** ipc.client.connect.retry.interval: pause before a retry (after a time-out there is none). */
  readonly connectRetryIntervalMs?: number;
}

export interface RpcClientOptions extends ConnectOptions {
  /** The user that servers see. */
  readonly user: string;
  /** ipc.client.connection.maxidletime */
  readonly maxIdleMs?: number;
  /** ipc.ping.interval: sent while an answer is awaited and nothing arrives. */
  readonly pingIntervalMs?: number;
  /** ipc.maximum.response.length, bytes. */
  readonly maxResponseLength?: number;
  /** The server ended a connection on which no answer was due: the first that is known of its death. */
  readonly onDisconnect?: (endpoint: Endpoint) => void;
}

export interface CallOptions extends ConnectOptions {
  /**
   * From the moment the request is sent; absent or 0: no limit (pings then find out whether the server still lives).
   */
  readonly timeoutMs?: number;
  readonly user?: string;
  /** To repeat a call that a server may have executed: the same id with a higher retry count (see `nextCallId`). */
  readonly callId?: number;
  readonly retryCount?: number;
}

type MethodName<P extends ProtocolSpec> = keyof P['methods'] & string;

export interface RpcClient {
  /** 16 bytes; with a call's id, the key of a server's retry cache. */
  readonly clientId: Buffer;
  nextCallId(): number;
  /**
   * Rejects LabError: `REMOTE` (the server's exception; `data.className`), `RPC_TIMEOUT`, a connect error of
   * Net.connect (`CONNECT_REFUSED`, ...), `CONNECTION_CLOSED` or `CONNECTION_RESET` when the connection is lost before
   * the answer, `MALFORMED` when the answer cannot be read, `RPC_CLIENT_CLOSED`.
   */
  call<P extends ProtocolSpec, M extends MethodName<P>>(
    spec: P,
    method: M,
    endpoint: Endpoint,
    request: RequestOf<P['methods'][M]>,
    options?: CallOptions,
  ): Promise<ResponseOf<P['methods'][M]>>;
  /** The same without a promise, for paths where each call counts. `done` runs exactly once, never inside `send`. */
  send<P extends ProtocolSpec, M extends MethodName<P>>(
    spec: P,
    method: M,
    endpoint: Endpoint,
    request: RequestOf<P['methods'][M]>,
    options: CallOptions,
    done: (error: LabError | undefined, response: ResponseOf<P['methods'][M]> | undefined) => void,
  ): void;
  /** Drops the connections to an endpoint; calls on them fail with CONNECTION_CLOSED. */
  disconnect(endpoint: Endpoint): void;
  /** Closes all connections; outstanding and later calls fail with RPC_CLIENT_CLOSED. Idempotent. */
  close(): void;
}

const DEFAULTS = {
  connectTimeoutMs: 20_000,
  connectRetries: 10,
  connectRetriesOnTimeouts: 45,
  connectRetryIntervalMs: 1000,
  maxIdleMs: 10_000,
  pingIntervalMs: 60_000,
} as const;

export function createRpcClient(host: Host, options: RpcClientOptions): RpcClient {
  return new Client(host, options);
}

class Client implements RpcClient, ConnectionOwner {
  readonly host: Host;
  readonly clientId: Buffer;
  readonly #options: RpcClientOptions;
  readonly #connections = new Map<string, Connection>();
  readonly maxIdleMs: number;
  readonly pingIntervalMs: number;
  readonly maxResponseLength: number | undefined;
  #lastCallId = -1;
  #closed = false;

  constructor(host: Host, options: RpcClientOptions) {
    this.host = host;
    this.#options = options;
    this.maxIdleMs = options.maxIdleMs ?? DEFAULTS.maxIdleMs;
    this.pingIntervalMs = options.pingIntervalMs ?? DEFAULTS.pingIntervalMs;
    this.maxResponseLength = options.maxResponseLength;
    this.clientId = Buffer.alloc(16);
    this.clientId.writeBigUInt64BE(host.random.bits64(), 0);
    this.clientId.writeBigUInt64BE(host.random.bits64(), 8);
  }

  nextCallId(): number {
    this.#lastCallId = (this.#lastCallId + 1) & 0x7fffffff;
    return this.#lastCallId;
  }

  call<P extends ProtocolSpec, M extends MethodName<P>>(
    spec: P,
    method: M,
    endpoint: Endpoint,
    request: RequestOf<P['methods'][M]>,
    options: CallOptions = {},
  ): Promise<ResponseOf<P['methods'][M]>> {
    return new Promise((resolve, reject) => {
      this.send(spec, method, endpoint, request, options, (error, response) => {
        if (error === undefined) resolve(response as ResponseOf<P['methods'][M]>);
        else reject(error);
      });
    });
  }

  send<P extends ProtocolSpec, M extends MethodName<P>>(
    spec: P,
    method: M,
    endpoint: Endpoint,
    request: RequestOf<P['methods'][M]>,
    options: CallOptions,
    done: (error: LabError | undefined, response: ResponseOf<P['methods'][M]> | undefined) => void,
  ): void {
    if (this.#closed) {
      this.host.clock.soon(() => done(clientClosed(), undefined));
      return;
    }
    const callId = options.callId ?? this.nextCallId();
    const methodSpec = spec.methods[method] as AnyMethodSpec;
    const bytes = encodeCall({
      spec,
      method,
      request,
      callId,
      retryCount: options.retryCount ?? 0,
      clientId: this.clientId,
    });
    this.#connectionFor(spec, endpoint, options).add({
      callId,
      bytes,
      method: methodSpec,
      timeoutMs: options.timeoutMs ?? 0,
      sentAtMs: 0,
      done: done as OutstandingCall['done'],
    });
  }

  disconnect(endpoint: Endpoint): void {
    for (const connection of [...this.#connections.values()]) {
      if (connection.key.endpoint.host === endpoint.host && connection.key.endpoint.port === endpoint.port) {
        connection.fail(new LabError('CONNECTION_CLOSED', `the connection to ${endpointText(endpoint)} was given up`));
      }
    }
  }

  close(): void {
    this.#closed = true;
    for (const connection of [...this.#connections.values()]) connection.fail(clientClosed());
  }

  forget(connection: Connection): void {
    const name = nameOf(connection.key);
    if (this.#connections.get(name) === connection) this.#connections.delete(name);
  }

  disconnected(endpoint: Endpoint): void {
    this.#options.onDisconnect?.(endpoint);
  }

  #connectionFor(spec: ProtocolSpec, endpoint: Endpoint, options: CallOptions): Connection {
    const pick = <K extends keyof ConnectOptions>(key: K): number =>
      options[key] ?? this.#options[key] ?? DEFAULTS[key];
    const key: ConnectionKey = {
      endpoint,
      protocol: spec.name,
      user: options.user ?? this.#options.user,
      connectTimeoutMs: pick('connectTimeoutMs'),
      connectRetries: pick('connectRetries'),
      connectRetriesOnTimeouts: pick('connectRetriesOnTimeouts'),
      connectRetryIntervalMs: pick('connectRetryIntervalMs'),
    };
    const name = nameOf(key);
    let connection = this.#connections.get(name);
    if (connection === undefined) {
      connection = new Connection(this, key);
      this.#connections.set(name, connection);
    }
    return connection;
  }
}

function nameOf({ endpoint, protocol, user, ...key }: ConnectionKey): string {
  return (
    `${endpoint.host} ${endpoint.port} ${protocol} ${key.connectTimeoutMs} ${key.connectRetries} ` +
    `${key.connectRetriesOnTimeouts} ${key.connectRetryIntervalMs} ${user}`
  );
}

function clientClosed(): LabError {
  return new LabError('RPC_CLIENT_CLOSED', 'the RPC client is closed');
}
