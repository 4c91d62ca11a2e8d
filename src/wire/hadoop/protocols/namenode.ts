/** NamenodeProtocol: what a NameNode asks of another, at bootstrap and while it tails and checkpoints. */
import { VersionRequestProto, VersionResponseProto } from '../gen/hdfs-server.js';
import {
  GetEditLogManifestRequestProto,
  GetEditLogManifestResponseProto,
  GetMostRecentCheckpointTxIdRequestProto,
  GetMostRecentCheckpointTxIdResponseProto,
  GetTransactionIdRequestProto,
  GetTransactionIdResponseProto,
  IsRollingUpgradeRequestProto,
  IsRollingUpgradeResponseProto,
  IsUpgradeFinalizedRequestProto,
  IsUpgradeFinalizedResponseProto,
  RollEditLogRequestProto,
  RollEditLogResponseProto,
} from '../gen/namenode-protocol.js';
import type { ProtocolSpec } from '../rpc/spec.js';

export const namenodeProtocol = {
  name: 'org.apache.hadoop.hdfs.server.protocol.NamenodeProtocol',
  version: 1n,
  methods: {
    getTransactionId: { request: GetTransactionIdRequestProto, response: GetTransactionIdResponseProto },
    getMostRecentCheckpointTxId: {
      request: GetMostRecentCheckpointTxIdRequestProto,
      response: GetMostRecentCheckpointTxIdResponseProto,
    },
    rollEditLog: { request: RollEditLogRequestProto, response: RollEditLogResponseProto },
    versionRequest: { request: VersionRequestProto, response: VersionResponseProto },
    getEditLogManifest: { request: GetEditLogManifestRequestProto, response: GetEditLogManifestResponseProto },
    isUpgradeFinalized: { request: IsUpgradeFinalizedRequestProto, response: IsUpgradeFinalizedResponseProto },
    isRollingUpgrade: { request: IsRollingUpgradeRequestProto, response: IsRollingUpgradeResponseProto },
  },
} as const satisfies ProtocolSpec;
