/** ClientProtocol.delete. Mirrors org.apache.hadoop.hdfs.server.namenode.FSDirDeleteOp. */
import type { RpcIds } from '../../wire/edits/ops/writable.js';
import { HadoopError, invalidPath } from './errors.js';
import type { Inode } from './inode.js';
import type { Applied, Namespace } from './namespace.js';
import { isExactReserved, lastInode } from './path.js';
import { Access, checkPermission } from './permissions.js';
import type { Caller } from './permissions.js';

/** False if there is nothing to delete, or for the root. */
export function deletePath(
  ns: Namespace,
  caller: Caller,
  path: string,
  recursive: boolean,
  rpcIds: RpcIds,
): Applied<boolean> {
  if (isExactReserved(path)) throw invalidPath(path);
  const resolved = ns.resolve(caller, path);
  if (ns.limits.permissionsEnabled) {
    checkPermission(caller, resolved, { parent: Access.write, subtree: Access.all, ignoreEmptyDirectories: true });
  }
  const inode = lastInode(resolved);
  if (inode?.kind === 'directory' && inode.childCount > 0 && !recursive) {
    throw new HadoopError(
      'PathIsNotEmptyDirectoryException',
      `\`${resolved.path} is non empty': Directory is not empty`,
    );
  }
  if (inode === undefined || inode === ns.root) return ns.applied(false);
  const timestamp = ns.clock.wallMs();
  removeSubtree(ns, inode, timestamp);
  ns.log({ type: 'OP_DELETE', path: resolved.path, timestamp, rpcIds });
  ns.remember(rpcIds, undefined);
  return ns.applied(true);
}

/** The change itself, live or from the log. Returns how many inodes went. */
export function removeSubtree(ns: Namespace, inode: Inode, timestamp: number): number {
  const parent = inode.parent;
  const removed = ns.unlink(inode);
  if (parent !== undefined && timestamp > parent.mtime) parent.mtime = timestamp;
  return removed;
}
