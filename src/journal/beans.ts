/**
 * A JournalNode's `/jmx`: JournalNodeInfo and one `Journal-<id>` for each journal, named as JournalNodeMXBean and
 * JournalMetrics name them.
 */
import type { Bean } from '../wire/http/jmx.js';
import type { JournalShell } from './journal-shell.js';

export interface NodeFacts {
  readonly hostAndPort: string;
  readonly hostname: string;
  readonly version: string;
  /** Names of directories below dfs.journalnode.edits.dir that are not open: taken for formatted, as Hadoop does. */
  readonly closedJournals: readonly string[];
}

export function journalNodeBeans(journals: readonly JournalShell[], facts: NodeFacts): Bean[] {
  const status: Record<string, { Formatted: string }> = {};
  for (const journal of journals) status[journal.journalId] = { Formatted: String(journal.state.isFormatted) };
  for (const id of facts.closedJournals) status[id] ??= { Formatted: 'true' };
  const clusterIds = [...new Set(journals.flatMap((journal) => journal.state.storage?.clusterId ?? []))];
  return [
    {
      name: 'Hadoop:service=JournalNode,name=JournalNodeInfo',
      modelerType: 'org.apache.hadoop.hdfs.qjournal.server.JournalNode',
      attributes: {
        JournalsStatus: JSON.stringify(status),
        HostAndPort: facts.hostAndPort,
        ClusterIds: clusterIds,
        Version: facts.version,
      },
    },
    ...journals.map((journal) => journalBean(journal, facts.hostname)),
  ];
}

function journalBean(journal: JournalShell, hostname: string): Bean {
  const { state, counters } = journal;
  return {
    name: `Hadoop:service=JournalNode,name=Journal-${journal.journalId}`,
    modelerType: `Journal-${journal.journalId}`,
    attributes: {
      'tag.Context': 'dfs',
      'tag.Hostname': hostname,
      SyncsNumOps: counters.syncs,
      SyncsAvgTimeMicros: counters.syncs === 0 ? 0 : Math.round((counters.syncMs / counters.syncs) * 1000),
      BatchesWritten: counters.batchesWritten,
      TxnsWritten: counters.txnsWritten,
      BytesWritten: counters.bytesWritten,
      BatchesWrittenWhileLagging: counters.batchesWrittenWhileLagging,
      TxnsServedViaRpc: counters.txnsServedViaRpc,
      BytesServedViaRpc: counters.bytesServedViaRpc,
      RpcEmptyResponses: counters.rpcEmptyResponses,
      LastWriterEpoch: state.isFormatted ? state.lastWriterEpoch : -1,
      LastPromisedEpoch: state.isFormatted ? state.lastPromisedEpoch : -1,
      LastWrittenTxId: state.highestWrittenTxid,
      CommittedTxId: state.committedTxid ?? 0n,
      CurrentLagTxns: state.currentLagTxns,
      LastJournalTimestamp: counters.lastJournalTimestamp,
    },
  };
}
