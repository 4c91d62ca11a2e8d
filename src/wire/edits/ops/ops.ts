/**
 * The operations of an edit log (layout -66) as one closed union, and the way from an opcode to its codec. The frame
 * around a body (opcode, length, txid, checksum) belongs to `edits/segment`. Mirrors
 * org.apache.hadoop.hdfs.server.namenode.FSEditLogOp.
 */
import { LabError } from '../../../base/errors.js';
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import type { OpCodec } from './codec.js';
import { opName } from './op-names.js';
import { addBlockOp } from './add-block.js';
import type { AddBlockOp } from './add-block.js';
import { addOp } from './add.js';
import type { AddOp } from './add.js';
import { allocateBlockIdOp } from './allocate-block-id.js';
import type { AllocateBlockIdOp } from './allocate-block-id.js';
import { appendOp } from './append.js';
import type { AppendOp } from './append.js';
import { closeOp } from './close.js';
import type { CloseOp } from './close.js';
import { deleteOp } from './delete.js';
import type { DeleteOp } from './delete.js';
import { endLogSegmentOp } from './end-log-segment.js';
import type { EndLogSegmentOp } from './end-log-segment.js';
import { mkdirOp } from './mkdir.js';
import type { MkdirOp } from './mkdir.js';
import { reassignLeaseOp } from './reassign-lease.js';
import type { ReassignLeaseOp } from './reassign-lease.js';
import { renameOldOp } from './rename-old.js';
import type { RenameOldOp } from './rename-old.js';
import { renameOp } from './rename.js';
import type { RenameOp } from './rename.js';
import { setGenstampV1Op } from './set-genstamp-v1.js';
import type { SetGenstampV1Op } from './set-genstamp-v1.js';
import { setGenstampV2Op } from './set-genstamp-v2.js';
import type { SetGenstampV2Op } from './set-genstamp-v2.js';
import { setOwnerOp } from './set-owner.js';
import type { SetOwnerOp } from './set-owner.js';
import { setPermissionsOp } from './set-permissions.js';
import type { SetPermissionsOp } from './set-permissions.js';
import { setQuotaOp } from './set-quota.js';
import type { SetQuotaOp } from './set-quota.js';
import { setReplicationOp } from './set-replication.js';
import type { SetReplicationOp } from './set-replication.js';
import { setStoragePolicyOp } from './set-storage-policy.js';
import type { SetStoragePolicyOp } from './set-storage-policy.js';
import { startLogSegmentOp } from './start-log-segment.js';
import type { StartLogSegmentOp } from './start-log-segment.js';
import { timesOp } from './times.js';
import type { TimesOp } from './times.js';
import { updateBlocksOp } from './update-blocks.js';
import type { UpdateBlocksOp } from './update-blocks.js';

export type EditOp =
  | AddBlockOp
  | AddOp
  | AllocateBlockIdOp
  | AppendOp
  | CloseOp
  | DeleteOp
  | EndLogSegmentOp
  | MkdirOp
  | ReassignLeaseOp
  | RenameOldOp
  | RenameOp
  | SetGenstampV1Op
  | SetGenstampV2Op
  | SetOwnerOp
  | SetPermissionsOp
  | SetQuotaOp
  | SetReplicationOp
  | SetStoragePolicyOp
  | StartLogSegmentOp
  | TimesOp
  | UpdateBlocksOp;

const CODECS = {
  OP_ADD_BLOCK: addBlockOp,
  OP_ADD: addOp,
  OP_ALLOCATE_BLOCK_ID: allocateBlockIdOp,
  OP_APPEND: appendOp,
  OP_CLOSE: closeOp,
  OP_DELETE: deleteOp,
  OP_END_LOG_SEGMENT: endLogSegmentOp,
  OP_MKDIR: mkdirOp,
  OP_REASSIGN_LEASE: reassignLeaseOp,
  OP_RENAME_OLD: renameOldOp,
  OP_RENAME: renameOp,
  OP_SET_GENSTAMP_V1: setGenstampV1Op,
  OP_SET_GENSTAMP_V2: setGenstampV2Op,
  OP_SET_OWNER: setOwnerOp,
  OP_SET_PERMISSIONS: setPermissionsOp,
  OP_SET_QUOTA: setQuotaOp,
  OP_SET_REPLICATION: setReplicationOp,
  OP_SET_STORAGE_POLICY: setStoragePolicyOp,
  OP_START_LOG_SEGMENT: startLogSegmentOp,
  OP_TIMES: timesOp,
  OP_UPDATE_BLOCKS: updateBlocksOp,
} as const;

const BY_OPCODE: (OpCodec<EditOp> | undefined)[] = [];
for (const codec of Object.values(CODECS) as unknown as OpCodec<EditOp>[]) BY_OPCODE[codec.opcode] = codec;

export function opcodeOf(op: EditOp): number {
  return CODECS[op.type].opcode;
}

/** Writes the body only. */
export function encodeBody(writer: ByteWriter, op: EditOp): void {
  (CODECS[op.type] as unknown as OpCodec<EditOp>).encode(writer, op);
}

/** Reads one body, which must fill the reader. Throws LabError UNSUPPORTED_OP (names the operation) or MALFORMED. */
export function decodeBody(opcode: number, reader: ByteReader): EditOp {
  const codec = BY_OPCODE[opcode];
  if (codec === undefined) {
    throw new LabError('UNSUPPORTED_OP', `edit-log operation ${opName(opcode)} is not supported by this NameNode`, {
      remedy:
        'Let the NameNode that wrote it save a checkpoint (hdfs dfsadmin -saveNamespace) without that feature, ' +
        'then start anew.',
    });
  }
  const op = codec.decode(reader);
  if (reader.remaining !== 0) throw new LabError('MALFORMED', `${op.type}: ${reader.remaining} bytes left over`);
  return op;
}
