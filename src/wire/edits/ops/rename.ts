/**
 * OP_RENAME: ClientProtocol.rename2, with its options as bytes (Options.Rename: NONE 0, OVERWRITE 1, TO_TRASH 2).
 *
 *     src:UTF8 dst:UTF8 mtime:long options:BytesWritable rpcIds
 */
import type { OpCodec } from './codec.js';
import { readLong, readRpcIds, readUtf8, writeLong, writeRpcIds, writeUtf8 } from './writable.js';
import type { RpcIds } from './writable.js';

export interface RenameOp {
  readonly type: 'OP_RENAME';
  readonly src: string;
  readonly dst: string;
  readonly timestamp: number;
  readonly options: readonly number[];
  readonly rpcIds: RpcIds;
}

export const renameOp: OpCodec<RenameOp> = {
  opcode: 15,
  encode(writer, op) {
    writeUtf8(writer, op.src);
    writeUtf8(writer, op.dst);
    writeLong(writer, op.timestamp);
    writer.i32(op.options.length);
    for (const option of op.options) writer.u8(option);
    writeRpcIds(writer, op.rpcIds);
  },
  decode(reader) {
    const src = readUtf8(reader);
    const dst = readUtf8(reader);
    const timestamp = readLong(reader);
    const options = [...reader.view(reader.i32())];
    return { type: 'OP_RENAME', src, dst, timestamp, options, rpcIds: readRpcIds(reader) };
  },
};
