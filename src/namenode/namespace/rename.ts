/**
 * ClientProtocol.rename (says no by returning false) and rename2 (POSIX-like, says why). Mirrors
 * org.apache.hadoop.hdfs.server.namenode.FSDirRenameOp.
 */
import type { RpcIds } from '../../wire/edits/ops/writable.js';
import { HadoopError } from './errors.js';
import type { Inode, InodeDirectory } from './inode.js';
import type { Applied, Namespace } from './namespace.js';
import { isExactReserved, lastInode, parentInode, parentPath } from './path.js';
import type { ResolvedPath } from './path.js';
import { Access, checkPermission } from './permissions.js';
import type { Caller } from './permissions.js';

/** Options.Rename */
export const RenameOption = { none: 0, overwrite: 1, toTrash: 2 } as const;

/** Never overwrites; into a directory that exists, the source goes below it. */
export function rename(
  ns: Namespace,
  caller: Caller,
  source: string,
  destination: string,
  rpcIds: RpcIds,
): Applied<boolean> {
  const src = ns.resolve(caller, source);
  const dst = intoDirectory(src, ns.resolve(caller, destination, true));
  checkAccess(ns, caller, src, dst, false);
  const timestamp = ns.clock.wallMs();
  if (!applyRenameOld(ns, src, dst, timestamp)) return ns.applied(false);
  ns.log({ type: 'OP_RENAME_OLD', src: src.path, dst: dst.path, timestamp, rpcIds });
  ns.remember(rpcIds, undefined);
  return ns.applied(true);
}

export function rename2(
  ns: Namespace,
  caller: Caller,
  source: string,
  destination: string,
  options: readonly number[],
  rpcIds: RpcIds,
): Applied<true> {
  const src = ns.resolve(caller, source);
  const dst = ns.resolve(caller, destination, true);
  checkAccess(ns, caller, src, dst, options.includes(RenameOption.toTrash));
  const timestamp = ns.clock.wallMs();
  applyRename(ns, src, dst, timestamp, options);
  ns.log({ type: 'OP_RENAME', src: src.path, dst: dst.path, timestamp, options, rpcIds });
  ns.remember(rpcIds, undefined);
  return ns.applied(true);
}

function checkAccess(ns: Namespace, caller: Caller, src: ResolvedPath, dst: ResolvedPath, toTrash: boolean): void {
  if (!ns.limits.permissionsEnabled) return;
  checkPermission(
    caller,
    src,
    toTrash ? { parent: Access.write, subtree: Access.all, ignoreEmptyDirectories: true } : { parent: Access.write },
  );
  checkPermission(caller, dst, { ancestor: Access.write });
}

function intoDirectory(src: ResolvedPath, dst: ResolvedPath): ResolvedPath {
  const target = lastInode(dst);
  const name = src.components[src.components.length - 1];
  if (target?.kind !== 'directory' || name === undefined) return dst;
  return {
    path: dst.path === '/' ? `/${name}` : `${dst.path}/${name}`,
    components: [...dst.components, name],
    inodes: [...dst.inodes, target.child(name)],
  };
}

/** The change itself, live or from the log; false where nothing may change. Limits of names still throw. */
export function applyRenameOld(ns: Namespace, src: ResolvedPath, dst: ResolvedPath, timestamp: number): boolean {
  const inode = lastInode(src);
  if (inode === undefined || src.components.length === 0) return false;
  if (src.path === dst.path) return true;
  if (isBelow(dst.path, src.path) || isExactReserved(src.path) || isExactReserved(dst.path)) return false;
  if (lastInode(dst) !== undefined) return false;
  const parent = parentInode(dst);
  if (parent?.kind !== 'directory') return false;
  move(ns, inode, parent, dst, timestamp);
  return true;
}

/** The change itself, live or from the log. Throws before anything has changed. */
export function applyRename(
  ns: Namespace,
  src: ResolvedPath,
  dst: ResolvedPath,
  timestamp: number,
  options: readonly number[],
): void {
  const inode = lastInode(src);
  if (inode === undefined) throw new HadoopError('FileNotFoundException', `rename source ${src.path} is not found.`);
  if (src.components.length === 0) throw new HadoopError('IOException', 'rename source cannot be the root');
  if (src.path === dst.path) {
    throw new HadoopError(
      'FileAlreadyExistsException',
      `The source ${src.path} and destination ${dst.path} are the same`,
    );
  }
  if (isBelow(dst.path, src.path)) {
    throw new HadoopError(
      'IOException',
      `Rename destination ${dst.path} is a directory or file under source ${src.path}`,
    );
  }
  if (isExactReserved(src.path) || isExactReserved(dst.path)) {
    throw new HadoopError('InvalidPathException', 'Invalid path name Cannot rename to or from /.reserved');
  }
  if (dst.components.length === 0) throw new HadoopError('IOException', 'rename destination cannot be the root');
  const target = lastInode(dst);
  if (target !== undefined) verifyOverwrite(src, dst, inode, target, options.includes(RenameOption.overwrite));
  const parent = parentInode(dst);
  if (parent === undefined)
    throw new HadoopError('FileNotFoundException', `rename destination parent ${dst.path} not found.`);
  if (parent.kind !== 'directory') {
    throw new HadoopError('ParentNotDirectoryException', `rename destination parent ${dst.path} is a file.`);
  }
  verifyLimits(ns, inode, parent, dst);
  if (target !== undefined) ns.unlink(target);
  relink(inode, parent, dst, timestamp);
}

function verifyOverwrite(src: ResolvedPath, dst: ResolvedPath, inode: Inode, target: Inode, overwrite: boolean): void {
  if (target.kind !== inode.kind) {
    throw new HadoopError('IOException', `Source ${src.path} and destination ${dst.path} must both be directories`);
  }
  if (!overwrite) throw new HadoopError('FileAlreadyExistsException', `rename destination ${dst.path} already exists`);
  if (target.kind === 'directory' && target.childCount > 0) {
    throw new HadoopError('IOException', `rename destination directory is not empty: ${dst.path}`);
  }
}

function isBelow(path: string, ancestor: string): boolean {
  return path.startsWith(ancestor) && path.charCodeAt(ancestor.length) === 47;
}

function move(ns: Namespace, inode: Inode, parent: InodeDirectory, dst: ResolvedPath, timestamp: number): void {
  verifyLimits(ns, inode, parent, dst);
  relink(inode, parent, dst, timestamp);
}

function verifyLimits(ns: Namespace, inode: Inode, parent: InodeDirectory, dst: ResolvedPath): void {
  const name = dst.components[dst.components.length - 1]!;
  const path = parentPath(dst);
  ns.verifyComponentLength(name, path);
  if (inode.parent !== parent) ns.verifyDirectoryItems(parent, path);
  ns.verifyName(parent, name);
}

function relink(inode: Inode, parent: InodeDirectory, dst: ResolvedPath, timestamp: number): void {
  const from = inode.parent!;
  from.removeChild(inode);
  inode.name = dst.components[dst.components.length - 1]!;
  parent.addChild(inode);
  if (timestamp > from.mtime) from.mtime = timestamp;
  if (timestamp > parent.mtime) parent.mtime = timestamp;
}
