/** What the quorum writer and reader need of a Hadoop configuration. Units in the names; defaults are Hadoop's own. */
import type { Configuration } from '../../config/hadoop/contract.js';

export interface QuorumJournalConfig {
  readonly startSegmentTimeoutMs: number;
  readonly prepareRecoveryTimeoutMs: number;
  readonly acceptRecoveryTimeoutMs: number;
  readonly finalizeSegmentTimeoutMs: number;
  readonly selectInputStreamsTimeoutMs: number;
  readonly getJournalStateTimeoutMs: number;
  readonly newEpochTimeoutMs: number;
  readonly writeTxnsTimeoutMs: number;
  /** dfs.qjm.operations.timeout: format and the like, for which every node must answer. */
  readonly operationsTimeoutMs: number;
  /** What a node that does not keep up may have queued before it is dropped until the next segment. */
  readonly queuedEditsLimitBytes: number;
  /** Transactions a reader asks for in one RPC. */
  readonly rpcMaxTxns: number;
  /** dfs.ha.tail-edits.in-progress: read open segments over RPC. */
  readonly inProgressTailing: boolean;
  readonly httpConnectTimeoutMs: number;
  readonly httpReadTimeoutMs: number;
  /** ipc.client.connect.timeout: one attempt to reach a node. */
  readonly connectTimeoutMs: number;
  /** ipc.client.connect.max.retries, after refusals. */
  readonly connectRetries?: number;
  /** ipc.client.connect.max.retries.on.timeouts */
  readonly connectRetriesOnTimeouts?: number;
  /** ipc.client.connect.retry.interval */
  readonly connectRetryIntervalMs?: number;
}

export function quorumJournalConfigFrom(conf: Configuration): QuorumJournalConfig {
  return Object.freeze({
    startSegmentTimeoutMs: conf.getTimeMs('dfs.qjournal.start-segment.timeout.ms'),
    prepareRecoveryTimeoutMs: conf.getTimeMs('dfs.qjournal.prepare-recovery.timeout.ms'),
    acceptRecoveryTimeoutMs: conf.getTimeMs('dfs.qjournal.accept-recovery.timeout.ms'),
    finalizeSegmentTimeoutMs: conf.getTimeMs('dfs.qjournal.finalize-segment.timeout.ms'),
    selectInputStreamsTimeoutMs: conf.getTimeMs('dfs.qjournal.select-input-streams.timeout.ms'),
    getJournalStateTimeoutMs: conf.getTimeMs('dfs.qjournal.get-journal-state.timeout.ms'),
    newEpochTimeoutMs: conf.getTimeMs('dfs.qjournal.new-epoch.timeout.ms'),
    writeTxnsTimeoutMs: conf.getTimeMs('dfs.qjournal.write-txns.timeout.ms'),
    operationsTimeoutMs: conf.getTimeMs('dfs.qjm.operations.timeout'),
    queuedEditsLimitBytes: conf.getInt('dfs.qjournal.queued-edits.limit.mb') * 1024 * 1024,
    rpcMaxTxns: conf.getInt('dfs.ha.tail-edits.qjm.rpc.max-txns'),
    inProgressTailing: conf.getBoolean('dfs.ha.tail-edits.in-progress'),
    httpConnectTimeoutMs: conf.getTimeMs('dfs.qjournal.http.open.timeout.ms'),
    httpReadTimeoutMs: conf.getTimeMs('dfs.qjournal.http.read.timeout.ms'),
    connectTimeoutMs: conf.getTimeMs('ipc.client.connect.timeout'),
    connectRetries: conf.getInt('ipc.client.connect.max.retries'),
    connectRetriesOnTimeouts: conf.getInt('ipc.client.connect.max.retries.on.timeouts'),
    connectRetryIntervalMs: conf.getTimeMs('ipc.client.connect.retry.interval'),
  });
}
