/** OP_END_LOG_SEGMENT: the last operation of a segment that was closed in order; no body. */
import type { OpCodec } from './codec.js';

export interface EndLogSegmentOp {
  readonly type: 'OP_END_LOG_SEGMENT';
}

export const endLogSegmentOp: OpCodec<EndLogSegmentOp> = {
  opcode: 23,
  encode() {},
  decode: () => ({ type: 'OP_END_LOG_SEGMENT' }),
};
