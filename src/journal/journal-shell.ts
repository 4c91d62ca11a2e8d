/**
 * One journal at work: feeds calls to its machine, carries the effects out on the disk and hands out the replies. All
 * rules are in state/, all that is known of files in storage/. The driver keeps the order: a call that needs the disk
 * holds up those behind it, batches of edits follow each other without waiting, and a reply `after: 'sync'` goes out
 * when the open segment is synced.
 */
import { hasCode, messageOf } from '../base/errors.js';
import { Driver } from '../base/machine.js';
import type { Carried } from '../base/machine.js';
import type { Host } from '../host/host.js';
import { opDigests } from '../wire/edits/segment/digest.js';
import { EditsCache } from './state/edits-cache.js';
import { Journal } from './state/journal.js';
import { logLine } from './log-line.js';
import { Refused, ioException } from './state/refusal.js';
import type { Refusal } from './state/refusal.js';
import type {
  JournalCall,
  JournalEffect,
  JournalInput,
  JournalReply,
  PrepareRecoveryReply,
  ReplyTo,
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

/** Takes the answer to one call. */
export interface Responder {
  ok(reply: JournalReply): void;
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

const WARN_SYNC_MS = 1000;

export class JournalShell {
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
  #journal: Journal;
  #driver: Driver<JournalInput, JournalEffect>;
  #nextCall = 1;
  /** Calls under way, oldest first. */
  readonly #calls = new Map<number, Responder>();
  /** What came while the disk is read anew. */
  #backlog: JournalInput[] | undefined;
  #appended = { firstTxid: 0n, lastTxid: 0n };
  #closed: Promise<void> | undefined;
  #letGo: { resolve(): void; reject(error: unknown): void } | undefined;

  private constructor(options: JournalOptions, directory: JournalDirectory, journal: Journal) {
    this.journalId = options.journalId;
    this.#options = options;
    this.#host = options.host;
    this.directory = directory;
    this.#cache = options.cacheBytes === undefined ? undefined : new EditsCache(options.cacheBytes);
    this.#journal = journal;
    this.#driver = this.#drive(journal);
  }

  /** Throws LabError LOCKED, CORRUPT or DISK_FAILED naming the directory. */
  static async open(options: JournalOptions): Promise<JournalShell> {
    const directory = new JournalDirectory(options.host, options.root);
    try {
      const snapshot = await directory.load();
      return new JournalShell(options, directory, new Journal(options.journalId, options.root, snapshot));
    } catch (error) {
      await directory.close().catch(() => undefined);
      throw error;
    }
  }

  /** What is known now, for metrics and readers. */
  get state(): Omit<Journal, 'step' | 'openSegment'> {
    return this.#journal;
  }

  /** Calls are judged in the order they arrive. Rejects Refused. */
  call<Type extends JournalCall['type']>(call: JournalCall & { readonly type: Type }): Promise<ReplyTo<Type>> {
    return new Promise((resolve, reject) =>
      this.send(
        { ...call, call: this.nextCall() },
        { ok: (reply) => resolve(reply as ReplyTo<Type>), refuse: (refusal) => reject(new Refused(refusal)) },
      ),
    );
  }

  /** The number of the call that is made next. */
  nextCall(): number {
    return this.#nextCall++;
  }

  /** The same without promise or copy, for batches of edits. Their bytes are kept until they are on disk. */
  send(call: JournalCall & { readonly call: number }, responder: Responder): void {
    if (this.#closed !== undefined) {
      responder.refuse(ioException(`this JournalNode is stopping ; journal id: ${this.journalId}`).refusal);
      return;
    }
    this.#calls.set(call.call, call.type === 'prepareRecovery' ? this.#watched(call, responder) : responder);
    this.#feed(call);
  }

  /** Throws Refused. Does not wait for anything: it reads memory. */
  getJournaledEdits(sinceTxid: bigint, maxTxns: number): { count: number; editLog: Buffer } {
    if (this.#cache === undefined) {
      throw ioException(
        'The journal edits cache is not enabled, which is a requirement to fetch journaled edits via RPC. Please ' +
          'enable it via dfs.ha.tail-edits.in-progress',
      );
    }
    if (sinceTxid > this.#journal.highestWrittenTxid) {
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
      this.#letGo = { resolve, reject };
      this.#feed({ type: 'close' });
    });
    return this.#closed;
  }

  #feed(input: JournalInput): void {
    if (this.#backlog === undefined) this.#driver.feed(input);
    else this.#backlog.push(input);
  }

  #drive(journal: Journal): Driver<JournalInput, JournalEffect> {
    return new Driver<JournalInput, JournalEffect>(journal, {
      clock: this.#host.clock,
      carryOut: (effect) => this.#carryOut(effect),
      whenDurable: (callback) => this.#whenDurable(callback),
      failed: (error) => this.#failed(error),
    });
  }

  #carryOut(effect: Carried<JournalEffect>): void | Promise<JournalInput | void> {
    const directory = this.directory;
    switch (effect.type) {
      case 'readView':
        return this.#read(async () => {
          const view = await directory.view(this.#journal.openSegment?.lastTxid, effect.segmentTxid);
          return { type: 'viewed', view };
        });
      case 'download':
        return this.#read(async () => {
          await directory.receive(effect.to, effect.segment, this.#options.fetch(effect.url));
          return { type: 'downloaded' };
        });
      case 'writePromisedEpoch':
        return directory.writeEpoch('last-promised-epoch', effect.epoch);
      case 'writeWriterEpoch':
        return directory.writeEpoch('last-writer-epoch', effect.epoch);
      case 'noteCommittedTxid':
        return directory.noteCommitted(effect.txid);
      case 'openSegment':
        return directory.openSegment(effect.name, effect.layoutVersion);
      case 'append':
        this.#appended = effect;
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
      case 'format':
        this.#cache?.clear();
        return directory.format(effect.storage);
      case 'emit': {
        this.#host.emit(effect.event);
        const line = logLine(effect.event);
        if (line !== undefined) this.#host.log.info(line);
        return;
      }
      case 'written':
        return this.#written(effect);
      case 'reply':
        this.#takeCall(effect.call)?.ok(effect.reply);
        return;
      case 'refuse':
        this.#takeCall(effect.call)?.refuse(effect.refusal);
        return;
      case 'close':
        return directory.close().then(this.#letGo!.resolve, this.#letGo!.reject);
    }
  }

  #takeCall(number: number): Responder | undefined {
    const responder = this.#calls.get(number);
    this.#calls.delete(number);
    return responder;
  }

  /** What cannot be read refuses the call that wanted it, unless it is the disk itself that fails. */
  async #read(read: () => Promise<JournalInput>): Promise<JournalInput> {
    try {
      return await read();
    } catch (error) {
      if (hasCode(error, 'DISK_FULL', 'DISK_FAILED')) throw error;
      const reason = reasonOf(error);
      this.#host.log.error(`${this.directory.root}: ${reason}`);
      return { type: 'notRead', reason };
    }
  }

  #whenDurable(callback: () => void): void {
    const driver = this.#driver;
    const { firstTxid, lastTxid } = this.#appended;
    const startMs = this.#host.clock.nowMs();
    const durable = this.directory.sync();
    durable.then(
      () => {
        const tookMs = this.#host.clock.nowMs() - startMs;
        this.counters.syncs += 1;
        this.counters.syncMs += tookMs;
        if (tookMs > WARN_SYNC_MS)
          this.#host.log.warn(
            `Sync of transaction range ${firstTxid}-${lastTxid} took ${Math.round(tookMs)}ms ; journal id: ` +
              `${this.journalId}`,
          );
        callback();
      },
      (error: unknown) => {
        if (driver.stopped) return;
        driver.stop();
        this.#failed(error);
      },
    );
  }

  #written({ epoch, firstTxid, lastTxid, bytes, layoutVersion, lagging }: JournalEffect & { type: 'written' }): void {
    const { counters } = this;
    counters.batchesWritten += 1;
    counters.txnsWritten += Number(lastTxid - firstTxid) + 1;
    counters.bytesWritten += bytes.length;
    if (lagging) counters.batchesWrittenWhileLagging += 1;
    counters.lastJournalTimestamp = this.#host.clock.wallMs();
    this.#cache?.store(bytes, firstTxid, lastTxid, layoutVersion);
    if (this.#host.trace === undefined) return;
    const journal = this.journalId;
    for (const { txid, digest } of opDigests(bytes))
      this.#host.trace({ type: 'EditsWritten', journal, epoch, firstTxid: txid, lastTxid: txid, digest });
  }

  /** Tells the simulator's checks what a recovery hears. */
  #watched(call: JournalCall & { type: 'prepareRecovery' }, responder: Responder): Responder {
    const { trace } = this.#host;
    if (trace === undefined) return responder;
    return {
      ok: (reply) => {
        const { segment, acceptedInEpoch, lastWriterEpoch } = reply as PrepareRecoveryReply;
        trace({
          type: 'RecoveryPrepared',
          journal: this.journalId,
          epoch: call.info.epoch,
          firstTxid: call.segmentTxid,
          lastTxid: segment?.endTxid,
          finalized: segment?.isInProgress === false,
          acceptedInEpoch,
          lastWriterEpoch,
        });
        responder.ok(reply);
      },
      refuse: (refusal) => responder.refuse(refusal),
    };
  }

  /**
   * After a failed effect the disk alone knows what is true: calls under way are refused, and the disk is read anew.
   * Exits the role if even that fails, and at once if it is the disk that is full or fails: what it acknowledged is
   * there, and the others are a majority without it.
   */
  #failed(error: unknown): void {
    const reason = reasonOf(error);
    let message = `${reason} ; journal id: ${this.journalId}`;
    for (const responder of this.#calls.values()) {
      responder.refuse(ioException(message).refusal);
      message = `an earlier batch could not be written ; journal id: ${this.journalId}`;
    }
    this.#calls.clear();
    if (hasCode(error, 'DISK_FULL', 'DISK_FAILED')) {
      this.#host.exit(1, `${this.directory.root} cannot be written: ${String(error)}`);
      return;
    }
    this.#host.log.error(`${this.directory.root}: ${reason}`);
    this.#backlog = this.#closed === undefined ? [] : [{ type: 'close' }];
    void this.#reload();
  }

  async #reload(): Promise<void> {
    const { committedTxid, storage } = this.#journal;
    try {
      await this.directory.abandon();
      const snapshot = await this.directory.load();
      const same = snapshot.storage !== undefined && snapshot.storage.namespaceId === storage?.namespaceId;
      const known =
        same && committedTxid !== undefined && committedTxid > (snapshot.committedTxid ?? 0n)
          ? committedTxid
          : snapshot.committedTxid;
      this.#journal = new Journal(this.journalId, this.directory.root, { ...snapshot, committedTxid: known });
      this.#driver = this.#drive(this.#journal);
      this.#cache?.clear();
    } catch (fatal) {
      this.#host.exit(1, `${this.directory.root}: cannot be read after a failure: ${reasonOf(fatal)}`);
      return;
    }
    const waiting = this.#backlog!;
    this.#backlog = undefined;
    for (const input of waiting) this.#driver.feed(input);
  }
}

/** A broken invariant of ours is no answer to a caller. */
function reasonOf(error: unknown): string {
  if (hasCode(error, 'ASSERTION')) throw error;
  return messageOf(error);
}
