/**
 * ClientProtocol.complete, and the closing of files whose writer is gone. Mirrors FSDirWriteFileOp.completeFile and
 * FSNamesystem.checkLease.
 */
import type { Block } from '../../wire/edits/ops/writable.js';
import { HadoopError } from './errors.js';
import { pathOf } from './inode.js';
import type { Inode, InodeFile } from './inode.js';
import type { Applied, Namespace } from './namespace.js';
import { lastInode } from './path.js';
import type { Caller } from './permissions.js';

/** HdfsConstants.GRANDFATHER_INODE_ID: the client named no inode. */
const NO_INODE_ID = 0;

/** The inode a writing client means: by id if it gave one, since the path may have changed since. */
export function inodeForWrite(
  ns: Namespace,
  caller: Caller,
  path: string,
  fileId: number,
): { inode: Inode | undefined; path: string } {
  if (fileId === NO_INODE_ID) {
    const resolved = ns.resolve(caller, path);
    return { inode: lastInode(resolved), path: resolved.path };
  }
  const inode = ns.inode(fileId);
  return { inode, path: inode === undefined ? path : pathOf(inode) };
}

/** The file, if `holder` has it under construction; throws as Hadoop does otherwise. */
export function checkLease(
  ns: Namespace,
  inode: Inode | undefined,
  path: string,
  holder: string,
  fileId: number,
): InodeFile {
  const lease = (): string => `${path} (inode ${fileId}) ${ns.leases.toText(ns.leases.holder(holder), holder)}`;
  if (inode === undefined) throw new HadoopError('FileNotFoundException', `File does not exist: ${lease()}`);
  if (inode.kind !== 'file') throw new HadoopError('LeaseExpiredException', `INode is not a regular file: ${lease()}`);
  if (inode.underConstruction === undefined)
    throw new HadoopError('LeaseExpiredException', `File is not open for writing: ${lease()}`);
  if (inode.underConstruction.clientName !== holder) {
    throw new HadoopError(
      'LeaseExpiredException',
      `Client (=${holder}) is not the lease owner (=${inode.underConstruction.clientName}: ${lease()}`,
    );
  }
  return inode;
}

/** True when the file is closed. `last`: the client's idea of the last block; undefined for an empty file. */
export function complete(
  ns: Namespace,
  caller: Caller,
  request: { path: string; clientName: string; fileId: number; last: Block | undefined },
): Applied<boolean> {
  const { inode, path } = inodeForWrite(ns, caller, request.path, request.fileId);
  if (inode?.kind === 'file' && inode.underConstruction === undefined) {
    // A client that lost the reply asks again: fine as long as it means the same file content.
    const last = inode.blocks[inode.blocks.length - 1];
    const same =
      last === undefined
        ? request.last === undefined
        : request.last !== undefined &&
          last.blockId === request.last.blockId &&
          last.generationStamp === request.last.generationStamp;
    if (same) return ns.applied(true);
  }
  finalizeFile(ns, checkLease(ns, inode, path, request.clientName, request.fileId), path);
  return ns.applied(true);
}

/** Closes a file under construction, and logs it. */
export function finalizeFile(ns: Namespace, file: InodeFile, path: string): void {
  file.mtime = ns.clock.wallMs();
  closeFile(ns, file);
  ns.log({
    type: 'OP_CLOSE',
    inodeId: file.id,
    path,
    replication: file.replication,
    mtime: file.mtime,
    atime: file.atime,
    blockSize: file.blockSize,
    blocks: file.blocks,
    permission: { user: file.user, group: file.group, mode: file.mode },
  });
}

/** The change itself, live or from the log. */
export function closeFile(ns: Namespace, file: InodeFile): void {
  ns.leases.remove(file.id);
  file.underConstruction = undefined;
}

/** The active closes files whose writer has not been heard of for the hard limit. Returns how many. */
export function releaseExpiredLeases(ns: Namespace, hardLimitMs: number): number {
  let closed = 0;
  for (const lease of ns.leases.expired(hardLimitMs)) {
    for (const id of [...lease.files]) {
      const file = ns.inode(id);
      if (file?.kind !== 'file') {
        ns.leases.remove(id);
      } else if (file.blocks.length === 0) {
        finalizeFile(ns, file, pathOf(file));
        closed++;
      }
    }
  }
  return closed;
}
