/**
 * When a server writes a snapshot, and when old ones go. Mirrors the counting in
 * org.apache.zookeeper.server.SyncRequestProcessor and DatadirCleanupManager.
 */
import { zxidText } from '../../base/zxid.js';
import type { Host, Timer } from '../../host/host.js';
import type { QuorumPeerConfig } from '../../config/quorum-peer-config.js';
import type { ReplicatedServer } from '../contract.js';
import type { Storage } from './storage.js';

export class SnapshotSchedule {
  readonly #host: Host;
  readonly #config: QuorumPeerConfig;
  readonly #storage: Storage;
  readonly #server: ReplicatedServer;
  #sinceLast = 0;
  #threshold: number;
  #purger: Timer | undefined;

  constructor(host: Host, config: QuorumPeerConfig, storage: Storage, server: ReplicatedServer) {
    this.#host = host;
    this.#config = config;
    this.#storage = storage;
    this.#server = server;
    this.#threshold = this.#nextThreshold();
  }

  start(): void {
    const { snapRetainCount, purgeIntervalHours } = this.#config.autopurge;
    if (purgeIntervalHours <= 0) return;
    this.#storage.purge(snapRetainCount);
    // Timers count milliseconds in 31 bits: 24 days are the longest.
    this.#purger = this.#host.clock.every(Math.min(purgeIntervalHours * 3_600_000, 0x7fffffff), () =>
      this.#storage.purge(snapRetainCount),
    );
  }

  stop(): void {
    this.#purger?.cancel();
  }

  /** The tree stands behind `count` more transactions. Without a log, snapshots are not written either. */
  applied(count: number): void {
    if (!this.#storage.logs) return;
    this.#sinceLast += count;
    if (this.#sinceLast <= this.#threshold) return;
    const zxid = this.#server.lastProcessedZxid;
    if (!this.#storage.saveSnapshot(zxid, () => this.#server.serializeSnapshot())) return;
    this.#host.log.info(`writing snapshot ${zxidText(zxid)}`);
    this.#sinceLast = 0;
    this.#threshold = this.#nextThreshold();
  }

  /** Between half of snapCount and all of it, so that the servers of an ensemble do not all stop for it at once. */
  #nextThreshold(): number {
    const half = Math.floor(this.#config.snapCount / 2);
    return half + this.#host.random.below(Math.max(half, 1));
  }
}
