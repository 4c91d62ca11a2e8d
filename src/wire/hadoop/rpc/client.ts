/**
 * An RPC client: one connection for each (endpoint, protocol, user, connect options), calls pipelined on it, closed
 * when idle. Mirrors org.apache.hadoop.ipc.Client. Retrying a failed call, or on another server, is its caller's
 * business.
 */
import { LabError, hasCode } from '../../../base/errors.js';
import { endpointText } from '../../../base/host-port.js';
import type { LabErrorCode } from '../../../base/errors.js';
import type { Endpoint, Host, Stream, Timer } from '../../../host/host.js';
import { encodeCall, encodeOpening, encodePing, ResponseReader } from './client-connection.js';
import type { ClientOutcome } from './client-connection.js';
import { decodeMessage } from './frame.js';
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

interface OutstandingCall {
  readonly callId: number;
  readonly bytes: Buffer;
  readonly method: AnyMethodSpec;
  readonly timeoutMs: number;
  sentAtMs: number;
  readonly done: (error: LabError | undefined, response: unknown) => void;
}

interface ConnectionKey extends Required<ConnectOptions> {
  readonly endpoint: Endpoint;
  readonly protocol: string;
  readonly user: string;
}

class Client implements RpcClient {
  readonly host: Host;
  readonly clientId: Buffer;
  readonly options: RpcClientOptions;
  readonly #connections = new Map<string, Connection>();
  #lastCallId = -1;
  #closed = false;

  constructor(host: Host, options: RpcClientOptions) {
    this.host = host;
    this.options = options;
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

  forget(name: string, connection: Connection): void {
    if (this.#connections.get(name) === connection) this.#connections.delete(name);
  }

  #connectionFor(spec: ProtocolSpec, endpoint: Endpoint, options: CallOptions): Connection {
    const pick = <K extends keyof ConnectOptions>(key: K): number => options[key] ?? this.options[key] ?? DEFAULTS[key];
    const key: ConnectionKey = {
      endpoint,
      protocol: spec.name,
      user: options.user ?? this.options.user,
      connectTimeoutMs: pick('connectTimeoutMs'),
      connectRetries: pick('connectRetries'),
      connectRetriesOnTimeouts: pick('connectRetriesOnTimeouts'),
      connectRetryIntervalMs: pick('connectRetryIntervalMs'),
    };
    const name =
      `${endpoint.host} ${endpoint.port} ${spec.name} ${key.connectTimeoutMs} ${key.connectRetries} ` +
      `${key.connectRetriesOnTimeouts} ` +
      `${key.connectRetryIntervalMs} ${key.user}`;
    let connection = this.#connections.get(name);
    if (connection === undefined) {
      connection = new Connection(this, name, key);
      this.#connections.set(name, connection);
    }
    return connection;
  }
}

class Connection {
  readonly key: ConnectionKey;
  readonly #client: Client;
  readonly #name: string;
  readonly #calls = new Map<number, OutstandingCall>();
  readonly #reader: ResponseReader;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  #stream: Stream | undefined;
  #failures = 0;
  #timeouts = 0;
  #retryTimer: Timer | undefined;
  #timer: Timer | undefined;
  #timerDueMs = Infinity;
  #lastActivityMs = 0;
  #lastReceivedMs = 0;

  constructor(client: Client, name: string, key: ConnectionKey) {
    this.key = key;
    this.#client = client;
    this.#name = name;
    this.#reader = new ResponseReader(client.options.maxResponseLength);
    this.#connect();
  }

  get #host(): Host {
    return this.#client.host;
  }

  add(call: OutstandingCall): void {
    this.#calls.set(call.callId, call);
    if (this.#state === 'open') {
      this.#send(call, this.#host.clock.nowMs());
      this.#armFor(Math.min(this.#lastActivityMs + this.#pingIntervalMs, deadlineOf(call)));
    }
  }

  #connect(): void {
    const { endpoint, connectTimeoutMs } = this.key;
    let opened = false;
    const stream = this.#host.net.connect(
      endpoint,
      { timeoutMs: connectTimeoutMs },
      {
        onOpen: () => {
          opened = true;
          if (this.#stream === stream) this.#opened();
        },
        onData: (chunk) => {
          if (this.#stream === stream) this.#received(chunk);
        },
        onClose: (error) => {
          if (this.#stream !== stream) return;
          if (opened) {
            const idle = this.#calls.size === 0;
            this.fail(this.#lost(error));
            if (idle) this.#client.options.onDisconnect?.(endpoint);
          } else {
            this.#connectFailed(error);
          }
        },
      },
    );
    this.#stream = stream;
  }

  #opened(): void {
    const now = this.#host.clock.nowMs();
    this.#state = 'open';
    this.#lastReceivedMs = now;
    this.#stream!.write(
      encodeOpening({ user: this.key.user, protocol: this.key.protocol, clientId: this.#client.clientId }),
    );
    for (const call of this.#calls.values()) this.#send(call, now);
    this.#armFor(this.#nextDueMs());
  }

  #connectFailed(error: Error | undefined): void {
    const timedOut = hasCode(error, 'CONNECT_TIMEOUT');
    const mayRetry = timedOut
      ? this.#timeouts++ < this.key.connectRetriesOnTimeouts
      : this.#failures++ < this.key.connectRetries;
    if (!mayRetry) {
      this.fail(asLabError(error, 'CONNECT_REFUSED', `cannot connect to ${endpointText(this.key.endpoint)}`));
      return;
    }
    this.#stream = undefined;
    this.#retryTimer = this.#host.clock.after(timedOut ? 0 : this.key.connectRetryIntervalMs, () => this.#connect());
  }

  #lost(error: Error | undefined): LabError {
    const where = `the connection to ${endpointText(this.key.endpoint)} was lost before the answer`;
    return error === undefined
      ? new LabError('CONNECTION_CLOSED', where)
      : asLabError(error, 'CONNECTION_RESET', where);
  }

  #send(call: OutstandingCall, now: number): void {
    call.sentAtMs = now;
    this.#lastActivityMs = now;
    this.#stream!.write(call.bytes);
  }

