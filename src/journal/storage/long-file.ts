/**
 * Numbers in files of their own. Epochs are decimal text and a newline
 * (org.apache.hadoop.hdfs.util.PersistentLongFile), the committed transaction id is eight bytes, and may be behind
 * (BestEffortLongFile).
 */
import { LabError } from '../../base/errors.js';

const corrupt = (path: string, what: string): LabError =>
  new LabError('CORRUPT', `${path}: ${what}`, {
    remedy:
      "Stop this JournalNode, move the journal's directory away and copy it from another JournalNode of the " +
      'same journal.',
  });

export const encodeEpochFile = (epoch: bigint): Buffer => Buffer.from(`${epoch}\n`);

/** 0 where the file is absent. Throws LabError `CORRUPT`. */
export function decodeEpochFile(bytes: Buffer | undefined, path: string): bigint {
  if (bytes === undefined) return 0n;
  const text = bytes.toString('latin1').split('\n', 1)[0]!.trim();
  if (!/^\d{1,19}$/.test(text)) throw corrupt(path, 'not an epoch number');
  return BigInt(text);
}

export function encodeTxidFile(txid: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(txid);
  return bytes;
}

/** undefined where the file is absent, empty or says that nothing was committed. Throws LabError `CORRUPT`. */
export function decodeTxidFile(bytes: Buffer | undefined, path: string): bigint | undefined {
  if (bytes === undefined || bytes.length === 0) return undefined;
  if (bytes.length !== 8) throw corrupt(path, `${bytes.length} bytes where 8 should be`);
  const txid = bytes.readBigInt64BE(0);
  return txid < 0n ? undefined : txid;
}
