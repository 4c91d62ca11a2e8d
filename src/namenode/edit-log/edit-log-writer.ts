/**
 * The right to write, from one time as the active to the next: takes over the journals, opens the edit log, and closes
 * it. Owns the edit log of the moment and the epoch. Mirrors FSEditLog's initJournalsForWrite, recoverUnclosedStreams,
 * openForWrite and endCurrentLogSegment.
 *
 * Calling order, each time as the active: `takeOver()` -> (the namespace catches up) -> `open(next)` -> `close()`.
 */
import { assert } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import type { NameNodeConfig } from '../config.js';
import type { NameDirectories } from '../image/name-directories.js';
import { isDiskFailure, type Lifetime } from '../lifetime.js';
import type { Namespace } from '../namespace/namespace.js';
import { EditLog } from './edit-log.js';
import { LocalJournal } from './local-journal.js';
import type { SharedEdits } from './shared-edits.js';

export interface EditLogWriterParts {
  readonly host: Host;
  readonly config: NameNodeConfig;
  readonly directories: NameDirectories;
  readonly namespace: Namespace;
  readonly sharedEdits: SharedEdits;
  readonly lifetime: Lifetime;
}

export class EditLogWriter {
  readonly #parts: EditLogWriterParts;
  readonly localJournals: readonly LocalJournal[];
  #log: EditLog | undefined = undefined;
  #epoch = 0n;

  constructor(parts: EditLogWriterParts) {
    this.#parts = parts;
    this.localJournals = parts.directories.editsDirs.map((dir) => new LocalJournal(parts.host, dir));
  }

  /** Nobody else writes any more when it resolves: with the last transaction of the shared journal (0 without one). */
  async takeOver(): Promise<bigint> {
    const recovered = Promise.all(this.localJournals.map((journal) => journal.recoverUnfinalized()));
    const [shared] = await Promise.all([this.#parts.sharedEdits.journal?.becomeWriter(), recovered]);
    if (shared === undefined) return 0n;
    this.#epoch = shared.epoch;
    return shared.lastTxid;
  }

  /** Edits may be made when it resolves; the first one of all opens the segment. */
  async open(nextTxid: bigint): Promise<void> {
    const { namespace, host } = this.#parts;
    host.log.info(`Will take over writing edit logs at txnid ${nextTxid}`);
    const log = this.#newLog();
    this.#log = log;
    await log.open(nextTxid);
    namespace.lastTxid = log.lastTxid;
    namespace.openForWrite(log);
  }

  /** No edit is made after the call; when it resolves, every one made before is durable and its segment closed. */
  async close(): Promise<void> {
    const { namespace, sharedEdits } = this.#parts;
    namespace.closeForWrite();
    await this.log.close();
    namespace.lastTxid = this.log.lastTxid;
    await sharedEdits.close();
  }

  /** Stops at once: the open segment is left to the next writer's recovery. */
  async abandon(): Promise<void> {
    await this.#log?.abandon();
  }

  #newLog(): EditLog {
    const { host, config, directories, sharedEdits, lifetime } = this.#parts;
    return new EditLog(host, {
      shared: sharedEdits.journal,
      local: this.localJournals,
      writeSeenTxid: (txid) => directories.writeSeenTxid(txid),
      onFatal: (error) =>
        lifetime.fatal(
          isDiskFailure(error)
            ? `Error: ${String(error)}`
            : `Error: flush failed for required journal ` +
                `(${config.sharedEdits ?? directories.editsDirs.join(',')}): ${error.message}`,
        ),
    });
  }

  /** The edit log, while active. */
  get log(): EditLog {
    assert(this.#log !== undefined, 'no edit log before the first time as the active');
    return this.#log;
  }

  get isOpen(): boolean {
    return this.#log?.isOpen === true;
  }

  /** The last transaction in memory: written while active, applied otherwise. */
  get lastTxid(): bigint {
    return this.#log?.isOpen === true ? this.#log.lastTxid : this.#parts.namespace.lastTxid;
  }

  /** First transaction of the segment that was opened last; 0 before the first. */
  get segmentTxid(): bigint {
    return this.#log?.segmentTxid ?? 0n;
  }

  /** Of the last time as the writer. */
  get epoch(): bigint {
    return this.#epoch;
  }
}
