/**
 * An RPC server: listens, cuts calls out of connections (server-connection.ts), finds their protocol and method, and
 * sends what handlers answer. Handlers run at once and in order of arrival; each answers exactly once, at once or
 * later. Answers written in one turn leave as one piece (the host's promise). Mirrors org.apache.hadoop.ipc.Server and
 * ProtobufRpcEngine2.Server.
 */
import { LabError, messageOf } from '../../../base/errors.js';
import type { Endpoint, Host, Listener, Stream, StreamHandler, Timer } from '../../../host/host.js';
import { MAX_DATA_LENGTH } from './constants.js';
import { JavaException } from './exceptions.js';
import { decodeMessage } from './frame.js';
import { encodeFailure, encodeSuccess, RpcErrorCode } from './response.js';
import { ServerConnection } from './server-connection.js';
import type { IncomingCall } from './server-connection.js';
import type { AnyMethodSpec, Handlers, ProtocolSpec, RpcCall } from './spec.js';

/** A protocol and who answers its methods. A method of the protocol without a handler is answered as unknown. */
export interface BoundProtocol {
  readonly spec: ProtocolSpec;
  // The pairing of request and handler types is checked by `bindProtocol`.
  readonly handlers: Readonly<Record<string, ((request: any, call: RpcCall<any>) => void) | undefined>>;
}

export function bindProtocol<P extends ProtocolSpec>(spec: P, handlers: Handlers<P>): BoundProtocol {
  return { spec, handlers: handlers as BoundProtocol['handlers'] };
}

export interface RpcServerOptions {
  readonly protocols: readonly BoundProtocol[];
  /** ipc.maximum.data.length, bytes. */
  readonly maxDataLength?: number;
}

export interface RpcServer {
  readonly endpoint: Endpoint;
  readonly openConnections: number;
  /** Calls that were not answered yet. */
  readonly outstandingCalls: number;
  /** Stops listening and closes every connection. Idempotent. */
  close(): Promise<void>;
}

/** Resolves once bound; rejects as `host.net.listen` does. */
export async function createRpcServer(host: Host, endpoint: Endpoint, options: RpcServerOptions): Promise<RpcServer> {
  const server = new Server(host, options);
  await server.listen(endpoint);
  return server;
}

const IDLE_SCAN_MS = 10_000;
/** Twice ipc.client.connection.maxidletime. */
const MAX_IDLE_MS = 20_000;
/** ipc.client.idlethreshold: idle connections are only closed when there are more than this. */
const IDLE_THRESHOLD = 4000;
/** Unanswered calls of one connection above which nothing more is read from it. */
const MAX_OUTSTANDING = 10_000;
const HIGH_WATER_BYTES = 1024 * 1024;

class Server implements RpcServer {
  readonly host: Host;
  readonly options: RpcServerOptions;
  readonly protocols: ReadonlyMap<string, BoundProtocol>;
  readonly connections = new Set<Connection>();
  #listener: Listener | undefined;
  #idleScan: Timer | undefined;

  constructor(host: Host, options: RpcServerOptions) {
    this.host = host;
    this.options = options;
    this.protocols = new Map(options.protocols.map((bound) => [bound.spec.name, bound]));
  }

  async listen(endpoint: Endpoint): Promise<void> {
    this.#listener = await this.host.net.listen(endpoint, (stream) => {
      const connection = new Connection(this, stream);
      this.connections.add(connection);
      return connection;
    });
    this.#idleScan = this.host.clock.every(IDLE_SCAN_MS, () => this.#closeIdle());
  }

  get endpoint(): Endpoint {
    if (this.#listener === undefined) throw new LabError('ASSERTION', 'the RPC server is not listening');
    return this.#listener.endpoint;
  }

  get openConnections(): number {
    return this.connections.size;
  }

  get outstandingCalls(): number {
    let sum = 0;
    for (const connection of this.connections) sum += connection.outstanding;
    return sum;
  }

  async close(): Promise<void> {
    this.#idleScan?.cancel();
    const listening = this.#listener?.close();
    for (const connection of this.connections) connection.end();
    this.connections.clear();
    await listening;
  }

  #closeIdle(): void {
    if (this.connections.size <= IDLE_THRESHOLD) return;
    const before = this.host.clock.nowMs() - MAX_IDLE_MS;
    for (const connection of this.connections) {
      if (connection.outstanding === 0 && connection.lastContactMs < before) connection.end();
    }
  }
}

class Connection implements StreamHandler {
  readonly #server: Server;
  readonly #stream: Stream;
  readonly #core: ServerConnection;
  #open = true;
  #paused = false;
  outstanding = 0;
  lastContactMs: number;

  constructor(server: Server, stream: Stream) {
    this.#server = server;
    this.#stream = stream;
    this.#core = new ServerConnection(server.options.maxDataLength ?? MAX_DATA_LENGTH);
    this.lastContactMs = server.host.clock.nowMs();
  }

