/**
 * One JournalNode as the writer sees it: a queue, and one request at a time, since a JournalNode wants its writer's
 * calls in order. A node that is slow only grows its own queue: batches that wait there are sent as one. A node that
 * fails a batch is left out until the next segment begins. A part of the machine in writer.ts; mirrors
 * org.apache.hadoop.hdfs.qjournal.client.IPCLoggerChannel.
 */
import { assert } from '../../../base/errors.js';
import type { RequestInfo } from '../../state/types.js';
import type { NodeFailure } from './quorum-call.js';
import type { Batch, NumberedRequest, QueuedRequest } from './types.js';

type Operation =
  | { readonly kind: 'edits'; readonly call: number; readonly batch: Batch }
  | { readonly kind: 'call'; readonly call: number; readonly request: QueuedRequest };

type UnderWay =
  | {
      readonly kind: 'edits';
      readonly call: number;
      readonly segmentTxid: bigint;
      readonly lastTxid: bigint;
      readonly bytes: number;
    }
  | { readonly kind: 'call'; readonly call: number; readonly request: QueuedRequest }
  | { readonly kind: 'heartbeat'; readonly call: number };

/** What is known to the whole writer when a node is sent something. */
export interface WriterFacts {
  readonly epoch: bigint;
  readonly committedTxid: bigint | undefined;
  /** The open segment. */
  readonly segmentTxid: bigint | undefined;
  readonly nowMs: number;
}

export type Next =
  | { readonly type: 'send'; readonly call: number; readonly request: NumberedRequest }
  /** Not sent: the node cannot have what the call is about. */
  | { readonly type: 'skip'; readonly call: number; readonly failure: NodeFailure };

/** Batches that wait are sent together up to this size. */
const MAX_SEND_BYTES = 2 << 20;
const HEARTBEAT_INTERVAL_MS = 1000;

export class Logger {
  /** A call has told where it serves its segments. */
  servesSegments = false;
  readonly #queue: Operation[] = [];
  readonly #queuedEditsLimitBytes: number;
  #underWay: UnderWay | undefined;
  #ipcSerial = 0n;
  #ackedTxid = 0n;
  #queuedBytes = 0;
  /** The segment it is left out of, and why; the start of a later one brings it back. */
  #outOfSync: { readonly segmentTxid: bigint; readonly failure: NodeFailure } | undefined;
  #lastFailure: NodeFailure | undefined;
  #lastHeartbeatMs = -Infinity;

  constructor(queuedEditsLimitBytes: number) {
    this.#queuedEditsLimitBytes = queuedEditsLimitBytes;
  }

  get ackedTxid(): bigint {
    return this.#ackedTxid;
  }
  /** Why this node is not, or was not, with the others. */
  get failure(): NodeFailure | undefined {
    return this.#outOfSync?.failure ?? this.#lastFailure;
  }

  status(committedTxid: bigint | undefined): {
    outOfSync: boolean;
    ackedTxid: bigint;
    lagTxns: bigint;
    queuedBytes: number;
    lastError: string | undefined;
  } {
    const lag = (committedTxid ?? 0n) - this.#ackedTxid;
    return {
      outOfSync: this.#outOfSync !== undefined,
      ackedTxid: this.#ackedTxid,
      lagTxns: lag > 0n ? lag : 0n,
      queuedBytes: this.#queuedBytes,
      lastError: this.failure?.message,
    };
  }

  /** Whether it has this batch or may still get it in this segment. */
  canHold({ segmentTxid, lastTxid }: Batch): boolean {
    return this.#outOfSync?.segmentTxid !== segmentTxid || this.#ackedTxid >= lastTxid;
  }

  put(call: number, request: QueuedRequest): void {
    this.#queue.push({ kind: 'call', call, request });
  }

