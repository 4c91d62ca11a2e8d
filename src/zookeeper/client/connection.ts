/**
 * A client's connection to a ZooKeeper ensemble: the shell around SessionMachine. It cuts the stream into frames,
 * numbers requests, matches replies (which come in order), keeps watches, and hands results to callbacks. Every call is
 * pipelined: what is asked for during one turn leaves as one write, and nothing waits for an earlier answer.
 * `ZooKeeperClient` (client.ts) is the same with promises. Mirrors org.apache.zookeeper.ClientCnxn and the asynchronous
 * half of org.apache.zookeeper.ZooKeeper.
 *
 * Calling order: `new Connection`, `start()`, calls at any time (they wait for a server), `close()`. Session events go
 * to `onEvent`, after the callbacks of the requests that the same happening ended.
 */
import { ByteReader, ByteWriter } from '../../base/bytes.js';
import { hasCode } from '../../base/errors.js';
import type { Host, Stream, Timer } from '../../host/host.js';
import { readUstring } from '../../wire/jute/jute.js';
import { AddWatchMode, KeeperState, WatchEventType, WatcherType, Xid } from '../../wire/zookeeper/client/modes.js';
import type { CreateMode } from '../../wire/zookeeper/client/modes.js';
import { writeAddWatchRequest } from '../../wire/zookeeper/client/add-watch.js';
import { writeAuthPacket } from '../../wire/zookeeper/client/auth.js';
import { readConnectResponse, writeConnectRequest } from '../../wire/zookeeper/client/connect.js';
import { readCreate2Response } from '../../wire/zookeeper/client/create2-response.js';
import { writeCreateTtlRequest } from '../../wire/zookeeper/client/create-ttl.js';
import { writeCreateRequest } from '../../wire/zookeeper/client/create.js';
import { writeDeleteRequest } from '../../wire/zookeeper/client/delete.js';
import { writeExistsRequest } from '../../wire/zookeeper/client/exists.js';
import { readGetAclResponse } from '../../wire/zookeeper/client/get-acl-response.js';
import { writeGetAclRequest } from '../../wire/zookeeper/client/get-acl.js';
import { readGetAllChildrenNumberResponse } from '../../wire/zookeeper/client/get-all-children-number-response.js';
import { writeGetAllChildrenNumberRequest } from '../../wire/zookeeper/client/get-all-children-number.js';
import { readGetChildren2Response } from '../../wire/zookeeper/client/get-children2-response.js';
import { writeGetChildrenRequest } from '../../wire/zookeeper/client/get-children.js';
import { readGetDataResponse } from '../../wire/zookeeper/client/get-data-response.js';
import { writeGetDataRequest } from '../../wire/zookeeper/client/get-data.js';
import { readGetEphemeralsResponse } from '../../wire/zookeeper/client/get-ephemerals-response.js';
import { writeGetEphemeralsRequest } from '../../wire/zookeeper/client/get-ephemerals.js';
import { readMultiResponse, writeMultiRequest } from '../../wire/zookeeper/client/multi.js';
import type { MultiOp, MultiResult } from '../../wire/zookeeper/client/multi.js';
import { writeReconfigRequest } from '../../wire/zookeeper/client/reconfig.js';
import type { ReconfigRequest } from '../../wire/zookeeper/client/reconfig.js';
import { writeRemoveWatchesRequest } from '../../wire/zookeeper/client/remove-watches.js';
import { writeSetAclRequest } from '../../wire/zookeeper/client/set-acl.js';
import { writeSetDataRequest } from '../../wire/zookeeper/client/set-data.js';
import { writeSetWatches } from '../../wire/zookeeper/client/set-watches.js';
import { writeSetWatches2 } from '../../wire/zookeeper/client/set-watches2.js';
import { readStatResponse } from '../../wire/zookeeper/client/stat-response.js';
import { writeSyncRequest } from '../../wire/zookeeper/client/sync.js';
import { readWatcherEvent } from '../../wire/zookeeper/client/watcher-event.js';
import { readWhoAmIResponse } from '../../wire/zookeeper/client/who-am-i-response.js';
import type { Acl } from '../../wire/zookeeper/data/acl.js';
import type { ClientInfo } from '../../wire/zookeeper/data/client-info.js';
import type { Stat } from '../../wire/zookeeper/data/stat.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import { Op } from '../../wire/zookeeper/op.js';
import { parseConnectString } from './connect-string.js';
import { validatePath } from './path.js';
import { PacketQueue } from './packet-queue.js';
import type { Packet } from './packet-queue.js';
import { SessionMachine } from './session-machine.js';
import type { SessionEffect, SessionEvent, SessionInput } from './session-machine.js';
import { WatchRegistry } from './watches.js';
import type { WatchKind, Watcher } from './watches.js';

