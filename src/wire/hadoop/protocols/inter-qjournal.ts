/** InterQJournalProtocol: one JournalNode asks another for its list of segments (JournalNodeSyncer). */
import { GetEditLogManifestRequestProto, GetEditLogManifestResponseProto } from '../gen/qjournal-protocol.js';
import type { ProtocolSpec } from '../rpc/spec.js';

export const interQJournalProtocol = {
  name: 'org.apache.hadoop.hdfs.qjournal.protocol.InterQJournalProtocol',
  version: 1n,
  methods: {
    getEditLogManifestFromJournal: {
      request: GetEditLogManifestRequestProto,
      response: GetEditLogManifestResponseProto,
    },
  },
} as const satisfies ProtocolSpec;
