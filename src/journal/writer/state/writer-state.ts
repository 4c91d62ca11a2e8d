/**
 * The writing half of a quorum journal as a plain state machine: one queue a node, one call at a time on each (a
 * JournalNode wants its writer's calls in order), and what a majority has. A node that is slow only grows its own
 * queue: batches that wait there are sent as one. A node that fails a batch is left out until the next segment begins.
 *
 * Calling order: `setEpoch` -> `call(prepareRecovery, acceptRecovery, finalizeLogSegment)` -> `call(startLogSegment)`
 * -> `write`… -> `call(finalizeLogSegment)` …; `succeeded` / `failed` for the one call that is under way on a node;
 * `tick` at `deadlineMs`. Each returns effects. After `failed` nothing is sent any more.
 *
 * Mirrors org.apache.hadoop.hdfs.qjournal.client.{IPCLoggerChannel,AsyncLoggerSet,QuorumOutputStream}.
 */
import { assert } from '../../../base/errors.js';
import type { LabError } from '../../../base/errors.js';
import type { RequestInfo } from '../../state/types.js';
import { QuorumCall, quorumFailure } from './quorum-call.js';
import type { NodeFailure } from './quorum-call.js';

export interface Batch {
  readonly segmentTxid: bigint;
  readonly firstTxid: bigint;
  readonly lastTxid: bigint;
  readonly bytes: Buffer;
  readonly writtenMs: number;
}

export type WriterMethod =
  | 'startLogSegment'
  | 'finalizeLogSegment'
  | 'prepareRecovery'
  | 'acceptRecovery'
  | 'purgeLogs';

export type WriterEffect =
  | {
      readonly type: 'sendEdits';
      readonly node: number;
      readonly info: RequestInfo;
      readonly segmentTxid: bigint;
      readonly firstTxid: bigint;
      readonly lastTxid: bigint;
      readonly pieces: readonly Buffer[];
    }
  | {
      readonly type: 'sendCall';
      readonly node: number;
      readonly info: RequestInfo;
      readonly callId: number;
      readonly method: WriterMethod;
    }
  | { readonly type: 'sendHeartbeat'; readonly node: number; readonly info: RequestInfo }
  /** All up to here is on a majority; `batches` are those that became so. */
  | { readonly type: 'acknowledged'; readonly txid: bigint; readonly batches: readonly Batch[] }
  | {
      readonly type: 'callSucceeded';
      readonly callId: number;
      readonly results: readonly { readonly node: number; readonly value: unknown }[];
    }
  | { readonly type: 'callFailed'; readonly callId: number; readonly error: LabError }
  /** The writer is done for: FENCED or QUORUM_LOST. */
  | { readonly type: 'failed'; readonly error: LabError };

type Operation =
  | { readonly kind: 'edits'; readonly batch: Batch }
  | {
      readonly kind: 'call';
      readonly callId: number;
      readonly method: WriterMethod;
      readonly segmentTxid: bigint | undefined;
    };

type UnderWay =
  | { readonly kind: 'edits'; readonly segmentTxid: bigint; readonly lastTxid: bigint; readonly bytes: number }
  | {
      readonly kind: 'call';
      readonly callId: number;
      readonly method: WriterMethod;
      readonly segmentTxid: bigint | undefined;
    }
  | { readonly kind: 'heartbeat' };

interface Node {
  readonly queue: Operation[];
  underWay: UnderWay | undefined;
  ipcSerial: bigint;
  ackedTxid: bigint;
  queuedBytes: number;
  /** The segment it is left out of, and why; the start of a later one brings it back. */
  outOfSync: { readonly segmentTxid: bigint | undefined; readonly failure: NodeFailure } | undefined;
  lastFailure: NodeFailure | undefined;
  lastHeartbeatMs: number;
}

interface PendingCall {
  readonly quorum: QuorumCall<unknown>;
  readonly timeoutMs: number;
  deadlineMs: number;
}