  putEdits(call: number, batch: Batch): void {
    const { segmentTxid, bytes } = batch;
    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes.length > this.#queuedEditsLimitBytes) {
      this.#leaveOut(segmentTxid, {
        className: undefined,
        message: `too far behind: ${this.#queuedBytes} bytes of edits are queued for it`,
      });
    }
    // Left out of an older segment only, its start of this one is still to come and brings it back first.
    if (this.#outOfSync?.segmentTxid === segmentTxid) return;
    this.#queue.push({ kind: 'edits', call, batch });
    this.#queuedBytes += bytes.length;
  }

  /** What goes out now; undefined while something is under way, or if there is nothing. */
  next(facts: WriterFacts): Next | undefined {
    if (this.#underWay !== undefined) return undefined;
    const op = this.#queue[0];
    if (op === undefined) return this.#heartbeat(facts);
    if (op.kind === 'edits') return this.#edits(op.call, op.batch, facts);
    this.#queue.shift();
    const { call, request } = op;
    if (request.method === 'finalizeLogSegment' && this.#outOfSync !== undefined) {
      const message = `Journal disabled until next roll: ${this.#outOfSync.failure.message}`;
      return { type: 'skip', call, failure: { className: undefined, message } };
    }
    this.#underWay = op;
    return { type: 'send', call, request: { ...request, info: this.#info(facts) } };
  }

  /** What was under way was answered well. */
  succeeded(call: number): void {
    const done = this.#take(call);
    if (done.kind === 'edits') {
      this.#queuedBytes -= done.bytes;
      this.#ackedTxid = done.lastTxid;
    } else if (done.kind === 'call' && done.request.method === 'startLogSegment') {
      if (this.#outOfSync?.segmentTxid === done.request.txid) return;
      this.#outOfSync = undefined;
      this.#lastFailure = undefined;
    }
  }

  failed(call: number, failure: NodeFailure): void {
    const done = this.#take(call);
    this.#lastFailure = failure;
    if (done.kind === 'edits') {
      this.#queuedBytes -= done.bytes;
      this.#leaveOut(done.segmentTxid, failure);
    } else if (done.kind === 'call' && done.request.method === 'startLogSegment') {
      this.#leaveOut(done.request.txid, failure);
    }
  }

  #take(call: number): UnderWay {
    const done = this.#underWay;
    assert(done?.call === call, `the answer to call ${call} is awaited`);
    this.#underWay = undefined;
    return done;
  }

  #info({ epoch, committedTxid }: WriterFacts): RequestInfo {
    return { epoch, ipcSerialNumber: this.#ipcSerial++, committedTxid };
  }

  #leaveOut(segmentTxid: bigint, failure: NodeFailure): void {
    this.#lastFailure = failure;
    if (this.#outOfSync?.segmentTxid !== segmentTxid) this.#outOfSync = { segmentTxid, failure };
    // What waits for it of this segment is dropped; what belongs to a later one stays.
    const dropped = (op: Operation): boolean => op.kind === 'edits' && op.batch.segmentTxid === segmentTxid;
    for (const op of this.#queue) if (op.kind === 'edits' && dropped(op)) this.#queuedBytes -= op.batch.bytes.length;
    this.#queue.splice(0, this.#queue.length, ...this.#queue.filter((op) => !dropped(op)));
  }

  #edits(call: number, { segmentTxid, firstTxid }: Batch, facts: WriterFacts): Next {
    const pieces: Buffer[] = [];
    let bytes = 0;
    let lastTxid = firstTxid;
    for (const op of this.#queue) {
      if (op.kind !== 'edits' || op.batch.segmentTxid !== segmentTxid) break;
      if (pieces.length > 0 && bytes + op.batch.bytes.length > MAX_SEND_BYTES) break;
      pieces.push(op.batch.bytes);
      bytes += op.batch.bytes.length;
      lastTxid = op.batch.lastTxid;
    }
    this.#queue.splice(0, pieces.length);
    this.#underWay = { kind: 'edits', call, segmentTxid, lastTxid, bytes };
    const info = this.#info(facts);
    return { type: 'send', call, request: { method: 'journal', info, segmentTxid, firstTxid, lastTxid, pieces } };
  }

  /** A node that is left out still hears what is committed, so that it can tell its lag. */
  #heartbeat(facts: WriterFacts): Next | undefined {
    const { segmentTxid, nowMs } = facts;
    if (this.#outOfSync === undefined || segmentTxid === undefined) return undefined;
    if (nowMs - this.#lastHeartbeatMs < HEARTBEAT_INTERVAL_MS) return undefined;
    this.#lastHeartbeatMs = nowMs;
    // The only requests without a number of the writer's: nobody else waits for the answer.
    this.#underWay = { kind: 'heartbeat', call: 0 };
    return { type: 'send', call: 0, request: { method: 'heartbeat', info: this.#info(facts) } };
  }
}
