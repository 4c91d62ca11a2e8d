/**
 * What this server has of the replicated state: the tree, the sessions that the ensemble has agreed on, and, on a
 * leader or a standalone server, what is on its way and who is alive. It turns requests into transactions, applies
 * them, and writes and reads snapshots; clients are not its business. Mirrors org.apache.zookeeper.server.ZKDatabase
 * and the state that ZooKeeperServer keeps beside it.
 */
import type { QuorumPeerConfig } from '../../config/quorum-peer-config.js';
import type { Host } from '../../host/host.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import { shortDigest } from '../../wire/zookeeper/txn/short-digest.js';
import type { TxnHeader } from '../../wire/zookeeper/txn/header.js';
import { decodeTxn, encodeTxn } from '../../wire/zookeeper/txn/txn.js';
import type { DecodedTxn } from '../../wire/zookeeper/txn/txn.js';
import type { Consensus, Request, Txn } from '../contract.js';
import { Membership } from '../membership.js';
import { DataTree } from '../tree/data-tree.js';
import type { TxnResult } from '../tree/txn-result.js';
import { RequestPreparer } from '../tree/prepare.js';
import { readSnapshot, writeSnapshot } from '../tree/snapshot.js';
import { ContainerSweeper } from './container-sweeper.js';
import { SessionTracker } from './session-tracker.js';

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

export interface ReplicaRequests {
  /** Leader and standalone: this session was not heard from in time, and must be closed. */
  expired(sessionId: bigint): void;
  /** Leader and standalone: this container is empty, or this node's time to live is over. */
  deleteContainer(path: string): void;
}

/** A quota that is exceeded without being enforced is told of, at most so often. */
const QUOTA_WARNING_MS = 100;

export class Replica {
  readonly tree: DataTree;
  /** id -> time-out in milliseconds: what the ensemble has agreed on. */
  sessions = new Map<bigint, number>();
  lastZxid = 0n;
  /** Leader and standalone only. */
  tracker: SessionTracker | undefined;
  readonly #host: Host;
  readonly #config: QuorumPeerConfig;
  readonly #requests: ReplicaRequests;
  readonly #preparer: RequestPreparer;
  readonly #sweeper: ContainerSweeper;
  /** Learner only: heard from since the last PING. */
  #touched = new Map<bigint, number>();
  #quotaWarnedMs = -Infinity;

  constructor(host: Host, config: QuorumPeerConfig, requests: ReplicaRequests) {
    this.#host = host;
    this.#config = config;
    this.#requests = requests;
    this.tree = new DataTree({
      extendedTypes: config.extendedTypesEnabled,
      skipAcl: config.skipAcl,
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
    this.#preparer = new RequestPreparer(
      this.tree,
      {
        // The tracker comes and goes with leadership; the preparer only asks while there is one.
        check: (sessionId, origin) => this.tracker?.check(sessionId, origin) ?? ErrorCode.SESSIONEXPIRED,
        open: (sessionId, timeoutMs, origin) => this.tracker?.open(sessionId, timeoutMs, origin),
        closing: (sessionId) => this.tracker?.closing(sessionId),
      },
      config.enforceQuota ? (message) => this.#warnOfQuota(message) : undefined,
    );
    this.#sweeper = new ContainerSweeper(host.clock, this.tree, config.containerCheckIntervalMs, (path) =>
      requests.deleteContainer(path),
    );
    this.#setConfigNode();
  }

  prepare(request: Request, zxid: bigint): Txn {
    return new PreparedTransaction(this.#preparer.prepare(request, zxid, BigInt(this.#host.clock.wallMs())));
  }

  apply(txn: Txn): TxnResult {
    const { header, record } = txn instanceof PreparedTransaction ? txn.decoded : decodeTxn(txn.bytes);
    const { zxid, clientId } = header;
    if (record.kind === 'createSession') {
      this.sessions.set(clientId, record.txn.timeOut);
      if (this.tracker !== undefined && !this.tracker.isAlive(clientId))
        this.tracker.track(clientId, record.txn.timeOut);
    } else if (record.kind === 'closeSession') {
      this.sessions.delete(clientId);
      this.#touched.delete(clientId);
      this.tracker?.remove(clientId);
    }
    const result = this.tree.apply(header, record);
    this.lastZxid = zxid;
    if (this.tracker !== undefined) this.#preparer.applied(zxid);
    if (this.#host.trace !== undefined) {
      this.#host.trace({ type: 'TxnCommitted', zxid, digest: shortDigest(txn.bytes) });
      if (record.kind === 'closeSession') this.#host.trace({ type: 'SessionEndedAt', session: clientId, zxid });
    }
    return result;
  }

  serializeSnapshot(): Buffer {
    return writeSnapshot(this.tree, this.sessions);
  }

  restoreSnapshot(bytes: Buffer, zxid: bigint): void {
    this.reset();
    this.sessions = readSnapshot(this.tree, bytes);
    this.#setConfigNode();
    this.lastZxid = zxid;
    if (this.#host.trace !== undefined) {
      for (const [session, paths] of this.tree.ephemerals) {
        for (const path of paths) this.#host.trace({ type: 'EphemeralCreated', path, session, zxid });
      }
    }
  }

  reset(): void {
    this.tree.clear();
    this.sessions = new Map();
    this.#preparer.clear();
    this.lastZxid = 0n;
    this.#setConfigNode();
  }

  serve(mode: Consensus['mode']): void {
    this.tracker?.stop();
    this.tracker = undefined;
    this.#sweeper.stop();
    this.#preparer.clear();
    this.#touched = new Map();
    if (mode !== 'leader' && mode !== 'standalone') return;
    const tracker = new SessionTracker(this.#host.clock, this.#config.tickTimeMs, (sessionId) =>
      this.#requests.expired(sessionId),
    );
    for (const [sessionId, timeoutMs] of this.sessions) tracker.track(sessionId, timeoutMs);
    this.tracker = tracker;
    this.#sweeper.start();
  }

  /** A client of ours was heard from. False: its session is over or about to be, and what it sends is dropped. */
  touch(sessionId: bigint, timeoutMs: number): boolean {
    if (this.tracker !== undefined) return this.tracker.touch(sessionId, timeoutMs);
    this.#touched.set(sessionId, timeoutMs);
    return true;
  }

  takeTouched(): Map<bigint, number> {
    const touched = this.#touched;
    this.#touched = new Map();
    return touched;
  }

  /** Leader and standalone: from now on `sid` is the session's server; false if it is not alive. */
  adopt(sessionId: bigint, timeoutMs: number, sid: number): boolean {
    const { tracker } = this;
    return tracker !== undefined && tracker.touch(sessionId, timeoutMs) && tracker.setOwner(sessionId, sid);
  }

  #warnOfQuota(message: string): void {
    const nowMs = this.#host.clock.nowMs();
    if (nowMs - this.#quotaWarnedMs < QUOTA_WARNING_MS) return;
    this.#quotaWarnedMs = nowMs;
    this.#host.log.warn(message);
  }

  #setConfigNode(): void {
    if (this.#config.mode === 'quorum')
      this.tree.setConfig(new Membership(this.#config.servers).text(0n), BigInt(this.#host.clock.wallMs()));
  }
}
