/**
 * One TCP connection as a Stream: what was written during one turn goes out in one piece, `queuedBytes` and `onDrain`
 * follow the marks of host.ts, and `onClose` comes once, last, with a LabError or nothing.
 */
import type { Socket } from 'node:net';
import type { Endpoint, Stream, StreamHandler } from '../host.js';
import { streamError } from './errors.js';

const HIGH_MARK_BYTES = 1024 * 1024;
const LOW_MARK_BYTES = 256 * 1024;
/** Pieces up to this are copied into one buffer: cheaper than one entry of a writev each. */
const GATHER_BYTES = 64 * 1024;
/** After `end`, how long the peer may take to end as well. */
const LINGER_MS = 2000;

export class LiveStream implements Stream {
  readonly #socket: Socket;
  #handler: StreamHandler | undefined;
  readonly #givenRemote: Endpoint | undefined;
  #local: Endpoint | undefined;
  #remote: Endpoint | undefined;

  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #flushScheduled = false;
  #aboveHigh = false;

  #open: boolean;
  #ending = false;
  #destroyed = false;
  #peerEnded = false;
  #closed = false;
  #error: Error | undefined;

  /**
   * `connectingTo`: not yet connected; writes wait. The handler of an accepted stream is set with `start` before it
   * reads.
   */
  constructor(socket: Socket, connectingTo: Endpoint | undefined) {
    this.#socket = socket;
    this.#open = connectingTo === undefined;
    this.#givenRemote = connectingTo;
  }

  start(handler: StreamHandler): void {
    this.#handler = handler;
    const socket = this.#socket;
    socket.on('data', (chunk: Buffer) => {
      if (!this.#ending && !this.#destroyed) handler.onData(chunk);
    });
    socket.on('end', () => this.#endedByPeer());
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    socket.on('close', () => this.#finish());
    socket.on('connect', () => {
      if (this.#destroyed) return;
      this.#open = true;
      handler.onOpen?.();
      this.#scheduleFlush();
    });
  }

  /**
   * The peer sends no more, and so it is over. But it may wait for the answer to what it sent last (`echo ruok | nc
   * host 2181`), and roles answer at the end of the turn: so we end after the next one.
   */
  #endedByPeer(): void {
    this.#peerEnded = true;
    setImmediate(() =>
      setImmediate(() => {
        if (this.#closed || this.#destroyed || this.#ending) return;
        this.#flush();
        this.#socket.end();
      }),
    );
  }

  /** The connection never comes to be (name unknown, time-out). */
  fail(error: Error): void {
    this.#error ??= error;
    this.#socket.destroy();
  }

  get isOpen(): boolean {
    return this.#open;
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pending = [];
    this.#pendingBytes = 0;
    // After an orderly end, or when it was us who closed, how the kernel took leave is of no interest.
    const orderly = this.#destroyed || this.#ending || this.#peerEnded;
    const error = orderly || this.#error === undefined ? undefined : streamError(this.#error, this.remote);
    this.#handler?.onClose(error);
  }

  get local(): Endpoint {
    const { localAddress, localPort } = this.#socket;
    if (localAddress !== undefined && localPort !== undefined)
      this.#local ??= { host: plainAddress(localAddress), port: localPort };
    return this.#local ?? { host: '0.0.0.0', port: 0 };
  }

  get remote(): Endpoint {
    if (this.#givenRemote !== undefined) return this.#givenRemote;
    const { remoteAddress, remotePort } = this.#socket;
    if (remoteAddress !== undefined && remotePort !== undefined)
      this.#remote ??= { host: plainAddress(remoteAddress), port: remotePort };
    return this.#remote ?? { host: '0.0.0.0', port: 0 };
  }

  get queuedBytes(): number {
    return this.#pendingBytes + this.#socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    if (this.#ending || this.#destroyed || this.#closed || bytes.length === 0) return;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.queuedBytes > HIGH_MARK_BYTES) this.#aboveHigh = true;
    if (this.#open) this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    process.nextTick(() => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const pieces = this.#pending;
    if (pieces.length === 0 || this.#destroyed || this.#closed) return;
    const total = this.#pendingBytes;
    this.#pending = [];
    this.#pendingBytes = 0;
    if (pieces.length === 1) {
      this.#socket.write(pieces[0]!, this.#written);
    } else if (total <= GATHER_BYTES) {
      this.#socket.write(Buffer.concat(pieces, total), this.#written);
    } else {
      this.#socket.cork();
      for (const piece of pieces) this.#socket.write(piece, this.#written);
      this.#socket.uncork();
    }
  }

  readonly #written = (): void => {
    if (!this.#aboveHigh || this.#closed || this.#destroyed || this.queuedBytes >= LOW_MARK_BYTES) return;
    this.#aboveHigh = false;
    this.#handler?.onDrain?.();
  };

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#closed) this.#socket.resume();
  }

  end(): void {
    if (this.#ending || this.#destroyed || this.#closed) return;
    this.#ending = true;
    this.#flush();
    this.#socket.end();
    // Closing with unread bytes would send a reset, which may overtake what we sent last: read on, and forget it.
    this.#socket.resume();
    const timer = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    timer.unref();
    this.#socket.once('close', () => clearTimeout(timer));
  }

  destroy(): void {
    if (this.#destroyed || this.#closed) return;
    this.#destroyed = true;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#socket.destroy();
  }
}

/** `::ffff:127.0.0.1` -> `127.0.0.1`. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
