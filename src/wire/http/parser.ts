/**
 * HTTP/1.1 messages out of bytes, without I/O: push chunks, pull parts. One parser reads one connection's direction,
 * message after message. Bodies by Content-Length, chunked, or (responses only) up to the end of the connection. RFC
 * 9112, no extensions.
 */
import { LabError } from '../../base/errors.js';
import { ByteQueue } from '../byte-queue.js';

/** Names in lower case; values of repeated headers joined by `, `. */
export type HttpHeaders = ReadonlyMap<string, string>;

export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly version: '1.0' | '1.1';
  readonly headers: HttpHeaders;
}

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly version: '1.0' | '1.1';
  readonly headers: HttpHeaders;
}

export type HttpPart<Head> =
  | { readonly kind: 'head'; readonly head: Head }
  | { readonly kind: 'body'; readonly bytes: Buffer }
  | { readonly kind: 'end' };

/** Bytes of a head, start line included: what Hadoop's own web servers allow. */
const MAX_HEAD_BYTES = 64 * 1024;
const MAX_HEADERS = 200;
const MAX_CHUNK_LINE = 1024;
const MAX_BODY_PART = 64 * 1024;

type State =
  | { readonly kind: 'head' }
  | { readonly kind: 'length'; left: number }
  | { readonly kind: 'chunk-size' }
  | { readonly kind: 'chunk'; left: number }
  | { readonly kind: 'chunk-end' }
  | { readonly kind: 'trailer' }
  | { readonly kind: 'until-close' };

abstract class Parser<Head extends { readonly headers: HttpHeaders }> {
  readonly #queue = new ByteQueue();
  #state: State = { kind: 'head' };

  push(chunk: Buffer): void {
    this.#queue.push(chunk);
  }

  /** Bytes pushed and not yet pulled. */
  get queuedBytes(): number {
    return this.#queue.length;
  }

  /** True between messages, with nothing begun. */
  get idle(): boolean {
    return this.#state.kind === 'head' && this.#queue.length === 0;
  }

  /** The connection has ended. True if that is a proper end of what was being read. */
  finish(): boolean {
    if (this.#state.kind === 'until-close') {
      this.#state = { kind: 'head' };
      return true;
    }
    return this.idle;
  }

  /** The next part at hand. Throws LabError HTTP_MALFORMED; the connection is then of no further use. */
  next(): HttpPart<Head> | undefined {
    for (;;) {
      const state = this.#state;
      switch (state.kind) {
        case 'head': {
          const text = this.#until('\r\n\r\n', MAX_HEAD_BYTES);
          if (text === undefined) return undefined;
          const lines = text.split('\r\n');
          const head = this.parseHead(lines.shift() ?? '', parseHeaders(lines));
          this.#state = bodyState(this.bodyKind(head), head.headers);
          return { kind: 'head', head };
        }
        case 'length':
        case 'chunk': {
          if (state.left === 0) {
            if (state.kind === 'chunk') {
              this.#state = { kind: 'chunk-end' };
              continue;
            }
            this.#state = { kind: 'head' };
            return { kind: 'end' };
          }
          const bytes = this.#queue.take(Math.min(this.#queue.length, state.left, MAX_BODY_PART));
          if (bytes === undefined || bytes.length === 0) return undefined;
          state.left -= bytes.length;
          return { kind: 'body', bytes };
        }
        case 'chunk-size': {
          const line = this.#until('\r\n', MAX_CHUNK_LINE);
          if (line === undefined) return undefined;
          const digits = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line);
          if (digits === null) throw malformed('a chunk length that is none');
          const left = Number.parseInt(digits[1]!, 16);
          this.#state = left === 0 ? { kind: 'trailer' } : { kind: 'chunk', left };
          continue;
        }
        case 'chunk-end': {
          const line = this.#until('\r\n', 2);
          if (line === undefined) return undefined;
          if (line !== '') throw malformed('a chunk longer than it said');
          this.#state = { kind: 'chunk-size' };
          continue;
        }
        case 'trailer': {
          const line = this.#until('\r\n', MAX_HEAD_BYTES);
          if (line === undefined) return undefined;
          if (line !== '') continue;
          this.#state = { kind: 'head' };
          return { kind: 'end' };
        }
        case 'until-close': {
          const bytes = this.#queue.take(Math.min(this.#queue.length, MAX_BODY_PART));
          return bytes === undefined || bytes.length === 0 ? undefined : { kind: 'body', bytes };
        }
      }
    }
  }

  protected abstract parseHead(startLine: string, headers: HttpHeaders): Head;
  /** none: no body whatever the headers say. */
  protected abstract bodyKind(head: Head): 'none' | 'request' | 'response';

  /** Text up to the mark, mark consumed; undefined while it has not come. */
  #until(mark: string, limit: number): string | undefined {
    const window = this.#queue.peek(Math.min(this.#queue.length, limit + mark.length));
    const at = window.indexOf(mark, 0, 'latin1');
    if (at < 0) {
      if (window.length >= limit + mark.length) throw malformed(`a head or line longer than ${limit} bytes`);
      return undefined;
    }
    const text = window.toString('latin1', 0, at);
    this.#queue.take(at + mark.length);
    return text;
  }
}

