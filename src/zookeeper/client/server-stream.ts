/**
 * One connection to one server: it cuts what comes into frames, and is silent once it is dropped, whatever is still on
 * its way. What the frames say is left to session-shell.ts. Mirrors org.apache.zookeeper.ClientCnxnSocket.
 */
import { ByteReader } from '../../base/bytes.js';
import { hasCode, messageOf } from '../../base/errors.js';
import type { Endpoint, Host, Stream } from '../../host/host.js';

/** A server that does not keep to the protocol: its connection is given up, the session goes on elsewhere. */
export class ServerFault extends Error {}

/** As Java's client: a longer frame from a server is a fault, where jute.maxbuffer says nothing else. */
const MAX_FRAME_BYTES = 0xfffff;

export interface ServerStreamOptions {
  /** To connect. */
  readonly timeoutMs: number;
  readonly maxFrameBytes: number | undefined;
}

export interface ServerStreamHandler {
  opened(): void;
  /** Bytes came, if not a whole frame yet. */
  heard(): void;
  /** Throws ServerFault or LabError MALFORMED: the connection is lost. */
  frame(r: ByteReader): void;
  /** It broke, was never opened, or what came made no sense. */
  lost(reason: string): void;
}

export class ServerStream {
  readonly #handler: ServerStreamHandler;
  readonly #stream: Stream;
  readonly #maxFrameBytes: number;
  #partial: Buffer | undefined;
  #over = false;

  constructor(host: Host, endpoint: Endpoint, options: ServerStreamOptions, handler: ServerStreamHandler) {
    this.#handler = handler;
    this.#maxFrameBytes = options.maxFrameBytes ?? MAX_FRAME_BYTES;
    this.#stream = host.net.connect(
      endpoint,
      { timeoutMs: options.timeoutMs },
      {
        onOpen: () => {
          if (!this.#over) handler.opened();
        },
        onData: (chunk) => {
          if (!this.#over) this.#received(chunk);
        },
        onClose: (error) => this.#lost(error?.message ?? 'closed the connection'),
      },
    );
  }

  write(bytes: Buffer): void {
    this.#stream.write(bytes);
  }

  drop(): void {
    this.#over = true;
    this.#stream.destroy();
  }

  #lost(reason: string): void {
    if (this.#over) return;
    this.#handler.lost(reason);
  }

  #received(chunk: Buffer): void {
    this.#handler.heard();
    const bytes = this.#partial === undefined ? chunk : Buffer.concat([this.#partial, chunk]);
    this.#partial = undefined;
    let at = 0;
    try {
      while (bytes.length - at >= 4) {
        const length = bytes.readInt32BE(at);
        if (length < 0 || length > this.#maxFrameBytes) throw new ServerFault(`sent a frame of ${length} bytes`);
        if (bytes.length - at - 4 < length) break;
        this.#handler.frame(new ByteReader(bytes, at + 4, at + 4 + length));
        // A callback may have closed the session, or the frame ended it.
        if (this.#over) return;
        at += 4 + length;
      }
    } catch (error) {
      if (!(error instanceof ServerFault || hasCode(error, 'MALFORMED')) || this.#over) throw error;
      this.#lost(messageOf(error));
      return;
    }
    if (at < bytes.length) this.#partial = at === 0 ? bytes : bytes.subarray(at);
  }
}
