/**
 * One journal at work: takes calls in order, asks the state machine, carries its effects out on the disk, and answers.
 * Batches of edits overtake no other call but follow each other without waiting for the disk; their answers wait for
 * the sync that covers them. All rules are in state/journal-state.ts, all file names in storage/.
 */
import { LabError, hasCode, messageOf } from '../base/errors.js';
import type { Host } from '../host/host.js';
import { opDigests } from '../wire/edits/segment/digest.js';
import { EditsCache } from './state/edits-cache.js';
import { JournalState } from './state/journal-state.js';
import { logLine } from './log-line.js';
import { Refused, ioException } from './state/refusal.js';
import type { Refusal } from './state/refusal.js';
import type {
  DiskView,
  EditLogManifest,
  Effect,
  PrepareRecoveryReply,
  RequestInfo,
  SegmentState,
  Step,
  StorageInfo,
} from './state/types.js';
import { JournalDirectory } from './storage/journal-directory.js';

export interface JournalOptions {
  readonly host: Host;
  readonly journalId: string;
  /** dfs.journalnode.edits.dir/<journalId> */
  readonly root: string;
  /** undefined: no cache, so no reading of open segments over RPC (dfs.ha.tail-edits.in-progress is off). */
  readonly cacheBytes: number | undefined;
  /** Opens another node's segment for reading. */
  readonly fetch: (url: string) => AsyncIterable<Buffer>;
}

/** The answer to a batch of edits; no promise an operation. */
export interface Responder {
  ok(): void;
  refuse(refusal: Refusal): void;
}

export interface JournalCounters {
  batchesWritten: number;
  txnsWritten: number;
  bytesWritten: number;
  txnsServedViaRpc: number;
  bytesServedViaRpc: number;
  rpcEmptyResponses: number;
  batchesWrittenWhileLagging: number;
  syncs: number;
  syncMs: number;
  lastJournalTimestamp: number;
}

type Task = { readonly kind: 'batch'; run(): void } | { readonly kind: 'alone'; run(): Promise<void> };

const WARN_SYNC_MS = 1000;

export class Journal {
  readonly journalId: string;
  readonly directory: JournalDirectory;
  readonly counters: JournalCounters = {
    batchesWritten: 0,
    txnsWritten: 0,
    bytesWritten: 0,
    txnsServedViaRpc: 0,
    bytesServedViaRpc: 0,
    rpcEmptyResponses: 0,
    batchesWrittenWhileLagging: 0,
    syncs: 0,
    syncMs: 0,
    lastJournalTimestamp: 0,
  };
  readonly #host: Host;
  readonly #options: JournalOptions;
  readonly #cache: EditsCache | undefined;
  #state: JournalState;
  #tasks: Task[] = [];
  #syncing = 0;
  #alone = false;
  /** Rises when the state is loaded anew: a sync begun before it acknowledges nothing. */
  #generation = 0;
  #closed: Promise<void> | undefined;

  private constructor(options: JournalOptions, directory: JournalDirectory, state: JournalState) {
    this.journalId = options.journalId;
    this.#options = options;
    this.#host = options.host;
    this.directory = directory;
    this.#state = state;
    this.#cache = options.cacheBytes === undefined ? undefined : new EditsCache(options.cacheBytes);
  }

  /** Throws LabError LOCKED, CORRUPT or DISK_FAILED naming the directory. */
  static async open(options: JournalOptions): Promise<Journal> {
    const directory = new JournalDirectory(options.host, options.root);
    try {
      const snapshot = await directory.load();
      const journal = new Journal(options, directory, new JournalState(options.journalId, options.root, snapshot));
      return journal;
    } catch (error) {
      await directory.close().catch(() => undefined);
      throw error;
    }
  }

  /** What is known now, for metrics and readers. */
  get state(): Pick<
    JournalState,
    | 'isFormatted'
    | 'storage'
    | 'lastPromisedEpoch'
    | 'lastWriterEpoch'
    | 'committedTxid'
    | 'highestWrittenTxid'
    | 'currentLagTxns'
    | 'openSegment'
  > {
    return this.#state;
  }

  // Calls, in the order they arrive.

