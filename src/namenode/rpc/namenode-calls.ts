/** NamenodeProtocol: what the other NameNode, its bootstrap and its tailer ask. */
import { HADOOP_VERSION } from '../../base/versions.js';
import { NNHAStatusHeartbeatProto_State } from '../../wire/hadoop/gen/hdfs-server.js';
import type { StorageInfoProto } from '../../wire/hadoop/gen/hdfs-server.js';
import { namenodeProtocol } from '../../wire/hadoop/protocols/namenode.js';
import { bindProtocol } from '../../wire/hadoop/rpc/server.js';
import type { BoundProtocol } from '../../wire/hadoop/rpc/server.js';
import type { NameNodeCore } from '../core.js';
import type { NamespaceInfo } from '../image/storage-info.js';
import { checkSuperUser } from '../namespace/permissions.js';
import type { Caller } from '../namespace/permissions.js';
import type { Gate } from './gate.js';

/** DataNodes and bootstraps compare it with their own only to warn. */
const BUILD_VERSION = '1be78238728da9266a4f88195058f08fd012bf9c';

export function storageInfoMessage(info: NamespaceInfo): StorageInfoProto {
  return {
    layoutVersion: info.layoutVersion >>> 0,
    namespceID: info.namespaceId,
    clusterID: info.clusterId,
    cTime: info.cTime,
  };
}

export function namenodeCalls(core: NameNodeCore, gate: Gate): BoundProtocol {
  const { info, config } = core;
  const authorize = (caller: Caller): void => {
    if (config.limits.permissionsEnabled) checkSuperUser(caller);
  };
  return bindProtocol(namenodeProtocol, {
    versionRequest: gate.operation('UNCHECKED', (_request, call, caller) => {
      authorize(caller);
      call.reply({
        info: {
          buildVersion: BUILD_VERSION,
          unused: 0,
          blockPoolID: info.blockPoolId,
          storageInfo: storageInfoMessage(info),
          softwareVersion: HADOOP_VERSION,
          capabilities: 1n,
          state:
            core.ha.state === 'ACTIVE' ? NNHAStatusHeartbeatProto_State.ACTIVE : NNHAStatusHeartbeatProto_State.STANDBY,
        },
      });
    }),
    getTransactionId: gate.operation('UNCHECKED', (_request, call, caller) => {
      authorize(caller);
      call.reply({ txId: core.writer.lastTxid });
    }),
    getMostRecentCheckpointTxId: gate.operation('UNCHECKED', (_request, call, caller) => {
      authorize(caller);
      call.reply({ txId: core.checkpoints.lastTxid });
    }),
    rollEditLog: gate.operation('JOURNAL', (_request, call, caller) => {
      authorize(caller);
      core.safeMode.check('Log not rolled', true);
      core.host.log.info(`Roll Edit Log from ${call.remoteAddress}`);
      gate.settle(
        call,
        core.writer.log.roll().then((curSegmentTxId) => ({
          signature: {
            blockPoolId: info.blockPoolId,
            mostRecentCheckpointTxId: core.checkpoints.lastTxid,
            curSegmentTxId,
            storageInfo: storageInfoMessage(info),
          },
        })),
      );
    }),
    getEditLogManifest: gate.operation('READ', (request, call, caller) => {
      authorize(caller);
      gate.settle(call, manifest(core, request.sinceTxId));
    }),
    isUpgradeFinalized: gate.operation('UNCHECKED', (_request, call) => call.reply({ isUpgradeFinalized: true })),
    isRollingUpgrade: gate.operation('UNCHECKED', (_request, call) => call.reply({ isRollingUpgrade: false })),
  });
}

/** Closed segments in the first local directory. */
async function manifest(
  core: NameNodeCore,
  since: bigint,
): Promise<{ manifest: { logs: { startTxId: bigint; endTxId: bigint; isInProgress: boolean }[] } }> {
  const segments = (await core.writer.localJournals[0]?.segments()) ?? [];
  return {
    manifest: {
      logs: segments
        .filter(({ lastTxid }) => lastTxid >= since)
        .map(({ firstTxid, lastTxid }) => ({ startTxId: firstTxid, endTxId: lastTxid, isInProgress: false })),
    },
  };
}
