/**
 * The election connections: one for each pair of servers, made by the one with the larger sid. It moves notifications
 * and knows nothing of votes. Mirrors org.apache.zookeeper.server.quorum.QuorumCnxManager.
 *
 * A server with the smaller sid that wants to talk connects, says who it is, and hangs up; the other then connects
 * back. Only the latest message to a server is kept while there is no connection, and the last one sent is sent again
 * on a new one: the peer may have died before it read it, and duplicates do no harm.
 */
import { hostPortText } from '../../base/host-port.js';
import { messageOf } from '../../base/errors.js';
import type { LabError } from '../../base/errors.js';
import type { Host, Listener, Stream, StreamHandler, Timer } from '../../host/host.js';
import { decodeInitialMessage, encodeInitialMessage } from '../../wire/zookeeper/election/initial-message.js';
import {
  decodeNotification,
  encodeNotification,
  NotificationFrames,
} from '../../wire/zookeeper/election/notification.js';
import type { Notification } from '../../wire/zookeeper/election/notification.js';
import type { Membership } from '../membership.js';

/** How long a connection may take to say who it is. */
const HANDSHAKE_TIMEOUT_MS = 5000;
/**
 * Between two attempts to reach a server while we look for a leader. Apache waits for its next notification, up to a
 * minute.
 */
const RETRY_MS = 500;
/** A peer that does not read is cut off here. */
const MAX_QUEUED_BYTES = 4 * 1024 * 1024;

interface Peer {
  readonly sid: number;
  stream: Stream | undefined;
  connecting: Stream | undefined;
  /** The latest message, while it has not been sent. */
  waiting: Buffer | undefined;
  lastSent: Buffer | undefined;
  retry: Timer | undefined;
}

export class ElectionConnections {
  readonly #host: Host;
  readonly #sid: number;
  readonly #members: Membership;
  readonly #listenOnAllIPs: boolean;
  readonly #connectTimeoutMs: number;
  readonly #deliver: (from: number, notification: Notification) => void;
  readonly #peers = new Map<number, Peer>();
  readonly #strangers = new Set<Stream>();
  #listener: Listener | undefined;
  #looking = false;
  #stopped = false;