  /** `bytes` are kept until they are on disk. */
  journal(
    info: RequestInfo,
    segmentTxid: bigint,
    firstTxid: bigint,
    count: number,
    bytes: Buffer,
    respond: Responder,
  ): void {
    this.#enqueue({ kind: 'batch', run: () => this.#runBatch(info, segmentTxid, firstTxid, count, bytes, respond) });
  }

  format(info: StorageInfo, force: boolean): Promise<void> {
    return this.#call(async () => {
      const empty = await this.directory.currentIsEmpty();
      this.#cache?.clear();
      return this.#state.format(info, force, empty);
    });
  }

  isFormatted(): Promise<boolean> {
    return this.#call(() => ({ ok: true, effects: [], reply: this.#state.isFormatted, after: 'effects' }));
  }

  getJournalState(): Promise<{ lastPromisedEpoch: bigint }> {
    return this.#call(() => this.#state.getJournalState());
  }

  newEpoch(
    info: Pick<StorageInfo, 'namespaceId' | 'clusterId'>,
    epoch: bigint,
  ): Promise<{ lastSegmentTxid: bigint | undefined }> {
    return this.#call(async () => this.#state.newEpoch(info, epoch, await this.#view()));
  }

  heartbeat(info: RequestInfo): Promise<void> {
    return this.#call(() => this.#state.heartbeat(info));
  }

  startLogSegment(info: RequestInfo, txid: bigint, layoutVersion: number): Promise<void> {
    return this.#call(async () => this.#state.startLogSegment(info, txid, layoutVersion, await this.#view()));
  }

  finalizeLogSegment(info: RequestInfo, startTxid: bigint, endTxid: bigint): Promise<void> {
    return this.#call(async () => this.#state.finalizeLogSegment(info, startTxid, endTxid, await this.#view()));
  }

  purgeLogsOlderThan(info: RequestInfo, minTxidToKeep: bigint): Promise<void> {
    return this.#call(async () =>
      this.#state.purgeLogsOlderThan(info, minTxidToKeep, await this.#view(), await this.directory.leftovers()),
    );
  }

  getEditLogManifest(sinceTxid: bigint, inProgressOk: boolean): Promise<EditLogManifest> {
    return this.#call(async () => this.#state.getEditLogManifest(sinceTxid, inProgressOk, await this.#view()));
  }

  prepareRecovery(info: RequestInfo, segmentTxid: bigint): Promise<PrepareRecoveryReply> {
    return this.#call(async () => {
      const step = this.#state.prepareRecovery(info, segmentTxid, await this.#view(segmentTxid));
      if (step.ok) {
        const { segment, acceptedInEpoch } = step.reply;
        this.#host.trace?.({
          type: 'RecoveryPrepared',
          journal: this.journalId,
          epoch: info.epoch,
          firstTxid: segmentTxid,
          finalized: segment?.isInProgress === false,
          acceptedInEpoch,
        });
      }
      return step;
    });
  }

  acceptRecovery(info: RequestInfo, segment: SegmentState, from: { url: string; fromSelf: boolean }): Promise<void> {
    return this.#call(async () => this.#state.acceptRecovery(info, segment, from, await this.#view(segment.startTxid)));
  }

  /** Throws Refused. Does not wait for anything: it reads memory. */
  getJournaledEdits(sinceTxid: bigint, maxTxns: number): { count: number; editLog: Buffer } {
    if (this.#cache === undefined) {
      throw ioException(
        'The journal edits cache is not enabled, which is a requirement to fetch journaled edits via RPC. Please ' +
          'enable it via dfs.ha.tail-edits.in-progress',
      );
    }
    if (sinceTxid > this.#state.highestWrittenTxid) {
      this.counters.rpcEmptyResponses += 1;
      return { count: 0, editLog: Buffer.alloc(0) };
    }
    const found = this.#cache.retrieve(sinceTxid, maxTxns);
    this.counters.txnsServedViaRpc += found.count;
    this.counters.bytesServedViaRpc += found.editLog.length;
    return found;
  }

  /** Waits for what is under way, then lets go of the directory. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve, reject) => {
      this.#tasks.push({ kind: 'alone', run: () => this.directory.close().then(resolve, reject) });
      this.#pump();
    });
    return this.#closed;
  }

  // Order.

  #enqueue(task: Task): void {
    this.#tasks.push(task);
    this.#pump();
  }

  #pump(): void {
    while (!this.#alone) {
      const task = this.#tasks[0];
      if (task === undefined) return;
      if (task.kind === 'batch') {
        this.#tasks.shift();
        task.run();
      } else {
        if (this.#syncing > 0) return;
        this.#tasks.shift();
        this.#runAlone(task.run);
      }
    }
  }

  #runAlone(run: () => Promise<void>): void {
    this.#alone = true;
    void run().finally(() => {
      this.#alone = false;
      this.#pump();
    });
  }

  #view(segmentTxid?: bigint): Promise<DiskView> {
    return this.directory.view(this.#state.openSegment?.lastTxid, segmentTxid);
  }

  #call<Reply>(judge: () => Step<Reply> | Promise<Step<Reply>>): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      if (this.#closed !== undefined) {
        reject(ioException(`this JournalNode is stopping ; journal id: ${this.journalId}`));
        return;
      }
      this.#enqueue({
        kind: 'alone',
        run: async () => {
          try {
            const step = await judge();
            for (const effect of step.effects) await this.#carryOut(effect);
            if (step.ok) resolve(step.reply);
            else reject(new Refused(step.refusal));
          } catch (error) {
            reject(await this.#recover(error));
          }
        },
      });
    });
  }

  // Batches.

  #runBatch(
    info: RequestInfo,
    segmentTxid: bigint,
    firstTxid: bigint,
    count: number,
    bytes: Buffer,
    respond: Responder,
  ): void {
    if (this.#closed !== undefined) {
      respond.refuse({
        className: 'java.io.IOException',
        message: `this JournalNode is stopping ; journal id: ${this.journalId}`,
      });
      return;
    }
    const lagging =
      this.#state.committedTxid !== undefined && firstTxid + BigInt(count) - 1n <= this.#state.committedTxid;
    const step = this.#state.journal(info, segmentTxid, firstTxid, count, bytes);
    let appended = false;
    for (const effect of step.effects) {
      if (effect.type === 'append') {
        this.directory.append(effect.bytes);
        appended = true;
      } else if (effect.type === 'noteCommittedTxid') this.directory.noteCommitted(effect.txid);
      else {
        // Rare: a promise or the end of a segment, which all later calls must find done.
        this.#runAlone(() => this.#finishRareBatch(step, respond));
        return;
      }
    }
    if (!step.ok) respond.refuse(step.refusal);
    else if (appended) this.#syncBatch(info.epoch, firstTxid, count, bytes, lagging, respond);
    else respond.ok();
  }

  async #finishRareBatch(step: Step<void>, respond: Responder): Promise<void> {
    try {
      for (const effect of step.effects) await this.#carryOut(effect);
      if (step.ok) respond.ok();
      else respond.refuse(step.refusal);
    } catch (error) {
      respond.refuse((await this.#recover(error)).refusal);
    }
  }

  #syncBatch(
    epoch: bigint,
    firstTxid: bigint,
    count: number,
    bytes: Buffer,
    lagging: boolean,
    respond: Responder,
  ): void {
    const generation = this.#generation;
    const layoutVersion = this.#state.openSegment!.layoutVersion;
    const startMs = this.#host.clock.nowMs();
    this.#syncing += 1;
    this.directory
      .sync()
      .then(
        () => {
          if (generation !== this.#generation) {
            respond.refuse({
              className: 'java.io.IOException',
              message: `an earlier batch could not be written ; journal id: ${this.journalId}`,
            });
            return;
          }
          const tookMs = this.#host.clock.nowMs() - startMs;
          const lastTxid = firstTxid + BigInt(count) - 1n;
          const counters = this.counters;
          counters.syncs += 1;
          counters.syncMs += tookMs;
          counters.batchesWritten += 1;
          counters.txnsWritten += count;
          counters.bytesWritten += bytes.length;
          if (lagging) counters.batchesWrittenWhileLagging += 1;
          counters.lastJournalTimestamp = this.#host.clock.wallMs();
          if (tookMs > WARN_SYNC_MS)
            this.#host.log.warn(
              `Sync of transaction range ${firstTxid}-${lastTxid} took ${Math.round(tookMs)}ms ; journal id: ` +
                `${this.journalId}`,
            );
          this.#cache?.store(bytes, firstTxid, lastTxid, layoutVersion);
          if (this.#host.trace !== undefined) {
            for (const { txid, digest } of opDigests(bytes)) {
              this.#host.trace({
                type: 'EditsWritten',
                journal: this.journalId,
                epoch,
                firstTxid: txid,
                lastTxid: txid,
                digest,
              });
            }
          }
          respond.ok();
        },
        (error: unknown) => {
          respond.refuse({ className: 'java.io.IOException', message: reasonOf(error) });
          if (generation !== this.#generation) return;
          // What later batches assumed is void. Nothing that was appended after the failure may be acknowledged.
          this.#generation += 1;
          this.#tasks.unshift({
            kind: 'alone',
            run: async () => {
              await this.#recover(error);
            },
          });
        },
      )
      .finally(() => {
        this.#syncing -= 1;
        this.#pump();
      });
  }

  // Effects.

  async #carryOut(effect: Effect): Promise<void> {
    const directory = this.directory;
    switch (effect.type) {
      case 'writePromisedEpoch':
        return directory.writeEpoch('last-promised-epoch', effect.epoch);
      case 'writeWriterEpoch':
        return directory.writeEpoch('last-writer-epoch', effect.epoch);
      case 'noteCommittedTxid':
        return directory.noteCommitted(effect.txid);
      case 'openSegment':
        return directory.openSegment(effect.name, effect.layoutVersion);
      case 'append':
        return directory.append(effect.bytes);
      case 'closeSegment':
        return directory.closeSegment();
      case 'rename':
        return directory.rename(effect.from, effect.to);
      case 'remove':
        return directory.remove(effect.name);
      case 'writePaxos':
        return directory.writePaxos(effect.segmentTxid, effect.data);
      case 'removePaxos':
        return directory.removePaxos(effect.segmentTxid);
      case 'syncFile':
        return directory.syncFile(effect.name);
      case 'trimFile':
        return directory.trimFile(effect.name);
      case 'download':
        return directory.receive(effect.to, effect.segment, this.#options.fetch(effect.url));
      case 'format':
        return directory.format(effect.info);
      case 'emit': {
        this.#host.emit(effect.event);
        const line = logLine(effect.event);
        if (line !== undefined) this.#host.log.info(line);
        return;
      }
    }
  }

  /**
   * After a failed effect the disk alone knows what is true: loads it anew. Exits the role if even that fails, and at
   * once if it is the disk that is full or fails: what it acknowledged is there, and the others are a majority without
   * it.
   */
  async #recover(error: unknown): Promise<Refused> {
    if (error instanceof Refused) return error;
    const message = reasonOf(error);
    if (hasCode(error, 'DISK_FULL') || hasCode(error, 'DISK_FAILED')) {
      this.#host.exit(1, `${this.directory.root} cannot be written: ${String(error)}`);
      return ioException(`${message} ; journal id: ${this.journalId}`);
    }
    this.#host.log.error(`${this.directory.root}: ${message}`);
    this.#generation += 1;
    const committed = this.#state.committedTxid;
    const formatted = this.#state.storage;
    try {
      await this.directory.abandon();
      const snapshot = await this.directory.load();
      const same = snapshot.storage !== undefined && snapshot.storage.namespaceId === formatted?.namespaceId;
      const known =
        same && committed !== undefined && committed > (snapshot.committedTxid ?? 0n)
          ? committed
          : snapshot.committedTxid;
      this.#state = new JournalState(this.journalId, this.directory.root, { ...snapshot, committedTxid: known });
      this.#cache?.clear();
    } catch (fatal) {
      this.#host.exit(1, `${this.directory.root}: cannot be read after a failure: ${reasonOf(fatal)}`);
    }
    return ioException(`${message} ; journal id: ${this.journalId}`);
  }
}

/** A broken invariant of ours is no answer to a caller. */
function reasonOf(error: unknown): string {
  if (hasCode(error, 'ASSERTION')) throw error;
  return messageOf(error);
}
