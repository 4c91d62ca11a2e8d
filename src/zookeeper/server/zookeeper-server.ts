/**
 * The server half of a ZooKeeper server: client port, sessions, reads, and the replicated state that committed
 * transactions change. How transactions become committed is the Consensus's business. Mirrors
 * org.apache.zookeeper.server.ZooKeeperServer with its NIOServerCnxnFactory, CommitProcessor and FinalRequestProcessor.
 *
 * Calling order: create; listen(); the peer restores history (restoreSnapshot, apply...); setServing(mode); apply... ;
 * setServing('looking') when the ensemble is lost; close(). Clients are only served in a serving mode.
 *
 * Order of a session (CommitProcessor's): a request that needs the ensemble is handed on at once; everything the
 * session sends after it waits until it is applied here, so that a client reads its own writes and gets its replies in
 * order. Watches fire while a transaction is applied, so they are in the stream before the reply that makes its effect
 * visible.
 */
import { ByteReader } from '../../base/bytes.js';
import { LabError, hasCode } from '../../base/errors.js';
import { zxidText } from '../../base/zxid.js';
import type { Endpoint, Host, Listener, Stream, StreamHandler, Timer } from '../../host/host.js';
import { readAuthPacket } from '../../wire/zookeeper/client/auth.js';
import { readConnectRequest, writeConnectResponse } from '../../wire/zookeeper/client/connect.js';
import { writeUstring, readUstring, writeBuffer } from '../../wire/jute/jute.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import { Op } from '../../wire/zookeeper/op.js';
import type { DecodedTxn } from '../../wire/zookeeper/txn/txn.js';
import { decodeTxn, encodeTxn } from '../../wire/zookeeper/txn/txn.js';
import { shortDigest } from '../../wire/zookeeper/txn/short-digest.js';
import type { TxnHeader } from '../../wire/zookeeper/txn/header.js';
import type { QuorumPeerConfig } from '../../config/quorum-peer-config.js';
import type { Consensus, ReplicatedServer, Request, Txn } from '../contract.js';
import { Membership } from '../membership.js';
import { digestIdentity } from '../tree/access.js';
import { DataTree } from '../tree/data-tree.js';
import { RequestPreparer } from '../tree/prepare.js';
import { readSnapshot, writeSnapshot } from '../tree/snapshot.js';
import { ClientConnection } from './connection.js';
import type { ConnectionOwner, PendingRequest } from './connection.js';
import { ContainerSweeper } from './container-sweeper.js';
import { fourLetterWord, isFourLetterWord } from './four-letter-words.js';
import type { ServerView } from './four-letter-words.js';
import { answerRead } from './reads.js';
import { answerWrite, hasMoved } from './replies.js';
import { NO_PASSWORD, firstSessionId, sessionPassword, sessionText } from './session-id.js';
import { SessionTracker } from './session-tracker.js';
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

export interface ZooKeeperServerOptions {
  /** `zookeeper.extendedTypesEnabled`: nodes with a time to live. Apache's default is off. */
  readonly extendedTypes?: boolean;
  /** `zookeeper.DigestAuthenticationProvider.superDigest`: `super:base64(sha1(super:password))`. */
  readonly superDigest?: string;
}

/** `consensus` is not touched before the first client or `setServing`. */
export function createZooKeeperServer(
  host: Host,
  config: QuorumPeerConfig,
  consensus: Consensus,
  options: ZooKeeperServerOptions = {},
): ZooKeeperServer {
  return new Server(host, config, consensus, options);
}

/** A transaction of our own making: its record need not be parsed again. */
class PreparedTransaction implements Txn {
  readonly zxid: bigint;
  readonly header: TxnHeader;
  readonly bytes: Buffer;
  readonly decoded: DecodedTxn;

  constructor(decoded: DecodedTxn) {
    this.zxid = decoded.header.zxid;
    this.header = decoded.header;
    this.bytes = encodeTxn(decoded.header, decoded.record, decoded.digest);
    this.decoded = decoded;
  }
}

/** Connections that never ask for a session. */
const SESSIONLESS_TIMEOUT_MS = 10_000;
/** Requests of one connection that may wait; beyond it the client is not read from (globalOutstandingLimit). */
const MAX_PENDING = 1000;
const HIGH_WATER = 1 << 20;

