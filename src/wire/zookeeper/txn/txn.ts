/**
 * A whole transaction as it stands in the log and in PROPOSAL packets: TxnHeader, the record that header.type names,
 * and since 3.6 the digest of the tree afterwards. Mirrors org.apache.zookeeper.server.util.SerializeUtils
 * (deserializeTxn, serializeRequest).
 *
 * txn := TxnHeader, record(type), [TxnDigest]
 */
import { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { LabError, unreachable } from '../../../base/errors.js';
import { Op } from '../op.js';
import { readCheckVersionTxn, writeCheckVersionTxn } from './check-version-txn.js';
import type { CheckVersionTxn } from './check-version-txn.js';
import { readCloseSessionTxn, writeCloseSessionTxn } from './close-session-txn.js';
import type { CloseSessionTxn } from './close-session-txn.js';
import { readCreateContainerTxn, writeCreateContainerTxn } from './create-container-txn.js';
import type { CreateContainerTxn } from './create-container-txn.js';
import { readCreateSessionTxn, writeCreateSessionTxn } from './create-session-txn.js';
import type { CreateSessionTxn } from './create-session-txn.js';
import { readCreateTtlTxn, writeCreateTtlTxn } from './create-ttl-txn.js';
import type { CreateTtlTxn } from './create-ttl-txn.js';
import { readCreateTxn, writeCreateTxn } from './create-txn.js';
import type { CreateTxn } from './create-txn.js';
import { readDeleteTxn, writeDeleteTxn } from './delete-txn.js';
import type { DeleteTxn } from './delete-txn.js';
import { readErrorTxn, writeErrorTxn } from './error-txn.js';
import type { ErrorTxn } from './error-txn.js';
import { readTxnHeader, writeTxnHeader } from './header.js';
import type { TxnHeader } from './header.js';
import { readMultiTxn, writeMultiTxn } from './multi-txn.js';
import type { MultiTxn } from './multi-txn.js';
import { readSetAclTxn, writeSetAclTxn } from './set-acl-txn.js';
import type { SetAclTxn } from './set-acl-txn.js';
import { readSetDataTxn, writeSetDataTxn } from './set-data-txn.js';
import type { SetDataTxn } from './set-data-txn.js';
import { readTxnDigest, writeTxnDigest } from './txn-digest.js';
import type { TxnDigest } from './txn-digest.js';

export type TxnRecord =
  | { readonly kind: 'create'; readonly txn: CreateTxn }
  | { readonly kind: 'createContainer'; readonly txn: CreateContainerTxn }
  | { readonly kind: 'createTTL'; readonly txn: CreateTtlTxn }
  | { readonly kind: 'delete'; readonly txn: DeleteTxn }
  | { readonly kind: 'setData'; readonly txn: SetDataTxn }
  | { readonly kind: 'setACL'; readonly txn: SetAclTxn }
  | { readonly kind: 'check'; readonly txn: CheckVersionTxn }
  | { readonly kind: 'multi'; readonly txn: MultiTxn }
  | { readonly kind: 'createSession'; readonly txn: CreateSessionTxn }
  /** `txn` is undefined before 3.6: the record was empty and the tree's own list of ephemeral nodes counts. */
  | { readonly kind: 'closeSession'; readonly txn: CloseSessionTxn | undefined }
  | { readonly kind: 'error'; readonly txn: ErrorTxn };

export interface DecodedTxn {
  readonly header: TxnHeader;
  readonly record: TxnRecord;
  readonly digest: TxnDigest | undefined;
}

export function encodeTxn(header: TxnHeader, record: TxnRecord, digest?: TxnDigest): Buffer {
  const w = new ByteWriter();
  writeTxnHeader(w, header);
  writeTxnRecord(w, record);
  if (digest !== undefined) writeTxnDigest(w, digest);
  return w.take();
}

/** Throws LabError MALFORMED, also for a type that is not a transaction's. */
export function decodeTxn(bytes: Uint8Array): DecodedTxn {
  const r = new ByteReader(bytes);
  const header = readTxnHeader(r);
  // Before 3.6 a closeSession had no record at all.
  const bare = header.type === Op.closeSession && r.remaining === 0;
  const record: TxnRecord = bare ? { kind: 'closeSession', txn: undefined } : readTxnRecord(r, header.type);
  const digest = r.remaining >= 12 ? readTxnDigest(r) : undefined;
  return { header, record, digest };
}

/** Throws LabError MALFORMED. */
export function readTxnRecord(r: ByteReader, type: number): TxnRecord {
  switch (type) {
    case Op.create:
    case Op.create2:
      return { kind: 'create', txn: readCreateTxn(r) };
    case Op.createContainer:
      return { kind: 'createContainer', txn: readCreateContainerTxn(r) };
    case Op.createTTL:
      return { kind: 'createTTL', txn: readCreateTtlTxn(r) };
    case Op.delete:
    case Op.deleteContainer:
      return { kind: 'delete', txn: readDeleteTxn(r) };
    case Op.setData:
    case Op.reconfig:
      return { kind: 'setData', txn: readSetDataTxn(r) };
    case Op.setACL:
      return { kind: 'setACL', txn: readSetAclTxn(r) };
    case Op.check:
      return { kind: 'check', txn: readCheckVersionTxn(r) };
    case Op.multi:
      return { kind: 'multi', txn: readMultiTxn(r) };
    case Op.createSession:
      return { kind: 'createSession', txn: readCreateSessionTxn(r) };
    case Op.closeSession:
      return { kind: 'closeSession', txn: readCloseSessionTxn(r) };
    case Op.error:
      return { kind: 'error', txn: readErrorTxn(r) };
    default:
      throw new LabError('MALFORMED', `malformed bytes: ${type} is not a type of transaction`);
  }
}

export function writeTxnRecord(w: ByteWriter, record: TxnRecord): void {
  switch (record.kind) {
    case 'create':
      return writeCreateTxn(w, record.txn);
    case 'createContainer':
      return writeCreateContainerTxn(w, record.txn);
    case 'createTTL':
      return writeCreateTtlTxn(w, record.txn);
    case 'delete':
      return writeDeleteTxn(w, record.txn);
    case 'setData':
      return writeSetDataTxn(w, record.txn);
    case 'setACL':
      return writeSetAclTxn(w, record.txn);
    case 'check':
      return writeCheckVersionTxn(w, record.txn);
    case 'multi':
      return writeMultiTxn(w, record.txn);
    case 'createSession':
      return writeCreateSessionTxn(w, record.txn);
    case 'closeSession':
      if (record.txn !== undefined) writeCloseSessionTxn(w, record.txn);
      return;
    case 'error':
      return writeErrorTxn(w, record.txn);
    default:
      return unreachable(record);
  }
}

const MULTI_PARTS: ReadonlySet<number> = new Set([
  Op.create,
  Op.create2,
  Op.createTTL,
  Op.createContainer,
  Op.delete,
  Op.deleteContainer,
  Op.setData,
  Op.check,
  Op.error,
]);

/** All parts are read before the first is applied: malformed bytes change nothing. Throws LabError MALFORMED. */
export function readMultiParts({ txns }: MultiTxn): readonly TxnRecord[] {
  return txns.map(({ type, data }) => {
    if (!MULTI_PARTS.has(type))
      throw new LabError('MALFORMED', `malformed bytes: a multi transaction has a part of type ${type}`);
    return readTxnRecord(new ByteReader(data), type);
  });
}
