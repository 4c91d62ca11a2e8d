/**
 * The parts of one running NameNode, wired. Each part owns its state and changes it alone; here nothing changes any
 * more. Mirrors the fields of NameNode and FSNamesystem.
 */
import type { Host } from '../host/host.js';
import { NoDataNodes, type BlockManager } from './blocks/block-manager.js';
import type { NameNodeConfig } from './config.js';
import { EditLogWriter } from './edit-log/edit-log-writer.js';
import { replayLocal } from './edit-log/replay-local.js';
import { SharedEdits } from './edit-log/shared-edits.js';
import { HaContextShell } from './ha/ha-context-shell.js';
import { Checkpoints } from './image/checkpoints.js';
import type { NameDirectories } from './image/name-directories.js';
import { StandbyCheckpointerShell } from './image/standby-checkpointer-shell.js';
import type { NamespaceInfo } from './image/storage-info.js';
import { Lifetime } from './lifetime.js';
import { Namespace } from './namespace/namespace.js';
import { SafeMode } from './safe-mode.js';
import { EditLogTailerShell } from './tailer/edit-log-tailer-shell.js';
import { tailOnce } from './tailer/tail-once.js';

export class NameNodeCore {
  readonly host: Host;
  readonly config: NameNodeConfig;
  readonly info: NamespaceInfo;
  readonly directories: NameDirectories;
  readonly lifetime: Lifetime;
  readonly namespace: Namespace;
  readonly blocks: BlockManager;
  readonly safeMode: SafeMode;
  readonly sharedEdits: SharedEdits;
  readonly writer: EditLogWriter;
  readonly checkpoints: Checkpoints;
  readonly tailer: EditLogTailerShell;
  readonly ha: HaContextShell;

  constructor(host: Host, config: NameNodeConfig, directories: NameDirectories, info: NamespaceInfo) {
    this.host = host;
    this.config = config;
    this.info = info;
    this.directories = directories;
    this.lifetime = new Lifetime(host);
    const clock = { nowMs: () => host.clock.nowMs(), wallMs: () => host.clock.wallMs() };
    this.namespace = new Namespace(config.limits, clock, Number(info.cTime));
    this.blocks = new NoDataNodes(this.namespace);
    this.safeMode = new SafeMode(config.safeModeThreshold, config.rpc.host);
    this.sharedEdits = new SharedEdits(host, config, info);
    this.writer = new EditLogWriter(this);
    this.checkpoints = new Checkpoints(this);
    this.tailer = new EditLogTailerShell(this);
    this.ha = new HaContextShell({
      host,
      config,
      namespace: this.namespace,
      safeMode: this.safeMode,
      writer: this.writer,
      lifetime: this.lifetime,
      catchUp: (upTo) => (this.haEnabled ? this.#catchUp(upTo) : replayLocal(this)),
      standbyServices: [this.tailer, new StandbyCheckpointerShell(this)],
    });
  }

  get haEnabled(): boolean {
    return this.config.sharedEdits !== undefined;
  }

  /** Everything that the old active had acknowledged is applied when it resolves. */
  async #catchUp(upTo: bigint): Promise<void> {
    const { host, namespace } = this;
    host.log.info('Catching up to latest edits from old active before taking over writer role in edits logs');
    const edits = await tailOnce(namespace, this.sharedEdits, { inProgressOk: false, onlyDurable: false });
    if (namespace.lastTxid >= upTo) host.emit({ type: 'EditsCaughtUp', txid: namespace.lastTxid, edits });
  }
}
