/** Parts that several messages to JournalNodes share. */
import type { NamespaceInfoProto } from '../../wire/hadoop/gen/hdfs-server.js';
import type { NamespaceInfo } from './api.js';

/** Which journal is meant, as most requests begin. */
export function journalName(
  journalId: string,
  nameServiceId: string | undefined,
): { jid: { identifier: string }; nameServiceId?: string } {
  return { jid: { identifier: journalId }, ...(nameServiceId === undefined ? {} : { nameServiceId }) };
}

/** What VersionInfo says in a NameNode; JournalNodes do not look at it. */
const SOFTWARE_VERSION = '3.3.6';

export function namespaceInfoProto(info: NamespaceInfo): NamespaceInfoProto {
  return {
    buildVersion: 'Unknown',
    unused: 0,
    blockPoolID: info.blockPoolId,
    softwareVersion: SOFTWARE_VERSION,
    storageInfo: {
      layoutVersion: info.layoutVersion >>> 0,
      namespceID: info.namespaceId >>> 0,
      clusterID: info.clusterId,
      cTime: info.cTime,
    },
  };
}
