/**
 * Replays an edit: at start-up, at the standby, at a failover. No permission is checked and no limit enforced: the
 * active did both. An edit that does not fit the tree is a corrupt or incomplete log, never skipped. Mirrors
 * FSEditLogLoader.applyEditLogOp.
 */
import { LabError, messageOf, unreachable } from '../../base/errors.js';
import type { EditOp } from '../../wire/edits/ops/ops.js';
import type { RpcIds } from '../../wire/edits/ops/writable.js';
import { applyOwner, applyQuota, applyTimes } from './attributes.js';
import { closeFile } from './complete.js';
import { linkFile } from './create.js';
import { removeSubtree } from './delete.js';
import type { Inode, InodeDirectory, InodeFile } from './inode.js';
import { linkDirectory } from './mkdirs.js';
import type { Namespace } from './namespace.js';
import { lastInode, parentInode } from './path.js';
import type { ResolvedPath } from './path.js';
import { applyRename, applyRenameOld } from './rename.js';
import { statusOf } from './file-status.js';

/** Throws LabError CORRUPT when the edit does not fit, or if `txid` is not the next one. */
export function applyEdit(ns: Namespace, txid: bigint, op: EditOp): void {
  if (txid !== ns.lastTxid + 1n) {
    throw new LabError('EDITS_GAP', `transaction ${txid} in the edit log where ${ns.lastTxid + 1n} should be`);
  }
  try {
    change(ns, op);
  } catch (error) {
    throw new LabError('CORRUPT', `cannot replay ${op.type} at transaction ${txid}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  ns.lastTxid = txid;
  rememberReplayed(ns, op);
}

function misfit(what: string): LabError {
  return new LabError('CORRUPT', what);
}

function inodeAt(ns: Namespace, path: string): Inode {
  const inode = lastInode(ns.resolveUnchecked(path));
  if (inode === undefined) throw misfit(`${path} does not exist`);
  return inode;
}

function fileAt(ns: Namespace, path: string): InodeFile {
  const inode = inodeAt(ns, path);
  if (inode.kind !== 'file') throw misfit(`${path} is not a file`);
  return inode;
}

function parentAt(resolved: ResolvedPath): InodeDirectory {
  const parent = parentInode(resolved);
  if (parent?.kind !== 'directory') throw misfit(`the parent directory of ${resolved.path} does not exist`);
  return parent;
}

function nameOf(resolved: ResolvedPath): string {
  return resolved.components[resolved.components.length - 1]!;
}

function change(ns: Namespace, op: EditOp): void {
  if ('blocks' in op) ns.noteBlocks(op.blocks);
  switch (op.type) {
    case 'OP_ADD': {
      const resolved = ns.resolveUnchecked(op.path);
      const existing = lastInode(resolved);
      if (existing !== undefined && op.overwrite) removeSubtree(ns, existing, op.mtime);
      else if (existing !== undefined) throw misfit(`${op.path} exists`);
      const file = linkFile(
        ns,
        parentAt(resolved),
        {
          id: op.inodeId,
          name: nameOf(resolved),
          ...op.permission,
          mtime: op.mtime,
          atime: op.atime,
          replication: op.replication,
          blockSize: op.blockSize,
          storagePolicyId: op.storagePolicyId,
        },
        op.clientName,
        op.clientMachine,
      );
      file.blocks = op.blocks;
      ns.lastInodeId = Math.max(ns.lastInodeId, op.inodeId);
      return;
    }
    case 'OP_CLOSE': {
      const file = fileAt(ns, op.path);
      file.mtime = op.mtime;
      file.atime = op.atime;
      file.blocks = op.blocks;
      closeFile(ns, file);
      return;
    }
    case 'OP_APPEND': {
      const file = fileAt(ns, op.path);
      file.underConstruction = { clientName: op.clientName, clientMachine: op.clientMachine };
      ns.leases.add(op.clientName, file.id);
      return;
    }
    case 'OP_ADD_BLOCK': {
      const file = fileAt(ns, op.path);
      // The block before the new one comes along with its final size.
      file.blocks = [...file.blocks.slice(0, file.blocks.length - (op.blocks.length - 1)), ...op.blocks];
      return;
    }
    case 'OP_UPDATE_BLOCKS':
      fileAt(ns, op.path).blocks = op.blocks;
      return;
    case 'OP_MKDIR': {
      const resolved = ns.resolveUnchecked(op.path);
      if (lastInode(resolved) !== undefined) throw misfit(`${op.path} exists`);
      linkDirectory(ns, parentAt(resolved), nameOf(resolved), op.inodeId, op.permission, op.timestamp);
      ns.lastInodeId = Math.max(ns.lastInodeId, op.inodeId);
      return;
    }
    case 'OP_DELETE': {
      const inode = lastInode(ns.resolveUnchecked(op.path));
      if (inode !== undefined && inode !== ns.root) removeSubtree(ns, inode, op.timestamp);
      return;
    }
    case 'OP_RENAME_OLD':
      applyRenameOld(ns, ns.resolveUnchecked(op.src), ns.resolveUnchecked(op.dst), op.timestamp);
      return;
    case 'OP_RENAME':
      applyRename(ns, ns.resolveUnchecked(op.src), ns.resolveUnchecked(op.dst), op.timestamp, op.options);
      return;
    case 'OP_SET_PERMISSIONS':
      inodeAt(ns, op.src).mode = op.mode;
      return;
    case 'OP_SET_OWNER':
      applyOwner(inodeAt(ns, op.src), op.user, op.group);
      return;
    case 'OP_TIMES':
      applyTimes(inodeAt(ns, op.path), op.mtime, op.atime);
      return;
    case 'OP_SET_REPLICATION':
      fileAt(ns, op.path).replication = op.replication;
      return;
    case 'OP_SET_STORAGE_POLICY':
      inodeAt(ns, op.path).storagePolicyId = op.policyId;
      return;
    case 'OP_SET_QUOTA':
      applyQuota(inodeAt(ns, op.src), op.nsQuota, op.dsQuota);
      return;
    case 'OP_REASSIGN_LEASE': {
      const file = fileAt(ns, op.path);
      if (file.underConstruction === undefined) throw misfit(`${op.path} is not under construction`);
      ns.leases.remove(file.id);
      ns.leases.add(op.newHolder, file.id);
      file.underConstruction.clientName = op.newHolder;
      return;
    }
    case 'OP_SET_GENSTAMP_V1':
      ns.blockIds.genStampV1 = op.genStamp;
      return;
    case 'OP_SET_GENSTAMP_V2':
      ns.blockIds.genStampV2 = op.genStamp;
      return;
    case 'OP_ALLOCATE_BLOCK_ID':
      ns.blockIds.lastAllocatedBlockId = op.blockId;
      return;
    case 'OP_START_LOG_SEGMENT':
    case 'OP_END_LOG_SEGMENT':
      return;
    default:
      unreachable(op);
  }
}

/** A client may ask the next active for the answer that this one still owes. */
function rememberReplayed(ns: Namespace, op: EditOp): void {
  const ids: RpcIds | undefined = 'rpcIds' in op ? op.rpcIds : undefined;
  if (ids === undefined || ids.callId < 0) return;
  if (op.type === 'OP_ADD') ns.remember(ids, statusOf(fileAt(ns, op.path)));
  else if (op.type === 'OP_DELETE' || op.type === 'OP_RENAME' || op.type === 'OP_RENAME_OLD')
    ns.remember(ids, undefined);
}