class Server implements ZooKeeperServer, ConnectionOwner {
  readonly #host: Host;
  readonly #config: QuorumPeerConfig;
  readonly #consensus: Consensus;
  readonly #superDigest: string | undefined;
  readonly #tree: DataTree;
  readonly #stats = new ServerStats();
  /** id -> time-out in milliseconds: what the ensemble has agreed on. */
  #sessions = new Map<bigint, number>();
  #lastZxid = 0n;
  #mode: Consensus['mode'] = 'looking';
  /** Leader and standalone only. */
  #tracker: SessionTracker | undefined;
  readonly #preparer: RequestPreparer;
  readonly #sweeper: ContainerSweeper;
  /** Learner only: heard from since the last PING. */
  #touched = new Map<bigint, number>();
  #nextSessionId = 0n;
  #listener: Listener | undefined;
  readonly #connections = new Set<ClientConnection>();
  readonly #connectionsByAddress = new Map<string, number>();
  readonly #bySession = new Map<bigint, ClientConnection>();
  readonly #revalidating = new Map<bigint, ClientConnection>();
  #dirty: ClientConnection[] = [];
  #idleTimer: Timer | undefined;
  readonly #startedMs: number;

  constructor(host: Host, config: QuorumPeerConfig, consensus: Consensus, options: ZooKeeperServerOptions) {
    this.#host = host;
    this.#config = config;
    this.#consensus = consensus;
    this.#superDigest = options.superDigest;
    this.#startedMs = host.clock.nowMs();
    this.#tree = new DataTree({
      extendedTypes: options.extendedTypes ?? false,
      onEphemeral:
        host.trace === undefined
          ? undefined
          : (change, path, session, zxid) =>
              host.trace?.({
                type: change === 'created' ? 'EphemeralCreated' : 'EphemeralDeleted',
                path,
                session,
                zxid,
              }),
    });
    // The tracker comes and goes with leadership; the preparer only asks while there is one.
    this.#preparer = new RequestPreparer(this.#tree, {
      check: (sessionId, origin) => this.#tracker?.check(sessionId, origin) ?? ErrorCode.SESSIONEXPIRED,
      open: (sessionId, timeoutMs, origin) => this.#tracker?.open(sessionId, timeoutMs, origin),
      closing: (sessionId) => this.#tracker?.closing(sessionId),
    });
    this.#sweeper = new ContainerSweeper(host.clock, this.#tree, (path) =>
      this.#submit(0n, 0, Op.deleteContainer, Buffer.from(path), []),
    );
    this.#setConfigNode();
  }

  // --- ReplicatedServer: what the peer half calls

  get lastProcessedZxid(): bigint {
    return this.#lastZxid;
  }

  prepare(request: Request, zxid: bigint): Txn {
    return new PreparedTransaction(this.#preparer.prepare(request, zxid, BigInt(this.#host.clock.wallMs())));
  }

  apply(txn: Txn): void {
    const { header, record } = txn instanceof PreparedTransaction ? txn.decoded : decodeTxn(txn.bytes);
    const { zxid, clientId } = header;
    if (record.kind === 'createSession') {
      this.#sessions.set(clientId, record.txn.timeOut);
      if (this.#tracker !== undefined && !this.#tracker.isAlive(clientId))
        this.#tracker.track(clientId, record.txn.timeOut);
    } else if (record.kind === 'closeSession') {
      this.#sessions.delete(clientId);
      this.#touched.delete(clientId);
      this.#tracker?.remove(clientId);
    }
    const result = this.#tree.apply(header, record);
    this.#lastZxid = zxid;
    if (this.#tracker !== undefined) {
      this.#preparer.applied(zxid);
      this.#stats.proposals.add(txn.bytes.length);
    }
    if (this.#host.trace !== undefined) {
      this.#host.trace({ type: 'TxnCommitted', zxid, digest: shortDigest(txn.bytes) });
      if (record.kind === 'closeSession') this.#host.trace({ type: 'SessionEndedAt', session: clientId, zxid });
    }

    const connection = this.#bySession.get(clientId);
    if (connection === undefined) return;
    if (record.kind === 'createSession') {
      if (connection.state === 'opening' && connection.newSession) this.#finishOpening(connection, true);
      return;
    }
    const head = connection.pending[0];
    const isReply =
      head !== undefined &&
      head.submitted &&
      head.xid === header.cxid &&
      (head.op === header.type || header.type === Op.error);
    if (record.kind === 'closeSession') {
      if (isReply) {
        this.#answered(connection, head, answerWrite(connection, head, result, zxid), 'CLOS');
        this.#host.emit({ type: 'SessionClosed', session: clientId });
      }
      this.#end(connection);
      return;
    }
    if (!isReply) return;
    connection.pending.shift();
    if (hasMoved(result)) {
      this.#end(connection);
      return;
    }
    this.#answered(connection, head, answerWrite(connection, head, result, zxid), operationName(head.op));
    this.#pump(connection);
  }

  syncDone(request: Request): void {
    const connection = this.#bySession.get(request.sessionId);
    const head = connection?.pending[0];
    if (connection === undefined || head === undefined || head.op !== Op.sync || head.xid !== request.cxid) return;
    connection.pending.shift();
    const at = connection.mark;
    let err: number = ErrorCode.OK;
    try {
      const path = readUstring(new ByteReader(head.body));
      writeUstring(connection.begin().i32(head.xid).i64(this.#lastZxid).i32(ErrorCode.OK), path);
      connection.finish(at);
    } catch (error) {
      if (!hasCode(error, 'MALFORMED')) throw error;
      err = ErrorCode.MARSHALLINGERROR;
      connection.replyHeader(head.xid, this.#lastZxid, err);
    }
    this.#answered(connection, head, err, 'SYNC');
    this.#pump(connection);
  }

  serializeSnapshot(): Buffer {
    return writeSnapshot(this.#tree, this.#sessions);
  }

  restoreSnapshot(bytes: Buffer, zxid: bigint): void {
    this.reset();
    this.#sessions = readSnapshot(this.#tree, bytes);
    this.#setConfigNode();
    this.#lastZxid = zxid;
    if (this.#host.trace !== undefined) {
      for (const [session, paths] of this.#tree.ephemerals) {
        for (const path of paths) this.#host.trace({ type: 'EphemeralCreated', path, session, zxid });
      }
    }
  }

  reset(): void {
    this.#tree.clear();
    this.#sessions = new Map();
    this.#preparer.clear();
    this.#lastZxid = 0n;
    this.#setConfigNode();
  }

  setServing(mode: Consensus['mode']): void {
    if (mode === this.#mode) return;
    this.#mode = mode;
    this.#tracker?.stop();
    this.#tracker = undefined;
    this.#sweeper.stop();
    this.#preparer.clear();
    this.#touched = new Map();
    if (mode === 'looking') {
      for (const connection of [...this.#connections]) this.#destroy(connection);
      return;
    }
    const first = firstSessionId(this.#consensus.sid, this.#host.clock.wallMs());
    // Never the same twice, also if the clock has gone back.
    if (BigInt.asUintN(64, first) > BigInt.asUintN(64, this.#nextSessionId)) this.#nextSessionId = first;
    if (mode === 'leader' || mode === 'standalone') {
      this.#tracker = new SessionTracker(this.#host.clock, this.#config.tickTimeMs, (sessionId) =>
        this.#expire(sessionId),
      );
      for (const [sessionId, timeoutMs] of this.#sessions) this.#tracker.track(sessionId, timeoutMs);
      this.#sweeper.start();
    }
  }

  touchSessions(sessions: ReadonlyMap<bigint, number>): void {
    for (const [sessionId, timeoutMs] of sessions) this.#tracker?.touch(sessionId, timeoutMs);
  }

  takeTouchedSessions(): Map<bigint, number> {
    const touched = this.#touched;
    this.#touched = new Map();
    return touched;
  }

  adoptSession(sessionId: bigint, timeoutMs: number, sid: number): boolean {
    return (
      this.#tracker !== undefined && this.#tracker.touch(sessionId, timeoutMs) && this.#tracker.setOwner(sessionId, sid)
    );
  }

  revalidated(sessionId: bigint, valid: boolean): void {
    const connection = this.#revalidating.get(sessionId);
    if (connection === undefined) return;
    this.#revalidating.delete(sessionId);
    if (connection.state !== 'opening') return;
    if (valid) this.#takeOver(connection);
    this.#finishOpening(connection, valid);
  }

  // --- the client port

  /** To clients, a leader that does not serve them (leaderServes=no) is like one that looks for its ensemble. */
  get #serving(): boolean {
    return this.#mode !== 'looking' && (this.#mode !== 'leader' || this.#config.leaderServes);
  }

  get endpoint(): Endpoint | undefined {
    return this.#listener?.endpoint;
  }

  get view(): ServerView {
    return {
      config: this.#config,
      mode: this.#serving ? this.#mode : 'looking',
      tree: this.#tree,
      stats: this.#stats,
      status: this.#consensus.status(),
      connections: this.#connections,
      sessions: this.#sessions,
      tracker: this.#tracker,
      lastZxid: this.#lastZxid,
      sid: this.#consensus.sid,
      nowMs: this.#host.clock.nowMs(),
      wallMs: this.#host.clock.wallMs(),
      uptimeMs: this.#host.clock.nowMs() - this.#startedMs,
    };
  }

  async listen(): Promise<void> {
    // A zoo.cfg without a client port makes a server that takes no clients.
    if (this.#listener !== undefined || this.#config.client === undefined) return;
    this.#listener = await this.#host.net.listen(this.#config.client, (stream) => this.#accept(stream));
    const tick = Math.max(100, Math.min(this.#config.tickTimeMs, 1000));
    this.#idleTimer = this.#host.clock.every(tick, () => this.#closeIdle());
  }

  async close(): Promise<void> {
    this.setServing('looking');
    for (const connection of [...this.#connections]) this.#destroy(connection);
    this.#idleTimer?.cancel();
    this.#idleTimer = undefined;
    const listener = this.#listener;
    this.#listener = undefined;
    await listener?.close();
  }

  #accept(stream: Stream): StreamHandler {
    const address = stream.remote.host;
    const count = this.#connectionsByAddress.get(address) ?? 0;
    const { maxClientCnxns } = this.#config;
    if (maxClientCnxns > 0 && count >= maxClientCnxns) {
      this.#host.log.warn(`too many connections from ${address}: the limit (maxClientCnxns) is ${maxClientCnxns}`);
      stream.destroy();
      return { onData() {}, onClose() {} };
    }
    this.#connectionsByAddress.set(address, count + 1);
    const { clock } = this.#host;
    const connection = new ClientConnection(this, stream, {
      maxFrame: this.#config.juteMaxBuffer,
      nowMs: clock.nowMs(),
      wallMs: clock.wallMs(),
      timeoutMs: SESSIONLESS_TIMEOUT_MS,
    });
    this.#connections.add(connection);
    return {
      onData: (chunk) => {
        if (connection.state === 'closed') return;
        connection.frames.push(chunk);
        connection.lastHeardMs = clock.nowMs();
        this.#pump(connection);
      },
      onDrain: () => {
        this.#pump(connection);
      },
      onClose: () => this.#forget(connection),
    };
  }

  /** Handles what has come, as far as it may be handled now; what a peer sends never throws beyond this. */
  #pump(connection: ClientConnection): void {
    // A request that is committed on the spot brings us here again: the loop below goes on with what it has made
    // possible.
    if (connection.pumping) return;
    connection.pumping = true;
    try {
      for (;;) {
        this.#answerWaiting(connection);
        if (!this.#mayRead(connection)) break;
        if (connection.state === 'handshake' && this.#fourLetterWord(connection)) return;
        const frame = connection.frames.next();
        if (frame === undefined) break;
        this.#stats.packetsReceived++;
        connection.packetsReceived++;
        if (connection.state === 'handshake') this.#handshake(connection, frame);
        else this.#request(connection, frame);
      }
    } catch (error) {
      if (!hasCode(error, 'MALFORMED')) throw error;
      const session = connection.sessionId === 0n ? '' : `, session ${sessionText(connection.sessionId)}`;
      const { host, port } = connection.stream.remote;
      this.#host.log.warn(`closing the connection of ${host}:${port}${session}: ${error.message}`);
      this.#end(connection);
    } finally {
      connection.pumping = false;
    }
  }

  #mayRead(connection: ClientConnection): boolean {
    if (connection.state === 'closed') return false;
    const wait =
      connection.state === 'opening' ||
      connection.pending.length >= MAX_PENDING ||
      connection.stream.queuedBytes > HIGH_WATER;
    if (wait !== connection.paused) {
      connection.paused = wait;
      if (wait) connection.stream.pause();
      else connection.stream.resume();
    }
    return !wait;
  }

  /** Reads that waited for a write of the same session which is now done. */
  #answerWaiting(connection: ClientConnection): void {
    const { pending } = connection;
    while (pending.length > 0 && !pending[0]!.submitted && connection.state === 'open')
      this.#read(connection, pending.shift()!);
  }

  #request(connection: ClientConnection, frame: Buffer): void {
    const r = new ByteReader(frame);
    const xid = r.i32();
    const op = r.i32();
    const body = frame.subarray(8);
    if (op === Op.auth) {
      this.#authenticate(connection, xid, body);
      return;
    }
    if (op === Op.sasl) {
      // As a server without a JAAS section: it has nothing to say, and the client stays who it was.
      const at = connection.mark;
      writeBuffer(connection.begin().i32(xid).i64(0n).i32(ErrorCode.OK), null);
      connection.finish(at);
      return;
    }
    if (!this.#touch(connection)) return;
    const kind = kindOf(op);
    if (kind === 'unknown') {
      this.#host.log.warn(`${connection.address}: request of unknown type ${op}`);
      connection.replyHeader(xid, -1n, ErrorCode.UNIMPLEMENTED);
      this.#end(connection);
      return;
    }
    const submitted = kind === 'ensemble';
    const request: PendingRequest = {
      xid,
      op,
      body,
      identities: connection.identities,
      receivedMs: connection.lastHeardMs,
      submitted,
    };
    if (submitted) {
      connection.pending.push(request);
      this.#submit(connection.sessionId, xid, op, body, request.identities);
    } else if (connection.pending.length > 0) {
      connection.pending.push(request);
    } else {
      this.#read(connection, request);
    }
  }

  #read(connection: ClientConnection, request: PendingRequest): void {
    this.#answered(
      connection,
      request,
      answerRead(this.#tree, connection, request, this.#lastZxid),
      operationName(request.op),
    );
  }

  #answered(connection: ClientConnection, request: PendingRequest, err: number, operation: string): void {
    const nowMs = this.#host.clock.nowMs();
    const latencyMs = nowMs - request.receivedMs;
    this.#stats.latency.add(latencyMs);
    this.#stats.packetsSent++;
    connection.latency.add(latencyMs);
    connection.lastOperation = operation;
    connection.lastXid = request.xid;
    connection.lastZxid = this.#lastZxid;
    connection.lastResponseMs = nowMs;
    connection.lastLatencyMs = Math.floor(latencyMs);
  }

  #submit(sessionId: bigint, cxid: number, op: number, body: Buffer, authInfo: Request['authInfo']): void {
    this.#consensus.submit({ sessionId, cxid, op, body, authInfo, origin: this.#consensus.sid });
  }

  /** False: the session is over or about to be, and what it sends is dropped. */
  #touch(connection: ClientConnection): boolean {
    const { sessionId, timeoutMs } = connection;
    if (this.#tracker !== undefined) return this.#tracker.touch(sessionId, timeoutMs);
    this.#touched.set(sessionId, timeoutMs);
    return true;
  }

  #authenticate(connection: ClientConnection, xid: number, body: Buffer): void {
    const { scheme, auth } = readAuthPacket(new ByteReader(body));
    if (scheme === 'digest') {
      const id = digestIdentity((auth ?? Buffer.alloc(0)).toString('utf8'));
      if (id === this.#superDigest) connection.addIdentity({ scheme: 'super', id: '' });
      connection.addIdentity({ scheme: 'digest', id });
    } else if (scheme === 'ip') {
      connection.addIdentity({ scheme: 'ip', id: connection.address });
    } else {
      this.#host.log.warn(`${connection.address}: no authentication provider for scheme ${JSON.stringify(scheme)}`);
      connection.replyHeader(xid, 0n, ErrorCode.AUTHFAILED);
      this.#end(connection);
      return;
    }
    connection.replyHeader(xid, 0n, ErrorCode.OK);
  }

  // --- handshake

  #handshake(connection: ClientConnection, frame: Buffer): void {
    if (!this.#serving) {
      this.#end(connection);
      return;
    }
    const request = readConnectRequest(new ByteReader(frame));
    connection.oldClient = request.readOnly === undefined;
    if (request.lastZxidSeen > this.#lastZxid) {
      this.#host.log.info(
        `refusing ${connection.address}: it has seen zxid ${zxidText(request.lastZxidSeen)}, ours is ` +
          `${zxidText(this.#lastZxid)}; ` +
          'it must try another server',
      );
      this.#end(connection);
      return;
    }
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#config;
    connection.timeoutMs = Math.min(Math.max(request.timeOut, minSessionTimeoutMs), maxSessionTimeoutMs);
    connection.state = 'opening';
    if (request.sessionId === 0n) this.#openSession(connection);
    else this.#reopenSession(connection, request.sessionId, request.passwd ?? NO_PASSWORD);
  }

  #openSession(connection: ClientConnection): void {
    const sessionId = this.#nextSessionId;
    this.#nextSessionId = BigInt.asIntN(64, sessionId + 1n);
    connection.sessionId = sessionId;
    connection.newSession = true;
    this.#bySession.set(sessionId, connection);
    this.#tracker?.track(sessionId, connection.timeoutMs);
    const body = Buffer.alloc(4);
    body.writeInt32BE(connection.timeoutMs);
    this.#submit(sessionId, 0, Op.createSession, body, []);
  }

  #reopenSession(connection: ClientConnection, sessionId: bigint, password: Buffer): void {
    connection.sessionId = sessionId;
    if (!sessionPassword(sessionId).equals(password)) {
      this.#host.log.warn(`${connection.address}: wrong password for session ${sessionText(sessionId)}`);
      this.#finishOpening(connection, false);
      return;
    }
    if (this.#tracker === undefined) {
      this.#revalidating.set(sessionId, connection);
      this.#consensus.revalidate(sessionId, connection.timeoutMs);
      return;
    }
    const valid = this.adoptSession(sessionId, connection.timeoutMs, this.#consensus.sid);
    if (valid) this.#takeOver(connection);
    this.#finishOpening(connection, valid);
  }

  /** The session is this connection's from now on; an older one of the same client goes. */
  #takeOver(connection: ClientConnection): void {
    const older = this.#bySession.get(connection.sessionId);
    if (older !== undefined && older !== connection) this.#destroy(older);
    this.#bySession.set(connection.sessionId, connection);
  }

  #finishOpening(connection: ClientConnection, valid: boolean): void {
    const { sessionId, timeoutMs } = connection;
    connection.state = 'open';
    const at = connection.mark;
    writeConnectResponse(connection.begin(), {
      protocolVersion: 0,
      timeOut: valid ? timeoutMs : 0,
      sessionId: valid ? sessionId : 0n,
      passwd: valid ? sessionPassword(sessionId) : NO_PASSWORD,
      readOnly: connection.oldClient ? undefined : false,
    });
    connection.finish(at);
    this.#stats.packetsSent++;
    if (!valid) {
      this.#host.log.info(`session ${sessionText(sessionId)} of ${connection.address} is not valid, probably expired`);
      this.#end(connection);
      return;
    }
    connection.lastOperation = 'SESS';
    connection.lastXid = 0;
    connection.lastZxid = this.#lastZxid;
    if (this.#tracker === undefined) this.#touched.set(sessionId, timeoutMs);
    if (connection.newSession) {
      const client = `${connection.address}:${connection.stream.remote.port}`;
      this.#host.emit({ type: 'SessionOpened', session: sessionId, timeoutMs, client });
    }
    this.#pump(connection);
  }

  #expire(sessionId: bigint): void {
    this.#host.log.info(
      `expiring session ${sessionText(sessionId)}, time-out of ${this.#sessions.get(sessionId) ?? '?'} ms exceeded`,
    );
    this.#host.emit({ type: 'SessionExpired', session: sessionId });
    this.#submit(sessionId, 0, Op.closeSession, Buffer.alloc(0), []);
  }

  // --- four-letter words

  /** True: the connection was for one; it is answered and over. */
  #fourLetterWord(connection: ClientConnection): boolean {
    const head = connection.frames.peekWord();
    if (head === undefined || !isFourLetterWord(head)) return false;
    this.#stats.packetsReceived++;
    const word = head.toString('latin1');
    const answer = fourLetterWord(word, this.view, {
      whitelist: this.#config.fourLetterWordWhitelist,
      resetConnections: () => {
        for (const other of this.#connections) {
          other.packetsReceived = other.packetsSent = 0;
          other.latency.reset();
        }
      },
      resetServer: () => {
        this.#stats.reset();
        this.#stats.proposals.reset();
      },
    });
    connection.writeText(answer);
    this.#end(connection);
    return true;
  }

  // --- the end of connections

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
  #end(connection: ClientConnection): void {
    if (connection.state === 'closed') return;
    connection.flush();
    connection.state = 'closed';
    connection.stream.end();
    this.#release(connection);
  }

  #destroy(connection: ClientConnection): void {
    if (connection.state === 'closed') return;
    connection.state = 'closed';
    connection.stream.destroy();
    this.#release(connection);
  }

  #forget(connection: ClientConnection): void {
    connection.state = 'closed';
    this.#release(connection);
    if (!this.#connections.delete(connection)) return;
    const count = (this.#connectionsByAddress.get(connection.address) ?? 1) - 1;
    if (count === 0) this.#connectionsByAddress.delete(connection.address);
    else this.#connectionsByAddress.set(connection.address, count);
  }

  /** Nothing of the session comes this way any more; the stream itself may linger until the network lets go. */
  #release(connection: ClientConnection): void {
    const { sessionId } = connection;
    if (this.#bySession.get(sessionId) === connection) this.#bySession.delete(sessionId);
    if (this.#revalidating.get(sessionId) === connection) this.#revalidating.delete(sessionId);
    connection.pending.length = 0;
    this.#tree.dataWatches.removeAll(connection);
    this.#tree.childWatches.removeAll(connection);
  }

  /** The connection, not the session: that is for the leader to decide. */
  #closeIdle(): void {
    const nowMs = this.#host.clock.nowMs();
    for (const connection of [...this.#connections]) {
      if (connection.state === 'closed' || connection.paused) continue;
      if (nowMs - connection.lastHeardMs > connection.timeoutMs) this.#destroy(connection);
    }
  }

  #setConfigNode(): void {
    if (this.#config.mode === 'quorum')
      this.#tree.setConfig(new Membership(this.#config.servers).text(0n), BigInt(this.#host.clock.wallMs()));
  }
}

/** ensemble: needs a transaction or a round through the leader. */
function kindOf(op: number): 'ensemble' | 'local' | 'unknown' {
  switch (op) {
    case Op.create:
    case Op.create2:
    case Op.createContainer:
    case Op.createTTL:
    case Op.delete:
    case Op.setData:
    case Op.setACL:
    case Op.multi:
    case Op.reconfig:
    case Op.sync:
    case Op.closeSession:
      return 'ensemble';
    case Op.exists:
    case Op.getData:
    case Op.getACL:
    case Op.getChildren:
    case Op.getChildren2:
    case Op.getAllChildrenNumber:
    case Op.getEphemerals:
    case Op.ping:
    case Op.multiRead:
    case Op.setWatches:
    case Op.setWatches2:
    case Op.addWatch:
    case Op.checkWatches:
    case Op.removeWatches:
    case Op.whoAmI:
    // Outside a multi: answered with UNIMPLEMENTED, since a transaction of its type could be read by no server.
    case Op.check:
      return 'local';
    default:
      return 'unknown';
  }
}

const names = new Map<number, string>([
  [Op.create, 'CREA'],
  [Op.create2, 'CREA'],
  [Op.createContainer, 'CREA'],
  [Op.createTTL, 'CREA'],
  [Op.delete, 'DELE'],
  [Op.setData, 'SETD'],
  [Op.setACL, 'SETA'],
  [Op.multi, 'MULT'],
  [Op.multiRead, 'MLTR'],
  [Op.reconfig, 'RECO'],
  [Op.sync, 'SYNC'],
  [Op.closeSession, 'CLOS'],
  [Op.exists, 'EXIS'],
  [Op.getData, 'GETD'],
  [Op.getACL, 'GETA'],
  [Op.getChildren, 'GETC'],
  [Op.getChildren2, 'GETC'],
  [Op.getAllChildrenNumber, 'GETACN'],
  [Op.getEphemerals, 'GETE'],
  [Op.ping, 'PING'],
  [Op.setWatches, 'SETW'],
  [Op.setWatches2, 'STW2'],
  [Op.addWatch, 'ADDW'],
  [Op.checkWatches, 'CHKW'],
  [Op.removeWatches, 'REMW'],
  [Op.whoAmI, 'HOMI'],
  [Op.check, 'CHEC'],
]);

/** As `cons` prints the last operation. */
function operationName(op: number): string {
  return names.get(op) ?? 'NA';
}
