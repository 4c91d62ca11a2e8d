/**
 * What the parts of one running NameNode share: its host and configuration, the namespace, the directories, the shared
 * journal and the edit log of the moment. No behaviour of its own beyond opening these. Mirrors the fields of NameNode
 * and FSNamesystem.
 */
import { LabError, assert, hasCode } from '../base/errors.js';
import type { HaState } from '../base/events.js';
import type { Host } from '../host/host.js';
import type { QuorumJournal } from '../journal/writer/api.js';
import { openQuorumJournal } from '../journal/writer/quorum-journal.js';
import type { NameNodeConfig } from './config.js';
import { EditLog } from './edit-log/edit-log.js';
import { LocalJournal } from './edit-log/local-journal.js';
import { NameDirectories } from './image/name-directories.js';
import type { NamespaceInfo } from './image/storage-info.js';
import { Namespace } from './namespace/namespace.js';
import { SafeMode } from './safe-mode.js';

export class NameNodeCore {
  readonly host: Host;
  readonly config: NameNodeConfig;
  readonly info: NamespaceInfo;
  readonly directories: NameDirectories;
  readonly namespace: Namespace;
  readonly safeMode: SafeMode;
  readonly localJournals: readonly LocalJournal[];
  state: HaState = 'INITIALIZING';
  /** While becoming active: calls of clients wait instead of being sent away. */
  becomingActive = false;
  #shared: QuorumJournal | undefined = undefined;
  /** The one of this time as the active; undefined before the first. */
  editLog: EditLog | undefined = undefined;
  /** Epoch of the last time this NameNode was the writer. */
  writerEpoch = 0n;
  lastStateChangeWallMs = 0;
  /** Of the newest image on disk. */
  lastCheckpointTxid = 0n;
  lastCheckpointMs = 0;
  lastCheckpointWallMs = 0;
  lastTailMs = 0;
  readonly startedWallMs: number;
  #ending = false;

  constructor(host: Host, config: NameNodeConfig, directories: NameDirectories, info: NamespaceInfo) {
    this.host = host;
    this.config = config;
    this.info = info;
    this.directories = directories;
    this.namespace = new Namespace(config.limits, {
      nowMs: () => host.clock.nowMs(),
      wallMs: () => host.clock.wallMs(),
    });
    this.safeMode = new SafeMode(config.safeModeThreshold, config.rpc.host);
    this.localJournals = directories.editsDirs.map((dir) => new LocalJournal(host, dir));
    this.startedWallMs = host.clock.wallMs();
  }

  get haEnabled(): boolean {
    return this.config.sharedEdits !== undefined;
  }

  /** The shared journal, to read from or to become the writer of; undefined without HA. */
  get shared(): QuorumJournal | undefined {
    if (this.#shared === undefined && this.config.sharedEdits !== undefined) {
      this.#shared = openSharedJournal(this.host, this.config, this.info);
    }
    return this.#shared;
  }

  /** A journal that has been a writer is done with; the next use opens another. */
  async closeShared(): Promise<void> {
    const shared = this.#shared;
    this.#shared = undefined;
    await shared?.close();
  }

  newEditLog(): EditLog {
    return new EditLog(this.host, {
      shared: this.shared,
      local: this.localJournals,
      writeSeenTxid: (txid) => this.directories.writeSeenTxid(txid),
      onFatal: (error) => {
        if (isDiskFailure(error)) this.fatal(`Error: ${String(error)}`);
        else
          this.fatal(
            `Error: flush failed for required journal ` +
              `(${this.config.sharedEdits ?? this.directories.editsDirs.join(',')}): ${error.message}`,
          );
      },
    });
  }

  /** The process ends, as Hadoop's does when it can no longer tell what is durable. */
  fatal(reason: string): void {
    if (this.#ending) return;
    this.#ending = true;
    this.host.exit(1, reason);
  }

  /** From here on failures of what is being shut down are no news. */
  ending(): void {
    this.#ending = true;
  }

  /** The last transaction in memory: written while active, applied otherwise. */
  get lastTxid(): bigint {
    return this.editLog?.isOpen === true ? this.editLog.lastTxid : this.namespace.lastTxid;
  }

  /** The edit log, while active. */
  get log(): EditLog {
    assert(this.editLog !== undefined, 'no edit log before the first time as the active');
    return this.editLog;
  }
}

/** The machine's own disk is full or fails. */
export function isDiskFailure(error: unknown): error is LabError {
  return hasCode(error, 'DISK_FULL') || hasCode(error, 'DISK_FAILED');
}

export function openSharedJournal(host: Host, config: NameNodeConfig, nsInfo: NamespaceInfo): QuorumJournal {
  if (config.sharedEdits === undefined) throw new LabError('BAD_CONFIG', 'dfs.namenode.shared.edits.dir is not set');
  return openQuorumJournal(host, {
    uri: config.sharedEdits,
    nsInfo,
    config: config.quorumJournal,
    rpcUser: config.limits.superUser,
    ...(config.nameserviceId === undefined ? {} : { nameServiceId: config.nameserviceId }),
  });
}
