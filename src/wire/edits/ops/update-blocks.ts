/**
 * OP_UPDATE_BLOCKS: the whole block list of a file under construction.
 *
 *     path:UTF8 blocks:compact rpcIds
 */
import type { OpCodec } from './codec.js';
import { readCompactBlocks, readRpcIds, readUtf8, writeCompactBlocks, writeRpcIds, writeUtf8 } from './writable.js';
import type { Block, RpcIds } from './writable.js';

export interface UpdateBlocksOp {
  readonly type: 'OP_UPDATE_BLOCKS';
  readonly path: string;
  readonly blocks: readonly Block[];
  readonly rpcIds: RpcIds;
}

export const updateBlocksOp: OpCodec<UpdateBlocksOp> = {
  opcode: 25,
  encode(writer, op) {
    writeUtf8(writer, op.path);
    writeCompactBlocks(writer, op.blocks);
    writeRpcIds(writer, op.rpcIds);
  },
  decode(reader) {
    const path = readUtf8(reader);
    const blocks = readCompactBlocks(reader);
    return { type: 'OP_UPDATE_BLOCKS', path, blocks, rpcIds: readRpcIds(reader) };
  },
};
