/**
 * The keys of Hadoop 3.3.6 that have no effect here, by the reason why. With a `*` at its end a word stands for all
 * keys that begin so and have no entry of their own. keys.ts says what belongs in these tables.
 */
const GROUPS: readonly (readonly [note: string, keys: string])[] = [
  [
    'there is no DataNode, and so no block to be managed',
    `dfs.namenode.available-space-* dfs.namenode.avoid.* dfs.namenode.block-placement-policy.*
    dfs.namenode.block.deletion.increment dfs.namenode.blockreport.*
    dfs.namenode.blocks.per.postponedblocks.rescan dfs.namenode.caching.enabled
    dfs.namenode.corrupt.block.delete.immediately.enabled dfs.namenode.datanode.registration.ip-hostname-check
    dfs.namenode.decommission.* dfs.namenode.ec.* dfs.namenode.enable.log.stale.datanode
    dfs.namenode.file.close.num-committed-allowed dfs.namenode.fs-limits.max-blocks-per-file
    dfs.namenode.full.block.report.lease.length.ms dfs.namenode.get-blocks.max-qps
    dfs.namenode.heartbeat.recheck-interval dfs.namenode.hosts.provider.classname
    dfs.namenode.invalidate.work.pct.per.iteration dfs.namenode.lazypersist.file.scrub.interval.sec
    dfs.namenode.list.cache.directives.num.responses dfs.namenode.list.cache.pools.num.responses
    dfs.namenode.maintenance.replication.min dfs.namenode.max-corrupt-file-blocks-returned
    dfs.namenode.max-num-blocks-to-log dfs.namenode.max.full.block.report.leases
    dfs.namenode.max.slowpeer.collect.nodes dfs.namenode.min.supported.datanode.version
    dfs.namenode.path.based.cache.* dfs.namenode.provided.enabled dfs.namenode.read.considerLoad
    dfs.namenode.read.considerStorageType dfs.namenode.reconstruction.pending.timeout-sec
    dfs.namenode.redundancy.* dfs.namenode.reject-unresolved-dn-topology-mapping
    dfs.namenode.replication.max-streams dfs.namenode.replication.max-streams-hard-limit
    dfs.namenode.replication.work.multiplier.per.iteration dfs.namenode.replqueue.threshold-pct
    dfs.namenode.safemode.extension dfs.namenode.safemode.min.datanodes dfs.namenode.safemode.replication.min
    dfs.namenode.slowpeer.collect.interval dfs.namenode.stale.datanode.*
    dfs.namenode.startup.delay.block.deletion.sec dfs.namenode.tolerate.heartbeat.multiplier
    dfs.namenode.upgrade.domain.factor dfs.namenode.write.stale.datanode.ratio`,
  ],
  [
    'not done: access control lists, extended attributes, snapshots, quotas and encryption zones are not offered',
    `dfs.namenode.acls.enabled dfs.namenode.edekcacheloader.initial.delay.ms
    dfs.namenode.edekcacheloader.interval.ms dfs.namenode.fs-limits.max-xattr-size
    dfs.namenode.fs-limits.max-xattrs-per-inode dfs.namenode.list.encryption.zones.num.responses
    dfs.namenode.list.reencryption.status.num.responses dfs.namenode.posix.acl.inheritance.enabled
    dfs.namenode.quota.init-threads dfs.namenode.reencrypt.* dfs.namenode.snapshot.*
    dfs.namenode.snapshotdiff.* dfs.namenode.xattrs.enabled`,
  ],
  ['not done: there is no audit log', `dfs.namenode.audit.log.* dfs.namenode.audit.loggers`],
  [
    'only simple authentication is offered',
    `dfs.journalnode.kerberos.internal.spnego.principal dfs.journalnode.kerberos.principal
    dfs.journalnode.keytab.file dfs.namenode.delegation.* dfs.namenode.kerberos.internal.spnego.principal
    dfs.namenode.kerberos.principal dfs.namenode.kerberos.principal.pattern dfs.namenode.keytab.file
    dfs.namenode.send.qop.enabled ipc.client.connect.max.retries.on.sasl
    ipc.client.fallback-to-simple-auth-allowed`,
  ],
  [
    'there is no HTTPS',
    `dfs.journalnode.https-address dfs.journalnode.https-bind-host dfs.namenode.https-address
    dfs.namenode.https-bind-host`,
  ],
  [
    'one thread does all: there are no handlers, queues or locks to size',
    `dfs.namenode.edits.asynclogging dfs.namenode.fslock.fair dfs.namenode.handler.count
    dfs.namenode.lifeline.handler.count dfs.namenode.lifeline.handler.ratio
    dfs.namenode.lock.detailed-metrics.enabled dfs.namenode.max-lock-hold-to-release-lease-ms
    dfs.namenode.name.cache.threshold dfs.namenode.read-lock-reporting-threshold-ms
    dfs.namenode.retrycache.heap.percent dfs.namenode.service.handler.count
    dfs.namenode.write-lock-reporting-threshold-ms dfs.qjournal.parallel-read.num-threads ipc.[port_number].*
    ipc.server.handler.queue.size ipc.server.read.connection-queue.size ipc.server.read.threadpool.size`,
  ],
  [
    'there is no JVM: no class can be loaded, no collector watched',
    `dfs.namenode.edits.journal-plugin dfs.namenode.edits.journal-plugin.qjournal
    dfs.namenode.gc.time.monitor.* dfs.namenode.inode.attributes.provider.bypass.users dfs.namenode.plugins`,
  ],
  [
    'there is no secondary, checkpoint or backup NameNode: standbys save images',
    `dfs.namenode.backup.* dfs.namenode.checkpoint.check.quiet-multiplier dfs.namenode.checkpoint.dir
    dfs.namenode.checkpoint.edits.dir dfs.namenode.checkpoint.max-retries
    dfs.namenode.missing.checkpoint.periods.before.shutdown dfs.namenode.secondary.*`,
  ],
  [
    'not done: every directory must do its duty, and all are written',
    `dfs.namenode.edits.dir.minimum dfs.namenode.edits.dir.required dfs.namenode.name.dir.restore`,
  ],
  ['not done: free space is not watched; a full disk ends the role', `dfs.namenode.resource.*`],
  [
    'not done: metrics that are not kept',
    `dfs.namenode.metrics.logger.period.seconds dfs.namenode.top.* ipc.server.log.slow.rpc
    ipc.server.metrics.update.runner.interval`,
  ],
  [
    'not done: the call is not offered',
    `dfs.namenode.inotify.max.events.per.rpc dfs.namenode.list.openfiles.num.responses`,
  ],
  [
    'not done: the default is what is done',
    `dfs.ha.tail-edits.namenode-retries dfs.ha.tail-edits.period.backoff-max
    dfs.ha.tail-edits.rolledits.timeout dfs.ha.zkfc.nn.http.timeout.ms dfs.journalnode.edits.dir.perm
    dfs.namenode.edits.noeditlogchannelflush dfs.namenode.ip-proxy-users dfs.namenode.legacy-oiv-image.dir
    dfs.namenode.max.extra.edits.segments.retained dfs.namenode.max.objects dfs.namenode.max.op.size
    dfs.namenode.startup dfs.namenode.state.context.enabled dfs.namenode.storage.dir.perm
    dfs.namenode.support.allow.format ipc.client.async.calls.max ipc.client.bind.wildcard.addr
    ipc.client.connection.idle-scan-interval.ms ipc.client.connection.maxidletime ipc.client.idlethreshold
    ipc.client.kill.max ipc.client.ping ipc.maximum.response.length
    ipc.server.max.connections ipc.server.max.response.size ipc.server.purge.interval`,
  ],
  [
    'not done: a JournalNode does not fetch from others what it missed',
    `dfs.journalnode.enable.sync dfs.journalnode.sync.interval`,
  ],
  [
    'sockets are as Node has them',
    `ipc.client.low-latency ipc.client.tcpnodelay ipc.server.listen.queue.size ipc.server.reuseaddr
    ipc.server.tcpnodelay`,
  ],
];

export const KEYS_WITHOUT_MEANING: readonly { readonly key: string; readonly note: string }[] = GROUPS.flatMap(
  ([note, keys]) => keys.split(/\s+/).map((key) => ({ key, note })),
);
