/**
 * OP_SET_GENSTAMP_V2: generation stamp of blocks with sequential ids.
 *
 *     genStamp:long
 */
import type { OpCodec } from './codec.js';
import { readLong, writeLong } from './writable.js';

export interface SetGenstampV2Op {
  readonly type: 'OP_SET_GENSTAMP_V2';
  readonly genStamp: number;
}

export const setGenstampV2Op: OpCodec<SetGenstampV2Op> = {
  opcode: 31,
  encode(writer, op) {
    writeLong(writer, op.genStamp);
  },
  decode(reader) {
    return { type: 'OP_SET_GENSTAMP_V2', genStamp: readLong(reader) };
  },
};
