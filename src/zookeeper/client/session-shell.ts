/**
 * The shell around a client's session (session.ts): it numbers requests, matches replies (which come in
 * order), keeps watches, and hands results to callbacks. Which requests there are is left to
 * connection.ts. Mirrors org.apache.zookeeper.ClientCnxn.
 *
 * Calling order: `new`, `start()`, calls at any time (they wait for a server), `close()`. Session events go to
 * `onEvent`, after the callbacks of the requests that the same happening ended.
 */
import { ByteWriter } from '../../base/bytes.js';
import type { ByteReader } from '../../base/bytes.js';
import { Driver } from '../../base/machine.js';
import type { Carried } from '../../base/machine.js';
import type { Endpoint, Host } from '../../host/host.js';
import { writeAuthPacket } from '../../wire/zookeeper/client/auth.js';
import { readConnectResponse, writeConnectRequest } from '../../wire/zookeeper/client/connect.js';
import { Xid } from '../../wire/zookeeper/client/modes.js';
import { writeSetWatches } from '../../wire/zookeeper/client/set-watches.js';
import { writeSetWatches2 } from '../../wire/zookeeper/client/set-watches2.js';
import { readWatcherEvent } from '../../wire/zookeeper/client/watcher-event.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import { Op } from '../../wire/zookeeper/op.js';
import { parseConnectString, shuffled } from './connect-string.js';
import type { ConnectionOptions } from './connect-string.js';
import { Chroot } from './chroot.js';
import { Credentials } from './credentials.js';
import type { Credential } from './credentials.js';
import { PacketQueue } from './packet-queue.js';
import type { Callback, Packet } from './packet-queue.js';
import { ServerFault, ServerStream } from './server-stream.js';
import { Session } from './session.js';
import type { SessionEffect, SessionEvent, SessionInput } from './session.js';
import { WatchRegistry } from './watches.js';
import type { WatchKind, Watcher } from './watches.js';

const HEARD: SessionInput = { type: 'heard' };
const SENT: SessionInput = { type: 'sent' };

export class SessionShell {
  protected readonly watches = new WatchRegistry();
  protected readonly chroot: Chroot;
  readonly #host: Host;
  readonly #session: Session;
  readonly #driver: Driver<SessionInput, SessionEffect>;
  readonly #onEvent: (state: SessionEvent) => void;
  readonly #credentials: Credentials;
  readonly #maxPacketBytes: number | undefined;

  #stream: ServerStream | undefined;
  #handshaking = false;

  /** Encoded and not yet written: to the stream at the end of the turn if primed, else when the next server stands. */
  readonly #out = new ByteWriter(4096);
  #frameStart = 0;
  /** The frame being written belongs to a request that has failed already. */
  #discard = false;
  /** The server has been told all that it must know before it gets requests. */
  #primed = false;
  #flushAsked = false;
  readonly #sent = new PacketQueue();
  readonly #waiting = new PacketQueue();
  #xid = 0;
  #zxidHigh = 0;
  #zxidLow = 0;

