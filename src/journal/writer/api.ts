/**
 * What a NameNode sees of its shared journal: one writer at a time, writes that are durable on a majority of
 * JournalNodes, and ordered reads for whoever tails. The types only; `quorum-journal.ts` implements them. Mirrors
 * org.apache.hadoop.hdfs.qjournal.client.QuorumJournalManager seen through
 * org.apache.hadoop.hdfs.server.namenode.JournalManager.
 *
 * One instance becomes writer at most once; a NameNode that turns active again opens a new one.
 *
 * Calling order of a writer: `becomeWriter` -> `startSegment` -> `write`… -> `flush` -> `finalizeSegment` ->
 * `startSegment`… `readEdits`, `isFormatted`, `status` at any time, by anyone. After `QUORUM_LOST` or `FENCED` the
 * instance writes no more: Hadoop's NameNode exits at that point (the shared edits are a required journal).
 *
 * Errors (LabError): `QUORUM_LOST` (time-out or too many failures; names each node and its reason), `FENCED` (a newer
 * epoch was promised), `JOURNAL_NOT_FORMATTED`, `EDITS_GAP` (readers: transactions that no reachable node has),
 * `CLOSED`, `BAD_CONFIG` (URI).
 */
import type { QuorumJournalConfig } from './config.js';

/** org.apache.hadoop.hdfs.server.protocol.NamespaceInfo, as far as a journal cares. */
export interface NamespaceInfo {
  readonly namespaceId: number;
  readonly clusterId: string;
  readonly blockPoolId: string;
  /** StorageInfo.cTime: 0 unless the namespace was upgraded. */
  readonly cTime: bigint;
  /** -66 for Hadoop 3.3.6. */
  readonly layoutVersion: number;
}

export interface QuorumJournalOptions {
  /** `qjournal://host:port;host:port;host:port/journalId` (port 8485 if absent). */
  readonly uri: string;
  readonly nsInfo: NamespaceInfo;
  readonly config: QuorumJournalConfig;
  /** The user of the RPC connections (SIMPLE auth): `hdfs`. */
  readonly rpcUser: string;
  /** dfs.nameservices' id, sent along for the nodes' own use; undefined outside a nameservice. */
  readonly nameServiceId?: string;
  /** All edits up to `lastTxid` are on a majority. Rising; never called inside `write`. */
  readonly onAcknowledged?: (lastTxid: bigint) => void;
  /** The writer is finished: `QUORUM_LOST` or `FENCED`. Called once; pending `flush`es reject with the same error. */
  readonly onFailed?: (error: Error) => void;
}

export interface QuorumJournal {
  readonly journalId: string;
  /** Every node must answer, as in Hadoop. Without `force` a node that holds data refuses. */
  format(options: { force: boolean }): Promise<void>;
  /** True if any node holds data; every node must answer, as in Hadoop (`hasSomeData`, before a format). */
  isFormatted(): Promise<boolean>;
  /**
   * Takes the next epoch on a majority and brings the newest segment to one agreed, finalized end. Older writers are
   * fenced when it resolves. `lastTxid` is the end of what is recovered (0 when the journal is empty).
   */
  becomeWriter(): Promise<{ readonly epoch: bigint; readonly lastTxid: bigint }>;
  /** Opens a segment on a majority. The first transaction that follows must be `txid` (START_LOG_SEGMENT). */
  startSegment(txid: bigint): Promise<void>;
  /**
   * Queues `count` encoded operations, numbered from `firstTxid` without holes, for all nodes; sent at the end of the
   * turn. The bytes must not change afterwards. Throws the failure if the writer has failed; never blocks.
   */
  write(bytes: Uint8Array, firstTxid: bigint, count: number): void;
  /** Resolves once everything written before the call is on disk on a majority. */
  flush(): Promise<void>;
  /** After `flush`: closes the segment first..last on a majority. */
  finalizeSegment(firstTxid: bigint, lastTxid: bigint): Promise<void>;
  /**
   * Operations from `fromTxid` on, in order, whole operations only, without a file header; ends when nothing more is to
   * be had now. Nothing at all is not an error; a hole is (`EDITS_GAP`).
   * - inProgressOk: also from segments that a writer has open (over RPC when `inProgressTailing` is configured).
   * - onlyDurable: of those, at most what a majority is known to hold.
   */
  readEdits(fromTxid: bigint, options: { inProgressOk: boolean; onlyDurable: boolean }): AsyncIterable<EditsRange>;
  /** Lets nodes drop finalized segments that end before `minTxid`. Does not wait. */
  purge(minTxid: bigint): void;
  /** One entry a node, in the URI's order. */
  status(): readonly LoggerStatus[];
  close(): Promise<void>;
}

/** A run of whole operations. */
export interface EditsRange {
  readonly firstTxid: bigint;
  readonly lastTxid: bigint;
  readonly bytes: Buffer;
  /** First transaction of the segment it was read from. */
  readonly segmentTxid: bigint;
  readonly source: string;
}

/** For `/jmx` (NameJournalStatus) and the dashboard. */
export interface LoggerStatus {
  readonly address: string;
  readonly outOfSync: boolean;
  /** The highest transaction this node acknowledged in this epoch; 0 if none. */
  readonly ackedTxid: bigint;
  readonly lagTxns: bigint;
  readonly queuedBytes: number;
  readonly lastError: string | undefined;
}
