/**
 * OP_RENAME_OLD: ClientProtocol.rename: never overwrites.
 *
 *     src:UTF8 dst:UTF8 mtime:long rpcIds
 */
import type { OpCodec } from './codec.js';
import { readLong, readRpcIds, readUtf8, writeLong, writeRpcIds, writeUtf8 } from './writable.js';
import type { RpcIds } from './writable.js';

export interface RenameOldOp {
  readonly type: 'OP_RENAME_OLD';
  readonly src: string;
  readonly dst: string;
  readonly timestamp: number;
  readonly rpcIds: RpcIds;
}

export const renameOldOp: OpCodec<RenameOldOp> = {
  opcode: 1,
  encode(writer, op) {
    writeUtf8(writer, op.src);
    writeUtf8(writer, op.dst);
    writeLong(writer, op.timestamp);
    writeRpcIds(writer, op.rpcIds);
  },
  decode(reader) {
    const src = readUtf8(reader);
    const dst = readUtf8(reader);
    const timestamp = readLong(reader);
    return { type: 'OP_RENAME_OLD', src, dst, timestamp, rpcIds: readRpcIds(reader) };
  },
};