  constructor(
    host: Host,
    options: {
      readonly sid: number;
      readonly members: Membership;
      readonly listenOnAllIPs: boolean;
      /** QuorumCnxManager.cnxTO */
      readonly connectTimeoutMs: number;
    },
    deliver: (from: number, notification: Notification) => void,
  ) {
    this.#host = host;
    this.#sid = options.sid;
    this.#members = options.members;
    this.#listenOnAllIPs = options.listenOnAllIPs;
    this.#connectTimeoutMs = options.connectTimeoutMs;
    this.#deliver = deliver;
    for (const { sid } of options.members.servers) {
      if (sid !== this.#sid) {
        this.#peers.set(sid, {
          sid,
          stream: undefined,
          connecting: undefined,
          waiting: undefined,
          lastSent: undefined,
          retry: undefined,
        });
      }
    }
  }

  /** Opens the election port. Rejects LabError ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE. */
  async start(): Promise<void> {
    const me = this.#members.server(this.#sid)!;
    const host = this.#listenOnAllIPs ? '0.0.0.0' : me.host;
    this.#listener = await this.#host.net.listen({ host, port: me.electionPort }, (stream) => this.#accept(stream));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const peer of this.#peers.values()) {
      peer.retry?.cancel();
      peer.stream?.destroy();
      peer.connecting?.destroy();
    }
    for (const stream of [...this.#strangers]) stream.destroy();
    await this.#listener?.close();
  }

  /** While looking, servers that cannot be reached are tried again and again. */
  setLooking(looking: boolean): void {
    this.#looking = looking;
    if (looking) return;
    for (const peer of this.#peers.values()) {
      peer.retry?.cancel();
      peer.retry = undefined;
    }
  }

  send(to: number, notification: Notification): void {
    const peer = this.#peers.get(to);
    if (peer === undefined || this.#stopped) return;
    peer.waiting = encodeNotification(notification);
    if (peer.stream !== undefined) this.#flush(peer);
    else this.#connect(peer);
  }

  connectAll(): void {
    for (const peer of this.#peers.values())
      if (this.#members.isVoter(peer.sid) || peer.waiting !== undefined) this.#connect(peer);
  }

  #flush(peer: Peer): void {
    const stream = peer.stream!;
    if (stream.queuedBytes > MAX_QUEUED_BYTES) {
      this.#host.log.warn(`election: server ${peer.sid} does not read; connection closed`);
      stream.destroy();
      return;
    }
    if (peer.waiting !== undefined) {
      peer.lastSent = peer.waiting;
      peer.waiting = undefined;
    }
    if (peer.lastSent !== undefined) stream.write(peer.lastSent);
  }

  #connect(peer: Peer): void {
    if (this.#stopped || peer.stream !== undefined || peer.connecting !== undefined) return;
    const server = this.#members.server(peer.sid)!;
    const me = this.#members.server(this.#sid)!;
    const handler: StreamHandler = {
      onOpen: () => {
        peer.connecting = undefined;
        if (this.#stopped) {
          stream.destroy();
          return;
        }
        stream.write(encodeInitialMessage({ sid: this.#sid, addresses: [hostPortText(me.host, me.electionPort)] }));
        if (peer.sid > this.#sid) {
          // It is theirs to make the connection: now they know that we are here.
          stream.end();
          this.#retryLater(peer);
        } else {
          this.#keep(peer, stream);
        }
      },
      onData: (chunk) => receive(chunk),
      onClose: (error) => {
        if (peer.connecting === stream) {
          peer.connecting = undefined;
          this.#host.log.debug(
            `election: no connection to server ${peer.sid} at ${hostPortText(server.host, server.electionPort)}: ` +
              `${error?.message ?? 'closed'}`,
          );
          this.#retryLater(peer);
        }
        this.#lost(peer, stream);
      },
    };
    const stream = this.#host.net.connect(
      { host: server.host, port: server.electionPort },
      { timeoutMs: this.#connectTimeoutMs },
      handler,
    );
    const receive = this.#receiver(peer, stream);
    peer.connecting = stream;
  }

  #retryLater(peer: Peer): void {
    if (!this.#looking || this.#stopped || !this.#members.isVoter(peer.sid)) return;
    peer.retry?.cancel();
    peer.retry = this.#host.clock.after(RETRY_MS, () => {
      peer.retry = undefined;
      this.#connect(peer);
    });
  }

  #keep(peer: Peer, stream: Stream): void {
    const old = peer.stream;
    peer.stream = stream;
    old?.destroy();
    peer.retry?.cancel();
    peer.retry = undefined;
    this.#flush(peer);
  }

  #lost(peer: Peer, stream: Stream): void {
    if (peer.stream !== stream) return;
    peer.stream = undefined;
    this.#retryLater(peer);
  }

  #accept(stream: Stream): StreamHandler {
    let held: Buffer = Buffer.alloc(0);
    let peer: Peer | undefined;
    let receive: ((chunk: Buffer) => void) | undefined;
    this.#strangers.add(stream);
    const from = hostPortText(stream.remote.host, stream.remote.port);
    const handshake = this.#host.clock.after(HANDSHAKE_TIMEOUT_MS, () => {
      this.#host.log.warn(
        `election: ${from} did not say who it is within ${HANDSHAKE_TIMEOUT_MS} ms; connection closed`,
      );
      stream.destroy();
    });
    return {
      onData: (chunk) => {
        if (receive !== undefined) {
          receive(chunk);
          return;
        }
        held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
        let initial: ReturnType<typeof decodeInitialMessage>;
        try {
          initial = decodeInitialMessage(held);
        } catch (error) {
          this.#host.log.warn(`election: connection from ${from} closed: ${(error as Error).message}`);
          stream.destroy();
          return;
        }
        if (initial === undefined) return;
        handshake.cancel();
        this.#strangers.delete(stream);
        peer = this.#identify(initial.message.sid, stream, from);
        if (peer === undefined) return;
        receive = this.#receiver(peer, stream);
        this.#keep(peer, stream);
        if (held.length > initial.length) receive(held.subarray(initial.length));
      },
      onClose: () => {
        handshake.cancel();
        this.#strangers.delete(stream);
        if (peer !== undefined) this.#lost(peer, stream);
      },
    };
  }

  /** The peer whose connection this is to be; undefined if it is not kept. */
  #identify(sid: number, stream: Stream, from: string): Peer | undefined {
    const peer = this.#peers.get(sid);
    if (peer === undefined) {
      this.#host.log.warn(
        sid === this.#sid
          ? `election: ${from} says it is server ${sid}, as we are: two servers have the same myid`
          : `election: ${from} says it is server ${sid}, which is not among our servers`,
      );
      stream.destroy();
      return undefined;
    }
    if (sid > this.#sid) return peer;
    // Ours to make. What we have may be half dead: the peer would not have knocked otherwise.
    stream.destroy();
    const old = peer.stream;
    peer.stream = undefined;
    old?.destroy();
    this.#connect(peer);
    return undefined;
  }

  #receiver(peer: Peer, stream: Stream): (chunk: Buffer) => void {
    const frames = new NotificationFrames();
    return (chunk) => {
      if (peer.stream !== stream) return;
      let complete: Buffer[];
      try {
        complete = frames.push(chunk);
      } catch (error) {
        this.#host.log.warn(`election: connection to server ${peer.sid} closed: ${messageOf(error)}`);
        stream.destroy();
        return;
      }
      for (const frame of complete) {
        let notification: Notification;
        try {
          notification = decodeNotification(frame);
        } catch (error) {
          this.#host.log.warn(`election: a message of server ${peer.sid} ignored: ${messageOf(error)}`);
          continue;
        }
        this.#deliver(peer.sid, notification);
      }
    };
  }
}