  #received(chunk: Buffer): void {
    const now = this.#host.clock.nowMs();
    this.#lastActivityMs = now;
    this.#lastReceivedMs = now;
    let outcomes: ClientOutcome[];
    try {
      outcomes = this.#reader.receive(chunk);
    } catch (error) {
      this.fail(asLabError(error, 'MALFORMED', `a malformed answer from ${endpointText(this.key.endpoint)}`));
      return;
    }
    for (const outcome of outcomes) {
      if (this.#state === 'closed') return;
      if (outcome.kind === 'fatal') {
        this.fail(outcome.error);
        return;
      }
      const call = this.#calls.get(outcome.callId);
      if (call === undefined) continue; // given up before its answer came
      this.#calls.delete(outcome.callId);
      this.#settle(call, outcome);
    }
    if (this.#calls.size === 0) this.#armFor(this.#lastActivityMs + this.#maxIdleMs);
  }

  #settle(call: OutstandingCall, outcome: Exclude<ClientOutcome, { kind: 'fatal' }>): void {
    if (outcome.kind === 'failure') {
      call.done(outcome.error, undefined);
      return;
    }
    let response: unknown;
    try {
      response = decodeMessage(call.method.response, outcome.payload);
    } catch (error) {
      call.done(
        asLabError(error, 'MALFORMED', `a malformed answer from ${endpointText(this.key.endpoint)}`),
        undefined,
      );
      return;
    }
    call.done(undefined, response);
  }

  /** Closes the connection; every outstanding call fails, none of them inside this turn's caller. */
  fail(error: LabError): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#client.forget(this.#name, this);
    this.#retryTimer?.cancel();
    this.#timer?.cancel();
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.destroy();
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    if (calls.length > 0) {
      this.#host.clock.soon(() => {
        for (const call of calls) call.done(error, undefined);
      });
    }
  }

  get #pingIntervalMs(): number {
    return this.#client.options.pingIntervalMs ?? DEFAULTS.pingIntervalMs;
  }

  get #maxIdleMs(): number {
    return this.#client.options.maxIdleMs ?? DEFAULTS.maxIdleMs;
  }

  /**
   * One timer a connection, for call time-outs, pings and the end of idleness. What is armed already and comes first
   * looks again.
   */
  #armFor(dueMs: number): void {
    if (this.#state !== 'open' || dueMs >= this.#timerDueMs) return;
    this.#timer?.cancel();
    this.#timerDueMs = dueMs;
    this.#timer = this.#host.clock.after(Math.max(0, dueMs - this.#host.clock.nowMs()), () => this.#tick());
  }

  #nextDueMs(): number {
    if (this.#calls.size === 0) return this.#lastActivityMs + this.#maxIdleMs;
    let due = this.#lastActivityMs + this.#pingIntervalMs;
    for (const call of this.#calls.values()) due = Math.min(due, deadlineOf(call));
    return due;
  }

  #tick(): void {
    this.#timer = undefined;
    this.#timerDueMs = Infinity;
    const now = this.#host.clock.nowMs();
    if (this.#calls.size === 0) {
      if (now - this.#lastActivityMs >= this.#maxIdleMs) {
        this.fail(new LabError('CONNECTION_CLOSED', 'idle'));
        return;
      }
    } else {
      this.#expire(now);
      if (this.#state !== 'open') return;
      if (this.#calls.size > 0 && now - this.#lastActivityMs >= this.#pingIntervalMs) {
        this.#lastActivityMs = now;
        this.#stream!.write(encodePing(this.#client.clientId));
      }
    }
    this.#armFor(this.#nextDueMs());
  }

  /**
   * A server that has said nothing since the call was sent may be gone: then the connection goes too, and all that
   * waits on it.
   */
  #expire(now: number): void {
    for (const call of this.#calls.values()) {
      if (now < deadlineOf(call)) continue;
      const error = new LabError(
        'RPC_TIMEOUT',
        `no answer from ${endpointText(this.key.endpoint)} within ${call.timeoutMs} ms`,
        {
          remedy: 'is the process alive (`jps`), paused or cut off?',
          data: { timeoutMs: call.timeoutMs },
        },
      );
      if (this.#lastReceivedMs <= call.sentAtMs) {
        this.fail(error);
        return;
      }
      this.#calls.delete(call.callId);
      call.done(error, undefined);
    }
  }
}

function deadlineOf(call: OutstandingCall): number {
  return call.timeoutMs > 0 ? call.sentAtMs + call.timeoutMs : Infinity;
}

function clientClosed(): LabError {
  return new LabError('RPC_CLIENT_CLOSED', 'the RPC client is closed');
}

function asLabError(error: unknown, code: LabErrorCode, message: string): LabError {
  if (error instanceof LabError) return error;
  return new LabError(code, error instanceof Error ? `${message}: ${error.message}` : message, { cause: error });
}
