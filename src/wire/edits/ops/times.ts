/**
 * OP_TIMES: mtime and atime; -1 leaves one as it is.
 *
 *     path:UTF8 mtime:long atime:long
 */
import type { OpCodec } from './codec.js';
import { readLong, readUtf8, writeLong, writeUtf8 } from './writable.js';

export interface TimesOp {
  readonly type: 'OP_TIMES';
  readonly path: string;
  readonly mtime: number;
  readonly atime: number;
}

export const timesOp: OpCodec<TimesOp> = {
  opcode: 13,
  encode(writer, op) {
    writeUtf8(writer, op.path);
    writeLong(writer, op.mtime);
    writeLong(writer, op.atime);
  },
  decode(reader) {
    return { type: 'OP_TIMES', path: readUtf8(reader), mtime: readLong(reader), atime: readLong(reader) };
  },
};
