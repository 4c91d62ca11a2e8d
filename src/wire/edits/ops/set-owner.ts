/**
 * OP_SET_OWNER: owner, group or both; an empty one stays as it is.
 *
 *     src:UTF8 user:UTF8 group:UTF8
 */
import type { OpCodec } from './codec.js';
import { readUtf8, writeUtf8 } from './writable.js';

export interface SetOwnerOp {
  readonly type: 'OP_SET_OWNER';
  readonly src: string;
  readonly user: string;
  readonly group: string;
}

export const setOwnerOp: OpCodec<SetOwnerOp> = {
  opcode: 8,
  encode(writer, op) {
    writeUtf8(writer, op.src);
    writeUtf8(writer, op.user);
    writeUtf8(writer, op.group);
  },
  decode(reader) {
    return { type: 'OP_SET_OWNER', src: readUtf8(reader), user: readUtf8(reader), group: readUtf8(reader) };
  },
};
