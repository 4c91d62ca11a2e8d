/**
 * The port that clients connect to: it lets them in, up to the limits, cuts what they send into packets, holds up those
 * whose requests pile up or who do not read, and closes those that say nothing. What a packet means is its owner's
 * business. Mirrors org.apache.zookeeper.server.NIOServerCnxnFactory and its ConnectionExpirerThread.
 */
import { hasCode } from '../../base/errors.js';
import type { QuorumPeerConfig } from '../../config/quorum-peer-config.js';
import type { Endpoint, Host, Listener, Stream, StreamHandler, Timer } from '../../host/host.js';
import { ClientConnection, IDLE_BUCKET_MS } from './connection.js';
import type { ConnectionOwner } from './connection.js';
import { isFourLetterWord } from './four-letter-words.js';
import { sessionText } from './session-id.js';

export interface PortOwner {
  /** A whole packet. Throws LabError MALFORMED: the connection is closed. */
  packet(connection: ClientConnection, frame: Buffer): void;
  /** The answer; the connection is over after it. */
  fourLetterWord(word: string): string;
  /** Nothing comes over this connection any more. */
  gone(connection: ClientConnection): void;
}

/**
 * `zookeeper.nio.sessionlessCnxnTimeout`: for a connection without a session; with one, the session's time-out holds.
 */
const SESSIONLESS_TIMEOUT_MS = 10_000;
/** Requests of one connection that may wait; beyond it the client is not read from. */
const MAX_WAITING = 1000;
const HIGH_WATER_BYTES = 1 << 20;

export class ClientPort implements ConnectionOwner {
  readonly connections = new Set<ClientConnection>();
  readonly #host: Host;
  readonly #config: QuorumPeerConfig;
  readonly #owner: PortOwner;
  readonly #byAddress = new Map<string, number>();
  #listener: Listener | undefined;
  #idleTimer: Timer | undefined;
  #dirty: ClientConnection[] = [];

  constructor(host: Host, config: QuorumPeerConfig, owner: PortOwner) {
    this.#host = host;
    this.#config = config;
    this.#owner = owner;
  }

  get endpoint(): Endpoint | undefined {
    return this.#listener?.endpoint;
  }

