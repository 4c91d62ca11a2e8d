/**
 * OP_MKDIR: one directory; its parent exists.
 *
 *     inodeId:long path:UTF8 mtime:long atime:long permission acl xattrs
 */
import type { OpCodec } from './codec.js';
import {
  readLong,
  readNoAclNorXAttrs,
  readPermissionStatus,
  readUtf8,
  writeLong,
  writeNoAclNorXAttrs,
  writePermissionStatus,
  writeUtf8,
} from './writable.js';
import type { PermissionStatus } from './writable.js';

export interface MkdirOp {
  readonly type: 'OP_MKDIR';
  readonly inodeId: number;
  readonly path: string;
  readonly timestamp: number;
  readonly permission: PermissionStatus;
}

export const mkdirOp: OpCodec<MkdirOp> = {
  opcode: 3,
  encode(writer, op) {
    writeLong(writer, op.inodeId);
    writeUtf8(writer, op.path);
    writeLong(writer, op.timestamp);
    writeLong(writer, op.timestamp);
    writePermissionStatus(writer, op.permission);
    writeNoAclNorXAttrs(writer);
  },
  decode(reader) {
    const inodeId = readLong(reader);
    const path = readUtf8(reader);
    const timestamp = readLong(reader);
    readLong(reader);
    const permission = readPermissionStatus(reader);
    readNoAclNorXAttrs(reader, 'OP_MKDIR');
    return { type: 'OP_MKDIR', inodeId, path, timestamp, permission };
  },
};
