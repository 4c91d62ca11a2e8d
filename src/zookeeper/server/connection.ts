/**
 * One client's connection: its packets in and out, its identities, what is counted of it, and its place in the order of
 * its session. What requests mean is the server's business. Mirrors org.apache.zookeeper.server.NIOServerCnxn.
 */
import { ByteWriter } from '../../base/bytes.js';
import type { Driver } from '../../base/machine.js';
import type { Stream } from '../../host/host.js';
import { Xid } from '../../wire/zookeeper/client/modes.js';
import type { WatchEventType } from '../../wire/zookeeper/client/modes.js';
import { KeeperState } from '../../wire/zookeeper/client/modes.js';
import { writeWatcherEvent } from '../../wire/zookeeper/client/watcher-event.js';
import type { Acl, Id } from '../../wire/zookeeper/data/acl.js';
import { Perms } from '../../wire/zookeeper/data/acl.js';
import { opLetters } from '../../wire/zookeeper/op.js';
import { isPermitted } from '../tree/access.js';
import type { TxnResult } from '../tree/txn-result.js';
import type { Watcher } from '../tree/watches.js';
import { FrameReader } from './frames.js';
import type { ClientRequest, OrderEffect, OrderInput, RequestOrder } from './request-order.js';
import { Latency } from './stats.js';

/** Connections that have been silent for too long are closed in buckets of this width. */
export const IDLE_BUCKET_MS = 10_000;

/** What a connection asks of its server. */
export interface ConnectionOwner {
  /** It has something to send: call `flush` before this turn ends. */
  dirty(connection: ClientConnection): void;
}

/** handshake: no ConnectRequest yet; opening: the ensemble is asked about the session; open; closed. */
export type ConnectionState = 'handshake' | 'opening' | 'open' | 'closed';

export class ClientConnection implements Watcher {
  readonly stream: Stream;
  readonly address: string;
  readonly frames: FrameReader;
  /** Both from the moment on in which the connection has a session. */
  order: RequestOrder<TxnResult> | undefined;
  requests: Driver<OrderInput<TxnResult>, OrderEffect<TxnResult>> | undefined;
  readonly latency = new Latency();
  readonly establishedMs: number;
  state: ConnectionState = 'handshake';
  sessionId = 0n;
  timeoutMs: number;
  /** Sent no readOnly byte, gets none. */
  oldClient = false;
  identities: readonly Id[];
  lastHeardMs: number;
  paused = false;
  /** Its packets are being handled further up the stack. */
  pumping = false;
  /** Of the packets being handled one has already kept its session alive. */
  touched = false;
  packetsReceived = 0;
  packetsSent = 0;
  lastOperation = 'NA';
  lastXid = -1;
  lastZxid = -1n;
  lastResponseMs = 0;
  lastLatencyMs = 0;
  readonly #owner: ConnectionOwner;
  #out = new ByteWriter(256);
  #outHint = 256;
  #isDirty = false;

  constructor(
    owner: ConnectionOwner,
    stream: Stream,
    options: { maxFrame: number; nowMs: number; wallMs: number; timeoutMs: number },
  ) {
    this.#owner = owner;
    this.stream = stream;
    this.address = stream.remote.host;
    this.frames = new FrameReader(options.maxFrame);
    this.timeoutMs = options.timeoutMs;
    this.lastHeardMs = options.nowMs;
    this.establishedMs = options.wallMs;
    this.identities = [{ scheme: 'ip', id: this.address }];
  }

  /** When it is closed if nothing more is heard from it: its time-out, rounded up to the next bucket. */
  get idleUntilMs(): number {
    return (Math.floor((this.lastHeardMs + this.timeoutMs) / IDLE_BUCKET_MS) + 1) * IDLE_BUCKET_MS;
  }

  /** Requests that are not answered. */
  get waiting(): number {
    return this.order === undefined ? 0 : this.order.waiting;
  }

  addIdentity(identity: Id): void {
    if (this.identities.some((other) => other.scheme === identity.scheme && other.id === identity.id)) return;
    this.identities = [...this.identities, identity];
  }

  /** Starts a packet; write its content into what this returns, then call `finish` with `at`. */
  begin(): ByteWriter {
    this.#out.i32(0);
    return this.#out;
  }

  /** Ends the packet begun at length `at` (the writer's length before `begin`). Returns its size, bytes. */
  finish(at: number): number {
    const size = this.#out.length - at - 4;
    this.#out.patchI32(at, size);
    this.packetsSent++;
    this.#touch();
    return size;
  }

  /** Where a packet begun now would start. */
  get mark(): number {
    return this.#out.length;
  }

  /** A reply without a record. */
  replyHeader(xid: number, zxid: bigint, err: number): number {
    const at = this.mark;
    this.begin().i32(xid).i64(zxid).i32(err);
    return this.finish(at);
  }

  /** A request is answered, for the statistics. Returns how long it took. */
  answered({ op, xid, receivedMs }: ClientRequest, nowMs: number, zxid: bigint): number {
    const latencyMs = nowMs - receivedMs;
    this.latency.add(latencyMs);
    this.lastOperation = opLetters(op);
    this.lastXid = xid;
    this.lastZxid = zxid;
    this.lastResponseMs = nowMs;
    this.lastLatencyMs = Math.floor(latencyMs);
    return latencyMs;
  }

  notify(type: WatchEventType, path: string, acl: readonly Acl[] | undefined): void {
    if (this.state === 'closed') return;
    if (acl !== undefined && !isPermitted(acl, Perms.READ, this.identities)) return;
    const at = this.mark;
    const w = this.begin().i32(Xid.notification).i64(-1n).i32(0);
    writeWatcherEvent(w, { type, state: KeeperState.SyncConnected, path });
    this.finish(at);
  }

  /** Plain bytes: four-letter words. */
  writeText(text: string): void {
    this.stream.write(Buffer.from(text));
  }

  flush(): void {
    this.#isDirty = false;
    if (this.#out.length === 0 || this.state === 'closed') return;
    const bytes = this.#out.take();
    // The next one is likely to be about as long.
    this.#outHint = Math.min(1 << 16, Math.max(256, bytes.length, this.#outHint >> 1));
    this.#out = new ByteWriter(this.#outHint);
    this.stream.write(bytes);
  }

  #touch(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    this.#owner.dirty(this);
  }
}
