/**
 * What readers see of an inode: status, listings, content summary. Mirrors FSDirStatAndListingOp and
 * ContentSummaryComputationContext.
 */
import { HadoopError } from './errors.js';
import { reservedListing, RESERVED_STATUS, statusOf, type FileStatus } from './file-status.js';
import { indexAfter } from './inode.js';
import type { Inode, InodeFile } from './inode.js';
import type { Namespace } from './namespace.js';
import { isExactReserved, lastInode } from './path.js';
import { Access, checkPermission } from './permissions.js';
import type { Caller } from './permissions.js';

/** Undefined if there is nothing at the path. A superuser who asks below a file is told the same. */
export function getFileInfo(ns: Namespace, caller: Caller, path: string): FileStatus | undefined {
  let resolved;
  try {
    resolved = ns.resolve(caller, path);
  } catch (error) {
    if (caller.isSuperUser && error instanceof HadoopError && error.exception === 'AccessControlException')
      return undefined;
    throw error;
  }
  if (isExactReserved(resolved.path)) return RESERVED_STATUS;
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
  if (isExactReserved(resolved.path)) {
    return { entries: reservedListing(ns.limits.superGroup, ns.createdMs), remaining: 0 };
  }
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
  const quotas =
    top.kind === 'directory' ? { quota: top.nsQuota, spaceQuota: top.dsQuota } : { quota: -1n, spaceQuota: -1n };
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
