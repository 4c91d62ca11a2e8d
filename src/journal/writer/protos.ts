/** Parts that several messages to JournalNodes share. */
import { HADOOP_VERSION } from '../../base/versions.js';
import type { NamespaceInfoProto } from '../../wire/hadoop/gen/hdfs-server.js';
import type { NamespaceInfo } from './api.js';

/** Which journal is meant, as most requests begin. */
export function journalName(
  journalId: string,
  nameServiceId: string | undefined,
): { jid: { identifier: string }; nameServiceId: string | undefined } {
  return { jid: { identifier: journalId }, nameServiceId };
}

export function namespaceInfoProto(info: NamespaceInfo): NamespaceInfoProto {
  return {
    buildVersion: 'Unknown',
    unused: 0,
    blockPoolID: info.blockPoolId,
    // What VersionInfo says in a NameNode; JournalNodes do not look at it.
    softwareVersion: HADOOP_VERSION,
    storageInfo: {
      layoutVersion: info.layoutVersion >>> 0,
      namespceID: info.namespaceId >>> 0,
      clusterID: info.clusterId,
      cTime: info.cTime,
    },
  };
}
