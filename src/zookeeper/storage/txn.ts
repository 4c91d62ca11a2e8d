/** Transactions as bytes: what the peer half must know of them is the header alone. */
import { ByteReader } from '../../base/bytes.js';
import { LabError } from '../../base/errors.js';
import { zxidText } from '../../base/zxid.js';
import { readTxnHeader } from '../../wire/zookeeper/txn/header.js';
import type { Txn } from '../contract.js';

/** `bytes` is kept, not copied. Throws LabError MALFORMED. */
export function txnFromBytes(bytes: Buffer): Txn {
  const header = readTxnHeader(new ByteReader(bytes));
  if (header.zxid <= 0n) throw new LabError('MALFORMED', `malformed transaction: zxid ${zxidText(header.zxid)}`);
  return { zxid: header.zxid, header, bytes };
}
