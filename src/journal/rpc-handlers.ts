/**
 * QJournalProtocol and InterQJournalProtocol, from messages to calls of a Journal and back. Mirrors
 * QJournalProtocolServerSideTranslatorPB and JournalNodeRpcServer.
 */
import { LabError, hasCode } from '../base/errors.js';
import type {
  NamespaceInfoProto,
  RemoteEditLogManifestProto,
  StorageInfoProto,
} from '../wire/hadoop/gen/hdfs-server.js';
import type {
  GetEditLogManifestRequestProto,
  GetEditLogManifestResponseProto,
  RequestInfoProto,
} from '../wire/hadoop/gen/qjournal-protocol.js';
import type { interQJournalProtocol } from '../wire/hadoop/protocols/inter-qjournal.js';
import type { qjournalProtocol } from '../wire/hadoop/protocols/qjournal.js';
import type { Handlers, RpcCall } from '../wire/hadoop/rpc/spec.js';
import { EDITS_LAYOUT_VERSION } from '../wire/edits/segment/header.js';
import type { Journal } from './journal.js';
import { Refused, illegalArgument, unsupportedOperation } from './state/refusal.js';
import type { EditLogManifest, RequestInfo, StorageInfo } from './state/types.js';

export interface JournalService {
  /** The journal of this id, opened on first use. Throws Refused or LabError. */
  journal(journalId: string, nameServiceId: string | undefined): Promise<Journal>;
  /** The same if it is open: for the hot path, which waits for nothing. */
  openJournal(journalId: string): Journal | undefined;
  readonly httpPort: number;
  /** `http://host:port`: where segments are to be had. */
  readonly httpUrl: string;
  /** Whether a URL is this node's own. */
  isOwnUrl(url: string): Promise<boolean>;
}

/** Hadoop's INVALID_TXID as it goes over the wire in a field that is always set. */
const INVALID_TXID = BigInt.asUintN(64, -12345n);

/** Java's long: what the wire calls unsigned is signed there. */
const long = (value: bigint): bigint => BigInt.asIntN(64, value);

function requestInfo(proto: RequestInfoProto): RequestInfo {
  const committed = proto.committedTxId === undefined ? undefined : long(proto.committedTxId);
  return {
    epoch: long(proto.epoch),
    ipcSerialNumber: long(proto.ipcSerialNumber),
    committedTxid: committed === undefined || committed < 0n ? undefined : committed,
  };
}

const storageInfo = (proto: StorageInfoProto): StorageInfo => ({
  namespaceId: proto.namespceID | 0,
  clusterId: proto.clusterID,
  cTime: long(proto.cTime),
  layoutVersion: proto.layoutVersion | 0,
});
const namespaceInfo = (proto: NamespaceInfoProto): StorageInfo => storageInfo(proto.storageInfo);

function manifestProto(manifest: EditLogManifest): RemoteEditLogManifestProto {
  return {
    logs: manifest.logs.map((log) => ({
      startTxId: log.startTxid,
      endTxId: log.endTxid,
      isInProgress: log.isInProgress,
    })),
    committedTxnId: manifest.committedTxid ?? INVALID_TXID,
  };
}

/** `answer` settles the call once. */
function settle<Response>(call: RpcCall<Response>, answer: () => Promise<Response>): void {
  answer().then(
    (response) => call.reply(response),
    (error: unknown) => fail(call, error),
  );
}

function fail(call: RpcCall<never>, error: unknown): void {
  if (error instanceof Refused) call.fail(error.refusal.className, error.refusal.message);
  else if (error instanceof LabError && !hasCode(error, 'ASSERTION')) call.fail('java.io.IOException', error.message);
  else throw error;
}

const notOffered =
  (what: string) =>
  (_request: unknown, call: RpcCall<never>): void =>
    fail(
      call,
      unsupportedOperation(
        `${what} is not offered by this JournalNode: upgrade and rollback of a namespace are not supported`,
      ),
    );

