/** Runs of encoded operations into the namespace. Mirrors FSEditLogLoader.loadFSEdits. */
import { ByteReader } from '../../base/bytes.js';
import { LabError } from '../../base/errors.js';
import { decodeBody } from '../../wire/edits/ops/ops.js';
import { scanOps } from '../../wire/edits/segment/scan.js';
import { applyEdit } from '../namespace/apply.js';
import type { Namespace } from '../namespace/namespace.js';

const BODY_AT = 13;
const CHECKSUM = 4;

/**
 * Applies what comes after `ns.lastTxid`, up to `upTo`; operations before are skipped. Returns how many were applied.
 * Throws LabError EDITS_GAP, CORRUPT, MALFORMED or UNSUPPORTED_OP; what came before the fault is applied.
 */
export function replay(ns: Namespace, bytes: Buffer, source: string, start = 0, upTo?: bigint): number {
  let applied = 0;
  const ops = scanOps(bytes, start);
  for (;;) {
    const next = ops.next();
    if (next.done === true) {
      if (next.value.tail.kind === 'corrupt')
        throw new LabError('CORRUPT', `edits from ${source}: ${next.value.tail.reason}`);
      return applied;
    }
    const { txid, opcode, offset, length } = next.value;
    if (txid <= ns.lastTxid) continue;
    if (upTo !== undefined && txid > upTo) return applied;
    applyEdit(ns, txid, decodeBody(opcode, new ByteReader(bytes, offset + BODY_AT, offset + length - CHECKSUM)));
    applied++;
  }
}
