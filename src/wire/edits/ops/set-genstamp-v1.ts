/**
 * OP_SET_GENSTAMP_V1: generation stamp of blocks with random ids.
 *
 *     genStamp:long
 */
import type { OpCodec } from './codec.js';
import { readLong, writeLong } from './writable.js';

export interface SetGenstampV1Op {
  readonly type: 'OP_SET_GENSTAMP_V1';
  readonly genStamp: number;
}

export const setGenstampV1Op: OpCodec<SetGenstampV1Op> = {
  opcode: 10,
  encode(writer, op) {
    writeLong(writer, op.genStamp);
  },
  decode(reader) {
    return { type: 'OP_SET_GENSTAMP_V1', genStamp: readLong(reader) };
  },
};
