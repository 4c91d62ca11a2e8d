/**
 * OP_CLOSE: a file under construction is complete.
 *
 *     inodeId:long path:UTF8 replication:short mtime:long atime:long blockSize:long blocks permission
 */
import type { OpCodec } from './codec.js';
import {
  readBlocks,
  readLong,
  readPermissionStatus,
  readUtf8,
  writeBlocks,
  writeLong,
  writePermissionStatus,
  writeUtf8,
} from './writable.js';
import type { Block, PermissionStatus } from './writable.js';

export interface CloseOp {
  readonly type: 'OP_CLOSE';
  readonly inodeId: number;
  readonly path: string;
  readonly replication: number;
  readonly mtime: number;
  readonly atime: number;
  readonly blockSize: number;
  readonly blocks: readonly Block[];
  readonly permission: PermissionStatus;
}

export const closeOp: OpCodec<CloseOp> = {
  opcode: 9,
  encode(writer, op) {
    writeLong(writer, op.inodeId);
    writeUtf8(writer, op.path);
    writer.u16(op.replication);
    writeLong(writer, op.mtime);
    writeLong(writer, op.atime);
    writeLong(writer, op.blockSize);
    writeBlocks(writer, op.blocks);
    writePermissionStatus(writer, op.permission);
  },
  decode(reader) {
    const inodeId = readLong(reader);
    const path = readUtf8(reader);
    const replication = reader.u16();
    const mtime = readLong(reader);
    const atime = readLong(reader);
    const blockSize = readLong(reader);
    const blocks = readBlocks(reader);
    const permission = readPermissionStatus(reader);
    return { type: 'OP_CLOSE', inodeId, path, replication, mtime, atime, blockSize, blocks, permission };
  },
};
