/**
 * The edit log of an active NameNode with group commit: `append` numbers an operation and puts it into the batch that
 * gathers; one batch is on its way at a time, to the shared journal first and to the local directories; whoever waits
 * for a transaction (`whenSynced`) is called when a batch that holds it is on a majority of JournalNodes and on the
 * local disks. Mirrors FSEditLog.
 *
 * Calling order: `open(next)` -> `append`/`whenSynced`… -> `roll()`… -> `close()`. Between `roll` and the new segment,
 * operations may go on: those behind the boundary wait in the batch after it.
 *
 * A journal that fails is the end of the process (`onFatal`): its writes may or may not have happened, and the other
 * NameNode must find out by recovery. A local directory that fails is dropped, as long as one is left and the shared
 * journal works.
 */
import { LabError, assert } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import type { QuorumJournal } from '../../journal/writer/api.js';
import { OpBatch } from '../../wire/edits/ops/batch.js';
import type { EditOp } from '../../wire/edits/ops/ops.js';
import type { EditSink } from '../namespace/namespace.js';
import type { LocalJournal } from './local-journal.js';

export interface EditLogOptions {
  readonly shared: QuorumJournal | undefined;
  readonly local: readonly LocalJournal[];
  /** A segment that begins here has to be reachable from now on. */
  readonly writeSeenTxid: (txid: bigint) => Promise<void>;
  readonly onFatal: (error: Error) => void;
}

/** What the pump does, in order. */
type Work =
  | { readonly kind: 'batch'; readonly bytes: Buffer; readonly firstTxid: bigint; readonly count: number }
  | { readonly kind: 'finalize'; readonly firstTxid: bigint; readonly lastTxid: bigint; readonly done?: () => void }
  | { readonly kind: 'start'; readonly txid: bigint; readonly done: () => void };

interface Waiter {
  readonly txid: bigint;
  readonly callback: () => void;
}

export class EditLog implements EditSink {
  readonly #host: Host;
  readonly #options: EditLogOptions;
  #local: LocalJournal[];
  readonly #batch = new OpBatch();
  #closing: ((error: Error) => void) | undefined = undefined;
  #work: Work[] = [];
  #waiters: Waiter[] = [];
  #nextWaiter = 0;
  #pumping = false;
  #scheduled = false;
  #open = false;
  #failed = false;
  #segmentTxid = 0n;
  #lastTxid = 0n;
  #syncedTxid = 0n;

