/**
 * OP_SET_PERMISSIONS: mode of a file or directory.
 *
 *     src:UTF8 mode:short
 */
import type { OpCodec } from './codec.js';
import { readUtf8, writeUtf8 } from './writable.js';

export interface SetPermissionsOp {
  readonly type: 'OP_SET_PERMISSIONS';
  readonly src: string;
  readonly mode: number;
}

export const setPermissionsOp: OpCodec<SetPermissionsOp> = {
  opcode: 7,
  encode(writer, op) {
    writeUtf8(writer, op.src);
    writer.u16(op.mode);
  },
  decode(reader) {
    const src = readUtf8(reader);
    return { type: 'OP_SET_PERMISSIONS', src, mode: reader.u16() };
  },
};