  /** Throws LabError `BAD_CONFIG` for a connect string that does not parse. */
  constructor(host: Host, options: ConnectionOptions) {
    const { servers, chroot } = parseConnectString(options.connectString);
    this.#host = host;
    this.chroot = new Chroot(chroot);
    this.#session = new Session(shuffled(servers, host.random), options.sessionTimeoutMs);
    this.#driver = new Driver(this.#session, {
      clock: host.clock,
      random: host.random,
      carryOut: (effect) => this.#carryOut(effect),
    });
    this.#onEvent = options.onEvent ?? (() => {});
    this.#credentials = new Credentials(options.auth ?? []);
    this.#maxPacketBytes = options.maxPacketBytes;
  }

  get sessionId(): bigint {
    return this.#session.sessionId;
  }

  /** Negotiated; before that, the one asked for. Milliseconds. */
  get sessionTimeoutMs(): number {
    return this.#session.timeoutMs;
  }

  get connected(): boolean {
    return this.#session.state === 'connected';
  }

  /** No server will ever be asked again: closed, expired, or credentials refused. */
  get over(): boolean {
    return this.#session.over;
  }

  /** `host:port` of the server that serves this session, if one does. */
  get server(): string | undefined {
    const server = this.#session.server;
    return this.connected && server !== undefined ? `${server.host}:${server.port}` : undefined;
  }

  /** The highest zxid seen in an answer. */
  get lastZxid(): bigint {
    return (BigInt(this.#zxidHigh) << 32n) | BigInt(this.#zxidLow >>> 0);
  }

  /** Requests sent or waiting and not answered. */
  get outstanding(): number {
    return this.#sent.size + this.#waiting.size;
  }

  start(): void {
    this.#driver.feed({ type: 'start' });
  }

  /**
   * Ends the session on the server if one is reached; `onEvent('Closed')` follows, within the read time-out at most.
   */
  close(): void {
    this.#flush();
    this.#driver.feed({ type: 'close' });
  }

  /**
   * Adds credentials to this and every later connection of the session. Refused ones end the session (`AuthFailed`).
   */
  addAuth(scheme: string, auth: Buffer, callback: Callback<void> = () => {}): void {
    if (this.#session.over) {
      const code = this.#session.failureCode;
      this.#host.clock.soon(() => callback(code, undefined));
      return;
    }
    const credential = this.#credentials.add(scheme, auth, callback);
    if (this.#primed) this.#writeAuth(credential);
  }

  // --- requests out

  /** Begins a request's frame; the caller writes the record and calls `seal`. */
  protected open<T>(
    op: number,
    path: string | undefined,
    decode: ((r: ByteReader) => T) | undefined,
    callback: Callback<T>,
    watcher?: Watcher,
    watchKind?: WatchKind,
  ): ByteWriter {
    this.#nextXid();
    const packet: Packet = {
      xid: this.#xid,
      path,
      decode,
      callback: callback as Callback<unknown>,
      watcher,
      watchKind,
    };
    if (this.#session.over || this.#session.state === 'closing') {
      const code = this.#session.failureCode;
      this.#host.clock.soon(() => callback(code, undefined));
      this.#discard = true;
    } else if (this.#primed) {
      this.#sent.push(packet);
    } else {
      this.#waiting.push(packet);
    }
    return this.#begin(this.#xid, op);
  }

  #nextXid(): void {
    this.#xid = this.#xid === 0x7fffffff ? 1 : this.#xid + 1;
  }

  #begin(xid: number, op: number): ByteWriter {
    const w = this.#discard ? new ByteWriter(64) : this.#out;
    this.#frameStart = w.length;
    return w.i32(0).i32(xid).i32(op);
  }

  protected seal(): void {
    if (this.#discard) {
      this.#discard = false;
      return;
    }
    this.#out.patchI32(this.#frameStart, this.#out.length - this.#frameStart - 4);
    if (this.#primed) this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#flushAsked) return;
    this.#flushAsked = true;
    this.#host.clock.soon(this.#flushNow);
  }

  readonly #flushNow = (): void => {
    this.#flushAsked = false;
    this.#flush();
  };

  #flush(): void {
    if (!this.#primed || this.#stream === undefined || this.#out.length === 0) return;
    this.#stream.write(this.#out.take());
    this.#driver.feed(SENT);
  }

  #writeAuth(credential: Credential): void {
    this.#credentials.sent(credential);
    const w = this.#begin(Xid.auth, Op.auth);
    writeAuthPacket(w, { type: 0, scheme: credential.scheme, auth: credential.auth });
    this.seal();
  }

  /** Everything a server must know before it gets requests, then those that waited. */
  #prime(): void {
    const waiting = this.#out.length > 0 ? this.#out.take() : undefined;
    this.#primed = true;
    for (const credential of this.#credentials.all) this.#writeAuth(credential);
    this.#writeSetWatches();
    if (waiting !== undefined) this.#out.bytes(waiting);
    this.#waiting.moveTo(this.#sent);
    this.#flush();
  }

  #writeSetWatches(): void {
    const relativeZxid = this.lastZxid;
    for (const paths of this.watches.chunks(this.chroot)) {
      const plain = { relativeZxid, dataWatches: paths.data, existWatches: paths.exist, childWatches: paths.child };
      const { persistent: persistentWatches, persistentRecursive: persistentRecursiveWatches } = paths;
      if (persistentWatches.length + persistentRecursiveWatches.length === 0) {
        writeSetWatches(this.#begin(Xid.setWatches, Op.setWatches), plain);
      } else {
        const w = this.#begin(Xid.setWatches, Op.setWatches2);
        writeSetWatches2(w, { ...plain, persistentWatches, persistentRecursiveWatches });
      }
      this.seal();
    }
  }

  // --- what the session decides

  #carryOut(effect: Carried<SessionEffect>): void {
    switch (effect.type) {
      case 'connect':
        this.#connect(effect.endpoint, effect.timeoutMs);
        break;
      case 'sendHandshake': {
        const { sessionId, passwd, timeoutMs: timeOut } = effect;
        const w = new ByteWriter(64).i32(0);
        const lastZxidSeen = this.lastZxid;
        writeConnectRequest(w, { protocolVersion: 0, lastZxidSeen, timeOut, sessionId, passwd, readOnly: false });
        this.#handshaking = true;
        this.#stream?.write(w.patchI32(0, w.length - 4).take());
        break;
      }
      case 'prime':
        this.#prime();
        break;
      case 'sendPing':
        this.#begin(Xid.ping, Op.ping);
        this.seal();
        this.#flush();
        break;
      case 'sendClose':
        this.#sendClose();
        break;
      case 'dropStream':
        this.#dropStream();
        break;
      case 'failSent':
        this.#fail(this.#sent, effect.code);
        break;
      case 'failWaiting':
        this.#out.take();
        this.#fail(this.#waiting, effect.code);
        break;
      case 'event':
        this.#onEvent(effect.state);
        break;
      case 'log':
        this.#host.log[effect.level](effect.message);
        break;
    }
  }

  #sendClose(): void {
    this.#nextXid();
    this.#sent.push({
      xid: this.#xid,
      path: undefined,
      decode: undefined,
      watcher: undefined,
      watchKind: undefined,
      callback: () => this.#driver.feed({ type: 'closeReplied' }),
    });
    this.#begin(this.#xid, Op.closeSession);
    this.seal();
    this.#flush();
  }

  #fail(queue: PacketQueue, code: number): void {
    for (const packet of queue.takeAll()) packet.callback(code, undefined);
    if (this.#session.over) this.#credentials.fail(code);
  }

  // --- the stream

  #connect(endpoint: Endpoint, timeoutMs: number): void {
    this.#stream = new ServerStream(
      this.#host,
      endpoint,
      { timeoutMs, maxFrameBytes: this.#maxPacketBytes },
      {
        opened: () => this.#driver.feed({ type: 'opened' }),
        heard: () => this.#driver.feed(HEARD),
        frame: (r) => this.#frame(r),
        lost: (reason) => this.#driver.feed({ type: 'lost', reason }),
      },
    );
  }

  #dropStream(): void {
    // What was encoded for the old server and not written belongs to requests that fail with it.
    if (this.#primed) this.#out.take();
    this.#primed = false;
    this.#handshaking = false;
    this.#credentials.connectionLost();
    this.#stream?.drop();
    this.#stream = undefined;
  }

  #frame(r: ByteReader): void {
    if (this.#handshaking) {
      this.#handshaking = false;
      const answer = readConnectResponse(r);
      this.#driver.feed({
        type: 'handshaken',
        timeoutMs: answer.timeOut,
        sessionId: answer.sessionId,
        passwd: answer.passwd ?? Buffer.alloc(16),
      });
      return;
    }
    const xid = r.i32();
    const zxidHigh = r.i32();
    const zxidLow = r.i32();
    const code = r.i32();
    if (xid > 0) {
      const packet = this.#sent.shift();
      if (packet === undefined || packet.xid !== xid) {
        if (packet !== undefined) this.#sent.unshift(packet);
        throw new ServerFault(`answered request ${xid} where ${packet === undefined ? 'none' : packet.xid} was due`);
      }
      this.#seen(zxidHigh, zxidLow);
      this.#finish(packet, code, r);
      return;
    }
    switch (xid) {
      case Xid.notification:
        this.watches.notify(readWatcherEvent(r), this.chroot);
        return;
      case Xid.ping:
        return;
      case Xid.setWatches:
        return;
      case Xid.auth:
        this.#credentials.answered(code);
        if (code === ErrorCode.AUTHFAILED) this.#driver.feed({ type: 'authRejected' });
        return;
      default:
        throw new ServerFault(`sent an answer with xid ${xid}`);
    }
  }

  #seen(high: number, low: number): void {
    if (high < 0 || (high === 0 && low === 0)) return;
    this.#zxidHigh = high;
    this.#zxidLow = low;
    if (this.#host.trace !== undefined)
      this.#host.trace({ type: 'ReplyRead', session: this.sessionId, zxid: this.lastZxid });
  }

  #finish(packet: Packet, code: number, r: ByteReader): void {
    if (packet.watcher !== undefined) this.watches.answered(packet.watchKind!, packet.path!, packet.watcher, code);
    let result: unknown;
    if (code === ErrorCode.OK && packet.decode !== undefined) {
      try {
        result = packet.decode(r);
      } catch (error) {
        packet.callback(ErrorCode.MARSHALLINGERROR, undefined);
        throw error;
      }
    }
    packet.callback(code, result);
  }
}
