/** The I/O around StandbyCheckpointer: saves the image and hands it to the other NameNodes. */
import { messageOf, unreachable } from '../../base/errors.js';
import { Driver, type Carried } from '../../base/machine.js';
import type { Host } from '../../host/host.js';
import type { NameNodeConfig } from '../config.js';
import type { StandbyService } from '../ha/ha-context-shell.js';
import { isDiskFailure, type Lifetime } from '../lifetime.js';
import type { Namespace } from '../namespace/namespace.js';
import type { Checkpoints } from './checkpoints.js';
import { uploadImage } from './image-transfer.js';
import type { SavedImage } from './save-image.js';
import { StandbyCheckpointer, type CheckpointerEffect, type CheckpointerInput } from './standby-checkpointer.js';
import type { NamespaceInfo } from './storage-info.js';

export interface CheckpointerParts {
  readonly host: Host;
  readonly config: NameNodeConfig;
  readonly info: NamespaceInfo;
  readonly namespace: Namespace;
  readonly checkpoints: Checkpoints;
  readonly lifetime: Lifetime;
}

export class StandbyCheckpointerShell implements StandbyService {
  readonly #parts: CheckpointerParts;
  readonly #driver: Driver<CheckpointerInput, CheckpointerEffect>;

  constructor(parts: CheckpointerParts) {
    this.#parts = parts;
    const { host, config } = parts;
    this.#driver = new Driver(
      new StandbyCheckpointer({
        checkPeriodMs: Math.min(config.checkpointCheckPeriodMs, config.checkpointPeriodMs),
        periodMs: config.checkpointPeriodMs,
        txns: config.checkpointTxns,
      }),
      { clock: host.clock, carryOut: (effect) => this.#carryOut(effect) },
    );
  }

  start(): void {
    if (this.#parts.config.standbyCheckpoints) this.#driver.feed({ type: 'start' });
  }

  stop(): Promise<void> {
    this.#driver.feed({ type: 'stop' });
    return Promise.resolve();
  }

  #carryOut(effect: Carried<CheckpointerEffect>): void {
    switch (effect.type) {
      case 'look': {
        const { namespace, checkpoints } = this.#parts;
        this.#driver.feed({ type: 'seen', txid: namespace.lastTxid, imageTxid: checkpoints.lastTxid });
        return;
      }
      case 'save':
        void this.#save();
        return;
      default:
        unreachable(effect);
    }
  }

  async #save(): Promise<void> {
    const { host, checkpoints, lifetime } = this.#parts;
    try {
      await this.#upload(await checkpoints.save());
    } catch (error) {
      // A standby that can keep nothing could not be the active, either.
      if (isDiskFailure(error)) lifetime.fatal(`Error: no image can be saved: ${String(error)}`);
      else host.log.error(`Exception in doCheckpoint: ${messageOf(error)}`);
    } finally {
      this.#driver.feed({ type: 'saved' });
    }
  }

  async #upload(image: SavedImage): Promise<void> {
    const { host, config, info } = this.#parts;
    for (const peer of config.peers) {
      try {
        const result = await uploadImage(host, peer.http, image, info, {
          connectTimeoutMs: config.connectTimeoutMs,
          timeoutMs: config.imageTransferTimeoutMs,
        });
        host.log.info(`checkpoint ${image.txid} offered to ${peer.nameNodeId}: ${result}`);
      } catch (error) {
        host.log.warn(`checkpoint ${image.txid} could not be uploaded to ${peer.nameNodeId}: ${messageOf(error)}`);
      }
    }
  }
}