export function qjournalHandlers(service: JournalService): Handlers<typeof qjournalProtocol> {
  const find = (proto: RequestInfoProto): Promise<Journal> =>
    service.journal(proto.journalId.identifier, proto.nameServiceId);

  return {
    isFormatted: (q, call) =>
      settle(call, async () => ({
        isFormatted: await (await service.journal(q.jid.identifier, q.nameServiceId)).isFormatted(),
      })),

    getJournalState: (q, call) =>
      settle(call, async () => {
        const { lastPromisedEpoch } = await (
          await service.journal(q.jid.identifier, q.nameServiceId)
        ).getJournalState();
        return { lastPromisedEpoch, httpPort: service.httpPort, fromURL: service.httpUrl };
      }),

    getJournalCTime: (q, call) =>
      settle(call, async () => {
        const journal = await service.journal(q.jid.identifier, q.nameServiceId);
        await journal.getJournalState();
        return { resultCTime: BigInt.asUintN(64, journal.state.storage!.cTime) };
      }),

    format: (q, call) =>
      settle(call, async () => {
        await (await service.journal(q.jid.identifier, q.nameServiceId)).format(
          namespaceInfo(q.nsInfo),
          q.force ?? false,
        );
        return {};
      }),

    newEpoch: (q, call) =>
      settle(call, async () => {
        const reply = await (await service.journal(q.jid.identifier, q.nameServiceId)).newEpoch(
          namespaceInfo(q.nsInfo),
          long(q.epoch),
        );
        return { lastSegmentTxId: reply.lastSegmentTxid };
      }),

    journal: (q, call) => {
      const run = (journal: Journal): void =>
        journal.journal(requestInfo(q.reqInfo), long(q.segmentTxnId), long(q.firstTxnId), q.numTxns, q.records, {
          ok: () => call.reply({}),
          refuse: ({ className, message }) => call.fail(className, message),
        });
      const open = service.openJournal(q.reqInfo.journalId.identifier);
      if (open !== undefined) run(open);
      else find(q.reqInfo).then(run, (error: unknown) => fail(call, error));
    },

    heartbeat: (q, call) =>
      settle(call, async () => {
        await (await find(q.reqInfo)).heartbeat(requestInfo(q.reqInfo));
        return {};
      }),

    startLogSegment: (q, call) =>
      settle(call, async () => {
        await (await find(q.reqInfo)).startLogSegment(
          requestInfo(q.reqInfo),
          long(q.txid),
          q.layoutVersion ?? EDITS_LAYOUT_VERSION,
        );
        return {};
      }),

    finalizeLogSegment: (q, call) =>
      settle(call, async () => {
        await (await find(q.reqInfo)).finalizeLogSegment(requestInfo(q.reqInfo), long(q.startTxId), long(q.endTxId));
        return {};
      }),

    purgeLogs: (q, call) =>
      settle(call, async () => {
        await (await find(q.reqInfo)).purgeLogsOlderThan(requestInfo(q.reqInfo), long(q.minTxIdToKeep));
        return {};
      }),

    getEditLogManifest: (q, call) => settle(call, () => editLogManifest(service, q)),

    getJournaledEdits: (q, call) =>
      settle(call, async () => {
        const { count, editLog } = (await service.journal(q.jid.identifier, q.nameServiceId)).getJournaledEdits(
          long(q.sinceTxId),
          q.maxTxns,
        );
        return count === 0 ? { txnCount: 0 } : { txnCount: count, editLog };
      }),

    prepareRecovery: (q, call) =>
      settle(call, async () => {
        const reply = await (await find(q.reqInfo)).prepareRecovery(requestInfo(q.reqInfo), long(q.segmentTxId));
        const { segment } = reply;
        return {
          segmentState: segment && {
            startTxId: segment.startTxid,
            endTxId: segment.endTxid,
            isInProgress: segment.isInProgress,
          },
          acceptedInEpoch: reply.acceptedInEpoch,
          lastWriterEpoch: reply.lastWriterEpoch,
          lastCommittedTxId: reply.lastCommittedTxid,
        };
      }),

    acceptRecovery: (q, call) =>
      settle(call, async () => {
        const { startTxId, endTxId, isInProgress } = q.stateToAccept;
        if (!/^https?:\/\//.test(q.fromURL))
          throw illegalArgument(`'${q.fromURL}' is not a URL to fetch a segment from`);
        const from = { url: q.fromURL, fromSelf: await service.isOwnUrl(q.fromURL) };
        await (await find(q.reqInfo)).acceptRecovery(
          requestInfo(q.reqInfo),
          { startTxid: long(startTxId), endTxid: long(endTxId), isInProgress },
          from,
        );
        return {};
      }),

    canRollBack: (_q, call) => call.reply({ canRollBack: false }),
    doPreUpgrade: notOffered('doPreUpgrade'),
    doUpgrade: notOffered('doUpgrade'),
    doFinalize: notOffered('doFinalize'),
    doRollback: notOffered('doRollback'),
    discardSegments: notOffered('discardSegments'),
  };
}

export function interQJournalHandlers(service: JournalService): Handlers<typeof interQJournalProtocol> {
  return { getEditLogManifestFromJournal: (q, call) => settle(call, () => editLogManifest(service, q)) };
}

async function editLogManifest(
  service: JournalService,
  q: GetEditLogManifestRequestProto,
): Promise<GetEditLogManifestResponseProto> {
  const journal = await service.journal(q.jid.identifier, q.nameServiceId);
  const manifest = await journal.getEditLogManifest(long(q.sinceTxId), q.inProgressOk ?? false);
  return { manifest: manifestProto(manifest), httpPort: service.httpPort, fromURL: service.httpUrl };
}
