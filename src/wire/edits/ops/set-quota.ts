/**
 * OP_SET_QUOTA: namespace and storage-space quota of a directory.
 *
 *     src:UTF8 nsQuota:long dsQuota:long
 */
import type { OpCodec } from './codec.js';
import { readUtf8, writeUtf8 } from './writable.js';

export interface SetQuotaOp {
  readonly type: 'OP_SET_QUOTA';
  readonly src: string;
  readonly nsQuota: bigint;
  readonly dsQuota: bigint;
}

export const setQuotaOp: OpCodec<SetQuotaOp> = {
  opcode: 14,
  encode(writer, op) {
    writeUtf8(writer, op.src);
    writer.i64(op.nsQuota).i64(op.dsQuota);
  },
  decode(reader) {
    return { type: 'OP_SET_QUOTA', src: readUtf8(reader), nsQuota: reader.i64(), dsQuota: reader.i64() };
  },
};
