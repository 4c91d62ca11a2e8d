/** What readers see of an inode: status, listings, content summary. Mirrors FSDirStatAndListingOp and ContentSummaryComputationContext. */
import { HadoopError } from './errors.js';
import { indexAfter } from './inode.js';
import type { Inode, InodeFile } from './inode.js';
import type { Namespace } from './namespace.js';
import { lastInode } from './path.js';
import { Access, checkPermission } from './permissions.js';
import type { Caller } from './permissions.js';

/** org.apache.hadoop.hdfs.protocol.HdfsFileStatus as it was when asked. */
export interface FileStatus {
  readonly directory: boolean;
  /** Local name; empty for the target of the call itself. */
  readonly name: string;
  readonly fileId: number;
  readonly length: number;
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  readonly mtime: number;
  readonly atime: number;
  readonly replication: number;
  readonly blockSize: number;
  readonly childrenCount: number;
  readonly storagePolicyId: number;
  /** Set while the inode lives: for block locations. */
  readonly file: InodeFile | undefined;
}

export function statusOf(inode: Inode, name = ''): FileStatus {
  if (inode.kind === 'directory') {
    return {
      directory: true, name, fileId: inode.id, length: 0, mode: inode.mode, owner: inode.user, group: inode.group, mtime: inode.mtime,
      atime: 0, replication: 0, blockSize: 0, childrenCount: inode.childCount, storagePolicyId: effectiveStoragePolicy(inode), file: undefined,
    };
  }
  return {
    directory: false, name, fileId: inode.id, length: inode.length, mode: inode.mode, owner: inode.user, group: inode.group,
    mtime: inode.mtime, atime: inode.atime, replication: inode.replication, blockSize: inode.blockSize, childrenCount: 0,
    storagePolicyId: effectiveStoragePolicy(inode), file: inode,
  };
}

/** The inode's own policy, or the nearest ancestor's; 0 when nobody said. */
function effectiveStoragePolicy(inode: Inode): number {
  for (let at: Inode | undefined = inode; at !== undefined; at = at.parent) if (at.storagePolicyId !== 0) return at.storagePolicyId;
  return 0;
}

/** Undefined if there is nothing at the path. A superuser who asks below a file is told the same. */
export function getFileInfo(ns: Namespace, caller: Caller, path: string): FileStatus | undefined {
  let resolved;
  try {
    resolved = ns.resolve(caller, path);
  } catch (error) {
    if (caller.isSuperUser && error instanceof HadoopError && error.code === 'AccessControlException') return undefined;
    throw error;
  }
  const inode = lastInode(resolved);
  return inode === undefined ? undefined : statusOf(inode);
}

export interface Listing {
  readonly entries: readonly FileStatus[];
  readonly remaining: number;
}

/** A page of a directory after the name `startAfter`; a file lists itself; undefined if there is nothing. */
export function getListing(ns: Namespace, caller: Caller, path: string, startAfter: string): Listing | undefined {
  const resolved = ns.resolve(caller, path);
  const inode = lastInode(resolved);
  if (inode === undefined) return undefined;
  if (inode.kind === 'file') return { entries: [statusOf(inode)], remaining: 0 };
  if (ns.limits.permissionsEnabled) checkPermission(caller, resolved, { target: Access.readExecute });
  const children = inode.sortedChildren();
  const start = startAfter === '' ? 0 : indexAfter(children, startAfterName(ns, startAfter));
  const end = Math.min(children.length, start + ns.limits.lsLimit);
  const entries: FileStatus[] = [];
  for (let i = start; i < end; i++) entries.push(statusOf(children[i]!, children[i]!.name));
  return { entries, remaining: children.length - end };
}

/** A client that lists by inode path goes on with `/.reserved/.inodes/ID`. */
function startAfterName(ns: Namespace, startAfter: string): string {
  if (!startAfter.startsWith('/.reserved/.inodes/')) return startAfter;
  return ns.inode(Number(startAfter.slice('/.reserved/.inodes/'.length)))?.name ?? startAfter;
}

export interface ContentSummary {
  readonly length: number;
  readonly fileCount: number;
  readonly directoryCount: number;
  readonly quota: bigint;
  readonly spaceConsumed: number;
  readonly spaceQuota: bigint;
}

export function getContentSummary(ns: Namespace, caller: Caller, path: string): ContentSummary {
  const resolved = ns.resolve(caller, path);
  const top = lastInode(resolved);
  if (top === undefined) throw new HadoopError('FileNotFoundException', `File does not exist: ${resolved.path}`);
  if (ns.limits.permissionsEnabled) checkPermission(caller, resolved, { subtree: Access.readExecute });
  let length = 0;
  let fileCount = 0;
  let directoryCount = 0;
  let spaceConsumed = 0;
  const open: Inode[] = [top];
  for (let inode = open.pop(); inode !== undefined; inode = open.pop()) {
    if (inode.kind === 'directory') {
      directoryCount++;
      for (const child of inode.children()) open.push(child);
    } else {
      fileCount++;
      length += inode.length;
      spaceConsumed += inode.length * inode.replication;
    }
  }
  const quotas = top.kind === 'directory' ? { quota: top.nsQuota, spaceQuota: top.dsQuota } : { quota: -1n, spaceQuota: -1n };
  return { length, fileCount, directoryCount, spaceConsumed, ...quotas };
}

/** The file at the path, readable by the caller (for getBlockLocations). */
export function fileToRead(ns: Namespace, caller: Caller, path: string): InodeFile {
  const resolved = ns.resolve(caller, path);
  const inode = lastInode(resolved);
  if (inode === undefined) throw new HadoopError('FileNotFoundException', `File does not exist: ${resolved.path}`);
  if (inode.kind !== 'file') throw new HadoopError('FileNotFoundException', `Path is not a file: ${resolved.path}`);
  if (ns.limits.permissionsEnabled) checkPermission(caller, resolved, { target: Access.read });
  return inode;
}
