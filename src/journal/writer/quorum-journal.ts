/**
 * A quorum journal: becoming its writer, writing, and what NameNodes do at format. The shell around state/:
 * connections, timers and promises. Reading is in quorum-reader.ts. Mirrors
 * org.apache.hadoop.hdfs.qjournal.client.QuorumJournalManager.
 */
import { LabError, assert, hasCode } from '../../base/errors.js';
import type { Host, Timer } from '../../host/host.js';
import { opDigests } from '../../wire/edits/segment/digest.js';
import { EDITS_LAYOUT_VERSION } from '../../wire/edits/segment/header.js';
import type { NamespaceInfoProto } from '../../wire/hadoop/gen/hdfs-server.js';
import type { PrepareRecoveryResponseProto, RequestInfoProto } from '../../wire/hadoop/gen/qjournal-protocol.js';
import { createRpcClient } from '../../wire/hadoop/rpc/client.js';
import type { RpcClient } from '../../wire/hadoop/rpc/client.js';
import type { PrepareRecoveryReply, RequestInfo } from '../state/types.js';
import type { EditsRange, LoggerStatus, NamespaceInfo, QuorumJournal, QuorumJournalOptions } from './api.js';
import { LoggerClient } from './logger-client.js';
import type { QJournalMethod, QJournalRequest, QJournalResponse } from './logger-client.js';
import { QuorumReader } from './quorum-reader.js';
import { segmentUrl } from './segment-url.js';
import { QuorumCall } from './state/quorum-call.js';
import { decideRecovery } from './state/recovery.js';
import { WriterState } from './state/writer-state.js';
import type { Batch, WriterEffect, WriterMethod } from './state/writer-state.js';
import { parseQuorumJournalUri } from './uri.js';

export function openQuorumJournal(host: Host, options: QuorumJournalOptions): QuorumJournal {
  return new QuorumJournalShell(host, options);
}

interface Waiter {
  readonly txid: bigint;
  resolve(): void;
  reject(error: Error): void;
}

interface WriterCall {
  readonly request: (info: RequestInfoProto) => QJournalRequest<WriterMethod>;
  resolve(results: readonly { readonly node: number; readonly value: unknown }[]): void;
  reject(error: Error): void;
}

class QuorumJournalShell implements QuorumJournal {
  readonly journalId: string;
  readonly #host: Host;
  readonly #options: QuorumJournalOptions;
  readonly #rpc: RpcClient;
  readonly #nodes: readonly LoggerClient[];
  readonly #addresses: readonly string[];
  readonly #state: WriterState;
  readonly #reader: QuorumReader;
  readonly #calls = new Map<number, WriterCall>();
  #waiters: Waiter[] = [];
  #timer: Timer | undefined;
  #timerDueMs = Infinity;
  #writer = false;
  #closed = false;

