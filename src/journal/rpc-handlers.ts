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
import type { JournalShell } from './journal-shell.js';
import { Refused, illegalArgument, unsupportedOperation } from './state/refusal.js';
import type { EditLogManifest, JournalCall, RequestInfo, StorageInfo } from './state/types.js';

export interface JournalService {
  /** The journal of this id, opened on first use. Throws Refused or LabError. */
  journal(journalId: string, nameServiceId: string | undefined): Promise<JournalShell>;
  /** The same if it is open: for the hot path, which waits for nothing. */
  openJournal(journalId: string): JournalShell | undefined;
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
  const find = (proto: RequestInfoProto): Promise<JournalShell> =>
    service.journal(proto.journalId.identifier, proto.nameServiceId);
  const named = (q: { jid: { identifier: string }; nameServiceId?: string | undefined }): Promise<JournalShell> =>
    service.journal(q.jid.identifier, q.nameServiceId);
  /** A writer's call that is answered with nothing but its success. */
  const write = (
    { reqInfo }: { reqInfo: RequestInfoProto },
    rpc: RpcCall<object>,
    call: (info: RequestInfo) => JournalCall,
  ): void =>
    settle(rpc, async () => {
      await (await find(reqInfo)).call(call(requestInfo(reqInfo)));
      return {};
    });

  return {
    isFormatted: (q, call) =>
      settle(call, async () => ({ isFormatted: await (await named(q)).call({ type: 'isFormatted' }) })),

    getJournalState: (q, call) =>
      settle(call, async () => {
        const { lastPromisedEpoch } = await (await named(q)).call({ type: 'getJournalState' });
        return { lastPromisedEpoch, httpPort: service.httpPort, fromURL: service.httpUrl };
      }),

    getJournalCTime: (q, call) =>
      settle(call, async () => {
        const journal = await named(q);
        await journal.call({ type: 'getJournalState' });
        return { resultCTime: BigInt.asUintN(64, journal.state.storage!.cTime) };
      }),

    format: (q, call) =>
      settle(call, async () => {
        await (await named(q)).call({ type: 'format', storage: namespaceInfo(q.nsInfo), force: q.force ?? false });
        return {};
      }),

    newEpoch: (q, call) =>
      settle(call, async () => {
        const storage = namespaceInfo(q.nsInfo);
        const reply = await (await named(q)).call({ type: 'newEpoch', storage, epoch: long(q.epoch) });
        return { lastSegmentTxId: reply.lastSegmentTxid };
      }),

    journal: (q, call) => {
      const run = (journal: JournalShell): void =>
        journal.send(
          {
            type: 'journal',
            call: journal.nextCall(),
            info: requestInfo(q.reqInfo),
            segmentTxid: long(q.segmentTxnId),
            firstTxid: long(q.firstTxnId),
            count: q.numTxns,
            bytes: q.records,
          },
          { ok: () => call.reply({}), refuse: ({ className, message }) => call.fail(className, message) },
        );
      const open = service.openJournal(q.reqInfo.journalId.identifier);
      if (open !== undefined) run(open);
      else find(q.reqInfo).then(run, (error: unknown) => fail(call, error));
    },

    heartbeat: (q, call) => write(q, call, (info) => ({ type: 'heartbeat', info })),

    startLogSegment: (q, call) =>
      write(q, call, (info) => ({
        type: 'startLogSegment',
        info,
        txid: long(q.txid),
        layoutVersion: q.layoutVersion ?? EDITS_LAYOUT_VERSION,
      })),

    finalizeLogSegment: (q, call) =>
      write(q, call, (info) => ({
        type: 'finalizeLogSegment',
        info,
        startTxid: long(q.startTxId),
        endTxid: long(q.endTxId),
      })),

    purgeLogs: (q, call) =>
      write(q, call, (info) => ({ type: 'purgeLogsOlderThan', info, minTxidToKeep: long(q.minTxIdToKeep) })),

    getEditLogManifest: (q, call) => settle(call, () => editLogManifest(service, q)),

    getJournaledEdits: (q, call) =>
      settle(call, async () => {
        const { count, editLog } = (await named(q)).getJournaledEdits(long(q.sinceTxId), q.maxTxns);
        return count === 0 ? { txnCount: 0 } : { txnCount: count, editLog };
      }),

    prepareRecovery: (q, call) =>
      settle(call, async () => {
        const info = requestInfo(q.reqInfo);
        const journal = await find(q.reqInfo);
        const reply = await journal.call({ type: 'prepareRecovery', info, segmentTxid: long(q.segmentTxId) });
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
        const url = q.fromURL;
        if (!/^https?:\/\//.test(url)) throw illegalArgument(`'${url}' is not a URL to fetch a segment from`);
        const fromSelf = await service.isOwnUrl(url);
        const info = requestInfo(q.reqInfo);
        const segment = { startTxid: long(startTxId), endTxid: long(endTxId), isInProgress };
        await (await find(q.reqInfo)).call({ type: 'acceptRecovery', info, segment, url, fromSelf });
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
  const manifest = await journal.call({
    type: 'getEditLogManifest',
    sinceTxid: long(q.sinceTxId),
    inProgressOk: q.inProgressOk ?? false,
  });
  return { manifest: manifestProto(manifest), httpPort: service.httpPort, fromURL: service.httpUrl };
}
