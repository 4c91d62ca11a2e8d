/**
 * OP_SET_STORAGE_POLICY: a storage policy's id.
 *
 *     path:UTF8 policyId:byte
 */
import type { OpCodec } from './codec.js';
import { readUtf8, writeUtf8 } from './writable.js';

export interface SetStoragePolicyOp {
  readonly type: 'OP_SET_STORAGE_POLICY';
  readonly path: string;
  readonly policyId: number;
}

export const setStoragePolicyOp: OpCodec<SetStoragePolicyOp> = {
  opcode: 45,
  encode(writer, op) {
    writeUtf8(writer, op.path);
    writer.u8(op.policyId);
  },
  decode(reader) {
    return { type: 'OP_SET_STORAGE_POLICY', path: readUtf8(reader), policyId: reader.u8() };
  },
};