/**
 * An ErrorCode (0: well) and, where there is one, the result. No error object is made: hot paths fail by the thousand.
 */
export type Callback<T> = (code: number, result: T | undefined) => void;

export interface ConnectionOptions {
  /** `host:port,host:port/chroot` */
  readonly connectString: string;
  /** Asked for; the server may grant less or more. */
  readonly sessionTimeoutMs: number;
  readonly onEvent?: (state: SessionEvent) => void;
  /** Sent on every connection, before anything else. */
  readonly auth?: readonly { readonly scheme: string; readonly auth: Buffer }[];
}

export interface RemoveWatchesOptions {
  /** Default: any. */
  readonly type?: WatcherType;
  readonly local?: boolean;
}

interface Credential {
  readonly scheme: string;
  readonly auth: Buffer;
  callback: Callback<void> | undefined;
}

/** A server that does not keep to the protocol: its connection is given up, the session goes on elsewhere. */
class ServerFault extends Error {}

/** As Java's client: a longer frame from a server is a fault (jute.maxbuffer). */
const MAX_FRAME_BYTES = 0xfffff;
/** A SetWatches request is cut at about this many characters of paths. */
const SET_WATCHES_CHUNK = 128 * 1024;

export class Connection {
  readonly #host: Host;
  readonly #machine: SessionMachine;
  readonly #chroot: string;
  readonly #onEvent: (state: SessionEvent) => void;
  readonly #credentials: Credential[];
  /** Those sent on this connection and not answered yet. */
  #credentialsSent: Credential[] = [];
  readonly #watches = new WatchRegistry();

  #stream: Stream | undefined;
  /** Grows with every stream, so that a late callback of an old one is known as such. */
  #generation = 0;
  #handshaking = false;
  #partial: Buffer | undefined;

  /** Encoded and not yet written: to the stream at the end of the turn if primed, else when the next server stands. */
  readonly #out = new ByteWriter(4096);
  #primed = false;
  #flushAsked = false;
  readonly #sent = new PacketQueue();
  readonly #waiting = new PacketQueue();
  #xid = 0;
  #zxidHigh = 0;
  #zxidLow = 0;

  #lastHeardMs = 0;
  #lastSentMs = 0;
  #timer: Timer | undefined;

