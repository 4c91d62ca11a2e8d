/** Where a JournalNode serves a segment: the path of GetJournalEditServlet. */
import type { NamespaceInfo } from './api.js';

/** `base`: `http://host:port`. */
export function segmentUrl(
  base: string,
  journalId: string,
  segmentTxid: bigint,
  info: Pick<NamespaceInfo, 'layoutVersion' | 'namespaceId' | 'cTime' | 'clusterId'>,
): string {
  const storageInfo = `${info.layoutVersion}:${info.namespaceId}:${info.cTime}:${info.clusterId}`;
  return (
    `${base}/getJournal?jid=${encodeURIComponent(journalId)}&segmentTxId=${segmentTxid}` +
    `&storageInfo=${encodeURIComponent(storageInfo)}&inProgressOk=true`
  );
}