export interface WriterLimits {
  readonly writeTxnsTimeoutMs: number;
  readonly queuedEditsLimitBytes: number;
}

/** Batches that wait are sent together up to this size. */
const MAX_SEND_BYTES = 2 << 20;
const HEARTBEAT_INTERVAL_MS = 1000;
/** A timer this much (of its time-out) late means that this process stood still, not the nodes. */
const PAUSE_SHARE = 0.3;

export class WriterState {
  readonly #addresses: readonly string[];
  readonly #limits: WriterLimits;
  readonly #nodes: Node[];
  readonly #calls = new Map<number, PendingCall>();
  #epoch: bigint | undefined;
  #nextCallId = 1;
  #committedTxid: bigint | undefined;
  /** Written and not yet on a majority, oldest first. */
  #unacknowledged: Batch[] = [];
  #nextTxid = 0n;
  #ackedTxid = 0n;
  #segmentTxid: bigint | undefined;
  #writeDeadlineMs: number | undefined;
  #failure: LabError | undefined;

  constructor(addresses: readonly string[], limits: WriterLimits) {
    this.#addresses = addresses;
    this.#limits = limits;
    this.#nodes = addresses.map(() => ({
      queue: [],
      underWay: undefined,
      ipcSerial: 0n,
      ackedTxid: 0n,
      queuedBytes: 0,
      outOfSync: undefined,
      lastFailure: undefined,
      lastHeartbeatMs: -Infinity,
    }));
  }

  get failure(): LabError | undefined {
    return this.#failure;
  }
  get epoch(): bigint | undefined {
    return this.#epoch;
  }
  get ackedTxid(): bigint {
    return this.#ackedTxid;
  }
  get writtenTxid(): bigint {
    return this.#nextTxid - 1n;
  }
  /** When `tick` is wanted, if at all. */
  get deadlineMs(): number | undefined {
    let soonest = this.#writeDeadlineMs;
    for (const { deadlineMs } of this.#calls.values())
      if (soonest === undefined || deadlineMs < soonest) soonest = deadlineMs;
    return soonest;
  }

  status(node: number): {
    outOfSync: boolean;
    ackedTxid: bigint;
    lagTxns: bigint;
    queuedBytes: number;
    lastError: string | undefined;
  } {
    const { outOfSync, ackedTxid, queuedBytes, lastFailure } = this.#nodes[node]!;
    const lag = (this.#committedTxid ?? 0n) - ackedTxid;
    return {
      outOfSync: outOfSync !== undefined,
      ackedTxid,
      lagTxns: lag > 0n ? lag : 0n,
      queuedBytes,
      lastError: (outOfSync?.failure ?? lastFailure)?.message,
    };
  }

  setEpoch(epoch: bigint): void {
    assert(this.#epoch === undefined, 'an epoch is established once');
    this.#epoch = epoch;
  }

  /** Puts a call behind what each node still has to do. `segmentTxid`: for startLogSegment. */
  call(
    method: WriterMethod,
    operation: string,
    timeoutMs: number,
    nowMs: number,
    segmentTxid?: bigint,
  ): { callId: number; effects: WriterEffect[] } {
    assert(this.#epoch !== undefined, `${method} before an epoch is established`);
    const callId = this.#nextCallId++;
    const effects: WriterEffect[] = [];
    if (this.#failure !== undefined) return { callId, effects: [{ type: 'callFailed', callId, error: this.#failure }] };
    if (method === 'startLogSegment') {
      assert(this.#unacknowledged.length === 0, 'a segment begins when all of the last one is acknowledged');
      assert(segmentTxid !== undefined, 'a segment begins at a transaction');
      this.#segmentTxid = segmentTxid;
      this.#nextTxid = segmentTxid;
    } else if (method === 'finalizeLogSegment') {
      assert(this.#unacknowledged.length === 0, 'a segment ends when all of it is acknowledged');
      this.#segmentTxid = undefined;
    }
    if (method !== 'purgeLogs')
      this.#calls.set(callId, {
        quorum: new QuorumCall(operation, this.#addresses),
        timeoutMs,
        deadlineMs: nowMs + timeoutMs,
      });
    for (let node = 0; node < this.#nodes.length; node++) {
      this.#nodes[node]!.queue.push({ kind: 'call', callId, method, segmentTxid });
      this.#advance(node, nowMs, effects);
    }
    this.#settleCall(callId, effects);
    return { callId, effects };
  }

  write(bytes: Buffer, firstTxid: bigint, count: number, nowMs: number): WriterEffect[] {
    const effects: WriterEffect[] = [];
    const segmentTxid = this.#segmentTxid;
    assert(segmentTxid !== undefined, 'a segment is open');
    assert(firstTxid === this.#nextTxid, `transaction ${firstTxid} where ${this.#nextTxid} is next`);
    const batch: Batch = { segmentTxid, firstTxid, lastTxid: firstTxid + BigInt(count) - 1n, bytes, writtenMs: nowMs };
    this.#nextTxid = batch.lastTxid + 1n;
    this.#unacknowledged.push(batch);
    this.#writeDeadlineMs ??= nowMs + this.#limits.writeTxnsTimeoutMs;
    for (let index = 0; index < this.#nodes.length; index++) {
      const node = this.#nodes[index]!;
      if (node.queuedBytes > 0 && node.queuedBytes + bytes.length > this.#limits.queuedEditsLimitBytes) {
        this.#leaveOut(index, segmentTxid, {
          className: undefined,
          message: `too far behind: ${node.queuedBytes} bytes of edits are queued for it`,
        });
      }
      // Left out of an older segment only, its start of this one is still to come and brings it back first.
      if (node.outOfSync === undefined || node.outOfSync.segmentTxid !== segmentTxid) {
        node.queue.push({ kind: 'edits', batch });
        node.queuedBytes += bytes.length;
      }
      this.#advance(index, nowMs, effects);
    }
    this.#judgeWrites(effects);
    return effects;
  }

  /** The call under way on this node was answered well. */
  succeeded(index: number, value: unknown, nowMs: number): WriterEffect[] {
    const effects: WriterEffect[] = [];
    const node = this.#nodes[index]!;
    const done = node.underWay;
    assert(done !== undefined, `node ${index} answers a call`);
    node.underWay = undefined;
    if (done.kind === 'edits') {
      node.queuedBytes -= done.bytes;
      node.ackedTxid = done.lastTxid;
      this.#countAcks(effects, nowMs);
    } else if (done.kind === 'call') {
      if (done.method === 'startLogSegment' && node.outOfSync?.segmentTxid !== done.segmentTxid) {
        node.outOfSync = undefined;
        node.lastFailure = undefined;
      }
      this.#calls.get(done.callId)?.quorum.succeeded(index, value);
      this.#settleCall(done.callId, effects);
    }
    this.#advance(index, nowMs, effects);
    return effects;
  }

  /** It was refused, or the connection failed. */
  failed(index: number, failure: NodeFailure, nowMs: number): WriterEffect[] {
    const effects: WriterEffect[] = [];
    const node = this.#nodes[index]!;
    const done = node.underWay;
    assert(done !== undefined, `node ${index} fails a call`);
    node.underWay = undefined;
    node.lastFailure = failure;
    if (done.kind === 'edits') {
      node.queuedBytes -= done.bytes;
      this.#leaveOut(index, done.segmentTxid, failure);
    } else if (done.kind === 'call') {
      if (done.method === 'startLogSegment') this.#leaveOut(index, done.segmentTxid, failure);
      this.#calls.get(done.callId)?.quorum.failed(index, failure);
      this.#settleCall(done.callId, effects);
    }
    this.#advance(index, nowMs, effects);
    this.#judgeWrites(effects);
    return effects;
  }

  /** To be called at `deadlineMs` or later. */
  tick(nowMs: number): WriterEffect[] {
    const effects: WriterEffect[] = [];
    for (const [callId, call] of this.#calls) {
      if (nowMs < call.deadlineMs) continue;
      const lateMs = nowMs - call.deadlineMs;
      if (lateMs > call.timeoutMs * PAUSE_SHARE) call.deadlineMs = nowMs + lateMs;
      else {
        this.#calls.delete(callId);
        effects.push({ type: 'callFailed', callId, error: call.quorum.timedOut(call.timeoutMs) });
      }
    }
    if (this.#writeDeadlineMs !== undefined && nowMs >= this.#writeDeadlineMs) {
      const lateMs = nowMs - this.#writeDeadlineMs;
      const timeoutMs = this.#limits.writeTxnsTimeoutMs;
      if (lateMs > timeoutMs * PAUSE_SHARE) this.#writeDeadlineMs = nowMs + lateMs;
      else this.#fail(this.#writeFailure(`Timed out waiting ${timeoutMs}ms for a quorum of nodes to respond`), effects);
    }
    return effects;
  }

  /** From here on nothing is sent: the owner closes, or another part of it failed. */
  abandon(error: LabError): WriterEffect[] {
    const effects: WriterEffect[] = [];
    this.#fail(error, effects);
    return effects;
  }

  // Inside.

  #requestInfo(node: Node): RequestInfo {
    return { epoch: this.#epoch!, ipcSerialNumber: node.ipcSerial++, committedTxid: this.#committedTxid };
  }

  #leaveOut(index: number, segmentTxid: bigint | undefined, failure: NodeFailure): void {
    const node = this.#nodes[index]!;
    node.lastFailure = failure;
    if (node.outOfSync === undefined || node.outOfSync.segmentTxid !== segmentTxid)
      node.outOfSync = { segmentTxid, failure };
    // What waits for it of this segment is dropped; what belongs to a later one stays.
    const kept = node.queue.filter((op) => op.kind !== 'edits' || op.batch.segmentTxid !== segmentTxid);
    for (const op of node.queue) {
      if (op.kind === 'edits' && op.batch.segmentTxid === segmentTxid) node.queuedBytes -= op.batch.bytes.length;
    }
    node.queue.splice(0, node.queue.length, ...kept);
  }

  /** Sends the next thing to a node that is idle. */
  #advance(index: number, nowMs: number, effects: WriterEffect[]): void {
    const node = this.#nodes[index]!;
    while (node.underWay === undefined && this.#failure === undefined) {
      const op = node.queue[0];
      if (op === undefined) {
        if (node.outOfSync !== undefined) this.#heartbeatIfDue(index, nowMs, effects);
        return;
      }
      if (op.kind === 'edits') {
        this.#sendEdits(index, op.batch, effects);
        return;
      }
      node.queue.shift();
      if (op.method === 'finalizeLogSegment' && node.outOfSync !== undefined) {
        this.#calls.get(op.callId)?.quorum.failed(index, {
          className: undefined,
          message: `Journal disabled until next roll: ${node.outOfSync.failure.message}`,
        });
        this.#settleCall(op.callId, effects);
        continue;
      }
      node.underWay = { kind: 'call', callId: op.callId, method: op.method, segmentTxid: op.segmentTxid };
      effects.push({
        type: 'sendCall',
        node: index,
        info: this.#requestInfo(node),
        callId: op.callId,
        method: op.method,
      });
    }
  }

  #sendEdits(index: number, first: Batch, effects: WriterEffect[]): void {
    const node = this.#nodes[index]!;
    const pieces: Buffer[] = [];
    let bytes = 0;
    let lastTxid = first.lastTxid;
    let taken = 0;
    for (const op of node.queue) {
      if (op.kind !== 'edits' || op.batch.segmentTxid !== first.segmentTxid) break;
      if (taken > 0 && bytes + op.batch.bytes.length > MAX_SEND_BYTES) break;
      pieces.push(op.batch.bytes);
      bytes += op.batch.bytes.length;
      lastTxid = op.batch.lastTxid;
      taken += 1;
    }
    node.queue.splice(0, taken);
    node.underWay = { kind: 'edits', segmentTxid: first.segmentTxid, lastTxid, bytes };
    effects.push({
      type: 'sendEdits',
      node: index,
      info: this.#requestInfo(node),
      segmentTxid: first.segmentTxid,
      firstTxid: first.firstTxid,
      lastTxid,
      pieces,
    });
  }

  /** A node that is left out still hears what is committed, so that it can tell its lag. */
  #heartbeatIfDue(index: number, nowMs: number, effects: WriterEffect[]): void {
    const node = this.#nodes[index]!;
    if (this.#segmentTxid === undefined || nowMs - node.lastHeartbeatMs < HEARTBEAT_INTERVAL_MS) return;
    node.lastHeartbeatMs = nowMs;
    node.underWay = { kind: 'heartbeat' };
    effects.push({ type: 'sendHeartbeat', node: index, info: this.#requestInfo(node) });
  }

  #countAcks(effects: WriterEffect[], nowMs: number): void {
    // A node in this list holds all of the open segment up to its number; earlier segments were closed by a majority.
    const acked = this.#nodes.map((node) => node.ackedTxid).sort((a, b) => (a > b ? -1 : a < b ? 1 : 0));
    const onMajority = acked[Math.floor(acked.length / 2)]!;
    let done = 0;
    while (done < this.#unacknowledged.length && this.#unacknowledged[done]!.lastTxid <= onMajority) done++;
    if (done === 0) return;
    const batches = this.#unacknowledged.splice(0, done);
    this.#ackedTxid = batches.at(-1)!.lastTxid;
    this.#committedTxid = this.#ackedTxid;
    const oldest = this.#unacknowledged[0];
    this.#writeDeadlineMs =
      oldest === undefined ? undefined : Math.max(oldest.writtenMs + this.#limits.writeTxnsTimeoutMs, nowMs);
    effects.push({ type: 'acknowledged', txid: this.#ackedTxid, batches });
  }

  #settleCall(callId: number, effects: WriterEffect[]): void {
    const call = this.#calls.get(callId);
    if (call === undefined || call.quorum.outcome === 'pending') return;
    this.#calls.delete(callId);
    if (call.quorum.outcome === 'succeeded')
      effects.push({ type: 'callSucceeded', callId, results: call.quorum.results });
    else effects.push({ type: 'callFailed', callId, error: call.quorum.failure() });
  }

  /** Fails when what is written can no longer get to a majority in this segment. */
  #judgeWrites(effects: WriterEffect[]): void {
    if (this.#unacknowledged.length === 0 || this.#failure !== undefined) return;
    const need = Math.floor(this.#nodes.length / 2) + 1;
    const newest = this.#unacknowledged.at(-1)!;
    const able = this.#nodes.filter(
      ({ outOfSync, ackedTxid }) => outOfSync?.segmentTxid !== newest.segmentTxid || ackedTxid >= newest.lastTxid,
    ).length;
    if (able < need)
      this.#fail(
        this.#writeFailure(`Got too many exceptions to achieve quorum size ${need}/${this.#nodes.length}`),
        effects,
      );
  }

  #writeFailure(what: string): LabError {
    const failures = new Map<number, NodeFailure>();
    this.#nodes.forEach((node, index) => {
      const failure = node.outOfSync?.failure ?? node.lastFailure;
      if (failure !== undefined) failures.set(index, failure);
    });
    return quorumFailure(what, this.#addresses, failures, this.#nodes.length - failures.size, 'sendEdits');
  }

  #fail(error: LabError, effects: WriterEffect[]): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#writeDeadlineMs = undefined;
    for (const callId of this.#calls.keys()) effects.push({ type: 'callFailed', callId, error });
    this.#calls.clear();
    for (const node of this.#nodes) node.queue.length = 0;
    effects.push({ type: 'failed', error });
  }
}