  /** Throws LabError `BAD_CONFIG` for a connect string that does not parse. */
  constructor(host: Host, options: ConnectionOptions) {
    const { servers, chroot } = parseConnectString(options.connectString);
    const shuffled = [...servers];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = host.random.below(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    this.#host = host;
    this.#chroot = chroot;
    this.#machine = new SessionMachine(shuffled, options.sessionTimeoutMs);
    this.#onEvent = options.onEvent ?? (() => {});
    this.#credentials = (options.auth ?? []).map(({ scheme, auth }) => ({ scheme, auth, callback: undefined }));
  }

  get sessionId(): bigint {
    return this.#machine.sessionId;
  }

  /** Negotiated; before that, the one asked for. Milliseconds. */
  get sessionTimeoutMs(): number {
    return this.#machine.timeoutMs;
  }

  get connected(): boolean {
    return this.#machine.state === 'connected';
  }

  /** No server will ever be asked again: closed, expired, or credentials refused. */
  get over(): boolean {
    return this.#machine.over;
  }

  /** `host:port` of the server that serves this session, if one does. */
  get server(): string | undefined {
    const server = this.#machine.server;
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
    this.#step({ type: 'start' });
  }

  /**
   * Ends the session on the server if one is reached; `onEvent('Closed')` follows, within the read time-out at most.
   */
  close(): void {
    this.#flush();
    this.#step({ type: 'close' });
  }

  // --- calls
  // -------------------------------------------------------------------------------------------------------------

  /**
   * `mode` a CreateMode; `ttlMs` only for the modes with a time to live. The result is the path made, with its number
   * if sequential.
   */
  create(
    path: string,
    data: Buffer | null,
    acl: readonly Acl[],
    mode: CreateMode,
    callback: Callback<string>,
    ttlMs?: bigint,
  ): void {
    validatePath(path, isSequential(mode));
    const serverPath = this.#serverPath(path);
    if (mode === 4) {
      const w = this.#open(Op.createContainer, path, this.#readCreate2Path, callback);
      writeCreateRequest(w, { path: serverPath, data, acl, flags: mode });
    } else if (mode === 5 || mode === 6) {
      const w = this.#open(Op.createTTL, path, this.#readCreate2Path, callback);
      writeCreateTtlRequest(w, { path: serverPath, data, acl, flags: mode, ttl: ttlMs ?? 0n });
    } else {
      const w = this.#open(Op.create, path, this.#readCreatePath, callback);
      writeCreateRequest(w, { path: serverPath, data, acl, flags: mode });
    }
    this.#seal();
  }

  /** As `create`, with the new node's Stat. */
  create2(
    path: string,
    data: Buffer | null,
    acl: readonly Acl[],
    mode: CreateMode,
    callback: Callback<{ path: string; stat: Stat }>,
  ): void {
    validatePath(path, isSequential(mode));
    const w = this.#open(Op.create2, path, this.#readCreate2, callback);
    writeCreateRequest(w, { path: this.#serverPath(path), data, acl, flags: mode });
    this.#seal();
  }

  /** `version` -1: any. */
  delete(path: string, version: number, callback: Callback<void>): void {
    validatePath(path);
    const w = this.#open(Op.delete, path, undefined, callback);
    writeDeleteRequest(w, { path: this.#serverPath(path), version });
    this.#seal();
  }

  /** NONODE is an answer too: with a watcher, it then fires when the node is created. */
  exists(path: string, watcher: Watcher | undefined, callback: Callback<Stat>): void {
    validatePath(path);
    const w = this.#open(Op.exists, path, readStatReply, callback, watcher, 'exist');
    writeExistsRequest(w, { path: this.#serverPath(path), watch: watcher !== undefined });
    this.#seal();
  }

  getData(path: string, watcher: Watcher | undefined, callback: Callback<{ data: Buffer | null; stat: Stat }>): void {
    validatePath(path);
    const w = this.#open(Op.getData, path, readGetDataResponse, callback, watcher, 'data');
    writeGetDataRequest(w, { path: this.#serverPath(path), watch: watcher !== undefined });
    this.#seal();
  }

  setData(path: string, data: Buffer | null, version: number, callback: Callback<Stat>): void {
    validatePath(path);
    const w = this.#open(Op.setData, path, readStatReply, callback);
    writeSetDataRequest(w, { path: this.#serverPath(path), data, version });
    this.#seal();
  }

  getChildren(
    path: string,
    watcher: Watcher | undefined,
    callback: Callback<{ children: readonly string[]; stat: Stat }>,
  ): void {
    validatePath(path);
    const w = this.#open(Op.getChildren2, path, readGetChildren2Response, callback, watcher, 'child');
    writeGetChildrenRequest(w, { path: this.#serverPath(path), watch: watcher !== undefined });
    this.#seal();
  }

  getAcl(path: string, callback: Callback<{ acl: readonly Acl[]; stat: Stat }>): void {
    validatePath(path);
    const w = this.#open(Op.getACL, path, readGetAclResponse, callback);
    writeGetAclRequest(w, { path: this.#serverPath(path) });
    this.#seal();
  }

  /** `version` of the ACL, -1: any. */
  setAcl(path: string, acl: readonly Acl[], version: number, callback: Callback<Stat>): void {
    validatePath(path);
    const w = this.#open(Op.setACL, path, readStatReply, callback);
    writeSetAclRequest(w, { path: this.#serverPath(path), acl, version });
    this.#seal();
  }

  /** Answers once the server has caught up with what the leader had when it was asked. */
  sync(path: string, callback: Callback<void>): void {
    validatePath(path);
    const w = this.#open(Op.sync, path, undefined, callback);
    writeSyncRequest(w, { path: this.#serverPath(path) });
    this.#seal();
  }

  /**
   * All or nothing. The code is 0 even if the transaction was refused: the results tell (an entry `error` with a code
   * that is not 0); paths are the caller's, below the chroot.
   */
  multi(ops: readonly MultiOp[], callback: Callback<readonly MultiResult[]>): void {
    for (const entry of ops)
      validatePath(entry.request.path, 'flags' in entry.request && isSequential(entry.request.flags));
    const reads = ops.length > 0 && (ops[0]!.op === Op.getData || ops[0]!.op === Op.getChildren);
    const w = this.#open(reads ? Op.multiRead : Op.multi, undefined, this.#readMulti, callback);
    writeMultiRequest(w, this.#chroot === '' ? ops : ops.map((entry) => this.#rooted(entry)));
    this.#seal();
  }

  /** A watch that stays: on the node (`recursive` false) or on it and all below. */
  addWatch(path: string, recursive: boolean, watcher: Watcher, callback: Callback<void>): void {
    validatePath(path);
    const w = this.#open(
      Op.addWatch,
      path,
      undefined,
      callback,
      watcher,
      recursive ? 'persistentRecursive' : 'persistent',
    );
    writeAddWatchRequest(w, {
      path: this.#serverPath(path),
      mode: recursive ? AddWatchMode.PERSISTENT_RECURSIVE : AddWatchMode.PERSISTENT,
    });
    this.#seal();
  }

  /**
   * Takes watches off the path, here and on the server; their watchers are told (`DataWatchRemoved` and the like).
   * `local`: here even if the server cannot be asked. NOWATCHER if there was none.
   */
  removeWatches(path: string, options: RemoveWatchesOptions, callback: Callback<void>): void {
    validatePath(path);
    const { type = WatcherType.Any, local = false } = options;
    const done: Callback<void> = (code) => {
      if (code !== ErrorCode.OK && !(local && code === ErrorCode.CONNECTIONLOSS)) return callback(code, undefined);
      const removed = REMOVED_BY[type].flatMap(({ kinds, event }) =>
        this.#watches.remove(kinds, path).map((watcher) => ({ watcher, event })),
      );
      callback(removed.length > 0 ? ErrorCode.OK : ErrorCode.NOWATCHER, undefined);
      for (const { watcher, event } of removed) watcher({ type: event, path });
    };
    const w = this.#open(Op.removeWatches, path, undefined, done);
    writeRemoveWatchesRequest(w, { path: this.#serverPath(path), type });
    this.#seal();
  }

  /** Changes the ensemble's members; the result is the new content of /zookeeper/config. */
  reconfig(request: ReconfigRequest, callback: Callback<{ data: Buffer | null; stat: Stat }>): void {
    const w = this.#open(Op.reconfig, undefined, readGetDataResponse, callback);
    writeReconfigRequest(w, request);
    this.#seal();
  }

  getEphemerals(prefixPath: string, callback: Callback<readonly string[]>): void {
    validatePath(prefixPath);
    const w = this.#open(Op.getEphemerals, prefixPath, this.#readEphemerals, callback);
    writeGetEphemeralsRequest(w, { prefixPath: this.#serverPath(prefixPath) });
    this.#seal();
  }

  getAllChildrenNumber(path: string, callback: Callback<number>): void {
    validatePath(path);
    const w = this.#open(Op.getAllChildrenNumber, path, readAllChildrenNumber, callback);
    writeGetAllChildrenNumberRequest(w, { path: this.#serverPath(path) });
    this.#seal();
  }

  whoAmI(callback: Callback<readonly ClientInfo[]>): void {
    this.#open(Op.whoAmI, undefined, readWhoAmI, callback);
    this.#seal();
  }

  /**
   * Adds credentials to this and every later connection of the session. Refused ones end the session (`AuthFailed`).
   */
  addAuth(scheme: string, auth: Buffer, callback: Callback<void> = () => {}): void {
    if (this.#machine.over) {
      const code = this.#machine.failureCode;
      this.#host.clock.soon(() => callback(code, undefined));
      return;
    }
    const credential: Credential = { scheme, auth, callback };
    this.#credentials.push(credential);
    if (this.#primed) this.#writeAuth(credential);
  }

  // --- requests out
  // ------------------------------------------------------------------------------------------------------

  #serverPath(path: string): string {
    if (this.#chroot === '') return path;
    return path === '/' ? this.#chroot : this.#chroot + path;
  }

  #clientPath(path: string): string {
    if (this.#chroot === '' || !path.startsWith(this.#chroot)) return path;
    return path.length === this.#chroot.length ? '/' : path.slice(this.#chroot.length);
  }

  #rooted(entry: MultiOp): MultiOp {
    return { op: entry.op, request: { ...entry.request, path: this.#serverPath(entry.request.path) } } as MultiOp;
  }

  #frameStart = 0;

  /** Begins a request's frame; the caller writes the record and calls `#seal`. */
  #open<T>(
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
    if (this.#machine.over || this.#machine.state === 'closing') {
      const code = this.#machine.failureCode;
      this.#host.clock.soon(() => callback(code, undefined));
      this.#discard = true;
    } else if (this.#primed) {
      this.#sent.push(packet);
    } else {
      this.#waiting.push(packet);
    }
    return this.#begin(this.#xid, op);
  }

  #discard = false;

  #nextXid(): void {
    this.#xid = this.#xid === 0x7fffffff ? 1 : this.#xid + 1;
  }

  #begin(xid: number, op: number): ByteWriter {
    const w = this.#discard ? new ByteWriter(64) : this.#out;
    this.#frameStart = w.length;
    return w.i32(0).i32(xid).i32(op);
  }

  #seal(): void {
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
    this.#lastSentMs = this.#host.clock.nowMs();
  }

  #writeAuth(credential: Credential): void {
    this.#credentialsSent.push(credential);
    const w = this.#begin(Xid.auth, Op.auth);
    writeAuthPacket(w, { type: 0, scheme: credential.scheme, auth: credential.auth });
    this.#seal();
  }

  /** Everything a server must know before it gets requests, then those that waited. */
  #prime(): void {
    const waiting = this.#out.length > 0 ? this.#out.take() : undefined;
    this.#primed = true;
    for (const credential of this.#credentials) this.#writeAuth(credential);
    this.#writeSetWatches();
    if (waiting !== undefined) this.#out.bytes(waiting);
    this.#waiting.moveTo(this.#sent);
    this.#flush();
  }

  #writeSetWatches(): void {
    const paths = this.#watches.paths();
    const relativeZxid = this.lastZxid;
    const chunk: Record<WatchKind, string[]> = {
      data: [],
      exist: [],
      child: [],
      persistent: [],
      persistentRecursive: [],
    };
    let size = 0;
    const send = (): void => {
      if (size === 0) return;
      const lasting = chunk.persistent.length + chunk.persistentRecursive.length > 0;
      const w = this.#begin(Xid.setWatches, lasting ? Op.setWatches2 : Op.setWatches);
      const plain = { relativeZxid, dataWatches: chunk.data, existWatches: chunk.exist, childWatches: chunk.child };
      if (lasting)
        writeSetWatches2(w, {
          ...plain,
          persistentWatches: chunk.persistent,
          persistentRecursiveWatches: chunk.persistentRecursive,
        });
      else writeSetWatches(w, plain);
      this.#seal();
      for (const kind of WATCH_KINDS) chunk[kind] = [];
      size = 0;
    };
    for (const kind of WATCH_KINDS) {
      for (const path of paths[kind]) {
        const serverPath = this.#serverPath(path);
        chunk[kind].push(serverPath);
        size += serverPath.length;
        if (size >= SET_WATCHES_CHUNK) send();
      }
    }
    send();
  }

  // --- the machine
  // -------------------------------------------------------------------------------------------------------

  readonly #effects: SessionEffect[] = [];
  #carrying = false;

  /** Effects that a callback brings about come after those that brought the callback about. */
  #step(input: SessionInput): void {
    this.#effects.push(...this.#machine.step(input));
    if (this.#carrying) return;
    this.#carrying = true;
    try {
      for (let effect = this.#effects.shift(); effect !== undefined; effect = this.#effects.shift())
        this.#carryOut(effect);
    } finally {
      this.#carrying = false;
    }
  }

  #carryOut(effect: SessionEffect): void {
    switch (effect.type) {
      case 'connect':
        this.#connect(effect.endpoint, effect.timeoutMs);
        break;
      case 'sendHandshake': {
        const w = new ByteWriter(64).i32(0);
        writeConnectRequest(w, {
          protocolVersion: 0,
          lastZxidSeen: this.lastZxid,
          timeOut: effect.timeoutMs,
          sessionId: effect.sessionId,
          passwd: effect.passwd,
          readOnly: false,
        });
        this.#handshaking = true;
        this.#stream?.write(w.patchI32(0, w.length - 4).take());
        this.#lastHeardMs = this.#lastSentMs = this.#host.clock.nowMs();
        break;
      }
      case 'prime':
        this.#prime();
        break;
      case 'sendPing':
        this.#begin(Xid.ping, Op.ping);
        this.#seal();
        this.#flush();
        break;
      case 'sendClose':
        this.#nextXid();
        this.#sent.push({
          xid: this.#xid,
          path: undefined,
          decode: undefined,
          watcher: undefined,
          watchKind: undefined,
          callback: () => this.#step({ type: 'closeReplied' }),
        });
        this.#begin(this.#xid, Op.closeSession);
        this.#seal();
        this.#flush();
        this.#lastHeardMs = this.#host.clock.nowMs();
        break;
      case 'dropStream':
        this.#dropStream();
        break;
      case 'wait': {
        const delayMs = effect.baseMs + (effect.jitterMs > 0 ? this.#host.random.unit() * effect.jitterMs : 0);
        this.#setTimer(delayMs, () => this.#step({ type: 'waited' }));
        break;
      }
      case 'tickAfter':
        this.#setTimer(effect.delayMs, this.#tick);
        break;
      case 'failSent':
        this.#fail(this.#sent, effect.code);
        break;
      case 'failWaiting':
        this.#out.take();
        this.#fail(this.#waiting, effect.code);
        break;
      case 'event':
        if (effect.state !== 'SyncConnected' && effect.state !== 'Disconnected') this.#timer?.cancel();
        this.#onEvent(effect.state);
        break;
      case 'log':
        this.#host.log[effect.level](effect.message);
        break;
    }
  }

  #setTimer(delayMs: number, callback: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#host.clock.after(delayMs, callback);
  }

  readonly #tick = (): void => {
    const now = this.#host.clock.nowMs();
    this.#step({ type: 'tick', idleReceiveMs: now - this.#lastHeardMs, idleSendMs: now - this.#lastSentMs });
  };

  #fail(queue: PacketQueue, code: number): void {
    const packets = queue.takeAll();
    for (const packet of packets) packet.callback(code, undefined);
    if (!this.#machine.over) return;
    for (const credential of this.#credentials) {
      const callback = credential.callback;
      credential.callback = undefined;
      callback?.(code, undefined);
    }
  }

  // --- the stream
  // --------------------------------------------------------------------------------------------------------

  #connect(endpoint: { host: string; port: number }, timeoutMs: number): void {
    const generation = ++this.#generation;
    const current = (): boolean => generation === this.#generation;
    this.#partial = undefined;
    this.#stream = this.#host.net.connect(
      endpoint,
      { timeoutMs },
      {
        onOpen: () => {
          if (current()) this.#step({ type: 'opened' });
        },
        onData: (chunk) => {
          if (current()) this.#received(chunk, generation);
        },
        onClose: (error) => {
          if (!current()) return;
          this.#stream = undefined;
          this.#step({ type: 'lost', reason: error?.message ?? 'closed the connection' });
        },
      },
    );
  }

  #dropStream(): void {
    this.#generation++;
    // What was encoded for the old server and not written belongs to requests that fail with it.
    if (this.#primed) this.#out.take();
    this.#primed = false;
    this.#handshaking = false;
    this.#credentialsSent = [];
    this.#partial = undefined;
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.destroy();
  }

  #received(chunk: Buffer, generation: number): void {
    this.#lastHeardMs = this.#host.clock.nowMs();
    const bytes = this.#partial === undefined ? chunk : Buffer.concat([this.#partial, chunk]);
    this.#partial = undefined;
    let at = 0;
    try {
      while (bytes.length - at >= 4) {
        const length = bytes.readInt32BE(at);
        if (length < 0 || length > MAX_FRAME_BYTES) throw new ServerFault(`sent a frame of ${length} bytes`);
        if (bytes.length - at - 4 < length) break;
        this.#frame(new ByteReader(bytes, at + 4, at + 4 + length));
        // A callback may have closed the session, or the frame ended it.
        if (generation !== this.#generation) return;
        at += 4 + length;
      }
    } catch (error) {
      if (!(error instanceof ServerFault || hasCode(error, 'MALFORMED')) || generation !== this.#generation)
        throw error;
      this.#step({ type: 'lost', reason: (error as Error).message });
      return;
    }
    if (at < bytes.length) this.#partial = at === 0 ? bytes : bytes.subarray(at);
  }

  #frame(r: ByteReader): void {
    if (this.#handshaking) {
      this.#handshaking = false;
      const answer = readConnectResponse(r);
      this.#step({
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
        this.#notify(r);
        return;
      case Xid.ping:
        return;
      case Xid.setWatches:
        return;
      case Xid.auth: {
        const credential = this.#credentialsSent.shift();
        const callback = credential?.callback;
        if (credential !== undefined) credential.callback = undefined;
        callback?.(code, undefined);
        if (code === ErrorCode.AUTHFAILED) this.#step({ type: 'authRejected' });
        return;
      }
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
    if (packet.watcher !== undefined) this.#register(packet, packet.watcher, code);
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

  #register(packet: Packet, watcher: Watcher, code: number): void {
    if (code === ErrorCode.OK)
      this.#watches.add(packet.watchKind === 'exist' ? 'data' : packet.watchKind!, packet.path!, watcher);
    else if (code === ErrorCode.NONODE && packet.watchKind === 'exist')
      this.#watches.add('exist', packet.path!, watcher);
  }

  #notify(r: ByteReader): void {
    const event = readWatcherEvent(r);
    if (event.state !== KeeperState.SyncConnected) return;
    const path = this.#clientPath(event.path);
    const type = event.type as WatchEventType;
    for (const watcher of this.#watches.fire(type, path)) watcher({ type, path });
  }

  // --- answers
  // -----------------------------------------------------------------------------------------------------------

  readonly #readCreatePath = (r: ByteReader): string => this.#clientPath(readUstring(r));

  readonly #readCreate2 = (r: ByteReader): { path: string; stat: Stat } => {
    const { path, stat } = readCreate2Response(r);
    return { path: this.#clientPath(path), stat };
  };

  readonly #readCreate2Path = (r: ByteReader): string => this.#clientPath(readCreate2Response(r).path);

  readonly #readEphemerals = (r: ByteReader): readonly string[] =>
    readGetEphemeralsResponse(r).ephemerals.map((path) => this.#clientPath(path));

  readonly #readMulti = (r: ByteReader): readonly MultiResult[] => {
    const results = readMultiResponse(r);
    return this.#chroot === ''
      ? results
      : results.map((result) => ('path' in result ? { ...result, path: this.#clientPath(result.path) } : result));
  };
}

/** Which watches each type of removal takes, and what their watchers are told. */
const REMOVED_BY: Readonly<
  Record<WatcherType, readonly { readonly kinds: readonly WatchKind[]; readonly event: WatchEventType }[]>
> = (() => {
  const child = { kinds: ['child'], event: WatchEventType.ChildWatchRemoved } as const;
  const data = { kinds: ['data', 'exist'], event: WatchEventType.DataWatchRemoved } as const;
  const lasting = {
    kinds: ['persistent', 'persistentRecursive'],
    event: WatchEventType.PersistentWatchRemoved,
  } as const;
  return {
    [WatcherType.Children]: [child],
    [WatcherType.Data]: [data],
    [WatcherType.Any]: [child, data, lasting],
  };
})();

const WATCH_KINDS: readonly WatchKind[] = ['data', 'exist', 'child', 'persistent', 'persistentRecursive'];

function isSequential(mode: number): boolean {
  return mode === 2 || mode === 3 || mode === 6;
}

function readStatReply(r: ByteReader): Stat {
  return readStatResponse(r).stat;
}

function readAllChildrenNumber(r: ByteReader): number {
  return readGetAllChildrenNumberResponse(r).totalNumber;
}

function readWhoAmI(r: ByteReader): readonly ClientInfo[] {
  return readWhoAmIResponse(r).clientInfo;
}
