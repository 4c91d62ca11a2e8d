/** ClientProtocol.mkdirs. Mirrors org.apache.hadoop.hdfs.server.namenode.FSDirMkdirOp. */
import { HadoopError } from './errors.js';
import { InodeDirectory } from './inode.js';
import type { Applied, Namespace } from './namespace.js';
import { lastInode, prefixPath } from './path.js';
import type { ResolvedPath } from './path.js';
import { Access, checkPermission } from './permissions.js';
import type { Caller } from './permissions.js';

/** Makes the directory and, with `createParent`, what is missing above it. An existing directory is fine. */
export function mkdirs(
  ns: Namespace,
  caller: Caller,
  path: string,
  mode: number,
  createParent: boolean,
): Applied<true> {
  const resolved = ns.resolve(caller, path, true);
  const last = lastInode(resolved);
  if (last !== undefined) {
    if (last.kind === 'file') throw new HadoopError('FileAlreadyExistsException', `Path is not a directory: ${path}`);
    return ns.applied(true);
  }
  if (ns.limits.permissionsEnabled) checkPermission(caller, resolved, { ancestor: Access.write });
  if (!createParent) ns.verifyParentDirectory(resolved);
  const parent = createAncestors(ns, resolved, caller.user, mode);
  makeDirectory(ns, parent, resolved, resolved.components.length - 1, caller.user, mode);
  return ns.applied(true);
}

/**
 * Makes the missing directories above the last component; each is passable and writable for its owner whatever the mode
 * says. `mode` undefined: that of the deepest one that exists. Returns the parent.
 */
export function createAncestors(
  ns: Namespace,
  resolved: ResolvedPath,
  user: string,
  mode: number | undefined,
): InodeDirectory {
  const { inodes, components } = resolved;
  let parent = ns.root;
  let i = 0;
  for (; i < components.length - 1; i++) {
    const inode = inodes[i + 1];
    if (inode === undefined) break;
    if (inode.kind !== 'directory')
      throw new HadoopError('ParentNotDirectoryException', `${prefixPath(components, i + 1)} (is not a directory)`);
    parent = inode;
  }
  if (i === components.length - 1) return parent;
  const ancestorMode = (mode ?? parent.mode) | 0o300;
  for (; i < components.length - 1; i++) parent = makeDirectory(ns, parent, resolved, i, user, ancestorMode);
  return parent;
}

function makeDirectory(
  ns: Namespace,
  parent: InodeDirectory,
  resolved: ResolvedPath,
  index: number,
  user: string,
  mode: number,
): InodeDirectory {
  const name = resolved.components[index]!;
  ns.verifyNewChild(parent, name, prefixPath(resolved.components, index));
  const directory = linkDirectory(
    ns,
    parent,
    name,
    ns.allocateInodeId(),
    { user, group: parent.group, mode },
    ns.clock.wallMs(),
  );
  ns.log({
    type: 'OP_MKDIR',
    inodeId: directory.id,
    path: prefixPath(resolved.components, index + 1),
    timestamp: directory.mtime,
    permission: { user: directory.user, group: directory.group, mode: directory.mode },
  });
  return directory;
}

/** The change itself, live or from the log. */
export function linkDirectory(
  ns: Namespace,
  parent: InodeDirectory,
  name: string,
  id: number,
  permission: { user: string; group: string; mode: number },
  timestamp: number,
): InodeDirectory {
  const directory = new InodeDirectory({ id, name, ...permission, mtime: timestamp });
  ns.link(parent, directory);
  if (timestamp > parent.mtime) parent.mtime = timestamp;
  return directory;
}