export class RequestParser extends Parser<RequestHead> {
  protected parseHead(startLine: string, headers: HttpHeaders): RequestHead {
    const parts = /^([A-Za-z]{1,20}) (\S+) HTTP\/(1\.[01])$/.exec(startLine);
    if (parts === null) throw malformed('a request line that is none');
    return { method: parts[1]!, target: parts[2]!, version: parts[3] as '1.0' | '1.1', headers };
  }

  protected bodyKind(): 'request' {
    return 'request';
  }
}

export class ResponseParser extends Parser<ResponseHead> {
  readonly #method: string;

  /** `method`: of the request that is answered; HEAD has no body. */
  constructor(method: string) {
    super();
    this.#method = method;
  }

  protected parseHead(startLine: string, headers: HttpHeaders): ResponseHead {
    const parts = /^HTTP\/(1\.[01]) (\d{3})(?: (.*))?$/.exec(startLine);
    if (parts === null) throw malformed('a status line that is none');
    return { version: parts[1] as '1.0' | '1.1', status: Number(parts[2]), reason: parts[3] ?? '', headers };
  }

  protected bodyKind(head: ResponseHead): 'none' | 'response' {
    return this.#method === 'HEAD' || head.status < 200 || head.status === 204 || head.status === 304
      ? 'none'
      : 'response';
  }
}

function bodyState(kind: 'none' | 'request' | 'response', headers: HttpHeaders): State {
  const encoding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (kind === 'none') return { kind: 'length', left: 0 };
  if (encoding !== undefined) {
    // Both framings at once is how requests are smuggled.
    if (length !== undefined || encoding.toLowerCase() !== 'chunked')
      throw malformed('a body framing that is not understood');
    return { kind: 'chunk-size' };
  }
  if (length !== undefined) {
    if (!/^\d{1,15}$/.test(length)) throw malformed('a Content-Length that is none');
    return { kind: 'length', left: Number(length) };
  }
  return kind === 'request' ? { kind: 'length', left: 0 } : { kind: 'until-close' };
}

function parseHeaders(lines: readonly string[]): HttpHeaders {
  if (lines.length > MAX_HEADERS) throw malformed(`more than ${MAX_HEADERS} headers`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const parts = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (parts === null) throw malformed('a header line that is none');
    const name = parts[1]!.toLowerCase();
    const before = headers.get(name);
    if (before !== undefined && name === 'content-length' && before !== parts[2])
      throw malformed('two Content-Lengths');
    headers.set(name, before === undefined || name === 'content-length' ? parts[2]! : `${before}, ${parts[2]!}`);
  }
  return headers;
}

function malformed(what: string): LabError {
  return new LabError('HTTP_MALFORMED', `malformed HTTP: ${what}`);
}