  onData(chunk: Buffer): void {
    this.lastContactMs = this.#server.host.clock.nowMs();
    for (const effect of this.#core.receive(chunk)) {
      if (!this.#open) return;
      if (effect.kind === 'write') this.#stream.write(effect.bytes);
      else if (effect.kind === 'call') this.#dispatch(effect.call);
      else {
        if (effect.reason !== undefined)
          this.#server.host.log.info(`RPC connection from ${this.remoteAddress}: ${effect.reason}; closing it`);
        this.end();
      }
    }
    this.#regulate();
  }

  onDrain(): void {
    this.#regulate();
  }

  onClose(): void {
    this.#open = false;
    this.#server.connections.delete(this);
  }

  get remoteAddress(): string {
    return this.#stream.remote.host;
  }

  end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#stream.end();
  }

  /** Reads on only while the client takes its answers and the handlers keep up. */
  #regulate(): void {
    const full = this.outstanding > MAX_OUTSTANDING || this.#stream.queuedBytes > HIGH_WATER_BYTES;
    if (full === this.#paused || !this.#open) return;
    this.#paused = full;
    if (full) this.#stream.pause();
    else this.#stream.resume();
  }

  #dispatch(incoming: IncomingCall): void {
    const bound = this.#server.protocols.get(incoming.protocol);
    if (bound === undefined) {
      this.#refuse(
        incoming,
        RpcErrorCode.ERROR_NO_SUCH_PROTOCOL,
        JavaException.NO_SUCH_PROTOCOL,
        `Unknown protocol: ${incoming.protocol}`,
      );
      return;
    }
    const { spec, handlers } = bound;
    if (incoming.protocolVersion !== spec.version) {
      this.#refuse(
        incoming,
        RpcErrorCode.ERROR_RPC_VERSION_MISMATCH,
        JavaException.PROTOCOL_VERSION_MISMATCH,
        `Protocol ${spec.name} version mismatch. (client = ${incoming.protocolVersion}, server = ${spec.version})`,
      );
      return;
    }
    const method = Object.hasOwn(spec.methods, incoming.method) ? spec.methods[incoming.method] : undefined;
    const handler = method === undefined ? undefined : handlers[incoming.method];
    if (method === undefined || handler === undefined) {
      this.#refuse(
        incoming,
        RpcErrorCode.ERROR_NO_SUCH_METHOD,
        JavaException.NO_SUCH_METHOD,
        `Unknown method ${incoming.method} called on ${incoming.connectionProtocol ?? incoming.protocol} protocol.`,
      );
      return;
    }
    const call = new ServedCall(this, incoming, method);
    let request: unknown;
    try {
      if (incoming.payload === undefined)
        throw new LabError('MALFORMED', `the request of ${incoming.method} is cut short`);
      request = decodeMessage(method.request, incoming.payload);
    } catch (error) {
      call.fail(JavaException.MALFORMED_MESSAGE, (error as Error).message);
      return;
    }
    try {
      handler(request, call);
    } catch (error) {
      this.#handlerThrew(call, incoming, error);
    }
  }

  /**
   * A LabError with `data.className` is an answer; anything else is a fault of ours that must not take the server down.
   */
  #handlerThrew(call: ServedCall, incoming: IncomingCall, error: unknown): void {
    const className = error instanceof LabError ? error.data['className'] : undefined;
    const message = messageOf(error);
    if (typeof className !== 'string') {
      const trace = error instanceof Error ? (error.stack ?? message) : message;
      this.#server.host.log.error(
        `${incoming.protocol}.${incoming.method} from ${this.remoteAddress} failed: ${trace}`,
      );
    }
    if (!call.answered) call.fail(typeof className === 'string' ? className : JavaException.IO, message);
  }

  #refuse(incoming: IncomingCall, code: RpcErrorCode, className: string, message: string): void {
    this.#stream.write(encodeFailure(incoming, { fatal: false, code, className, message }));
  }

  started(): void {
    this.outstanding += 1;
  }

  answer(bytes: Buffer): void {
    this.outstanding -= 1;
    if (!this.#open) return;
    this.#stream.write(bytes);
    if (this.#paused) this.#regulate();
  }
}

class ServedCall implements RpcCall<unknown> {
  readonly #connection: Connection;
  readonly #incoming: IncomingCall;
  readonly #method: AnyMethodSpec;
  answered = false;

  constructor(connection: Connection, incoming: IncomingCall, method: AnyMethodSpec) {
    this.#connection = connection;
    this.#incoming = incoming;
    this.#method = method;
    connection.started();
  }

  get user(): string {
    return this.#incoming.user;
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  get callId(): number {
    return this.#incoming.callId;
  }

  get retryCount(): number {
    return this.#incoming.retryCount;
  }

  get clientId(): Buffer {
    return this.#incoming.clientId;
  }

  reply(response: unknown): void {
    this.#answerOnce();
    this.#connection.answer(encodeSuccess(this.#incoming, this.#method.response, response));
  }

  fail(className: string, message: string): void {
    this.#answerOnce();
    this.#connection.answer(
      encodeFailure(this.#incoming, { fatal: false, code: RpcErrorCode.ERROR_APPLICATION, className, message }),
    );
  }

  #answerOnce(): void {
    if (this.answered)
      throw new LabError('ASSERTION', `${this.#incoming.protocol}.${this.#incoming.method} was answered twice`);
    this.answered = true;
  }
}
