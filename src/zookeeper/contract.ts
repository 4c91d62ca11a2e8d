/**
 * Where the two halves of a ZooKeeper server meet. The server half (`ReplicatedServer`, in server/ and tree/) knows
 * clients, sessions and the tree; the peer half (`Consensus`, in election/, zab/ and storage/) knows the log, epochs
 * and the other servers. Neither imports the other: quorum-peer.ts joins them through these types.
 */
import type { TxnHeader } from '../wire/zookeeper/txn/header.js';

/**
 * A transaction: `bytes` is jute TxnHeader + record + (3.8) optional digest, as it stands in PROPOSAL packets and in
 * the log.
 */
export interface Txn {
  readonly zxid: bigint;
  readonly header: TxnHeader;
  readonly bytes: Buffer;
}

/**
 * A client's request that needs the leader (all writes, createSession, closeSession, sync). As in a quorum REQUEST
 * packet.
 */
export interface Request {
  readonly sessionId: bigint;
  readonly cxid: number;
  /** ZooDefs.OpCode */
  readonly op: number;
  /** The jute request record, without the RequestHeader. */
  readonly body: Buffer;
  readonly authInfo: readonly { readonly scheme: string; readonly id: string }[];
  /** The server whose client sent it: our own sid, or the learner's. */
  readonly origin: number;
}

/**
 * Implemented by the server half, called by the peer half. All calls are synchronous, on the one thread, in zxid order.
 */
export interface ReplicatedServer {
  /**
   * Leader only: turns a request into the transaction with this zxid (possibly an error transaction). Outstanding, not
   * yet applied, changes count.
   */
  prepare(request: Request, zxid: bigint): Txn;
  /**
   * Applies a committed transaction: tree, sessions, watches, and the reply if `request.origin` is us (matched by
   * session and cxid).
   */
  apply(txn: Txn): void;
  /**
   * The point where this server's own earlier writes are applied (reply to `sync`): only ever called for requests of
   * our clients.
   */
  syncDone(request: Request): void;
  /** zxid of the last applied transaction. */
  readonly lastProcessedZxid: bigint;
  /**
   * Sessions and tree as org.apache.zookeeper.server.util.SerializeUtils.serializeSnapshot lays them out (plus the 3.8
   * digest tail where FileSnap has it).
   */
  serializeSnapshot(): Buffer;
  /** Replaces all state. Throws LabError MALFORMED and leaves the state empty on bad bytes. */
  restoreSnapshot(bytes: Buffer, zxid: bigint): void;
  /** Back to an empty tree at zxid 0 (before history is loaded again). */
  reset(): void;
  /**
   * The role in the ensemble from now on; clients are served only in a serving one. On `looking` every client
   * connection is closed.
   */
  setServing(mode: 'looking' | 'leader' | 'follower' | 'observer' | 'standalone'): void;
  /** Leader: a learner says these sessions (id -> timeoutMs) were heard from. */
  touchSessions(sessions: ReadonlyMap<bigint, number>): void;
  /** Learner: sessions heard from since the last call (for the PING answer). */
  takeTouchedSessions(): Map<bigint, number>;
  /** Leader: a learner took over this session's connection; false if it is not alive. */
  adoptSession(sessionId: bigint, timeoutMs: number, sid: number): boolean;
  /** Learner: the leader's answer to `Consensus.revalidate`. */
  revalidated(sessionId: bigint, valid: boolean): void;
}

/** Implemented by the peer half, called by the server half. */
export interface Consensus {
  readonly sid: number;
  readonly mode: 'looking' | 'leader' | 'follower' | 'observer' | 'standalone';
  /** Epoch part of the zxids being made, for `srvr` and new session ids. */
  readonly epoch: bigint;
  /**
   * Hands a request to the leader's pipeline (this server may be the leader). Dropped without a word if there is none:
   * the client's connection is closed by setServing then.
   */
  submit(request: Request): void;
  /** Learner: asks the leader whether the session is alive and makes us its server. */
  revalidate(sessionId: bigint, timeoutMs: number): void;
  /** For `mntr`, `stat`, `/jmx`-like views. */
  status(): {
    leader: number | undefined;
    followers: number;
    syncedFollowers: number;
    pendingSyncs: number;
    lastLoggedZxid: bigint;
    lastCommittedZxid: bigint;
    currentEpoch: bigint;
    acceptedEpoch: bigint;
  };
}