  /** Rejects LabError `ADDRESS_IN_USE` / `ADDRESS_NOT_AVAILABLE`. */
  async listen(): Promise<void> {
    // A zoo.cfg without a client port makes a server that takes no clients.
    if (this.#listener !== undefined || this.#config.client === undefined) return;
    this.#listener = await this.#host.net.listen(this.#config.client, (stream) => this.#accept(stream));
    this.#awaitNextBucket();
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.destroyAll();
    this.#idleTimer?.cancel();
    this.#idleTimer = undefined;
    const listener = this.#listener;
    this.#listener = undefined;
    await listener?.close();
  }

  destroyAll(): void {
    for (const connection of [...this.connections]) this.destroy(connection);
  }

  #accept(stream: Stream): StreamHandler {
    const address = stream.remote.host;
    const refusal = this.#refusal(address);
    if (refusal !== undefined) {
      this.#host.log.warn(refusal);
      stream.destroy();
      return { onData() {}, onClose() {} };
    }
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1);
    const { clock } = this.#host;
    const connection = new ClientConnection(this, stream, {
      maxFrame: this.#config.juteMaxBuffer,
      nowMs: clock.nowMs(),
      wallMs: clock.wallMs(),
      timeoutMs: SESSIONLESS_TIMEOUT_MS,
    });
    this.connections.add(connection);
    return {
      onData: (chunk) => {
        if (connection.state === 'closed') return;
        connection.frames.push(chunk);
        connection.lastHeardMs = clock.nowMs();
        this.pump(connection);
      },
      onDrain: () => this.pump(connection),
      onClose: () => this.#forget(connection),
    };
  }

  /** Why nobody more is let in from there; undefined: there is room. */
  #refusal(address: string): string | undefined {
    const { maxClientCnxns, maxCnxns } = this.#config;
    if (maxCnxns > 0 && this.connections.size >= maxCnxns)
      return `too many connections: ${this.connections.size}, the limit (maxCnxns) is ${maxCnxns}`;
    if (maxClientCnxns > 0 && (this.#byAddress.get(address) ?? 0) >= maxClientCnxns)
      return `too many connections from ${address}: the limit (maxClientCnxns) is ${maxClientCnxns}`;
    return undefined;
  }

  /** Handles what has come, as far as it may be handled now; what a peer sends never throws beyond this. */
  pump(connection: ClientConnection): void {
    // Handling a packet may bring us here again: the loop below goes on with what has become possible.
    if (connection.pumping) return;
    connection.pumping = true;
    connection.touched = false;
    try {
      while (this.#mayRead(connection)) {
        if (connection.state === 'handshake' && this.#fourLetterWord(connection)) return;
        const frame = connection.frames.next();
        if (frame === undefined) return;
        connection.packetsReceived++;
        this.#owner.packet(connection, frame);
      }
    } catch (error) {
      if (!hasCode(error, 'MALFORMED')) throw error;
      const session = connection.sessionId === 0n ? '' : `, session ${sessionText(connection.sessionId)}`;
      const { host, port } = connection.stream.remote;
      this.#host.log.warn(`closing the connection of ${host}:${port}${session}: ${error.message}`);
      this.end(connection);
    } finally {
      connection.pumping = false;
    }
  }

  #mayRead(connection: ClientConnection): boolean {
    if (connection.state === 'closed') return false;
    const wait =
      connection.state === 'opening' ||
      connection.waiting >= MAX_WAITING ||
      connection.stream.queuedBytes > HIGH_WATER_BYTES;
    if (wait !== connection.paused) {
      connection.paused = wait;
      if (wait) connection.stream.pause();
      else connection.stream.resume();
    }
    return !wait;
  }

  /** True: the connection was for one; it is answered and over. */
  #fourLetterWord(connection: ClientConnection): boolean {
    const head = connection.frames.peekWord();
    if (head === undefined || !isFourLetterWord(head)) return false;
    connection.writeText(this.#owner.fourLetterWord(head.toString('latin1')));
    this.end(connection);
    return true;
  }

  dirty(connection: ClientConnection): void {
    if (this.#dirty.length === 0) this.#host.clock.soon(() => this.#flush());
    this.#dirty.push(connection);
  }

  #flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const connection of dirty) connection.flush();
  }

  /** Sends what is queued, then closes. */
  end(connection: ClientConnection): void {
    if (connection.state === 'closed') return;
    connection.flush();
    connection.state = 'closed';
    connection.stream.end();
    this.#owner.gone(connection);
  }

  destroy(connection: ClientConnection): void {
    if (connection.state === 'closed') return;
    connection.state = 'closed';
    connection.stream.destroy();
    this.#owner.gone(connection);
  }

  /** The network has let go of it: only now does it no longer count for the limits. */
  #forget(connection: ClientConnection): void {
    if (connection.state !== 'closed') {
      connection.state = 'closed';
      this.#owner.gone(connection);
    }
    if (!this.connections.delete(connection)) return;
    const count = (this.#byAddress.get(connection.address) ?? 1) - 1;
    if (count === 0) this.#byAddress.delete(connection.address);
    else this.#byAddress.set(connection.address, count);
  }

  #awaitNextBucket(): void {
    const { clock } = this.#host;
    this.#idleTimer = clock.after(IDLE_BUCKET_MS - (clock.nowMs() % IDLE_BUCKET_MS), () => {
      this.#closeIdle(clock.nowMs());
      this.#awaitNextBucket();
    });
  }

  /** The connection, not the session: that is for the leader to decide. */
  #closeIdle(nowMs: number): void {
    for (const connection of [...this.connections]) {
      if (connection.state !== 'closed' && !connection.paused && connection.idleUntilMs <= nowMs)
        this.destroy(connection);
    }
  }
}
