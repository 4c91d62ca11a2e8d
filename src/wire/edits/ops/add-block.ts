/**
 * OP_ADD_BLOCK: a file under construction has a new last block; the one before it, if any, comes with its final size.
 *
 *     path:UTF8 blocks:compact(1..2) rpcIds
 */
import type { OpCodec } from './codec.js';
import { readCompactBlocks, readRpcIds, readUtf8, writeCompactBlocks, writeRpcIds, writeUtf8 } from './writable.js';
import type { Block, RpcIds } from './writable.js';

export interface AddBlockOp {
  readonly type: 'OP_ADD_BLOCK';
  readonly path: string;
  readonly blocks: readonly Block[];
  readonly rpcIds: RpcIds;
}

export const addBlockOp: OpCodec<AddBlockOp> = {
  opcode: 33,
  encode(writer, op) {
    writeUtf8(writer, op.path);
    writeCompactBlocks(writer, op.blocks);
    writeRpcIds(writer, op.rpcIds);
  },
  decode(reader) {
    const path = readUtf8(reader);
    const blocks = readCompactBlocks(reader);
    return { type: 'OP_ADD_BLOCK', path, blocks, rpcIds: readRpcIds(reader) };
  },
};
