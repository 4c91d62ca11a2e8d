/**
 * The writer of a quorum journal: how it becomes the only one, and how edits get onto a majority of the JournalNodes.
 *
 *   becomeWriter := getJournalState (any majority) -> newEpoch, one above the highest promise
 *                   -> nothing to recover, or: prepareRecovery -> decide -> acceptRecovery -> finalizeLogSegment
 *   a segment    := startLogSegment -> write… -> finalizeLogSegment
 *
 * Each arrow is a majority's good answers. One of becomeWriter, startSegment and finalizeSegment at a time; when one of
 * them fails, or edits cannot get onto a majority any more, the writer has failed and sends nothing more. Queues and
 * order of one node are in state/logger.ts, the choice of a copy in state/recovery.ts.
 *
 * Mirrors org.apache.hadoop.hdfs.qjournal.client.{QuorumJournalManager,AsyncLoggerSet,QuorumOutputStream}.
 */
import { LabError, assert, hasCode } from '../../base/errors.js';
import type { Machine } from '../../base/machine.js';
import type { PrepareRecoveryReply, SegmentState } from '../state/types.js';
import { Deadline } from './state/deadline.js';
import { Logger } from './state/logger.js';
import { QuorumCall, quorumFailure } from './state/quorum-call.js';
import type { NodeFailure } from './state/quorum-call.js';
import { decideRecovery } from './state/recovery.js';
import { Unacknowledged } from './state/unacknowledged.js';
import type {
  Batch,
  QueuedRequest,
  Step,
  WriterEffect,
  WriterInput,
  WriterLimits,
  WriterTimer,
} from './state/types.js';

type Answer = bigint | PrepareRecoveryReply | undefined;

interface Pending {
  readonly call: number;
  readonly step: Step;
  readonly quorum: QuorumCall<Answer>;
  readonly deadline: Deadline;
}

export class Writer implements Machine<WriterInput, WriterEffect> {
  readonly #addresses: readonly string[];
  readonly #limits: WriterLimits;
  readonly #loggers: readonly Logger[];
  readonly #need: number;
  #epoch: bigint | undefined;
  #nextCall = 1;
  #pending: Pending | undefined;
  #segmentTxid: bigint | undefined;
  #nextTxid = 0n;
  readonly #unacknowledged: Unacknowledged;
  #ackedTxid: bigint | undefined;
  /** The timer `write` is set. It is not moved for each batch: one that goes off early looks again. */
  #writeTimer = false;
  #failure: LabError | undefined;
  #effects: WriterEffect[] = [];
  #nowMs = 0;

  constructor(addresses: readonly string[], limits: WriterLimits) {
    this.#addresses = addresses;
    this.#limits = limits;
    this.#loggers = addresses.map(() => new Logger(limits.queuedEditsLimitBytes));
    this.#unacknowledged = new Unacknowledged(limits.writeTxnsTimeoutMs);
    this.#need = Math.floor(addresses.length / 2) + 1;
  }

  status(node: number): ReturnType<Logger['status']> {
    return this.#loggers[node]!.status(this.#ackedTxid);
  }

