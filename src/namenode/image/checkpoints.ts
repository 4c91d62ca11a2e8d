/**
 * The images on disk: what the newest one holds, saving another, and dropping what is no longer kept. When one is due
 * is StandbyCheckpointer's business. Mirrors FSImage.saveNamespace and NNStorageRetentionManager.
 */
import type { Host } from '../../host/host.js';
import type { NameNodeConfig } from '../config.js';
import type { EditLogWriter } from '../edit-log/edit-log-writer.js';
import type { SharedEdits } from '../edit-log/shared-edits.js';
import type { Namespace } from '../namespace/namespace.js';
import type { NameDirectories } from './name-directories.js';
import { saveImage } from './save-image.js';
import type { SavedImage } from './save-image.js';
import type { NamespaceInfo } from './storage-info.js';

export interface CheckpointParts {
  readonly host: Host;
  readonly config: NameNodeConfig;
  readonly info: NamespaceInfo;
  readonly directories: NameDirectories;
  readonly namespace: Namespace;
  readonly sharedEdits: SharedEdits;
  readonly writer: EditLogWriter;
}

export class Checkpoints {
  readonly #parts: CheckpointParts;
  #lastTxid = 0n;
  #lastWallMs = 0;

  constructor(parts: CheckpointParts) {
    this.#parts = parts;
  }

  /** Of the newest image. */
  get lastTxid(): bigint {
    return this.#lastTxid;
  }

  get lastWallMs(): number {
    return this.#lastWallMs;
  }

  /** The NameNode starts from this image. */
  loaded(txid: bigint): void {
    this.#lastTxid = txid;
    this.#lastWallMs = this.#parts.host.clock.wallMs();
  }

  /** An image is on disk. */
  async saved(txid: bigint): Promise<void> {
    const { host } = this.#parts;
    if (txid > this.#lastTxid) this.#lastTxid = txid;
    this.#lastWallMs = host.clock.wallMs();
    host.emit({ type: 'CheckpointSaved', txid });
    await this.#purge();
  }

  /** Saves the namespace of this moment into every image directory. */
  async save(): Promise<SavedImage> {
    const { namespace, info, directories } = this.#parts;
    const image = saveImage(namespace, info.namespaceId);
    await directories.writeImage(image.txid, image.bytes, image.md5);
    await this.saved(image.txid);
    return image;
  }

  /** The image of exactly one segment's end; safe mode keeps everything still. */
  async saveNamespace(): Promise<void> {
    const { namespace, writer } = this.#parts;
    if (writer.isOpen) namespace.lastTxid = (await writer.log.roll()) - 1n;
    await this.save();
    if (writer.isOpen) namespace.lastTxid = writer.log.lastTxid;
  }

  /** Keeps the newest images, and edits back to the oldest of them and dfs.namenode.num.extra.edits.retained more. */
  async #purge(): Promise<void> {
    const { config, directories, writer, sharedEdits } = this.#parts;
    const oldest = await directories.purgeImages(config.checkpointsRetained);
    const minTxid = oldest + 1n - BigInt(config.extraEditsRetained);
    if (minTxid <= 0n) return;
    for (const journal of writer.localJournals) await journal.purge(minTxid);
    if (writer.isOpen) sharedEdits.journal?.purge(minTxid);
  }
}
