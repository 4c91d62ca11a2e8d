/**
 * The keys of ZooKeeper 3.8.4 for which there is nothing here to be set: a part that is not there, or a matter of the
 * JVM. They are taken, and a server says once that they have no effect. keys.ts says how to read an entry.
 */
import type { KeyPlace, ZooKeeperKey } from './keys.js';

/** Entries with one note. A word is `key` or `key=usual`: the value that asks for nothing, in lower case. */
function group(where: KeyPlace, note: string, words: string, type?: ZooKeeperKey['type']): ZooKeeperKey[] {
  return words
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => {
      const [key, usual] = word.split('=') as [string, string | undefined];
      return {
        key,
        where,
        state: 'no meaning here' as const,
        note,
        ...(usual === undefined ? {} : { asks: (value: string) => value.toLowerCase() !== usual }),
        ...(type === undefined ? {} : { type }),
      };
    });
}

export const NO_MEANING_KEYS: readonly ZooKeeperKey[] = [
  // Keys of QuorumPeerConfig's own.
  ...group('zoo.cfg', 'there are no local sessions to upgrade', 'localSessionsUpgradingEnabled=false', 'boolean'),
  ...group('zoo.cfg', "the backlog is the system's own", 'clientPortListenBacklog=-1', 'integer'),
  ...group('zoo.cfg', 'TLS is not offered', 'sslQuorumReloadCertFiles=false', 'boolean'),
  ...group(
    'zoo.cfg',
    'SASL is not offered',
    'quorum.auth.learner.saslLoginContext quorum.auth.server.saslLoginContext quorum.auth.kerberos.servicePrincipal',
    'text',
  ),
  ...group('zoo.cfg', 'connections need no threads', 'quorum.cnxn.threads.size', 'integer'),
  ...group('zoo.cfg', 'there is no JVM', 'jvm.pause.monitor=false', 'boolean'),
  ...group(
    'zoo.cfg',
    'there is no JVM',
    'jvm.pause.info-threshold.ms jvm.pause.warn-threshold.ms jvm.pause.sleep.time.ms',
    'long',
  ),
  ...group('zoo.cfg', 'no metrics are exported', 'metricsProvider.*', 'text'),
  ...group('zoo.cfg', 'a server has one address', 'multiAddress.enabled=false', 'boolean'),
  ...group('zoo.cfg', 'a server has one address', 'multiAddress.reachabilityCheckEnabled', 'boolean'),
  ...group('zoo.cfg', 'a server has one address', 'multiAddress.reachabilityCheckTimeoutMs', 'integer'),
  ...group('zoo.cfg', 'of the list of servers, which never changes: shown as 0', 'version=0', 'text'),

  // System properties of the server.
  ...group(
    'property',
    'a server has one address',
    `zookeeper.multiAddress.enabled=false zookeeper.multiAddress.reachabilityCheckEnabled
    zookeeper.multiAddress.reachabilityCheckTimeoutMs`,
  ),
  ...group(
    'both',
    'there is no AdminServer',
    `admin.enableServer=false admin.serverAddress admin.serverPort admin.idleTimeout admin.commandURL
    admin.httpVersion admin.portUnification admin.forceHttps`,
  ),
  ...group(
    'both',
    'transactions lie in a store of its own kind, not in files of a set size',
    'preAllocSize txnLogSizeLimitInKb',
  ),
  ...group(
    'both',
    'snapshots are whole files without compression, and each is read to its end',
    `snapshot.compression.method snapshot.trust.empty snapSizeLimitInKb snapshotSizeFactor forceSnapshotSync=false
    serializeLastProcessedZxid.enabled`,
  ),
  ...group('both', 'how long a sync took is not measured', 'fsync.warningthresholdms'),
  ...group('property', 'how long a sync took is not measured', 'fsync.warningthresholdms'),
  ...group('both', 'a close names the nodes that go with the session', 'closeSessionTxn.enabled=true'),
  ...group('both', 'ACLs are checked once, by the leader', 'enableEagerACLCheck=false'),
  ...group('both', 'digests of the tree are always computed', 'digest.enabled=true'),
  ...group(
    'both',
    'one loop does what threads do there',
    `nio.numSelectorThreads nio.numWorkerThreads nio.directBufferBytes nio.shutdownTimeout
    commitProcessor.numWorkerThreads commitProcessor.shutdownTimeout commitProcessor.maxReadBatchSize
    commitProcessor.maxCommitBatchSize request_throttler.shutdownTimeout intBufferStartingSizeBytes
    leader.closeSocketAsync learner.closeSocketAsync learner.asyncSending bitHashCacheSize
    follower.skipLearnerRequestToNextProcessor forward_learner_requests_to_commit_processor_disabled`,
  ),
  ...group('both', 'whatever is queued is synced together, at once', 'flushDelay maxWriteQueuePollTime maxBatchSize'),
  ...group(
    'both',
    'one way to keep watches',
    `watchManagerName=org.apache.zookeeper.server.watch.watchmanager watcherCleanThreshold
    watcherCleanIntervalInSeconds watcherCleanThreadsNum maxInProcessingDeadWatchers`,
  ),
  ...group('both', 'answers are made anew each time', 'maxResponseCacheSize maxGetChildrenResponseCacheSize'),
  ...group(
    'both',
    'no requests and no connections are put off',
    `request_throttle_max_requests request_throttle_stall_time request_throttle_drop_stale
    request_stale_connection_check request_stale_latency_check throttled_op_wait_time largeRequestMaxBytes
    largeRequestThreshold connection_throttle_*`,
  ),
  ...group('both', 'always 1000 requests of one connection', 'globalOutstandingLimit=1000'),
  ...group('both', 'always 10000 ms', 'nio.sessionlessCnxnTimeout=10000'),
  ...group(
    'both',
    'always 200 ms, growing to 60 s',
    'fastleader.minNotificationInterval fastleader.maxNotificationInterval',
  ),
  ...group(
    'both',
    'ports are opened once; initLimit and syncLimit bound the rest',
    'electionPortBindRetry quorumCnxnTimeoutMs',
  ),
  ...group(
    'both',
    'decided here without a setting',
    `leader.maxConcurrentSnapSyncs leader.maxConcurrentDiffSyncs leader.maxTimeToWaitForEpoch
    leader.ackLoggingFrequency leaderConnectDelayDuringRetryMs observer.reconnectDelayMs observer.election.DelayMs
    observerMaster.sizeLimit`,
  ),
  ...group(
    'property',
    'at most 10000 containers a sweep, and none that was never used',
    'znode.container.maxPerMinute znode.container.maxNeverUsedIntervalMs',
  ),
  ...group('property', 'small packets are never held back', 'follower.nodelay=true leader.nodelay=true'),
  ...group('both', "the system's own", 'tcpKeepAlive=false clientTcpKeepAlive=false'),
  ...group(
    'both',
    'nothing is counted or kept for it',
    `pathStats.* messageTracker.BufferSize messageTracker.Enabled audit.enable=false audit.impl.class`,
  ),
  ...group('both', 'one way to serve clients', 'serverCnxnFactory netty.*'),
  ...group('both', 'TLS is not offered', 'ssl.* fips-mode client.secure X509AuthenticationProvider.superUser'),
  ...group(
    'both',
    'SASL and Kerberos are not offered',
    `allowSaslFailedClients enforce.auth.schemes SASLAuthenticationProvider.superPassword letAnySaslUserDoX superUser
    sasl.* kerberos.* security.auth_to_local requireKerberosConfig kinit jaasLoginRenew
    requireClientAuthScheme`,
  ),
  ...group(
    'property',
    'SASL and Kerberos are not offered',
    'java.security.auth.login.config zookeeper.server.principal zookeeper.server.realm',
  ),
  ...group('both', 'a client says to which ensemble it belongs: not offered', 'ensembleAuthName'),
  ...group('both', 'there is no controller', 'controllerPort'),
  ...group('property', 'there is no controller', 'zookeeper.clientPortAddress'),
  ...group('both', 'bytes beyond the longest packet that a server takes from others: none', 'jute.maxbuffer.extrasize'),
  ...group(
    'both',
    'a matter of logs and of JMX, which are not there',
    'jmx.* log.dir log.file log.threshold root.logger',
  ),
  ...group('both', "for ZooKeeper's own tests", 'testingonly.initialZxid'),

  // System properties of clients.
  ...group(
    'both',
    'of clients',
    'clientCnxnSocket disableAutoWatchReset request.timeout client.* canonicalize.hostname',
  ),
];
