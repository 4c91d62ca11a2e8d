/**
 * The shared journal of the moment (dfs.namenode.shared.edits.dir): opened when it is first needed. A journal that has
 * been a writer is done with; the next use opens another. What is read and written is others' business.
 */
import { LabError } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import type { QuorumJournal } from '../../journal/writer/api.js';
import { openQuorumJournal } from '../../journal/writer/quorum-journal.js';
import type { NameNodeConfig } from '../config.js';
import type { NamespaceInfo } from '../image/storage-info.js';

export class SharedEdits {
  readonly #host: Host;
  readonly #config: NameNodeConfig;
  readonly #info: NamespaceInfo;
  #journal: QuorumJournal | undefined = undefined;

  constructor(host: Host, config: NameNodeConfig, info: NamespaceInfo) {
    this.#host = host;
    this.#config = config;
    this.#info = info;
  }

  /** To read from or to become the writer of; undefined without HA. */
  get journal(): QuorumJournal | undefined {
    if (this.#journal === undefined && this.#config.sharedEdits !== undefined) {
      this.#journal = openSharedJournal(this.#host, this.#config, this.#info);
    }
    return this.#journal;
  }

  async close(): Promise<void> {
    const journal = this.#journal;
    this.#journal = undefined;
    await journal?.close();
  }
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
