/**
 * OP_ADD: a file comes to be, under construction.
 *
 *     inodeId:long path:UTF8 replication:short mtime:long atime:long blockSize:long blocks permission acl xattrs
 *     clientName:UTF8 clientMachine:UTF8 overwrite:bool storagePolicyId:byte erasureCodingPolicyId:byte rpcIds
 */
import type { OpCodec } from './codec.js';
import {
  readBlocks,
  readLong,
  readNoAclNorXAttrs,
  readPermissionStatus,
  readRpcIds,
  readUtf8,
  writeBlocks,
  writeLong,
  writeNoAclNorXAttrs,
  writePermissionStatus,
  writeRpcIds,
  writeUtf8,
} from './writable.js';
import type { Block, PermissionStatus, RpcIds } from './writable.js';
import { LabError } from '../../../base/errors.js';

export interface AddOp {
  readonly type: 'OP_ADD';
  readonly inodeId: number;
  readonly path: string;
  readonly replication: number;
  readonly mtime: number;
  readonly atime: number;
  readonly blockSize: number;
  readonly blocks: readonly Block[];
  readonly permission: PermissionStatus;
  readonly clientName: string;
  readonly clientMachine: string;
  readonly overwrite: boolean;
  readonly storagePolicyId: number;
  readonly rpcIds: RpcIds;
}

export const addOp: OpCodec<AddOp> = {
  opcode: 0,
  encode(writer, op) {
    writeLong(writer, op.inodeId);
    writeUtf8(writer, op.path);
    writer.u16(op.replication);
    writeLong(writer, op.mtime);
    writeLong(writer, op.atime);
    writeLong(writer, op.blockSize);
    writeBlocks(writer, op.blocks);
    writePermissionStatus(writer, op.permission);
    writeNoAclNorXAttrs(writer);
    writeUtf8(writer, op.clientName);
    writeUtf8(writer, op.clientMachine);
    writer.bool(op.overwrite).u8(op.storagePolicyId).u8(0);
    writeRpcIds(writer, op.rpcIds);
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
    readNoAclNorXAttrs(reader, 'OP_ADD');
    const clientName = readUtf8(reader);
    const clientMachine = readUtf8(reader);
    const overwrite = reader.bool();
    const storagePolicyId = reader.u8();
    if (reader.u8() !== 0)
      throw new LabError('UNSUPPORTED_OP', 'OP_ADD of an erasure-coded file is not supported by this NameNode');
    const rpcIds = readRpcIds(reader);
    return {
      type: 'OP_ADD',
      inodeId,
      path,
      replication,
      mtime,
      atime,
      blockSize,
      blocks,
      permission,
      clientName,
      clientMachine,
      overwrite,
      storagePolicyId,
      rpcIds,
    };
  },
};
