/** QJournalProtocol: a quorum writer or reader and one JournalNode. */
import {
  AcceptRecoveryRequestProto, AcceptRecoveryResponseProto, CanRollBackRequestProto, CanRollBackResponseProto,
  DiscardSegmentsRequestProto, DiscardSegmentsResponseProto, DoFinalizeRequestProto, DoFinalizeResponseProto,
  DoPreUpgradeRequestProto, DoPreUpgradeResponseProto, DoRollbackRequestProto, DoRollbackResponseProto, DoUpgradeRequestProto,
  DoUpgradeResponseProto, FinalizeLogSegmentRequestProto, FinalizeLogSegmentResponseProto, FormatRequestProto,
  FormatResponseProto, GetEditLogManifestRequestProto, GetEditLogManifestResponseProto, GetJournalCTimeRequestProto,
  GetJournalCTimeResponseProto, GetJournalStateRequestProto, GetJournalStateResponseProto, GetJournaledEditsRequestProto,
  GetJournaledEditsResponseProto, HeartbeatRequestProto, HeartbeatResponseProto, IsFormattedRequestProto,
  IsFormattedResponseProto, JournalRequestProto, JournalResponseProto, NewEpochRequestProto, NewEpochResponseProto,
  PrepareRecoveryRequestProto, PrepareRecoveryResponseProto, PurgeLogsRequestProto, PurgeLogsResponseProto,
  StartLogSegmentRequestProto, StartLogSegmentResponseProto,
} from '../gen/qjournal-protocol.js';
import type { ProtocolSpec } from '../rpc/spec.js';

export const qjournalProtocol = {
  name: 'org.apache.hadoop.hdfs.qjournal.protocol.QJournalProtocol',
  version: 1n,
  methods: {
    isFormatted: { request: IsFormattedRequestProto, response: IsFormattedResponseProto },
    getJournalCTime: { request: GetJournalCTimeRequestProto, response: GetJournalCTimeResponseProto },
    doPreUpgrade: { request: DoPreUpgradeRequestProto, response: DoPreUpgradeResponseProto },
    doUpgrade: { request: DoUpgradeRequestProto, response: DoUpgradeResponseProto },
    doFinalize: { request: DoFinalizeRequestProto, response: DoFinalizeResponseProto },
    canRollBack: { request: CanRollBackRequestProto, response: CanRollBackResponseProto },
    doRollback: { request: DoRollbackRequestProto, response: DoRollbackResponseProto },
    discardSegments: { request: DiscardSegmentsRequestProto, response: DiscardSegmentsResponseProto },
    getJournalState: { request: GetJournalStateRequestProto, response: GetJournalStateResponseProto },
    newEpoch: { request: NewEpochRequestProto, response: NewEpochResponseProto },
    format: { request: FormatRequestProto, response: FormatResponseProto },
    journal: { request: JournalRequestProto, response: JournalResponseProto },
    heartbeat: { request: HeartbeatRequestProto, response: HeartbeatResponseProto },
    startLogSegment: { request: StartLogSegmentRequestProto, response: StartLogSegmentResponseProto },
    finalizeLogSegment: { request: FinalizeLogSegmentRequestProto, response: FinalizeLogSegmentResponseProto },
    purgeLogs: { request: PurgeLogsRequestProto, response: PurgeLogsResponseProto },
    getEditLogManifest: { request: GetEditLogManifestRequestProto, response: GetEditLogManifestResponseProto },
    getJournaledEdits: { request: GetJournaledEditsRequestProto, response: GetJournaledEditsResponseProto },
    prepareRecovery: { request: PrepareRecoveryRequestProto, response: PrepareRecoveryResponseProto },
    acceptRecovery: { request: AcceptRecoveryRequestProto, response: AcceptRecoveryResponseProto },
  },
} as const satisfies ProtocolSpec;