  step(input: WriterInput, nowMs: number): readonly WriterEffect[] {
    this.#effects = [];
    this.#nowMs = nowMs;
    if (this.#failure === undefined) this.#take(input);
    return this.#effects;
  }

  #take(input: WriterInput): void {
    switch (input.type) {
      case 'becomeWriter':
        assert(this.#epoch === undefined && this.#pending === undefined, 'an instance becomes writer once');
        return this.#ask({ type: 'getJournalState' }, 'getJournalState()', this.#limits.getJournalStateTimeoutMs);
      case 'startSegment':
        return this.#startSegment(input.txid);
      case 'write':
        return this.#write(input.bytes, input.firstTxid, input.count);
      case 'finalizeSegment':
        this.#segmentTxid = undefined;
        return this.#finalize({ type: 'finalizeLogSegment' }, input.firstTxid, input.lastTxid);
      case 'purge':
        if (this.#epoch !== undefined) this.#put(this.#nextCall++, { method: 'purgeLogs', minTxid: input.minTxid });
        return;
      case 'journalState':
        return this.#journalState(input.node, input.call, input.lastPromisedEpoch);
      case 'promised':
        return this.#answered(input.node, input.call, input.lastSegmentTxid);
      case 'prepared':
        this.#loggers[input.node]!.succeeded(input.call);
        this.#answered(input.node, input.call, input.reply);
        return this.#advance(input.node);
      case 'done':
        this.#loggers[input.node]!.succeeded(input.call);
        this.#countAcks();
        this.#answered(input.node, input.call, undefined);
        return this.#advance(input.node);
      case 'refused':
        return this.#refused(input);
      case 'timer':
        return this.#timer(input.timer);
    }
  }

  // --- becoming writer

  /** A question to all nodes that needs no epoch, and so waits in no queue. */
  #ask(step: Step & { type: 'getJournalState' | 'newEpoch' }, operation: string, timeoutMs: number): void {
    const call = this.#await(step, operation, timeoutMs);
    const request =
      step.type === 'newEpoch'
        ? ({ method: 'newEpoch', epoch: step.epoch } as const)
        : ({ method: step.type } as const);
    for (let node = 0; node < this.#loggers.length; node++) this.#effects.push({ type: 'send', node, call, request });
  }

  #journalState(node: number, call: number, lastPromisedEpoch: bigint): void {
    this.#loggers[node]!.servesSegments = true;
    const step = this.#pending?.step;
    if (step?.type !== 'findSource' || step.from !== node) return this.#answered(node, call, lastPromisedEpoch);
    this.#settled();
    this.#accept(step.segment, node);
  }

  #newEpoch(promises: readonly bigint[]): void {
    const highest = promises.reduce((a, b) => (a > b ? a : b), 0n);
    const epoch = highest + 1n;
    this.#ask({ type: 'newEpoch', epoch }, `newEpoch(${epoch})`, this.#limits.newEpochTimeoutMs);
  }

