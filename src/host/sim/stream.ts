/**
 * One end of a TCP connection. The process's half (pending bytes, pauses, callbacks) dies with the process; the
 * kernel's half (what is queued, in flight and received) goes on: it delivers, resets, or waits behind a cut link.
 */
import { LabError } from '../../base/errors.js';
import type { Endpoint, Stream, StreamHandler } from '../host.js';
import type { Kernel, Process } from './kernel.js';
import type { Link } from './links.js';

const HIGH_MARK_BYTES = 1024 * 1024;
const LOW_MARK_BYTES = 256 * 1024;
/** In flight or received and not yet read: then the sender's kernel waits. */
const WINDOW_BYTES = 256 * 1024;
/** Longest piece that one `onData` gets, as with Node's sockets. */
const PIECE_BYTES = 64 * 1024;
const LINGER_MS = 2000;
/** One in so many pieces is torn in two on its way. */
const TEAR_ONE_IN = 24;

type Segment =
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'end' }
  | { readonly kind: 'reset' };

/** The machine a stream lives on, as far as streams care. */
export interface StreamMachine {
  readonly name: string;
  readonly isUp: boolean;
  /** Grows at every start: what was open before is gone. */
  readonly boot: number;
  whenUp(callback: () => void): void;
  forget(stream: SimStream): void;
}

export class SimStream implements Stream {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly process: Process;
  readonly #kernel: Kernel;
  readonly #machine: StreamMachine;
  readonly #boot: number;
  /** From here to the peer, and back. */
  readonly #out: Link;
  readonly #back: Link;
  #peer: SimStream | undefined;
  #handler: StreamHandler | undefined;

  #phase: 'connecting' | 'open' | 'closed' = 'connecting';
  #ending = false;

  // The process's half.
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #flushScheduled = false;
  #aboveHigh = false;
  #pausedByRole = false;

  // The kernel's half, sending.
  #queue: Segment[] = [];
  #queueBytes = 0;
  /** Sent, and not yet read by the peer. */
  #outstanding = 0;
  #held: Segment[] = [];
  #waitsForHealing = false;
  #lastArrivalMs = 0;
  #finSent = false;

  // The kernel's half, receiving.
  #received: Buffer[] = [];
  #peerEnded = false;

  constructor(
    kernel: Kernel,
    process: Process,
    machine: StreamMachine,
    ends: { local: Endpoint; remote: Endpoint; out: Link; back: Link },
  ) {
    this.#kernel = kernel;
    this.process = process;
    this.#machine = machine;
    this.#boot = machine.boot;
    this.local = ends.local;
    this.remote = ends.remote;
    this.#out = ends.out;
    this.#back = ends.back;
  }

  // --- connecting

  get isConnecting(): boolean {
    return this.#phase === 'connecting';
  }

  setHandler(handler: StreamHandler): void {
    this.#handler = handler;
  }

  /** Kernel: the connection stands; `notBeforeMs` is when this end knows. */
  join(peer: SimStream, notBeforeMs: number): void {
    this.#peer = peer;
    this.#phase = 'open';
    this.#lastArrivalMs = notBeforeMs;
  }

