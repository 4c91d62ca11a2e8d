/**
 * The server half of a ZooKeeper server: here its rooms meet. The client port (client-port.ts) brings packets, session
 * opening (session-opening.ts) and the order of requests (request-order.ts) decide, and the replica (replica.ts) holds
 * what committed transactions change. How transactions become committed is the Consensus's business. Mirrors
 * org.apache.zookeeper.server.ZooKeeperServer and FinalRequestProcessor.
 *
 * Calling order: create; listen(); the peer restores history (restoreSnapshot, apply...); setServing(mode); apply... ;
 * setServing('looking') when the ensemble is lost; close(). Clients are only served in a serving mode.
 *
 * Watches fire while a transaction is applied, so they are in a client's stream before the reply that makes its effect
 * visible.
 */
import { ByteReader } from '../../base/bytes.js';
import { LabError } from '../../base/errors.js';
import { Driver } from '../../base/machine.js';
import { zxidText } from '../../base/zxid.js';
import type { QuorumPeerConfig } from '../../config/quorum-peer-config.js';
import type { Endpoint, Host } from '../../host/host.js';
import { readConnectRequest } from '../../wire/zookeeper/client/connect.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import { Op, opKind, opLetters } from '../../wire/zookeeper/op.js';
import type { Consensus, ReplicatedServer, Request, Txn } from '../contract.js';
import type { TxnResult } from '../tree/txn-result.js';
import { authenticate } from './authentication.js';
import { ClientPort } from './client-port.js';
import type { PortOwner } from './client-port.js';
import type { ClientConnection } from './connection.js';
import { fourLetterWord } from './four-letter-words.js';
import type { ServerView } from './four-letter-words.js';
import { answerRead } from './reads.js';
import { answerConnectRequest, answerSasl, answerSync, answerWrite, hasMoved } from './replies.js';
import { Replica } from './replica.js';
import { HEADER_BYTES, RequestOrder } from './request-order.js';
import type { ClientRequest, OrderEffect } from './request-order.js';
import { NO_PASSWORD, firstSessionId, sessionPassword, sessionText } from './session-id.js';
import { SessionOpening } from './session-opening.js';
import type { OpeningEffect, OpeningInput } from './session-opening.js';
import { ServerStats } from './stats.js';

export interface ZooKeeperServer extends ReplicatedServer {
  /** Opens the client port. Rejects LabError `ADDRESS_IN_USE` / `ADDRESS_NOT_AVAILABLE`. */
  listen(): Promise<void>;
  /** Closes the client port and every connection. Idempotent. */
  close(): Promise<void>;
  /** Where clients connect, once listening. */
  readonly endpoint: Endpoint | undefined;
  /** What four-letter words show, for tests and status pages. */
  readonly view: ServerView;
}

/** `consensus` is not touched before the first client or `setServing`. */
export function createZooKeeperServer(host: Host, config: QuorumPeerConfig, consensus: Consensus): ZooKeeperServer {
  return new Server(host, config, consensus);
}

class Server implements ZooKeeperServer, PortOwner {
  readonly #host: Host;
  readonly #config: QuorumPeerConfig;
  readonly #consensus: Consensus;
  readonly #replica: Replica;
  readonly #port: ClientPort;
  readonly #opening: SessionOpening<ClientConnection>;
  readonly #openings: Driver<OpeningInput<ClientConnection>, OpeningEffect<ClientConnection>>;
  readonly #stats = new ServerStats();
  readonly #startedMs: number;
  #mode: Consensus['mode'] = 'looking';

