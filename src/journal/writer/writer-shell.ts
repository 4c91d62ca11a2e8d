/**
 * The writer at work: sends what its machine wants to the JournalNodes, feeds it their answers, and keeps the promises
 * that callers wait for. All rules are in writer.ts.
 */
import { LabError, assert } from '../../base/errors.js';
import { Driver } from '../../base/machine.js';
import type { Carried } from '../../base/machine.js';
import type { Host } from '../../host/host.js';
import { opDigests } from '../../wire/edits/segment/digest.js';
import { EDITS_LAYOUT_VERSION } from '../../wire/edits/segment/header.js';
import type { PrepareRecoveryResponseProto, RequestInfoProto } from '../../wire/hadoop/gen/qjournal-protocol.js';
import type { PrepareRecoveryReply, RequestInfo } from '../state/types.js';
import type { LoggerStatus, QuorumJournalOptions } from './api.js';
import type { LoggerClient, QJournalMethod, QJournalRequest, QJournalResponse } from './logger-client.js';
import { journalName, namespaceInfoProto } from './protos.js';
import { segmentUrl } from './segment-url.js';
import type { Batch, NumberedRequest, WriterEffect, WriterInput, WriterRequest } from './state/types.js';
import { Writer } from './writer.js';

interface Waiter {
  readonly txid: bigint;
  resolve(): void;
  reject(error: Error): void;
}

type Outcome = { readonly epoch: bigint; readonly lastTxid: bigint } | undefined;

export class WriterShell {
  readonly #host: Host;
  readonly #options: QuorumJournalOptions;
  readonly #journalId: string;
  readonly #nodes: readonly LoggerClient[];
  /** As most requests begin. */
  readonly #name: ReturnType<typeof journalName>;
  readonly #writer: Writer;
  readonly #driver: Driver<WriterInput, WriterEffect>;
  #writtenTxid = 0n;
  #ackedTxid = 0n;
  #failure: LabError | undefined;
  /** Of becomeWriter, startSegment or finalizeSegment. */
  #caller: { resolve(outcome: Outcome): void; reject(error: Error): void } | undefined;
  #waiters: Waiter[] = [];