  /** Process: the connection has come to be. */
  opened(): void {
    if (this.#phase === 'closed') return;
    this.#handler?.onOpen?.();
    this.#scheduleFlush();
  }

  /** Process: the connection never comes to be. */
  refuse(error: LabError): void {
    if (this.#phase !== 'connecting') return;
    this.#close(error);
  }

  // --- the process writes

  get queuedBytes(): number {
    return this.#pendingBytes + this.#queueBytes;
  }

  write(bytes: Uint8Array): void {
    if (this.#ending || this.#phase === 'closed' || bytes.length === 0 || this.process.dead) return;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.queuedBytes > HIGH_MARK_BYTES) this.#aboveHigh = true;
    if (this.#phase === 'open') this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled || this.#pending.length === 0) return;
    this.#flushScheduled = true;
    this.process.schedule(0, () => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  /** Hands what is pending to the kernel, which keeps a copy of its own. */
  #flush(): void {
    if (this.#pending.length === 0 || this.#phase !== 'open') return;
    const bytes = Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES)
      this.#queue.push({ kind: 'data', bytes: bytes.subarray(at, at + PIECE_BYTES) });
    this.#queueBytes += bytes.length;
    this.#pump();
  }

  pause(): void {
    this.#pausedByRole = true;
  }

  resume(): void {
    if (!this.#pausedByRole || this.process.dead) return;
    this.#pausedByRole = false;
    if (this.#phase === 'open') this.process.schedule(0, () => this.#deliver());
  }

  end(): void {
    if (this.#ending || this.#phase === 'closed' || this.process.dead) return;
    if (this.#phase === 'connecting') {
      this.destroy();
      return;
    }
    this.#flush();
    this.#ending = true;
    this.#queue.push({ kind: 'end' });
    this.#pump();
    this.#pausedByRole = false;
    this.process.schedule(0, () => this.#deliver());
    this.process.schedule(LINGER_MS, () => this.#close(undefined));
  }

  destroy(): void {
    if (this.#phase === 'closed' || this.process.dead) return;
    this.#leave();
    this.process.schedule(0, () => this.#announce(undefined));
  }

  /** Kernel: the process is gone, its sockets are closed for it. */
  abandon(): void {
    if (this.#phase !== 'closed') this.#leave();
  }

  /** Closed on this side: the peer is told, by a reset if there is something unread. */
  #leave(): void {
    const connected = this.#phase === 'open';
    this.#phase = 'closed';
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#machine.forget(this);
    if (!connected) return;
    if (this.#received.length > 0) {
      this.#queue = [];
      this.#queueBytes = 0;
      this.#send({ kind: 'reset' });
    } else if (!this.#finSent) {
      this.#queue.push({ kind: 'end' });
      this.#pump();
    }
    this.#received = [];
  }

  // --- the process is told

  /** Process: over; the peer is told if it does not know. */
  #close(error: LabError | undefined): void {
    if (this.#phase === 'closed') return;
    if (error === undefined) this.#flush();
    this.#leave();
    this.#announce(error);
  }

  #announce(error: LabError | undefined): void {
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.onClose(error);
  }

  #deliver(): void {
    while (this.#phase === 'open' && !this.#pausedByRole && this.#received.length > 0) {
      const bytes = this.#received.shift()!;
      this.#peer!.#consumed(bytes.length);
      if (this.#ending) continue;
      this.#handler?.onData(bytes);
    }
    if (this.#phase === 'open' && this.#peerEnded && this.#received.length === 0) this.#close(undefined);
  }

  // --- the kernel sends

  #pump(): void {
    while (this.#queue.length > 0) {
      const segment = this.#queue[0]!;
      if (segment.kind === 'data') {
        if (this.#outstanding >= WINDOW_BYTES) return;
        this.#outstanding += segment.bytes.length;
        this.#queueBytes -= segment.bytes.length;
      }
      this.#queue.shift();
      if (segment.kind === 'end') this.#finSent = true;
      if (segment.kind === 'data' && segment.bytes.length > 1 && this.#kernel.random.below(TEAR_ONE_IN) === 0) {
        const at = 1 + this.#kernel.random.below(segment.bytes.length - 1);
        this.#send({ kind: 'data', bytes: segment.bytes.subarray(0, at) });
        this.#send({ kind: 'data', bytes: segment.bytes.subarray(at) });
      } else {
        this.#send(segment);
      }
    }
  }

  #send(segment: Segment): void {
    if (this.#held.length > 0) {
      this.#held.push(segment);
      return;
    }
    if (!this.#machine.isUp || this.#machine.boot !== this.#boot) return;
    const arrival = Math.max(this.#lastArrivalMs, this.#kernel.nowMs + this.#out.latencyMs());
    this.#lastArrivalMs = arrival;
    this.#kernel.schedule(arrival - this.#kernel.nowMs, () => this.#arrive(segment));
  }

  #arrive(segment: Segment): void {
    const target = this.#peer!.#machine;
    if (this.#held.length > 0 || this.#out.isCut || !target.isUp) {
      this.#held.push(segment);
      this.#waitForHealing(target);
      return;
    }
    this.#peer!.#take(segment);
  }

  #waitForHealing(target: StreamMachine): void {
    if (this.#waitsForHealing) return;
    this.#waitsForHealing = true;
    const again = (): void => {
      this.#kernel.schedule(this.#out.retransmissionMs(), () => {
        this.#waitsForHealing = false;
        if (!this.#machine.isUp || this.#machine.boot !== this.#boot) return;
        if (this.#out.isCut || !target.isUp) {
          this.#waitForHealing(target);
          return;
        }
        const held = this.#held;
        this.#held = [];
        for (const segment of held) this.#send(segment);
      });
    };
    if (this.#out.isCut) this.#out.whenHealed(again);
    else target.whenUp(again);
  }

  /** The peer has read so much; its acknowledgement needs the way back. */
  #consumed(bytes: number): void {
    const free = (): void => {
      this.#outstanding -= bytes;
      this.#pump();
      if (this.#aboveHigh && this.#phase === 'open' && this.queuedBytes < LOW_MARK_BYTES) {
        this.#aboveHigh = false;
        this.process.schedule(0, () => {
          if (this.#phase === 'open') this.#handler?.onDrain?.();
        });
      }
    };
    if (this.#back.isCut) this.#back.whenHealed(free);
    else free();
  }

  // --- the kernel receives

  #take(segment: Segment): void {
    if (this.#phase === 'closed' || this.#machine.boot !== this.#boot) {
      // Nobody here any more. Whoever still sends data learns it; ends and resets need no answer.
      if (segment.kind === 'data') this.#kernel.schedule(this.#back.latencyMs(), () => this.#peer!.#takeReset());
      return;
    }
    if (segment.kind === 'reset') {
      this.#takeReset();
      return;
    }
    if (segment.kind === 'data') this.#received.push(segment.bytes);
    else this.#peerEnded = true;
    this.process.dispatch(() => this.#deliver());
  }

  #takeReset(): void {
    if (this.#phase !== 'open' || !this.#machine.isUp || this.#machine.boot !== this.#boot) return;
    this.process.dispatch(() => {
      if (this.#phase !== 'open') return;
      // No answer to a reset: we just close.
      this.#finSent = true;
      this.#queue = [];
      this.#received = [];
      const orderly = this.#ending;
      this.#close(
        orderly
          ? undefined
          : new LabError('CONNECTION_RESET', `${this.remote.host}:${this.remote.port}: connection reset by the peer`, {
              data: { ...this.remote },
            }),
      );
    });
  }
}
