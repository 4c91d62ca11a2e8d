/**
 * An HTTP/1.1 server over a Host's streams: GET and HEAD for web faces, `/jmx` and segments, PUT with a streamed body
 * for images. One request of a connection is served at a time; the next is read when the answer is out.
 */
import { LabError, messageOf } from '../../base/errors.js';
import type { Endpoint, Host, Listener, Stream, StreamHandler, Timer } from '../../host/host.js';
import { BodyStream, BodyWriter, encodeHead, isStreamed, writeBody } from './body.js';
import type { BodySource } from './body.js';
import { RequestParser } from './parser.js';
import type { HttpHeaders, RequestHead } from './parser.js';

export interface HttpRequest {
  readonly method: string;
  /** Percent-decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: HttpHeaders;
  readonly body: AsyncIterable<Buffer>;
  readonly remoteAddress: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Streamed bodies go out chunked unless `length` says how many bytes they have. */
  readonly body?: BodySource;
  readonly length?: number;
}

export type HttpHandler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

export interface HttpServer {
  readonly endpoint: Endpoint;
  /** Idempotent. */
  close(): Promise<void>;
}

/** A handler's rejection is answered with 500 and its message. Rejects as `host.net.listen` does. */
export async function createHttpServer(host: Host, endpoint: Endpoint, handler: HttpHandler): Promise<HttpServer> {
  const connections = new Set<Connection>();
  const listener: Listener = await host.net.listen(endpoint, (stream) => {
    const connection = new Connection(host, stream, handler, (gone) => connections.delete(gone));
    connections.add(connection);
    return connection;
  });
  return {
    endpoint: listener.endpoint,
    async close(): Promise<void> {
      const closing = listener.close();
      for (const connection of connections) connection.destroy();
      await closing;
    },
  };
}

const IDLE_MS = 60_000;
const MAX_AHEAD_BYTES = 256 * 1024;

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  302: 'Found',
  304: 'Not Modified',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  417: 'Expectation Failed',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

class Connection implements StreamHandler {
  readonly #host: Host;
  readonly #stream: Stream;
  readonly #handler: HttpHandler;
  readonly #gone: (connection: Connection) => void;
  readonly #parser = new RequestParser();
  readonly #writer: BodyWriter;
  /** The request whose body is being read, if any. */
  #body: BodyStream | undefined;
  #answering = false;
  #held = false;
  #open = true;
  #timer: Timer | undefined;
  #lastActivityMs: number;

  constructor(host: Host, stream: Stream, handler: HttpHandler, gone: (connection: Connection) => void) {
    this.#host = host;
    this.#stream = stream;
    this.#handler = handler;
    this.#gone = gone;
    this.#writer = new BodyWriter(stream);
    this.#lastActivityMs = host.clock.nowMs();
    this.#timer = host.clock.every(IDLE_MS / 4, () => this.#checkIdle());
  }

  onData(chunk: Buffer): void {
    this.#lastActivityMs = this.#host.clock.nowMs();
    this.#parser.push(chunk);
    this.#advance();
    // Requests sent ahead of the answer wait in the network, not here.
    if (this.#open && !this.#held && this.#parser.queuedBytes > MAX_AHEAD_BYTES) {
      this.#held = true;
      this.#stream.pause();
    }
  }

  onDrain(): void {
    this.#lastActivityMs = this.#host.clock.nowMs();
    this.#writer.drained();
  }

