/** OP_START_LOG_SEGMENT: the first operation of every segment; no body. */
import type { OpCodec } from './codec.js';

export interface StartLogSegmentOp {
  readonly type: 'OP_START_LOG_SEGMENT';
}

export const startLogSegmentOp: OpCodec<StartLogSegmentOp> = {
  opcode: 24,
  encode() {},
  decode: () => ({ type: 'OP_START_LOG_SEGMENT' }),
};
