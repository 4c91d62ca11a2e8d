/** Short digests of operations for traces: the checksum that each frame carries. */
import { scanOps } from './scan.js';

/** One entry an operation of `bytes`, which holds whole operations only. */
export function* opDigests(bytes: Buffer): Generator<{ readonly txid: bigint; readonly digest: string }> {
  for (const { txid, offset, length } of scanOps(bytes)) {
    yield { txid, digest: bytes.toString('hex', offset + length - 4, offset + length) };
  }
}
