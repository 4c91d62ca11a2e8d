/**
 * OP_ALLOCATE_BLOCK_ID: the last block id given out.
 *
 *     blockId:long
 */
import type { OpCodec } from './codec.js';

export interface AllocateBlockIdOp {
  readonly type: 'OP_ALLOCATE_BLOCK_ID';
  readonly blockId: bigint;
}

export const allocateBlockIdOp: OpCodec<AllocateBlockIdOp> = {
  opcode: 32,
  encode(writer, op) {
    writer.i64(op.blockId);
  },
  decode(reader) {
    return { type: 'OP_ALLOCATE_BLOCK_ID', blockId: reader.i64() };
  },
};