  onClose(error: Error | undefined): void {
    this.#open = false;
    this.#timer?.cancel();
    this.#writer.closed(error);
    this.#body?.fail(
      error ?? new LabError('CONNECTION_CLOSED', 'the HTTP client closed the connection amid its request'),
    );
    this.#gone(this);
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #checkIdle(): void {
    if (this.#host.clock.nowMs() - this.#lastActivityMs < IDLE_MS) return;
    // A handler may take its time as long as the client has said all it has to say.
    if (this.#answering && this.#body === undefined && this.#stream.queuedBytes === 0) return;
    this.destroy();
  }

  #advance(): void {
    try {
      while (this.#open && !(this.#answering && this.#body === undefined)) {
        const part = this.#parser.next();
        if (part === undefined) return;
        if (part.kind === 'head') this.#begin(part.head);
        else if (part.kind === 'body') this.#body?.push(part.bytes);
        else {
          this.#body?.end();
          this.#body = undefined;
        }
      }
    } catch (error) {
      this.#open = false;
      this.#body?.fail(error as Error);
      if (!this.#answering) this.#stream.write(plain(400, (error as Error).message));
      this.#stream.end();
    }
  }

  #begin(head: RequestHead): void {
    this.#answering = true;
    const body = new BodyStream(this.#stream);
    this.#body = body;
    if (head.headers.get('expect')?.toLowerCase() === '100-continue')
      this.#stream.write(Buffer.from('HTTP/1.1 100 Continue\r\n\r\n', 'latin1'));
    void this.#answer(head, body);
  }

  async #answer(head: RequestHead, body: BodyStream): Promise<void> {
    const connection = head.headers.get('connection')?.toLowerCase() ?? '';
    let keep = head.version === '1.1' ? !connection.includes('close') : connection.includes('keep-alive');
    let response: HttpResponse;
    try {
      response = await this.#handler(requestOf(head, body, this.#stream.remote.host));
    } catch (error) {
      const status = error instanceof LabError && typeof error.data['status'] === 'number' ? error.data['status'] : 500;
      if (status === 500)
        this.#host.log.warn(
          `${head.method} ${head.target} failed: ` +
            `${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
      response = {
        status,
        headers: { 'Content-Type': 'text/plain;charset=utf-8' },
        body: `${messageOf(error)}\n`,
      };
    }
    if (!this.#open) return;
    try {
      keep = await this.#send(head, response, keep);
    } catch (error) {
      // The head is out: the only way to say that the body is not whole is to break the connection.
      if (this.#open)
        this.#host.log.info(`answer to ${head.method} ${head.target} broke off: ` + `${messageOf(error)}`);
      this.destroy();
      return;
    }
    if (!keep) {
      this.#stream.end();
      return;
    }
    body.discard();
    this.#lastActivityMs = this.#host.clock.nowMs();
    this.#answering = false;
    if (this.#body === undefined) this.#advance();
    if (this.#held && this.#open) {
      this.#held = false;
      this.#stream.resume();
    }
  }

  /** Resolves with whether the connection can carry another request. */
  async #send(head: RequestHead, response: HttpResponse, keepAlive: boolean): Promise<boolean> {
    const body = response.body ?? '';
    const streamed = isStreamed(body);
    let framing: 'length' | 'chunked' | 'close' = 'length';
    let length = response.length;
    if (!streamed) length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    else if (length === undefined) framing = head.version === '1.1' ? 'chunked' : 'close';
    const keep = keepAlive && framing !== 'close';
    const headers: Record<string, string> = { ...response.headers };
    if (framing === 'length') headers['Content-Length'] = String(length);
    if (framing === 'chunked') headers['Transfer-Encoding'] = 'chunked';
    if (!keep) headers['Connection'] = 'close';
    else if (head.version === '1.0') headers['Connection'] = 'keep-alive';
    this.#stream.write(encodeHead(`HTTP/1.1 ${response.status} ${REASONS[response.status] ?? 'Status'}`, headers));
    if (head.method !== 'HEAD') await writeBody(this.#writer, body, framing, length);
    return keep;
  }
}

function plain(status: number, message: string): Buffer {
  const body = Buffer.from(`${message}\n`, 'utf8');
  return Buffer.concat([
    encodeHead(`HTTP/1.1 ${status} ${REASONS[status] ?? 'Status'}`, {
      'Content-Type': 'text/plain;charset=utf-8',
      'Content-Length': String(body.length),
      Connection: 'close',
    }),
    body,
  ]);
}

function requestOf(head: RequestHead, body: BodyStream, remoteAddress: string): HttpRequest {
  const target = head.target.replace(/^https?:\/\/[^/]*/i, '');
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  let path: string;
  try {
    path = decodeURIComponent(rawPath);
  } catch {
    throw new LabError('HTTP_MALFORMED', 'malformed HTTP: a path with broken percent-encoding', {
      data: { status: 400 },
    });
  }
  return {
    method: head.method,
    path,
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers: head.headers,
    body,
    remoteAddress,
  };
}