  constructor(host: Host, options: QuorumJournalOptions, journalId: string, nodes: readonly LoggerClient[]) {
    this.#host = host;
    this.#options = options;
    this.#journalId = journalId;
    this.#nodes = nodes;
    this.#name = journalName(journalId, options.nameServiceId);
    this.#writer = new Writer(
      nodes.map((node) => node.address),
      options.config,
    );
    this.#driver = new Driver<WriterInput, WriterEffect>(this.#writer, {
      clock: host.clock,
      carryOut: (effect) => this.#carryOut(effect),
    });
  }

  async becomeWriter(): Promise<{ epoch: bigint; lastTxid: bigint }> {
    return (await this.#call({ type: 'becomeWriter' }))!;
  }

  async startSegment(txid: bigint): Promise<void> {
    await this.#call({ type: 'startSegment', txid });
  }

  async finalizeSegment(firstTxid: bigint, lastTxid: bigint): Promise<void> {
    await this.#call({ type: 'finalizeSegment', firstTxid, lastTxid });
  }

  write(bytes: Uint8Array, firstTxid: bigint, count: number): void {
    if (this.#failure !== undefined) throw this.#failure;
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#writtenTxid = firstTxid + BigInt(count) - 1n;
    this.#driver.feed({ type: 'write', bytes: buffer, firstTxid, count });
  }

  flush(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#ackedTxid >= this.#writtenTxid) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ txid: this.#writtenTxid, resolve, reject }));
  }

  purge(minTxid: bigint): void {
    this.#driver.feed({ type: 'purge', minTxid });
  }

  status(): readonly LoggerStatus[] {
    return this.#nodes.map(({ address }, node) => ({ address, ...this.#writer.status(node) }));
  }

  close(error: LabError): void {
    this.#driver.stop();
    this.#end(error);
  }

  #call(input: WriterInput): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      assert(this.#caller === undefined, `one call of a writer at a time, not ${input.type} beside another`);
      this.#caller = { resolve, reject };
      this.#driver.feed(input);
    });
  }

  #settle(outcome?: Outcome): void {
    const caller = this.#caller;
    this.#caller = undefined;
    caller?.resolve(outcome);
  }

  #carryOut(effect: Carried<WriterEffect>): void {
    switch (effect.type) {
      case 'send':
        return this.#send(effect.node, effect.call, effect.request);
      case 'becameWriter':
        return this.#settle({ epoch: effect.epoch, lastTxid: effect.lastTxid });
      case 'segmentStarted':
      case 'segmentFinalized':
        return this.#settle();
      case 'acknowledged':
        return this.#acknowledged(effect.epoch, effect.txid, effect.batches);
      case 'failed':
        this.#end(effect.error);
        // Never inside the writer's own call.
        this.#host.clock.soon(() => this.#options.onFailed?.(effect.error));
        return;
      case 'emit':
        this.#host.emit(effect.event);
        return;
      case 'log':
        this.#host.log[effect.level](effect.message);
    }
  }

  #end(error: LabError): void {
    this.#failure = error;
    this.#caller?.reject(error);
    this.#caller = undefined;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  #acknowledged(epoch: bigint, txid: bigint, batches: readonly Batch[]): void {
    const { trace } = this.#host;
    if (trace !== undefined) {
      for (const { bytes } of batches) {
        for (const op of opDigests(bytes))
          trace({ type: 'EditsAcknowledged', epoch, firstTxid: op.txid, lastTxid: op.txid, digest: op.digest });
      }
    }
    this.#ackedTxid = txid;
    let done = 0;
    while (done < this.#waiters.length && this.#waiters[done]!.txid <= txid) this.#waiters[done++]!.resolve();
    if (done > 0) this.#waiters.splice(0, done);
    this.#options.onAcknowledged?.(txid);
  }

  // --- requests as messages, and messages as answers

  #send(node: number, call: number, request: WriterRequest): void {
    const { nsInfo } = this.#options;
    switch (request.method) {
      case 'getJournalState':
        return this.#request(node, call, request.method, this.#name, ({ lastPromisedEpoch }) => ({
          type: 'journalState',
          node,
          call,
          lastPromisedEpoch,
        }));
      case 'newEpoch': {
        const message = { ...this.#name, nsInfo: namespaceInfoProto(nsInfo), epoch: request.epoch };
        return this.#request(node, call, request.method, message, ({ lastSegmentTxId }) => ({
          type: 'promised',
          node,
          call,
          lastSegmentTxid: lastSegmentTxId,
        }));
      }
      case 'prepareRecovery': {
        const message = { reqInfo: this.#reqInfo(request.info), segmentTxId: request.segmentTxid };
        return this.#request(node, call, request.method, message, (response) => ({
          type: 'prepared',
          node,
          call,
          reply: preparedReply(response),
        }));
      }
      default:
        return this.#sendNumbered(node, call, request);
    }
  }

  #sendNumbered(node: number, call: number, request: NumberedRequest & { method: Acknowledged }): void {
    const reqInfo = this.#reqInfo(request.info);
    const { method } = request;
    const send = <M extends Acknowledged>(of: M, message: QJournalRequest<M>): void =>
      this.#request(node, call, of, message, () => ({ type: 'done', node, call }));
    switch (method) {
      case 'journal': {
        const { segmentTxid, firstTxid, lastTxid, pieces } = request;
        return send(method, {
          reqInfo,
          segmentTxnId: segmentTxid,
          firstTxnId: firstTxid,
          numTxns: Number(lastTxid - firstTxid) + 1,
          records: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces),
        });
      }
      case 'heartbeat':
        return send(method, { reqInfo });
      case 'startLogSegment':
        return send(method, { reqInfo, txid: request.txid, layoutVersion: EDITS_LAYOUT_VERSION });
      case 'finalizeLogSegment':
        return send(method, { reqInfo, startTxId: request.startTxid, endTxId: request.endTxid });
      case 'purgeLogs':
        return send(method, { reqInfo, minTxIdToKeep: request.minTxid });
      case 'acceptRecovery': {
        const { startTxid, endTxid, isInProgress } = request.segment;
        const { httpBase } = this.#nodes[request.from]!;
        return send(method, {
          reqInfo,
          stateToAccept: { startTxId: startTxid, endTxId: endTxid, isInProgress },
          fromURL: segmentUrl(httpBase!, this.#journalId, startTxid, this.#options.nsInfo),
        });
      }
    }
  }

  #request<M extends QJournalMethod & WriterRequest['method']>(
    node: number,
    call: number,
    method: M,
    message: QJournalRequest<M>,
    answer: (response: QJournalResponse<M>) => WriterInput,
  ): void {
    this.#nodes[node]!.send(method, message, (failure, response) => {
      if (failure === undefined) this.#driver.feed(answer(response as QJournalResponse<M>));
      else this.#driver.feed({ type: 'refused', node, call, method, failure });
    });
  }

  #reqInfo(info: RequestInfo): RequestInfoProto {
    const { epoch, ipcSerialNumber, committedTxid } = info;
    return {
      journalId: this.#name.jid,
      nameServiceId: this.#name.nameServiceId,
      epoch,
      ipcSerialNumber,
      committedTxId: committedTxid,
    };
  }
}

/** Requests that are answered with nothing but their success. */
type Acknowledged = Exclude<NumberedRequest['method'], 'prepareRecovery'>;

function preparedReply(proto: PrepareRecoveryResponseProto): PrepareRecoveryReply {
  const { segmentState } = proto;
  return {
    segment: segmentState && {
      startTxid: segmentState.startTxId,
      endTxid: segmentState.endTxId,
      isInProgress: segmentState.isInProgress,
    },
    acceptedInEpoch: proto.acceptedInEpoch,
    lastWriterEpoch: proto.lastWriterEpoch,
    lastCommittedTxid: proto.lastCommittedTxId,
  };
}