  constructor(host: Host, config: QuorumPeerConfig, consensus: Consensus) {
    this.#host = host;
    this.#config = config;
    this.#consensus = consensus;
    this.#startedMs = host.clock.nowMs();
    this.#port = new ClientPort(host, config, this);
    this.#opening = new SessionOpening(config);
    this.#openings = new Driver(this.#opening, {
      clock: host.clock,
      carryOut: (effect) => this.#carryOutOpening(effect),
    });
    this.#replica = new Replica(host, config, {
      expired: (sessionId) => this.#expire(sessionId),
      deleteContainer: (path) => this.#submit(0n, 0, Op.deleteContainer, Buffer.from(path), []),
    });
  }

  // --- what the peer half calls

  get lastProcessedZxid(): bigint {
    return this.#replica.lastZxid;
  }

  prepare(request: Request, zxid: bigint): Txn {
    return this.#replica.prepare(request, zxid);
  }

  apply(txn: Txn): void {
    const result = this.#replica.apply(txn);
    if (this.#replica.tracker !== undefined) this.#stats.proposals.add(txn.bytes.length);
    const { clientId: sessionId, cxid, type: op } = txn.header;
    const connection = this.#opening.speakerOf(sessionId);
    if (connection === undefined) return;
    if (op === Op.createSession) this.#openings.feed({ type: 'created', sessionId });
    else if (connection.requests !== undefined) connection.requests.feed({ type: 'applied', op, cxid, result });
    // Closed before it was answered.
    else if (op === Op.closeSession) this.#port.end(connection);
    else return;
    this.#port.pump(connection);
  }

  syncDone(request: Request): void {
    const connection = this.#opening.speakerOf(request.sessionId);
    if (connection === undefined) return;
    connection.requests?.feed({ type: 'synced', cxid: request.cxid });
    this.#port.pump(connection);
  }

  serializeSnapshot(): Buffer {
    return this.#replica.serializeSnapshot();
  }

  restoreSnapshot(bytes: Buffer, zxid: bigint): void {
    this.#replica.restoreSnapshot(bytes, zxid);
  }

  reset(): void {
    this.#replica.reset();
  }

  setServing(mode: Consensus['mode']): void {
    if (mode === this.#mode) return;
    this.#mode = mode;
    this.#replica.serve(mode);
    if (!this.#serving) {
      this.#openings.feed({ type: 'stopServing' });
      this.#port.destroyAll();
    } else {
      const firstId = firstSessionId(this.#consensus.sid, this.#host.clock.wallMs());
      this.#openings.feed({ type: 'serve', firstSessionId: firstId });
    }
  }

  /** To clients, a leader that does not serve them (leaderServes=no) is like one that looks for its ensemble. */
  get #serving(): boolean {
    return this.#mode !== 'looking' && (this.#mode !== 'leader' || this.#config.leaderServes);
  }

  touchSessions(sessions: ReadonlyMap<bigint, number>): void {
    const { tracker } = this.#replica;
    for (const [sessionId, timeoutMs] of sessions) tracker?.touch(sessionId, timeoutMs);
  }

  takeTouchedSessions(): Map<bigint, number> {
    return this.#replica.takeTouched();
  }

  adoptSession(sessionId: bigint, timeoutMs: number, sid: number): boolean {
    return this.#replica.adopt(sessionId, timeoutMs, sid);
  }

  revalidated(sessionId: bigint, valid: boolean): void {
    this.#openings.feed({ type: 'validated', sessionId, valid });
  }

  // --- what users of the server call

  get endpoint(): Endpoint | undefined {
    return this.#port.endpoint;
  }

  listen(): Promise<void> {
    return this.#port.listen();
  }

  async close(): Promise<void> {
    this.setServing('looking');
    await this.#port.close();
  }

  get view(): ServerView {
    const { tree, sessions, tracker, lastZxid } = this.#replica;
    const { clock } = this.#host;
    return {
      config: this.#config,
      mode: this.#serving ? this.#mode : 'looking',
      tree,
      stats: this.#stats,
      status: this.#consensus.status(),
      connections: this.#port.connections,
      sessions,
      tracker,
      lastZxid,
      sid: this.#consensus.sid,
      nowMs: clock.nowMs(),
      wallMs: clock.wallMs(),
      uptimeMs: clock.nowMs() - this.#startedMs,
    };
  }

  // --- what the client port calls

  packet(connection: ClientConnection, frame: Buffer): void {
    this.#stats.packetsReceived++;
    if (connection.state === 'handshake') this.#handshake(connection, frame);
    else this.#request(connection, frame);
  }

  fourLetterWord(word: string): string {
    this.#stats.packetsReceived++;
    return fourLetterWord(word, this.view, {
      whitelist: this.#config.fourLetterWordWhitelist,
      resetConnections: () => {
        for (const other of this.#port.connections) {
          other.packetsReceived = other.packetsSent = 0;
          other.latency.reset();
        }
      },
      resetServer: () => {
        this.#stats.reset();
        this.#stats.proposals.reset();
      },
    });
  }

  gone(connection: ClientConnection): void {
    const { sessionId } = connection;
    this.#openings.feed({ type: 'gone', client: connection, sessionId });
    connection.requests?.stop();
    connection.order = undefined;
    const { tree } = this.#replica;
    tree.dataWatches.removeAll(connection);
    tree.childWatches.removeAll(connection);
  }

  // --- session opening

  #handshake(connection: ClientConnection, frame: Buffer): void {
    const request = readConnectRequest(new ByteReader(frame));
    const { sessionId, timeOut, lastZxidSeen } = request;
    connection.oldClient = request.readOnly === undefined;
    connection.state = 'opening';
    connection.sessionId = sessionId;
    this.#openings.feed({
      type: 'connectRequest',
      client: connection,
      sessionId,
      passwd: request.passwd ?? NO_PASSWORD,
      timeoutMs: timeOut,
      lastZxidSeen,
      lastZxid: this.#replica.lastZxid,
    });
  }

  #carryOutOpening(effect: OpeningEffect<ClientConnection>): void {
    switch (effect.type) {
      case 'create': {
        const { sessionId, timeoutMs, client } = effect;
        client.sessionId = sessionId;
        this.#replica.tracker?.track(sessionId, timeoutMs);
        const body = Buffer.alloc(4);
        body.writeInt32BE(timeoutMs);
        this.#submit(sessionId, 0, Op.createSession, body, []);
        return;
      }
      case 'validate': {
        const { sessionId, timeoutMs } = effect;
        if (this.#replica.tracker === undefined) this.#consensus.revalidate(sessionId, timeoutMs);
        else this.revalidated(sessionId, this.adoptSession(sessionId, timeoutMs, this.#consensus.sid));
        return;
      }
      case 'accept':
        this.#accept(effect.client, effect.sessionId, effect.timeoutMs, effect.isNew);
        return;
      case 'reject': {
        const { client, sessionId, reason } = effect;
        if (reason === 'wrong password')
          this.#host.log.warn(`${client.address}: wrong password for session ${sessionText(sessionId)}`);
        this.#host.log.info(`session ${sessionText(sessionId)} of ${client.address} is not valid, probably expired`);
        answerConnectRequest(client, 0n, 0, NO_PASSWORD);
        this.#stats.packetsSent++;
        this.#port.end(client);
        return;
      }
      case 'refuse':
        if (effect.reason === 'ahead of us') {
          const [seen, ours] = [zxidText(effect.lastZxidSeen), zxidText(this.#replica.lastZxid)];
          this.#host.log.info(
            `refusing ${effect.client.address}: it has seen zxid ${seen}, ours is ${ours}; it must try another server`,
          );
        }
        this.#port.end(effect.client);
        return;
      case 'drop':
        this.#port.destroy(effect.client);
    }
  }

  #accept(connection: ClientConnection, sessionId: bigint, timeoutMs: number, isNew: boolean): void {
    if (connection.state === 'closed') return;
    connection.state = 'open';
    connection.timeoutMs = timeoutMs;
    const order = new RequestOrder<TxnResult>();
    connection.order = order;
    connection.requests = new Driver(order, {
      // The order sets no timer and does not ask for the time.
      clock: { nowMs: () => connection.lastHeardMs, after: this.#host.clock.after },
      carryOut: (effect) => this.#carryOutRequest(connection, effect),
    });
    answerConnectRequest(connection, sessionId, timeoutMs, sessionPassword(sessionId));
    this.#stats.packetsSent++;
    connection.lastOperation = opLetters(Op.createSession);
    connection.lastXid = 0;
    connection.lastZxid = this.#replica.lastZxid;
    // To the leader's tracker a session that is made or taken up was heard from just now.
    if (this.#replica.tracker === undefined) this.#replica.touch(sessionId, timeoutMs);
    if (isNew) {
      const client = `${connection.address}:${connection.stream.remote.port}`;
      this.#host.emit({ type: 'SessionOpened', session: sessionId, timeoutMs, client });
    }
    this.#port.pump(connection);
  }

  #expire(sessionId: bigint): void {
    const timeoutMs = this.#replica.sessions.get(sessionId) ?? '?';
    this.#host.log.info(`expiring session ${sessionText(sessionId)}, time-out of ${timeoutMs} ms exceeded`);
    this.#host.emit({ type: 'SessionExpired', session: sessionId });
    this.#submit(sessionId, 0, Op.closeSession, Buffer.alloc(0), []);
  }

  // --- requests

  #request(connection: ClientConnection, frame: Buffer): void {
    if (frame.length < HEADER_BYTES)
      throw new LabError('MALFORMED', `malformed bytes: a request of ${frame.length} bytes has no header`);
    const xid = frame.readInt32BE(0);
    const op = frame.readInt32BE(4);
    const kind = opKind(op);
    if (kind === 'connection') {
      const { superDigest } = this.#config;
      const body = frame.subarray(HEADER_BYTES);
      if (op === Op.sasl) answerSasl(connection, xid, body);
      else if (!authenticate(connection, xid, body, superDigest, this.#host.log)) this.#port.end(connection);
      return;
    }
    if (!connection.touched) {
      if (!this.#replica.touch(connection.sessionId, connection.timeoutMs)) return;
      connection.touched = true;
    }
    if (kind === undefined || kind === 'server') {
      this.#host.log.warn(`${connection.address}: request of unknown type ${op}`);
      connection.replyHeader(xid, -1n, ErrorCode.UNIMPLEMENTED);
      this.#port.end(connection);
      return;
    }
    const { identities, lastHeardMs: receivedMs } = connection;
    connection.requests!.feed({ type: 'request', xid, op, frame, identities, receivedMs });
  }

  #carryOutRequest(connection: ClientConnection, effect: OrderEffect<TxnResult>): void {
    if (connection.state === 'closed') return;
    const { lastZxid, tree } = this.#replica;
    switch (effect.type) {
      case 'submit': {
        const { xid, op, frame, identities } = effect.request;
        this.#submit(connection.sessionId, xid, op, frame.subarray(HEADER_BYTES), identities);
        return;
      }
      case 'read':
        answerRead(tree, connection, effect.request, lastZxid);
        this.#answered(connection, effect.request);
        return;
      case 'reply': {
        const { request, result } = effect;
        // That the session has moved to another server is told by closing the connection.
        if (hasMoved(result)) {
          this.#port.end(connection);
          return;
        }
        answerWrite(connection, request, result, lastZxid);
        this.#answered(connection, request);
        if (result.type === Op.closeSession) this.#host.emit({ type: 'SessionClosed', session: connection.sessionId });
        return;
      }
      case 'syncReply':
        answerSync(connection, effect.request, lastZxid);
        this.#answered(connection, effect.request);
        return;
      case 'end':
        this.#port.end(connection);
    }
  }

  #answered(connection: ClientConnection, request: ClientRequest): void {
    const latencyMs = connection.answered(request, this.#host.clock.nowMs(), this.#replica.lastZxid);
    this.#stats.latency.add(latencyMs);
    this.#stats.packetsSent++;
  }

  #submit(sessionId: bigint, cxid: number, op: number, body: Buffer, authInfo: Request['authInfo']): void {
    this.#consensus.submit({ sessionId, cxid, op, body, authInfo, origin: this.#consensus.sid });
  }
}