  #established(epoch: bigint, segments: readonly (bigint | undefined)[]): void {
    this.#epoch = epoch;
    this.#effects.push({ type: 'emit', event: { type: 'WriterEpochEstablished', epoch } });
    let newest: bigint | undefined;
    for (const txid of segments) if (txid !== undefined && (newest === undefined || txid > newest)) newest = txid;
    if (newest === undefined) return this.#becameWriter(0n, 0);
    this.#call(
      { type: 'prepareRecovery', segmentTxid: newest },
      `prepareRecovery(${newest})`,
      this.#limits.prepareRecoveryTimeoutMs,
      { method: 'prepareRecovery', segmentTxid: newest },
    );
  }

  #recover(segmentTxid: bigint, prepared: readonly { node: number; reply: PrepareRecoveryReply }[]): void {
    const decision = decideRecovery(segmentTxid, prepared);
    if (decision.kind === 'contradiction') return this.#fail(new LabError('ASSERTION', decision.reason));
    if (decision.kind === 'nothing') {
      this.#log('info', `None of the responders had a log to recover for segment ${segmentTxid}`);
      return this.#becameWriter(segmentTxid - 1n, 0);
    }
    const { segment, from } = decision;
    this.#log(
      'info',
      `Recovering segment ${segment.startTxid}-${segment.endTxid} from ${this.#addresses[from]}` +
        `${decision.bound ? ' (accepted before)' : ''}`,
    );
    if (this.#loggers[from]!.servesSegments) return this.#accept(segment, from);
    const { getJournalStateTimeoutMs } = this.#limits;
    const call = this.#await({ type: 'findSource', segment, from }, 'getJournalState()', getJournalStateTimeoutMs);
    this.#effects.push({ type: 'send', node: from, call, request: { method: 'getJournalState' } });
  }

  #accept(segment: SegmentState, from: number): void {
    const operation = `acceptRecovery(${segment.startTxid}-${segment.endTxid})`;
    const { acceptRecoveryTimeoutMs } = this.#limits;
    const request = { method: 'acceptRecovery', segment, from } as const;
    this.#call({ type: 'acceptRecovery', segment }, operation, acceptRecoveryTimeoutMs, request);
  }

  #becameWriter(lastTxid: bigint, segments: number): void {
    this.#effects.push({ type: 'emit', event: { type: 'SegmentsRecovered', lastTxid, segments } });
    this.#effects.push({ type: 'becameWriter', epoch: this.#epoch!, lastTxid });
  }

  // --- segments

  #startSegment(txid: bigint): void {
    assert(this.#unacknowledged.isEmpty, 'a segment begins when all of the last one is acknowledged');
    this.#segmentTxid = txid;
    this.#nextTxid = txid;
    const { startSegmentTimeoutMs } = this.#limits;
    const request = { method: 'startLogSegment', txid } as const;
    this.#call({ type: 'startLogSegment' }, `startLogSegment(${txid})`, startSegmentTimeoutMs, request);
  }

  #finalize(step: Step, startTxid: bigint, endTxid: bigint): void {
    assert(this.#unacknowledged.isEmpty, 'a segment ends when all of it is acknowledged');
    const { finalizeSegmentTimeoutMs } = this.#limits;
    const request = { method: 'finalizeLogSegment', startTxid, endTxid } as const;
    this.#call(step, `finalizeLogSegment(${startTxid}-${endTxid})`, finalizeSegmentTimeoutMs, request);
  }

  #write(bytes: Buffer, firstTxid: bigint, count: number): void {
    const segmentTxid = this.#segmentTxid;
    assert(segmentTxid !== undefined, 'a segment is open');
    assert(firstTxid === this.#nextTxid, `transaction ${firstTxid} where ${this.#nextTxid} is next`);
    const lastTxid = firstTxid + BigInt(count) - 1n;
    const batch: Batch = { segmentTxid, firstTxid, lastTxid, bytes, writtenMs: this.#nowMs };
    this.#nextTxid = lastTxid + 1n;
    this.#unacknowledged.put(batch);
    if (!this.#writeTimer) this.#setWriteTimer(this.#limits.writeTxnsTimeoutMs);
    const call = this.#nextCall++;
    for (let node = 0; node < this.#loggers.length; node++) {
      this.#loggers[node]!.putEdits(call, batch);
      this.#advance(node);
    }
    this.#judgeWrites();
  }

  // --- requests and answers

  /** From here on answers to this call are counted. */
  #await(step: Step, operation: string, timeoutMs: number): number {
    const call = this.#nextCall++;
    const quorum = new QuorumCall<Answer>(operation, this.#addresses);
    this.#pending = { call, step, quorum, deadline: new Deadline(timeoutMs, this.#nowMs) };
    this.#effects.push({ type: 'setTimer', timer: 'call', delayMs: timeoutMs });
    return call;
  }

  /** Puts a request behind what each node still has to do, and awaits a majority. */
  #call(step: Step, operation: string, timeoutMs: number, request: QueuedRequest): void {
    assert(this.#epoch !== undefined, `${request.method} before an epoch is established`);
    assert(this.#pending === undefined, `${request.method} while another call is under way`);
    this.#put(this.#await(step, operation, timeoutMs), request);
  }

  #put(call: number, request: QueuedRequest): void {
    for (let node = 0; node < this.#loggers.length; node++) {
      this.#loggers[node]!.put(call, request);
      this.#advance(node);
    }
  }

  /** Sends a node what comes next for it, if it is idle. */
  #advance(node: number): void {
    while (this.#failure === undefined && this.#epoch !== undefined) {
      const next = this.#loggers[node]!.next({
        epoch: this.#epoch,
        committedTxid: this.#ackedTxid,
        segmentTxid: this.#segmentTxid,
        nowMs: this.#nowMs,
      });
      if (next === undefined) return;
      if (next.type === 'send') {
        this.#effects.push({ type: 'send', node, call: next.call, request: next.request });
        return;
      }
      this.#counted(next.call, (quorum) => quorum.failed(node, next.failure));
    }
  }

  #answered(node: number, call: number, answer: Answer): void {
    this.#counted(call, (quorum) => quorum.succeeded(node, answer));
  }

  /** Counts an answer if its call is the one that is awaited, and goes on if that settles it. */
  #counted(call: number, count: (quorum: QuorumCall<Answer>) => void): void {
    if (this.#pending?.call !== call) return;
    count(this.#pending.quorum);
    this.#settle(this.#pending);
  }

  #refused({ node, call, method, failure }: WriterInput & { type: 'refused' }): void {
    if (method === 'journal' || method === 'startLogSegment') {
      this.#log(
        'warn',
        `Remote journal ${this.#addresses[node]} failed ${method}: ${failure.message}. Will try to write to this ` +
          `JN again after the next log roll.`,
      );
    }
    const queued = method !== 'getJournalState' && method !== 'newEpoch';
    if (queued) this.#loggers[node]!.failed(call, failure);
    if (this.#pending?.call === call && this.#pending.step.type === 'findSource') {
      const what = `${this.#addresses[node]}, which has the segment to recover, does not answer: ${failure.message}`;
      return this.#fail(new LabError('QUORUM_LOST', what));
    }
    this.#counted(call, (quorum) => quorum.failed(node, failure));
    if (!queued) return;
    this.#advance(node);
    this.#judgeWrites();
  }

  /** Goes on once a majority has answered well, or gives up once it cannot any more. */
  #settle({ step, quorum }: Pending): void {
    if (quorum.outcome === 'pending') return;
    if (quorum.outcome === 'failed') return this.#fail(quorum.failure());
    this.#settled();
    const { results } = quorum;
    switch (step.type) {
      case 'getJournalState':
        return this.#newEpoch(results.map(({ value }) => value as bigint));
      case 'newEpoch':
        return this.#established(
          step.epoch,
          results.map(({ value }) => value as bigint | undefined),
        );
      case 'prepareRecovery':
        return this.#recover(
          step.segmentTxid,
          results.map(({ node, value }) => ({ node, reply: value as PrepareRecoveryReply })),
        );
      case 'findSource':
        return;
      case 'acceptRecovery':
        return this.#finalize(
          { type: 'finalizeRecovered', segment: step.segment },
          step.segment.startTxid,
          step.segment.endTxid,
        );
      case 'finalizeRecovered':
        return this.#becameWriter(step.segment.endTxid, 1);
      case 'startLogSegment':
        this.#effects.push({ type: 'segmentStarted' });
        return;
      case 'finalizeLogSegment':
        this.#effects.push({ type: 'segmentFinalized' });
    }
  }

  #settled(): void {
    this.#pending = undefined;
    this.#effects.push({ type: 'clearTimer', timer: 'call' });
  }

  // --- what is on a majority, and when there is no hope of it

  #countAcks(): void {
    if (this.#unacknowledged.isEmpty) return;
    // A node in this list holds all of the open segment up to its number; earlier segments were closed by a majority.
    const acked = this.#loggers.map((logger) => logger.ackedTxid).sort((a, b) => (a > b ? -1 : a < b ? 1 : 0));
    const batches = this.#unacknowledged.takeUpTo(acked[this.#need - 1]!, this.#nowMs);
    const txid = batches.at(-1)?.lastTxid;
    if (txid === undefined) return;
    this.#ackedTxid = txid;
    this.#effects.push({ type: 'acknowledged', epoch: this.#epoch!, txid, batches });
  }

  /** Fails when what is written can no longer get to a majority in this segment. */
  #judgeWrites(): void {
    const { newest } = this.#unacknowledged;
    if (newest === undefined || this.#failure !== undefined) return;
    if (this.#loggers.filter((logger) => logger.canHold(newest)).length >= this.#need) return;
    this.#failWrites(`Got too many exceptions to achieve quorum size ${this.#need}/${this.#loggers.length}`);
  }

  #failWrites(what: string): void {
    const failures = new Map<number, NodeFailure>();
    this.#loggers.forEach(({ failure }, node) => {
      if (failure !== undefined) failures.set(node, failure);
    });
    this.#fail(quorumFailure(what, this.#addresses, failures, this.#loggers.length - failures.size, 'sendEdits'));
  }

  #setWriteTimer(delayMs: number): void {
    this.#writeTimer = true;
    this.#effects.push({ type: 'setTimer', timer: 'write', delayMs });
  }

  #timer(timer: WriterTimer): void {
    if (timer === 'call') {
      const { deadline, quorum } = this.#pending!;
      const delayMs = deadline.leftMs(this.#nowMs);
      if (delayMs === undefined) this.#fail(quorum.timedOut(deadline.timeoutMs));
      else this.#effects.push({ type: 'setTimer', timer, delayMs });
      return;
    }
    this.#writeTimer = false;
    const { deadline } = this.#unacknowledged;
    if (deadline === undefined) return;
    const leftMs = deadline.leftMs(this.#nowMs);
    if (leftMs === undefined)
      this.#failWrites(`Timed out waiting ${deadline.timeoutMs}ms for a quorum of nodes to respond`);
    else this.#setWriteTimer(leftMs);
  }

  #log(level: 'info' | 'warn', message: string): void {
    this.#effects.push({ type: 'log', level, message });
  }

  #fail(error: LabError): void {
    this.#failure = error;
    this.#pending = undefined;
    this.#effects.push({ type: 'clearTimer', timer: 'call' }, { type: 'clearTimer', timer: 'write' });
    if (hasCode(error, 'QUORUM_LOST'))
      this.#effects.push({ type: 'emit', event: { type: 'QuorumLost', reason: error.message } });
    this.#effects.push({ type: 'failed', error });
  }
}
