/**
 * Who may do what: the simple POSIX-like checks of HDFS (owner, group, other, sticky bit), the superuser exempt. ACLs
 * are not supported. Mirrors org.apache.hadoop.hdfs.server.namenode.FSPermissionChecker.
 */
import { HadoopError } from './errors.js';
import { pathOf } from './inode.js';
import type { Inode } from './inode.js';
import { prefixPath } from './path.js';
import type { ResolvedPath } from './path.js';

/** Of users, groups and clients: Hadoop knows no limit, but an edit must be able to hold them. */
export const MAX_NAME_LENGTH = 4096;

/** Whom a call is made for. */
export interface Caller {
  readonly user: string;
  readonly groups: readonly string[];
  readonly isSuperUser: boolean;
}

export const Access = { execute: 1, write: 2, writeExecute: 3, read: 4, readExecute: 5, all: 7 } as const;
export type Access = (typeof Access)[keyof typeof Access];

/** FsAction's names, by their bits. */
const ACCESS_NAMES = ['NONE', 'EXECUTE', 'WRITE', 'WRITE_EXECUTE', 'READ', 'READ_EXECUTE', 'READ_WRITE', 'ALL'];

/** `rwxr-xr-t`, as FsPermission prints it. */
export function modeText(mode: number): string {
  const bits = (three: number): string => `${three & 4 ? 'r' : '-'}${three & 2 ? 'w' : '-'}${three & 1 ? 'x' : '-'}`;
  const text = bits(mode >> 6) + bits(mode >> 3) + bits(mode);
  if ((mode & 0o1000) === 0) return text;
  return text.slice(0, 8) + (mode & 1 ? 't' : 'T');
}

function describe(inode: Inode, path: string): string {
  return `"${path}":${inode.user}:${inode.group}:${inode.kind === 'directory' ? 'd' : '-'}${modeText(inode.mode)}`;
}

function allows(caller: Caller, inode: Inode, access: number): boolean {
  const shift = inode.user === caller.user ? 6 : caller.groups.includes(inode.group) ? 3 : 0;
  return ((inode.mode >> shift) & access) === access;
}

function denied(caller: Caller, inode: Inode, path: string, access: number): HadoopError {
  return new HadoopError(
    'AccessControlException',
    `Permission denied: user=${caller.user}, access=${ACCESS_NAMES[access]}, inode=${describe(inode, path)}`,
  );
}

/**
 * Every ancestor that exists is a directory, and may be passed. A file in the way is a ParentNotDirectoryException for
 * what creates and an AccessControlException (with its words) for the rest.
 */
export function checkTraverse(
  caller: Caller,
  resolved: ResolvedPath,
  options: { enabled: boolean; creating: boolean },
): void {
  const { inodes, components } = resolved;
  const check = options.enabled && !caller.isSuperUser;
  for (let i = 0; i < inodes.length - 1; i++) {
    const inode = inodes[i];
    if (inode === undefined) return;
    if (inode.kind !== 'directory') {
      throw new HadoopError(
        options.creating ? 'ParentNotDirectoryException' : 'AccessControlException',
        `${prefixPath(components, i)} (is not a directory)`,
      );
    }
    if (check && !allows(caller, inode, Access.execute))
      throw denied(caller, inode, prefixPath(components, i), Access.execute);
  }
}

/** What a call demands; each part may be absent. `checkTraverse` has been through already. */
export interface Demand {
  /** Of the deepest ancestor that exists. */
  readonly ancestor?: Access;
  readonly parent?: Access;
  readonly target?: Access;
  /** Of every directory in the subtree. */
  readonly subtree?: Access;
  readonly ignoreEmptyDirectories?: boolean;
  readonly owner?: boolean;
}

/** Throws AccessControlException. Call it only while permissions are enabled. */
export function checkPermission(caller: Caller, resolved: ResolvedPath, demand: Demand): void {
  if (caller.isSuperUser) return;
  const { inodes, components } = resolved;
  const end = inodes.length - 1;
  const last = inodes[end];
  let ancestor = end - 1;
  while (ancestor >= 0 && inodes[ancestor] === undefined) ancestor--;
  if (demand.parent !== undefined && (demand.parent & Access.write) !== 0 && end > 0 && last !== undefined) {
    checkSticky(caller, inodes[end - 1]!, last, resolved.path, prefixPath(components, end - 1));
  }
  if (demand.ancestor !== undefined && end > 0)
    check(caller, inodes[ancestor], prefixPath(components, ancestor), demand.ancestor);
  if (demand.parent !== undefined && end > 0)
    check(caller, inodes[end - 1], prefixPath(components, end - 1), demand.parent);
  if (demand.target !== undefined) check(caller, last, resolved.path, demand.target);
  if (demand.subtree !== undefined) checkSubtree(caller, last, demand.subtree, demand.ignoreEmptyDirectories === true);
  if (demand.owner === true && last !== undefined && last.user !== caller.user) {
    throw new HadoopError(
      'AccessControlException',
      `Permission denied. user=${caller.user} is not the owner of inode=${resolved.path}`,
    );
  }
}

function check(caller: Caller, inode: Inode | undefined, path: string, access: Access): void {
  if (inode !== undefined && !allows(caller, inode, access)) throw denied(caller, inode, path, access);
}

function checkSticky(caller: Caller, parent: Inode, inode: Inode, path: string, parentsPath: string): void {
  if ((parent.mode & 0o1000) === 0 || parent.user === caller.user || inode.user === caller.user) return;
  throw new HadoopError(
    'AccessControlException',
    `Permission denied by sticky bit: user=${caller.user}, path=${describe(inode, path)}, ` +
      `parent=${describe(parent, parentsPath)}`,
  );
}

function checkSubtree(caller: Caller, top: Inode | undefined, access: Access, ignoreEmpty: boolean): void {
  if (top === undefined || top.kind !== 'directory') return;
  const open = [top];
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    if (!(ignoreEmpty && directory.childCount === 0)) {
      if (!allows(caller, directory, access)) throw denied(caller, directory, pathOf(directory), access);
      if ((directory.mode & 0o1000) !== 0) {
        for (const child of directory.sortedChildren())
          checkSticky(caller, directory, child, pathOf(child), pathOf(directory));
      }
    }
    for (const child of directory.children()) if (child.kind === 'directory') open.push(child);
  }
}

export function checkSuperUser(caller: Caller): void {
  if (!caller.isSuperUser) {
    throw new HadoopError(
      'AccessControlException',
      `Access denied for user ${caller.user}. Superuser privilege is required`,
    );
  }
}
