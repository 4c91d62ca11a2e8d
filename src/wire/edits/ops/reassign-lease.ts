/**
 * OP_REASSIGN_LEASE: a file under construction has a new holder (lease recovery).
 *
 *     leaseHolder:UTF8 path:UTF8 newHolder:UTF8
 */
import type { OpCodec } from './codec.js';
import { readUtf8, writeUtf8 } from './writable.js';

export interface ReassignLeaseOp {
  readonly type: 'OP_REASSIGN_LEASE';
  readonly leaseHolder: string;
  readonly path: string;
  readonly newHolder: string;
}

export const reassignLeaseOp: OpCodec<ReassignLeaseOp> = {
  opcode: 22,
  encode(writer, op) {
    writeUtf8(writer, op.leaseHolder);
    writeUtf8(writer, op.path);
    writeUtf8(writer, op.newHolder);
  },
  decode(reader) {
    return {
      type: 'OP_REASSIGN_LEASE',
      leaseHolder: readUtf8(reader),
      path: readUtf8(reader),
      newHolder: readUtf8(reader),
    };
  },
};
