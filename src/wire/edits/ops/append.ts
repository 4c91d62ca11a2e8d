/**
 * OP_APPEND: a complete file is open again.
 *
 *     path:UTF8 clientName:UTF8 clientMachine:UTF8 newBlock:bool rpcIds
 */
import type { OpCodec } from './codec.js';
import { readRpcIds, readUtf8, writeRpcIds, writeUtf8 } from './writable.js';
import type { RpcIds } from './writable.js';

export interface AppendOp {
  readonly type: 'OP_APPEND';
  readonly path: string;
  readonly clientName: string;
  readonly clientMachine: string;
  readonly newBlock: boolean;
  readonly rpcIds: RpcIds;
}

export const appendOp: OpCodec<AppendOp> = {
  opcode: 47,
  encode(writer, op) {
    writeUtf8(writer, op.path);
    writeUtf8(writer, op.clientName);
    writeUtf8(writer, op.clientMachine);
    writer.bool(op.newBlock);
    writeRpcIds(writer, op.rpcIds);
  },
  decode(reader) {
    const path = readUtf8(reader);
    const clientName = readUtf8(reader);
    const clientMachine = readUtf8(reader);
    const newBlock = reader.bool();
    return { type: 'OP_APPEND', path, clientName, clientMachine, newBlock, rpcIds: readRpcIds(reader) };
  },
};