  constructor(host: Host, options: EditLogOptions) {
    this.#host = host;
    this.#options = options;
    this.#local = [...options.local];
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** The last transaction numbered. */
  get lastTxid(): bigint {
    return this.#lastTxid;
  }

  /** The last transaction that every journal has. */
  get syncedTxid(): bigint {
    return this.#syncedTxid;
  }

  /** First transaction of the segment that is open. */
  get segmentTxid(): bigint {
    return this.#segmentTxid;
  }

  /**
   * Starts a segment at `nextTxid`. The shared journal's writer role has been taken. Resolves when the segment's first
   * operation is durable.
   */
  async open(nextTxid: bigint): Promise<void> {
    assert(!this.#open && !this.#failed, 'edit log opened twice');
    this.#lastTxid = nextTxid - 1n;
    this.#syncedTxid = nextTxid - 1n;
    this.#segmentTxid = nextTxid;
    try {
      await this.#startSegment(nextTxid);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    this.#open = true;
    await this.#appendAndWait({ type: 'OP_START_LOG_SEGMENT' });
  }

  append(op: EditOp): bigint {
    assert(this.#open, 'edit log is not open for write');
    const txid = this.#lastTxid + 1n;
    this.#batch.append(op, txid);
    this.#lastTxid = txid;
    this.#schedule();
    return txid;
  }

  /** Calls back once everything up to `txid` is durable; never inside this call. After a failure it never does. */
  whenSynced(txid: bigint, callback: () => void): void {
    if (txid <= this.#syncedTxid) {
      this.#host.clock.soon(callback);
      return;
    }
    this.#waiters.push({ txid, callback });
  }

  #appendAndWait(op: EditOp): Promise<void> {
    const txid = this.append(op);
    return new Promise((resolve) => this.whenSynced(txid, resolve));
  }

  /**
   * Closes the segment and starts the next. Resolves with the new segment's first transaction once it may be read and
   * written.
   */
  async roll(): Promise<bigint> {
    assert(this.#open, 'edit log is not open for write');
    const first = this.#segmentTxid;
    const last = this.append({ type: 'OP_END_LOG_SEGMENT' });
    this.#cut();
    this.#work.push({ kind: 'finalize', firstTxid: first, lastTxid: last });
    const started = new Promise<void>((resolve) => this.#work.push({ kind: 'start', txid: last + 1n, done: resolve }));
    this.#segmentTxid = last + 1n;
    const synced = this.#appendAndWait({ type: 'OP_START_LOG_SEGMENT' });
    this.#schedule();
    await started;
    await synced;
    return last + 1n;
  }

  /**
   * Ends the segment in order; everything appended before is durable when it resolves. Rejects with what made the log
   * fail.
   */
  async close(): Promise<void> {
    if (!this.#open) return;
    const first = this.#segmentTxid;
    const last = this.append({ type: 'OP_END_LOG_SEGMENT' });
    this.#open = false;
    this.#cut();
    const finalized = new Promise<void>((resolve, reject) => {
      this.#closing = reject;
      this.#work.push({ kind: 'finalize', firstTxid: first, lastTxid: last, done: resolve });
    });
    this.#schedule();
    await finalized;
  }

  /** Stops at once: what was not acknowledged is not waited for. */
  async abandon(): Promise<void> {
    this.#open = false;
    this.#failed = true;
    this.#waiters = [];
    for (const journal of this.#local) await journal.abandon().catch(() => undefined);
  }

  /** What gathers is a batch of its own from here on. */
  #cut(): void {
    if (this.#batch.count > 0) this.#work.push({ kind: 'batch', ...this.#batch.take() });
  }

  #schedule(): void {
    if (this.#scheduled || this.#pumping || this.#failed) return;
    this.#scheduled = true;
    this.#host.clock.soon(() => {
      this.#scheduled = false;
      if (!this.#pumping) void this.#pump();
    });
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      while (!this.#failed) {
        if (this.#work.length === 0) this.#cut();
        const work = this.#work.shift();
        if (work === undefined) break;
        await this.#do(work);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#pumping = false;
    }
  }

  async #do(work: Work): Promise<void> {
    switch (work.kind) {
      case 'batch':
        await this.#writeBatch(work);
        return;
      case 'finalize':
        await Promise.all([
          this.#options.shared?.finalizeSegment(work.firstTxid, work.lastTxid),
          this.#eachLocal((journal) => journal.finalizeSegment(work.lastTxid)),
        ]);
        work.done?.();
        return;
      case 'start':
        await this.#startSegment(work.txid);
        work.done();
    }
  }

  async #startSegment(txid: bigint): Promise<void> {
    await Promise.all([
      this.#options.shared?.startSegment(txid),
      this.#eachLocal((journal) => journal.startSegment(txid)),
      this.#options.writeSeenTxid(txid),
    ]);
  }

  async #writeBatch({ bytes, firstTxid, count }: { bytes: Buffer; firstTxid: bigint; count: number }): Promise<void> {
    const { shared } = this.#options;
    shared?.write(bytes, firstTxid, count);
    const local = this.#eachLocal((journal) => {
      journal.write(bytes);
      return journal.sync();
    });
    await Promise.all([shared?.flush(), local]);
    this.#syncedTxid = firstTxid + BigInt(count) - 1n;
    this.#release();
  }

  /** A local directory that fails is given up; with nothing left to write to, that is fatal. */
  async #eachLocal(action: (journal: LocalJournal) => Promise<void>): Promise<void> {
    const failures = await Promise.all(
      this.#local.map(async (journal) => {
        try {
          await action(journal);
          return undefined;
        } catch (error) {
          return { journal, error };
        }
      }),
    );
    for (const failure of failures) {
      if (failure === undefined) continue;
      const text = failure.error instanceof Error ? failure.error.message : String(failure.error);
      this.#host.log.error(
        `Error: edit log failed for (journal ${failure.journal.dir}): ${text}. The directory is not written ` +
          `to any more.`,
      );
      this.#local = this.#local.filter((journal) => journal !== failure.journal);
      if (this.#local.length === 0) {
        const { code, remedy } =
          failure.error instanceof LabError ? failure.error : ({ code: 'DISK_FAILED', remedy: undefined } as const);
        throw new LabError(code, `no edits directory is left: ${text}`, {
          cause: failure.error,
          ...(remedy === undefined ? {} : { remedy }),
        });
      }
    }
  }

  #release(): void {
    const waiters = this.#waiters;
    while (this.#nextWaiter < waiters.length && waiters[this.#nextWaiter]!.txid <= this.#syncedTxid) {
      waiters[this.#nextWaiter++]!.callback();
    }
    if (this.#nextWaiter === waiters.length) {
      this.#waiters = [];
      this.#nextWaiter = 0;
    } else if (this.#nextWaiter > 4096) {
      this.#waiters = waiters.slice(this.#nextWaiter);
      this.#nextWaiter = 0;
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#open = false;
    this.#waiters = [];
    const failure = error instanceof Error ? error : new Error(String(error));
    this.#options.onFatal(failure);
    this.#closing?.(failure);
  }
}
