/**
 * OP_DELETE: a file or a whole subtree goes.
 *
 *     path:UTF8 mtime:long rpcIds
 */
import type { OpCodec } from './codec.js';
import { readLong, readRpcIds, readUtf8, writeLong, writeRpcIds, writeUtf8 } from './writable.js';
import type { RpcIds } from './writable.js';

export interface DeleteOp {
  readonly type: 'OP_DELETE';
  readonly path: string;
  readonly timestamp: number;
  readonly rpcIds: RpcIds;
}

export const deleteOp: OpCodec<DeleteOp> = {
  opcode: 2,
  encode(writer, op) {
    writeUtf8(writer, op.path);
    writeLong(writer, op.timestamp);
    writeRpcIds(writer, op.rpcIds);
  },
  decode(reader) {
    const path = readUtf8(reader);
    const timestamp = readLong(reader);
    return { type: 'OP_DELETE', path, timestamp, rpcIds: readRpcIds(reader) };
  },
};
