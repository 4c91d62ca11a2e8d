/** The NameNode's MBeans, by Hadoop's names and attributes, as far as this NameNode has what they tell. */
import type { HaState } from '../../base/events.js';
import type { NameNodeCore } from '../core.js';
import type { Bean } from '../../wire/http/jmx.js';
import { stateText } from '../ha/operation-category.js';
import { HADOOP_VERSION } from '../../base/versions.js';

const FS_NAMESYSTEM = 'org.apache.hadoop.hdfs.server.namenode.FSNamesystem';

/** Of a NameNode that has not loaded yet, only NameNodeStatus. */
export function nameNodeBeans(core: NameNodeCore): readonly Bean[] {
  const { namespace, writer, config, info, host, safeMode, directories, checkpoints } = core;
  const blocks = core.blocks.total;
  const { missing } = core.blocks;
  const { lastTxid } = writer;
  const { state } = core.ha;
  const active = state === 'ACTIVE';
  const bean = (name: string, modelerType: string, attributes: Bean['attributes']): Bean => ({
    name: `Hadoop:service=NameNode,name=${name}`,
    modelerType,
    attributes,
  });
  const files = namespace.inodeCount;
  const journals = [
    ...(active ? (core.sharedEdits.journal?.status() ?? []) : []).map(({ address, outOfSync, ackedTxid, lagTxns }) => ({
      manager: `QJM to ${address}`,
      stream:
        `Writing segment beginning at txid ${writer.segmentTxid}. ${address} (Written txid ` +
        `${ackedTxid}${lagTxns > 0n ? ` (${lagTxns} txns behind)` : ''})`,
      disabled: String(outOfSync),
      required: 'true',
    })),
    ...directories.editsDirs.map((dir) => ({
      manager: `FileJournalManager(root=${dir})`,
      stream: active ? `EditLogFileOutputStream(${dir}/current)` : 'null',
      disabled: 'false',
      required: 'false',
    })),
  ];
  return [
    bean('NameNodeStatus', 'org.apache.hadoop.hdfs.server.namenode.NameNode', {
      State: stateText(state),
      NNRole: 'NameNode',
      HostAndPort: `${config.rpc.host}:${config.rpc.port}`,
      SecurityEnabled: false,
      LastHATransitionTime: core.ha.lastChangeWallMs,
      BytesWithFutureGenerationStamps: 0,
      SlowPeersReport: null,
      SlowDisksReport: null,
    }),
    bean('FSNamesystem', 'FSNamesystem', {
      'tag.Context': 'dfs',
      'tag.HAState': stateText(state),
      'tag.Hostname': config.rpc.host,
      MissingBlocks: missing,
      ExpiredHeartbeats: 0,
      TransactionsSinceLastCheckpoint: lastTxid - checkpoints.lastTxid,
      TransactionsSinceLastLogRoll: active ? lastTxid - writer.segmentTxid + 1n : 0n,
      LastWrittenTransactionId: active ? lastTxid : 0n,
      LastCheckpointTime: checkpoints.lastWallMs,
      CapacityTotal: 0,
      CapacityUsed: 0,
      CapacityRemaining: 0,
      TotalLoad: 0,
      BlocksTotal: blocks,
      NumFilesUnderConstruction: namespace.leases.fileCount,
      FilesTotal: files,
      UnderReplicatedBlocks: 0,
      CorruptBlocks: 0,
      PendingDeletionBlocks: 0,
      MillisSinceLastLoadedEdits: active ? 0 : Math.round(host.clock.nowMs() - core.tailer.lastTailMs),
      NumLiveDataNodes: 0,
      NumDeadDataNodes: 0,
    }),
    bean('FSNamesystemState', FS_NAMESYSTEM, {
      CapacityTotal: 0,
      CapacityUsed: 0,
      CapacityRemaining: 0,
      TotalLoad: 0,
      BlocksTotal: blocks,
      MaxObjects: 0,
      FilesTotal: files,
      UnderReplicatedBlocks: 0,
      PendingDeletionBlocks: 0,
      FSState: safeMode.isOn ? 'safeMode' : 'Operational',
      NumLiveDataNodes: 0,
      NumDeadDataNodes: 0,
      NumStaleDataNodes: 0,
    }),
    bean('NameNodeInfo', FS_NAMESYSTEM, {
      Version: HADOOP_VERSION,
      SoftwareVersion: HADOOP_VERSION,
      UpgradeFinalized: true,
      BlockPoolId: info.blockPoolId,
      ClusterId: info.clusterId,
      Used: 0,
      Free: 0,
      Total: 0,
      Safemode: safeMode.isOn ? `Safe mode is ON. ${safeMode.tip}` : '',
      PercentUsed: 100.0,
      PercentRemaining: 0.0,
      TotalBlocks: blocks,
      NumberOfMissingBlocks: missing,
      LiveNodes: '{}',
      DeadNodes: '{}',
      DecomNodes: '{}',
      NameDirStatuses: JSON.stringify({
        active: Object.fromEntries(directories.all.map((dir) => [dir, dirType(dir, core)])),
        failed: {},
      }),
      NameJournalStatus: JSON.stringify(journals),
      JournalTransactionInfo: JSON.stringify({
        MostRecentCheckpointTxId: String(checkpoints.lastTxid),
        LastAppliedOrWrittenTxId: String(lastTxid),
      }),
      NNStartedTimeInMillis: core.lifetime.startedWallMs,
      CorruptFiles: '[]',
      CorruptFilesCount: 0,
      DistinctVersionCount: 0,
      DistinctVersions: [],
      RollingUpgradeStatus: null,
    }),
    bean('RetryCache.NameNodeRetryCache', 'RetryCache.NameNodeRetryCache', {
      'tag.Context': 'rpc',
      'tag.Hostname': config.rpc.host,
      CacheUpdated: namespace.retryCache.size,
    }),
  ];
}

function dirType(dir: string, { directories }: NameNodeCore): string {
  const image = directories.imageDirs.includes(dir);
  const edits = directories.editsDirs.includes(dir);
  return image && edits ? 'IMAGE_AND_EDITS' : image ? 'IMAGE' : 'EDITS';
}

/** Before the image is loaded. */
export function initializingBeans(hostAndPort: string, state: HaState): readonly Bean[] {
  return [
    {
      name: 'Hadoop:service=NameNode,name=NameNodeStatus',
      modelerType: 'org.apache.hadoop.hdfs.server.namenode.NameNode',
      attributes: {
        State: stateText(state),
        NNRole: 'NameNode',
        HostAndPort: hostAndPort,
        SecurityEnabled: false,
        LastHATransitionTime: 0,
      },
    },
  ];
}