  constructor(host: Host, options: QuorumJournalOptions) {
    const { nodes, journalId } = parseQuorumJournalUri(options.uri);
    const { config } = options;
    this.journalId = journalId;
    this.#host = host;
    this.#options = options;
    const { connectTimeoutMs, connectRetries, connectRetriesOnTimeouts, connectRetryIntervalMs } = config;
    this.#rpc = createRpcClient(host, {
      user: options.rpcUser,
      connectTimeoutMs,
      ...(connectRetries === undefined ? {} : { connectRetries }),
      ...(connectRetriesOnTimeouts === undefined ? {} : { connectRetriesOnTimeouts }),
      ...(connectRetryIntervalMs === undefined ? {} : { connectRetryIntervalMs }),
    });
    this.#nodes = nodes.map((endpoint) => new LoggerClient(this.#rpc, endpoint));
    this.#addresses = this.#nodes.map((node) => node.address);
    this.#state = new WriterState(this.#addresses, config);
    this.#reader = new QuorumReader({
      host,
      config,
      journalId,
      nsInfo: options.nsInfo,
      nodes: this.#nodes,
      ask: (method, request, operation, timeoutMs) => this.#ask(method, request, operation, timeoutMs),
      askEach: (method, request, timeoutMs) => this.#askEach(method, request, timeoutMs),
    });
    if (nodes.length % 2 === 0)
      host.log.warn(
        `Quorum journal URI '${options.uri}' has an even number of Journal Nodes specified. This is not recommended!`,
      );
  }

  // Before there is a writer.

  async format({ force }: { force: boolean }): Promise<void> {
    await this.#askAll(
      'format',
      { jid: this.#jid, nsInfo: namespaceInfoProto(this.#options.nsInfo), ...this.#nameService, force },
      'format',
      'Could not format one or more JournalNodes',
    );
  }

  async isFormatted(): Promise<boolean> {
    const answers = await this.#askAll(
      'isFormatted',
      { jid: this.#jid, ...this.#nameService },
      'hasSomeData',
      'Unable to check if JNs are ready for formatting',
    );
    return answers.some(({ value }) => value.isFormatted);
  }

  // The writer.

  async becomeWriter(): Promise<{ epoch: bigint; lastTxid: bigint }> {
    assert(!this.#writer, 'an instance becomes writer once');
    this.#writer = true;
    try {
      return await this.#establish();
    } catch (error) {
      const failure = this.#asFailure(error);
      this.#run(this.#state.abandon(failure));
      throw failure;
    }
  }

  async #establish(): Promise<{ epoch: bigint; lastTxid: bigint }> {
    const { config, nsInfo } = this.#options;
    const states = await this.#ask(
      'getJournalState',
      { jid: this.#jid, ...this.#nameService },
      'getJournalState()',
      config.getJournalStateTimeoutMs,
    );
    let promised = 0n;
    for (const { value } of states) if (value.lastPromisedEpoch > promised) promised = value.lastPromisedEpoch;
    const epoch = promised + 1n;
    const promises = await this.#ask(
      'newEpoch',
      { jid: this.#jid, nsInfo: namespaceInfoProto(nsInfo), epoch, ...this.#nameService },
      `newEpoch(${epoch})`,
      config.newEpochTimeoutMs,
    );
    this.#state.setEpoch(epoch);
    this.#host.emit({ type: 'WriterEpochEstablished', epoch });
    let segmentTxid: bigint | undefined;
    for (const {
      value: { lastSegmentTxId },
    } of promises) {
      if (lastSegmentTxId !== undefined && (segmentTxid === undefined || lastSegmentTxId > segmentTxid))
        segmentTxid = lastSegmentTxId;
    }
    const recovered = segmentTxid === undefined ? undefined : await this.#recover(segmentTxid);
    // Nothing to recover: what comes before is finalized, or there is nothing at all.
    const lastTxid = recovered ?? (segmentTxid === undefined ? 0n : segmentTxid - 1n);
    this.#host.emit({ type: 'SegmentsRecovered', lastTxid, segments: recovered === undefined ? 0 : 1 });
    return { epoch, lastTxid };
  }

  /** Brings the segment to one end on a majority and finalizes it; undefined if no majority can hold any of it. */
  async #recover(segmentTxid: bigint): Promise<bigint | undefined> {
    const { config, nsInfo } = this.#options;
    const prepared = await this.#call(
      'prepareRecovery',
      (reqInfo) => ({ reqInfo, segmentTxId: segmentTxid }),
      `prepareRecovery(${segmentTxid})`,
      config.prepareRecoveryTimeoutMs,
    );
    const decision = decideRecovery(
      segmentTxid,
      prepared.map(({ node, value }) => ({ node, reply: preparedReply(value as PrepareRecoveryResponseProto) })),
    );
    if (decision.kind === 'nothing') {
      this.#host.log.info(`None of the responders had a log to recover for segment ${segmentTxid}`);
      return undefined;
    }
    const { startTxid, endTxid, isInProgress } = decision.segment;
    const source = this.#nodes[decision.from]!;
    this.#host.log.info(
      `Recovering segment ${startTxid}-${endTxid} from ${source.address}${decision.bound ? ' (accepted before)' : ''}`,
    );
    if (source.httpBase === undefined) await this.#learnHttp(source);
    const fromURL = segmentUrl(source.httpBase!, this.journalId, startTxid, nsInfo);
    const stateToAccept = { startTxId: startTxid, endTxId: endTxid, isInProgress };
    await this.#call(
      'acceptRecovery',
      (reqInfo) => ({ reqInfo, stateToAccept, fromURL }),
      `acceptRecovery(${startTxid}-${endTxid})`,
      config.acceptRecoveryTimeoutMs,
    );
    await this.#finalize(startTxid, endTxid);
    return endTxid;
  }

  #learnHttp(node: LoggerClient): Promise<void> {
    return new Promise((resolve, reject) => {
      node.send('getJournalState', { jid: this.#jid, ...this.#nameService }, (failure, response) => {
        if (response === undefined) {
          reject(
            new LabError(
              'QUORUM_LOST',
              `${node.address}, which has the segment to recover, does not answer: ${failure!.message}`,
            ),
          );
          return;
        }
        node.learnHttp(response);
        resolve();
      });
    });
  }

  async startSegment(txid: bigint): Promise<void> {
    await this.#call(
      'startLogSegment',
      (reqInfo) => ({ reqInfo, txid, layoutVersion: EDITS_LAYOUT_VERSION }),
      `startLogSegment(${txid})`,
      this.#options.config.startSegmentTimeoutMs,
      txid,
    ).catch((error: unknown) => this.#failWriter(error));
  }

  write(bytes: Uint8Array, firstTxid: bigint, count: number): void {
    if (this.#state.failure !== undefined) throw this.#state.failure;
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#run(this.#state.write(buffer, firstTxid, count, this.#host.clock.nowMs()));
  }

  flush(): Promise<void> {
    const { failure, ackedTxid, writtenTxid } = this.#state;
    if (failure !== undefined) return Promise.reject(failure);
    if (ackedTxid >= writtenTxid) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ txid: writtenTxid, resolve, reject }));
  }

  async finalizeSegment(firstTxid: bigint, lastTxid: bigint): Promise<void> {
    await this.#finalize(firstTxid, lastTxid).catch((error: unknown) => this.#failWriter(error));
  }

  async #finalize(startTxId: bigint, endTxId: bigint): Promise<void> {
    await this.#call(
      'finalizeLogSegment',
      (reqInfo) => ({ reqInfo, startTxId, endTxId }),
      `finalizeLogSegment(${startTxId}-${endTxId})`,
      this.#options.config.finalizeSegmentTimeoutMs,
    );
  }

  purge(minTxid: bigint): void {
    if (this.#state.epoch === undefined || this.#state.failure !== undefined) return;
    const { callId, effects } = this.#state.call('purgeLogs', `purgeLogs(${minTxid})`, 0, this.#host.clock.nowMs());
    this.#calls.set(callId, {
      request: (reqInfo) => ({ reqInfo, minTxIdToKeep: minTxid }),
      resolve: () => undefined,
      reject: () => undefined,
    });
    this.#run(effects);
  }

  readEdits(fromTxid: bigint, options: { inProgressOk: boolean; onlyDurable: boolean }): AsyncIterable<EditsRange> {
    return this.#reader.readEdits(fromTxid, options);
  }

  status(): readonly LoggerStatus[] {
    return this.#addresses.map((address, node) => ({ address, ...this.#state.status(node) }));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    const error = new LabError('CLOSED', `the quorum journal ${this.journalId} is closed`);
    const effects = this.#state.abandon(error);
    for (const effect of effects)
      if (effect.type === 'callFailed') this.#settleCall(effect.callId, (call) => call.reject(effect.error));
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
    this.#rpc.close();
  }

  // Asking nodes without order among them.

  get #jid(): { identifier: string } {
    return { identifier: this.journalId };
  }

  get #nameService(): { nameServiceId?: string } {
    const { nameServiceId } = this.#options;
    return nameServiceId === undefined ? {} : { nameServiceId };
  }

  /** Good answers of at least a majority. Rejects QUORUM_LOST or FENCED. */
  #ask<M extends QJournalMethod>(
    method: M,
    request: QJournalRequest<M>,
    operation: string,
    timeoutMs: number,
    need?: number,
    what?: string,
  ): Promise<readonly { readonly node: number; readonly value: QJournalResponse<M> }[]> {
    return new Promise((resolve, reject) => {
      const quorum = new QuorumCall<QJournalResponse<M>>(operation, this.#addresses, need);
      let settled = false;
      const timer =
        timeoutMs > 0
          ? this.#host.clock.after(timeoutMs, () => {
              settled = true;
              reject(quorum.timedOut(timeoutMs));
            })
          : undefined;
      this.#nodes.forEach((node, index) =>
        node.send(method, request, (failure, response) => {
          if (failure !== undefined) quorum.failed(index, failure);
          else {
            if (method === 'getJournalState' || method === 'getEditLogManifest')
              node.learnHttp(response as QJournalResponse<'getJournalState'>);
            quorum.succeeded(index, response as QJournalResponse<M>);
          }
          if (settled || quorum.outcome === 'pending') return;
          settled = true;
          timer?.cancel();
          if (quorum.outcome === 'succeeded') resolve(quorum.results);
          else reject(what === undefined ? quorum.failure() : quorum.failure(what));
        }),
      );
    });
  }

  /** Whoever answers well in time. */
  #askEach<M extends QJournalMethod>(
    method: M,
    request: QJournalRequest<M>,
    timeoutMs: number,
  ): Promise<readonly { readonly node: number; readonly value: QJournalResponse<M> }[]> {
    return new Promise((resolve) => {
      const quorum = new QuorumCall<QJournalResponse<M>>(method, this.#addresses);
      const timer = this.#host.clock.after(timeoutMs, () => resolve(quorum.results));
      this.#nodes.forEach((node, index) =>
        node.send(method, request, (failure, response) => {
          if (failure !== undefined) quorum.failed(index, failure);
          else {
            if (method === 'getEditLogManifest') node.learnHttp(response as QJournalResponse<'getEditLogManifest'>);
            quorum.succeeded(index, response as QJournalResponse<M>);
          }
          if (!quorum.allAnswered) return;
          timer.cancel();
          resolve(quorum.results);
        }),
      );
    });
  }

  #askAll<M extends QJournalMethod>(
    method: M,
    request: QJournalRequest<M>,
    operation: string,
    what: string,
  ): Promise<readonly { readonly node: number; readonly value: QJournalResponse<M> }[]> {
    return this.#ask(method, request, operation, this.#options.config.operationsTimeoutMs, this.#nodes.length, what);
  }

  // The state machine's calls and effects.

  #call(
    method: WriterMethod,
    request: WriterCall['request'],
    operation: string,
    timeoutMs: number,
    segmentTxid?: bigint,
  ): Promise<readonly { readonly node: number; readonly value: unknown }[]> {
    return new Promise((resolve, reject) => {
      const { callId, effects } = this.#state.call(method, operation, timeoutMs, this.#host.clock.nowMs(), segmentTxid);
      this.#calls.set(callId, { request, resolve, reject });
      this.#run(effects);
    });
  }

  #settleCall(callId: number, settle: (call: WriterCall) => void): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    settle(call);
  }

  #run(effects: readonly WriterEffect[]): void {
    for (const effect of effects) this.#carryOut(effect);
    this.#arm();
  }

  #carryOut(effect: WriterEffect): void {
    switch (effect.type) {
      case 'sendEdits': {
        const { node, info, segmentTxid, firstTxid, lastTxid, pieces } = effect;
        const records = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
        this.#send(node, 'journal', {
          reqInfo: this.#reqInfo(info),
          segmentTxnId: segmentTxid,
          firstTxnId: firstTxid,
          numTxns: Number(lastTxid - firstTxid) + 1,
          records,
        });
        return;
      }
      case 'sendCall': {
        const call = this.#calls.get(effect.callId)!;
        this.#send(effect.node, effect.method, call.request(this.#reqInfo(effect.info)));
        return;
      }
      case 'sendHeartbeat':
        return this.#send(effect.node, 'heartbeat', { reqInfo: this.#reqInfo(effect.info) });
      case 'acknowledged':
        return this.#acknowledged(effect.txid, effect.batches);
      case 'callSucceeded':
        return this.#settleCall(effect.callId, (call) => call.resolve(effect.results));
      case 'callFailed':
        return this.#settleCall(effect.callId, (call) => call.reject(effect.error));
      case 'failed':
        return this.#failed(effect.error);
    }
  }

  #send<M extends QJournalMethod>(node: number, method: M, request: QJournalRequest<M>): void {
    this.#nodes[node]!.send(method, request, (failure, response) => {
      if (this.#closed) return;
      const nowMs = this.#host.clock.nowMs();
      if (failure === undefined) {
        this.#run(this.#state.succeeded(node, response, nowMs));
        return;
      }
      if (method === 'journal' || method === 'startLogSegment') {
        this.#host.log.warn(
          `Remote journal ${this.#addresses[node]} failed ${method}: ${failure.message}. Will try to write to this ` +
            `JN again after the next log roll.`,
        );
      }
      this.#run(this.#state.failed(node, failure, nowMs));
    });
  }

  #reqInfo(info: RequestInfo): RequestInfoProto {
    return {
      journalId: this.#jid,
      epoch: info.epoch,
      ipcSerialNumber: info.ipcSerialNumber,
      ...(info.committedTxid === undefined ? {} : { committedTxId: info.committedTxid }),
      ...this.#nameService,
    };
  }

  #acknowledged(txid: bigint, batches: readonly Batch[]): void {
    const { trace } = this.#host;
    if (trace !== undefined) {
      for (const { bytes } of batches) {
        for (const op of opDigests(bytes))
          trace({
            type: 'EditsAcknowledged',
            epoch: this.#state.epoch!,
            firstTxid: op.txid,
            lastTxid: op.txid,
            digest: op.digest,
          });
      }
    }
    let done = 0;
    while (done < this.#waiters.length && this.#waiters[done]!.txid <= txid) this.#waiters[done++]!.resolve();
    if (done > 0) this.#waiters.splice(0, done);
    this.#options.onAcknowledged?.(txid);
  }

  #failed(error: LabError): void {
    if (hasCode(error, 'QUORUM_LOST')) this.#host.emit({ type: 'QuorumLost', reason: error.message });
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
    // Never inside the writer's own call.
    this.#host.clock.soon(() => this.#options.onFailed?.(error));
  }

  /** A segment that cannot be opened or closed on a majority ends this writer. */
  #failWriter(error: unknown): never {
    const failure = this.#asFailure(error);
    if (!this.#closed) this.#run(this.#state.abandon(failure));
    throw failure;
  }

  #asFailure(error: unknown): LabError {
    if (error instanceof LabError) return error;
    throw error;
  }

  #arm(): void {
    const dueMs = this.#state.deadlineMs;
    // A timer that fires early looks again; so each batch need not move it.
    if (dueMs === undefined || dueMs >= this.#timerDueMs || this.#closed) return;
    this.#timer?.cancel();
    this.#timerDueMs = dueMs;
    this.#timer = this.#host.clock.after(Math.max(0, dueMs - this.#host.clock.nowMs()), () => {
      this.#timerDueMs = Infinity;
      this.#run(this.#state.tick(this.#host.clock.nowMs()));
    });
  }
}

/** What VersionInfo says in a NameNode; JournalNodes do not look at it. */
const SOFTWARE_VERSION = '3.3.6';

function namespaceInfoProto(info: NamespaceInfo): NamespaceInfoProto {
  return {
    buildVersion: 'Unknown',
    unused: 0,
    blockPoolID: info.blockPoolId,
    softwareVersion: SOFTWARE_VERSION,
    storageInfo: {
      layoutVersion: info.layoutVersion >>> 0,
      namespceID: info.namespaceId >>> 0,
      clusterID: info.clusterId,
      cTime: info.cTime,
    },
  };
}

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
