/**
 * OP_SET_REPLICATION: a file's replication factor.
 *
 *     path:UTF8 replication:short
 */
import type { OpCodec } from './codec.js';
import { readUtf8, writeUtf8 } from './writable.js';

export interface SetReplicationOp {
  readonly type: 'OP_SET_REPLICATION';
  readonly path: string;
  readonly replication: number;
}

export const setReplicationOp: OpCodec<SetReplicationOp> = {
  opcode: 4,
  encode(writer, op) {
    writeUtf8(writer, op.path);
    writer.u16(op.replication);
  },
  decode(reader) {
    return { type: 'OP_SET_REPLICATION', path: readUtf8(reader), replication: reader.u16() };
  },
};
