/**
 * The standby saves what it has applied as an image, every dfs.namenode.checkpoint.period or .txns, and hands it to the
 * active. Mirrors org.apache.hadoop.hdfs.server.namenode.ha.StandbyCheckpointer.
 */
import { messageOf } from '../../base/errors.js';
import type { Timer } from '../../host/host.js';
import { isDiskFailure } from '../core.js';
import type { NameNodeCore } from '../core.js';
import { uploadImage } from './image-transfer.js';
import { saveImage } from './save-image.js';
import type { SavedImage } from './save-image.js';

/** Saves the namespace of this moment into every image directory and drops what is no longer kept. */
export async function saveCheckpoint(core: NameNodeCore): Promise<SavedImage> {
  const image = saveImage(core.namespace, core.info.namespaceId);
  await core.directories.writeImage(image.txid, image.bytes, image.md5);
  checkpointed(core, image.txid);
  await purgeOldStorage(core);
  return image;
}

/** An image is on disk. */
export function checkpointed(core: NameNodeCore, txid: bigint): void {
  if (txid > core.lastCheckpointTxid) core.lastCheckpointTxid = txid;
  core.lastCheckpointMs = core.host.clock.nowMs();
  core.lastCheckpointWallMs = core.host.clock.wallMs();
  core.host.emit({ type: 'CheckpointSaved', txid });
}

/** Keeps the newest images, and edits back to the oldest of them and dfs.namenode.num.extra.edits.retained more. */
export async function purgeOldStorage(core: NameNodeCore): Promise<void> {
  const oldest = await core.directories.purgeImages(core.config.checkpointsRetained);
  const minTxid = oldest + 1n - BigInt(core.config.extraEditsRetained);
  if (minTxid <= 0n) return;
  for (const journal of core.localJournals) await journal.purge(minTxid);
  if (core.state === 'ACTIVE') core.shared?.purge(minTxid);
}

export class StandbyCheckpointer {
  readonly #core: NameNodeCore;
  #timer: Timer | undefined = undefined;
  #busy = false;
  #lastMs = 0;

  constructor(core: NameNodeCore) {
    this.#core = core;
  }

  start(): void {
    const { host, config } = this.#core;
    this.#lastMs = host.clock.nowMs();
    this.#timer = host.clock.every(Math.min(config.checkpointCheckPeriodMs, config.checkpointPeriodMs), () => {
      if (!this.#busy) void this.#check();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  async #check(): Promise<void> {
    const { host, config, namespace, lastCheckpointTxid } = this.#core;
    const transactions = Number(namespace.lastTxid - lastCheckpointTxid);
    const elapsedMs = host.clock.nowMs() - this.#lastMs;
    if (transactions < config.checkpointTxns && elapsedMs < config.checkpointPeriodMs) return;
    this.#busy = true;
    try {
      this.#lastMs = host.clock.nowMs();
      // Nothing new: Hadoop leaves it, too.
      if (namespace.lastTxid === lastCheckpointTxid) return;
      const image = await saveCheckpoint(this.#core);
      await this.#upload(image);
    } catch (error) {
      // A standby that can keep nothing could not be the active, either.
      if (isDiskFailure(error)) this.#core.fatal(`Error: no image can be saved: ${String(error)}`);
      else host.log.error(`Exception in doCheckpoint: ${messageOf(error)}`);
    } finally {
      this.#busy = false;
    }
  }

  async #upload(image: SavedImage): Promise<void> {
    const { host, config, info } = this.#core;
    for (const peer of config.peers) {
      try {
        const result = await uploadImage(host, peer.http, image, info, {
          connectTimeoutMs: config.connectTimeoutMs,
          timeoutMs: config.imageTransferTimeoutMs,
        });
        host.log.info(`checkpoint ${image.txid} offered to ${peer.nameNodeId}: ${result}`);
      } catch (error) {
        host.log.warn(`checkpoint ${image.txid} could not be uploaded to ${peer.nameNodeId}: ` + `${messageOf(error)}`);
      }
    }
  }
}
