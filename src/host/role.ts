/** What every role's `start…(host, config)` resolves with, once its ports are open. */
export interface RunningRole {
  readonly kind: 'zookeeper' | 'journalnode' | 'namenode' | 'zkfc' | 'datanode';
  /** Orderly stop: ports closed, disk flushed, locks released. Idempotent. */
  stop(): Promise<void>;
}
