/**
 * Bodies on their way: read in order by one consumer who pushes back on the sender, and written no faster than the
 * network takes them.
 */
import { LabError } from '../../base/errors.js';
import type { Stream } from '../../host/host.js';

const HIGH_WATER_BYTES = 256 * 1024;

/** A body as it arrives. Iterate it once; leaving the loop early discards the rest. */
export class BodyStream implements AsyncIterable<Buffer> {
  #chunks: Buffer[] = [];
  #queued = 0;
  #ended = false;
  #error: Error | undefined;
  #discarding = false;
  #wake: (() => void) | undefined;
  readonly #flow: { pause(): void; resume(): void };
  #paused = false;

  constructor(flow: { pause(): void; resume(): void }) {
    this.#flow = flow;
  }

  push(bytes: Buffer): void {
    if (this.#discarding) return;
    this.#chunks.push(bytes);
    this.#queued += bytes.length;
    this.#regulate();
    this.#notify();
  }

  end(): void {
    this.#ended = true;
    this.#notify();
  }

  fail(error: Error): void {
    if (this.#ended) return;
    this.#error = error;
    this.#notify();
  }

  discard(): void {
    this.#discarding = true;
    this.#chunks = [];
    this.#queued = 0;
    this.#regulate();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          this.#queued -= chunk.length;
          this.#regulate();
          yield chunk;
        } else if (this.#error !== undefined) {
          throw this.#error;
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      this.discard();
    }
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #regulate(): void {
    const full = this.#queued > HIGH_WATER_BYTES;
    if (full === this.#paused) return;
    this.#paused = full;
    if (full) this.#flow.pause();
    else this.#flow.resume();
  }
}

/** Writes to a stream and waits while too much is queued. The stream's owner passes on onDrain and onClose. */
export class BodyWriter {
  readonly #stream: Stream;
  #closed: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** Rejects CONNECTION_CLOSED when the peer has gone. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#closed !== undefined) throw this.#closed;
    if (bytes.length > 0) this.#stream.write(bytes);
    if (this.#stream.queuedBytes <= 1024 * 1024) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#closed !== undefined) throw this.#closed;
  }

  drained(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  closed(error: Error | undefined): void {
    this.#closed = error ?? new LabError('CONNECTION_CLOSED', 'the peer closed the connection');
    this.drained();
  }
}

export type BodySource = Uint8Array | string | AsyncIterable<Uint8Array>;

export function isStreamed(body: BodySource): body is AsyncIterable<Uint8Array> {
  return typeof body !== 'string' && !(body instanceof Uint8Array);
}

/**
 * Sends a body, framed as the head announced it: a known length, or chunked, or plain up to the end of the connection.
 */
export async function writeBody(
  writer: BodyWriter,
  body: BodySource,
  framing: 'length' | 'chunked' | 'close',
  length?: number,
): Promise<void> {
  if (!isStreamed(body)) {
    await writer.write(typeof body === 'string' ? Buffer.from(body, 'utf8') : body);
    return;
  }
  let sent = 0;
  for await (const bytes of body) {
    if (bytes.length === 0) continue;
    sent += bytes.length;
    if (framing === 'chunked')
      await writer.write(
        Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`, 'latin1'), bytes, Buffer.from('\r\n')]),
      );
    else await writer.write(bytes);
  }
  if (framing === 'chunked') await writer.write(Buffer.from('0\r\n\r\n', 'latin1'));
  else if (framing === 'length' && sent !== length) {
    throw new LabError('ASSERTION', `a body of ${sent} bytes was announced as ${length}`);
  }
}

/** The whole body. Rejects LabError TOO_LARGE above `limit` bytes, or as the body fails. */
export async function readBody(body: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw new LabError('TOO_LARGE', `an HTTP body of more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Head lines as text. Values must not hold line ends. */
export function encodeHead(startLine: string, headers: Readonly<Record<string, string>>): Buffer {
  let text = `${startLine}\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (/[\r\n]/.test(value)) throw new LabError('ASSERTION', `the HTTP header ${name} holds a line end`);
    text += `${name}: ${value}\r\n`;
  }
  return Buffer.from(`${text}\r\n`, 'latin1');
}
