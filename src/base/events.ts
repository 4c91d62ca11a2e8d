/**
 * The closed set of events: what happened, in the past tense, for the dashboard, the stopwatch and the checks. A host
 * stamps each with time and role (`StampedEvent`); live, they are written as NDJSON, one a line, with bigints as
 * decimal strings. `TraceEvent`s are per-operation facts that only the simulator's checks read.
 */
export type HaState = 'INITIALIZING' | 'ACTIVE' | 'STANDBY' | 'OBSERVER' | 'STOPPING';

export type LabEvent =
  // any role
  | { type: 'RoleStarted'; kind: RoleKind; address: string; port: number }
  | { type: 'RoleStopped'; code: number; reason: string }
  // the supervisor, about a role
  | { type: 'RoleKilled' | 'RolePaused' | 'RoleResumed' | 'RoleLaunched' | 'RoleGone'; target: string; pid?: number }
  // ZooKeeper
  | { type: 'LookingStarted'; round: bigint }
  | { type: 'LeaderElected'; leader: number; round: bigint; zxid: bigint }
  | { type: 'EpochAccepted'; epoch: bigint }
  | { type: 'LeaderEstablished'; epoch: bigint; zxid: bigint; supporters: readonly number[] }
  | { type: 'LeadershipEnded'; reason: string }
  | { type: 'LearnerSynchronized'; learner: number; mode: 'DIFF' | 'SNAP' | 'TRUNC'; zxid: bigint }
  | { type: 'FollowingEstablished'; leader: number; epoch: bigint; zxid: bigint }
  | { type: 'FollowingEnded'; leader: number; reason: string }
  | { type: 'SessionOpened'; session: bigint; timeoutMs: number; client: string }
  | { type: 'SessionExpired' | 'SessionClosed'; session: bigint }
  // JournalNode
  | { type: 'JournalFormatted'; journal: string; namespaceId: number }
  | { type: 'EpochPromised'; journal: string; epoch: bigint; previous: bigint }
  | { type: 'WriterRefused'; journal: string; epoch: bigint; promised: bigint; call: string }
  | { type: 'SegmentStarted'; journal: string; epoch: bigint; firstTxid: bigint }
  | { type: 'SegmentFinalized'; journal: string; epoch: bigint; firstTxid: bigint; lastTxid: bigint }
  | { type: 'RecoveryAccepted'; journal: string; epoch: bigint; firstTxid: bigint; lastTxid: bigint }
  // NameNode
  | { type: 'HaStateChanged'; from: HaState; to: HaState; txid: bigint }
  | { type: 'WriterEpochEstablished'; epoch: bigint }
  | { type: 'SegmentsRecovered'; lastTxid: bigint; segments: number }
  | { type: 'EditsCaughtUp'; txid: bigint; edits: number }
  | { type: 'BecameActive'; txid: bigint }
  | { type: 'BecameStandby'; txid: bigint }
  | { type: 'QuorumLost'; reason: string }
  | { type: 'CheckpointSaved'; txid: bigint }
  // ZKFC
  | { type: 'HealthChanged'; from: HealthState; to: HealthState }
  | { type: 'ElectionJoined' }
  | { type: 'ElectionLeft'; reason: string }
  | { type: 'LockCreated'; session: bigint }
  | { type: 'LockLost'; session: bigint; reason: string }
  | { type: 'ZooKeeperSessionChanged'; to: 'connected' | 'disconnected' | 'expired' }
  | { type: 'BreadcrumbWritten'; nameNode: string }
  | { type: 'BreadcrumbDeleted'; nameNode: string }
  | { type: 'FencingStarted'; target: string }
  | { type: 'ActiveFenced'; target: string; method: string }
  | { type: 'FencingFailed'; target: string; reason: string }
  | { type: 'ActivationRequested'; target: string }
  | { type: 'ActivationFailed'; target: string; reason: string }
  | { type: 'StandbyRequested'; target: string };

export type RoleKind = 'zookeeper' | 'journalnode' | 'namenode' | 'zkfc' | 'datanode' | 'client';

/** org.apache.hadoop.ha.HealthMonitor.State */
export type HealthState =
  | 'INITIALIZING'
  | 'SERVICE_NOT_RESPONDING'
  | 'SERVICE_HEALTHY'
  | 'SERVICE_UNHEALTHY'
  | 'HEALTH_MONITOR_FAILED';

export type StampedEvent = LabEvent & {
  /** Wall clock, milliseconds since 1970. */
  readonly wallMs: number;
  /** The emitting instance: `zk1`, `nn2`, `zkfc1`, `lab`. */
  readonly role: string;
};

type WideKey<Event> = Event extends unknown
  ? { [Key in keyof Event]: Event[Key] extends bigint ? Key : never }[keyof Event]
  : never;

/** Fields of 64 bits, in whatever event they stand: in a file they are decimal strings. The compiler keeps it whole. */
export const WIDE_FIELDS: Readonly<Record<WideKey<LabEvent> & string, true>> = {
  round: true,
  zxid: true,
  epoch: true,
  session: true,
  previous: true,
  promised: true,
  firstTxid: true,
  lastTxid: true,
  txid: true,
};

/** Facts for checks, one an operation. Bytes are given as short digests, so that a trace can be kept. */
export type TraceEvent =
  // ZAB
  | { type: 'TxnLogged'; zxid: bigint; digest: string }
  | { type: 'TxnAcked'; zxid: bigint }
  | { type: 'TxnCommitted'; zxid: bigint; digest: string }
  | { type: 'LogTruncated'; zxid: bigint }
  | { type: 'SnapshotRestored'; zxid: bigint }
  | { type: 'HistoryLoaded'; zxid: bigint; currentEpoch: bigint; acceptedEpoch: bigint }
  | { type: 'LeaderServing'; epoch: bigint; zxid: bigint }
  /** A round of our own is over: these servers' votes, of this very round, elected `leader`. */
  | { type: 'VotesCounted'; leader: number; supporters: readonly number[] }
  /** acceptedEpoch or currentEpoch is on disk. */
  | { type: 'EpochStored'; which: 'accepted' | 'current'; epoch: bigint }
  /** LEADERINFO or ACKEPOCH goes out: from here on others rely on our accepted epoch. */
  | { type: 'EpochTold'; epoch: bigint }
  /** A client is told of a state as of this zxid. */
  | { type: 'ReplyRead'; session: bigint; zxid: bigint }
  | { type: 'EphemeralCreated'; path: string; session: bigint; zxid: bigint }
  | { type: 'EphemeralDeleted'; path: string; session: bigint; zxid: bigint }
  | { type: 'SessionEndedAt'; session: bigint; zxid: bigint }
  // QJM
  | { type: 'EditsWritten'; journal: string; epoch: bigint; firstTxid: bigint; lastTxid: bigint; digest: string }
  /** What a JournalNode answered to prepareRecovery. */
  | {
      type: 'RecoveryPrepared';
      journal: string;
      epoch: bigint;
      firstTxid: bigint;
      /** undefined: it has nothing of the segment. */
      lastTxid: bigint | undefined;
      finalized: boolean;
      acceptedInEpoch: bigint | undefined;
      lastWriterEpoch: bigint;
    }
  | { type: 'EditsAcknowledged'; epoch: bigint; firstTxid: bigint; lastTxid: bigint; digest: string }
  // HA
  | { type: 'MutationAcknowledged'; operation: string; path: string; txid: bigint }
  | { type: 'MutationServed'; path: string; epoch: bigint };
