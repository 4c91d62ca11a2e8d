/** An HTTP/1.1 client over a Host's streams, one connection a request: fetches segments and images, uploads images. */
import { LabError } from '../../base/errors.js';
import type { Endpoint, Host, Stream, Timer } from '../../host/host.js';
import { BodyStream, BodyWriter, encodeHead, isStreamed, readBody, writeBody } from './body.js';
import type { BodySource } from './body.js';
import { ResponseParser } from './parser.js';
import type { HttpHeaders, ResponseHead } from './parser.js';

export interface HttpClientRequest {
  readonly endpoint: Endpoint;
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'POST';
  /** With the query, percent-encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Streamed bodies go out chunked unless `length` says how many bytes they have. */
  readonly body?: BodySource;
  readonly length?: number;
  readonly connectTimeoutMs: number;
  /** Longest silence of the server while something is expected of it. */
  readonly timeoutMs: number;
}

export interface HttpClientResponse {
  readonly status: number;
  readonly headers: HttpHeaders;
  /**
   * Iterate it to its end, leave the loop, or call `close`. Throws CONNECTION_CLOSED or CONNECTION_RESET when the body
   * breaks off, HTTP_TIMEOUT when it stalls.
   */
  readonly body: AsyncIterable<Buffer>;
  close(): void;
}

/**
 * Resolves with the head of the answer, whatever its status; the body follows. Rejects LabError: a connect error,
 * `HTTP_TIMEOUT`, `HTTP_MALFORMED`, `CONNECTION_CLOSED`, `CONNECTION_RESET`.
 */
export function httpRequest(host: Host, request: HttpClientRequest): Promise<HttpClientResponse> {
  return new Promise((resolve, reject) => {
    new Exchange(host, request, resolve, reject).start();
  });
}

/**
 * The whole body of a GET with status 200. Rejects as `httpRequest`, or LabError `HTTP_STATUS` (`data.status`), or
 * `TOO_LARGE`.
 */
export async function httpGet(
  host: Host,
  request: Omit<HttpClientRequest, 'method' | 'body' | 'length'>,
  limit: number,
): Promise<Buffer> {
  const response = await httpRequest(host, request);
  const body = await readBody(response.body, limit);
  if (response.status !== 200) {
    throw new LabError(
      'HTTP_STATUS',
      `http://${request.endpoint.host}:${request.endpoint.port}${request.path} answered ${response.status}: ` +
        body.toString('utf8', 0, 300).trim(),
      { data: { status: response.status } },
    );
  }
  return body;
}

class Exchange {
  readonly #host: Host;
  readonly #request: HttpClientRequest;
  readonly #method: string;
  readonly #parser: ResponseParser;
  #resolve: ((response: HttpClientResponse) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;
  #stream: Stream | undefined;
  #writer: BodyWriter | undefined;
  #body: BodyStream | undefined;
  #timer: Timer | undefined;
  #lastActivityMs = 0;
  #receiverPaused = false;
  #over = false;

  constructor(
    host: Host,
    request: HttpClientRequest,
    resolve: (response: HttpClientResponse) => void,
    reject: (error: Error) => void,
  ) {
    this.#host = host;
    this.#request = request;
    this.#method = request.method ?? 'GET';
    this.#parser = new ResponseParser(this.#method);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { endpoint, connectTimeoutMs } = this.#request;
    this.#stream = this.#host.net.connect(
      endpoint,
      { timeoutMs: connectTimeoutMs },
      {
        onOpen: () => this.#opened(),
        onData: (chunk) => this.#received(chunk),
        onDrain: () => {
          this.#touch();
          this.#writer?.drained();
        },
        onClose: (error) => this.#closed(error),
      },
    );
  }

  get #url(): string {
    return `http://${this.#request.endpoint.host}:${this.#request.endpoint.port}${this.#request.path}`;
  }

  #touch(): void {
    this.#lastActivityMs = this.#host.clock.nowMs();
  }

  #opened(): void {
    if (this.#over) return;
    this.#touch();
    this.#timer = this.#host.clock.every(Math.max(1, this.#request.timeoutMs / 4), () => {
      if (this.#receiverPaused || this.#host.clock.nowMs() - this.#lastActivityMs < this.#request.timeoutMs) return;
      this.#fail(new LabError('HTTP_TIMEOUT', `${this.#url}: nothing heard for ${this.#request.timeoutMs} ms`));
    });
    const { endpoint, path, body, headers } = this.#request;
    const streamed = body !== undefined && isStreamed(body);
    const length =
      body === undefined || streamed
        ? this.#request.length
        : typeof body === 'string'
          ? Buffer.byteLength(body)
          : body.length;
    const framing = streamed && length === undefined ? 'chunked' : 'length';
    const all: Record<string, string> = {
      Host: `${endpoint.host}:${endpoint.port}`,
      Accept: '*/*',
      Connection: 'close',
      ...headers,
    };
    if (body !== undefined) {
      if (framing === 'chunked') all['Transfer-Encoding'] = 'chunked';
      else all['Content-Length'] = String(length);
    }
    this.#writer = new BodyWriter(this.#stream!);
    this.#stream!.write(encodeHead(`${this.#method} ${path} HTTP/1.1`, all));
    if (body !== undefined) {
      writeBody(this.#writer, body, framing, length).catch((error: unknown) => {
        // A server may answer before it has read all; its answer counts then.
        if (this.#resolve !== undefined) this.#fail(error instanceof Error ? error : new Error(String(error)));
      });
    }
  }

  #received(chunk: Buffer): void {
    if (this.#over) return;
    this.#touch();
    this.#parser.push(chunk);
    try {
      this.#advance();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #advance(): void {
    for (let part = this.#parser.next(); part !== undefined; part = this.#parser.next()) {
      if (part.kind === 'head') this.#head(part.head);
      else if (part.kind === 'body') this.#body?.push(part.bytes);
      else if (this.#body !== undefined) {
        this.#finish();
        return;
      }
    }
  }

  #head(head: ResponseHead): void {
    if (head.status < 200) return; // 100 Continue and the like: the answer is still to come
    const body = new BodyStream({
      pause: () => {
        this.#receiverPaused = true;
        this.#stream?.pause();
      },
      resume: () => {
        this.#receiverPaused = false;
        this.#touch();
        this.#stream?.resume();
      },
    });
    this.#body = body;
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#reject = undefined;
    resolve?.({
      status: head.status,
      headers: head.headers,
      body: closing(body, () => this.#abandon()),
      close: () => this.#abandon(),
    });
  }

  #finish(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#body?.end();
    this.#stream?.end();
  }

  #abandon(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    this.#body?.discard();
    this.#body?.fail(new LabError('CONNECTION_CLOSED', `${this.#url}: given up`));
    this.#stream?.destroy();
  }

  #closed(error: Error | undefined): void {
    this.#writer?.closed(error);
    if (this.#over) return;
    if (error === undefined && this.#body !== undefined && this.#parser.finish()) {
      this.#finish();
      return;
    }
    this.#fail(
      error ??
        new LabError(
          'CONNECTION_CLOSED',
          `${this.#url}: the server closed the connection before the end of its answer`,
        ),
    );
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    const reject = this.#reject;
    this.#resolve = undefined;
    this.#reject = undefined;
    reject?.(error);
    this.#body?.fail(error);
    this.#stream?.destroy();
  }
}

/** Iterating to the end, or leaving early, lets go of the connection. */
async function* closing(body: BodyStream, done: () => void): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* body;
  } finally {
    done();
  }
}
