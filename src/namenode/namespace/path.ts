/**
 * Paths of clients: what is a valid one, and the inodes along one. Mirrors DFSUtilClient.isValidName,
 * FSDirectory.resolvePath and INodesInPath, `/.reserved/.inodes/ID` included.
 */
import { HadoopError } from './errors.js';
import { ROOT_INODE_ID, pathOf } from './inode.js';
import type { Inode, InodeDirectory } from './inode.js';

/** HdfsServerConstants.MAX_PATH_LENGTH (characters) and MAX_PATH_DEPTH (levels). */
export const MAX_PATH_LENGTH = 8000;
export const MAX_PATH_DEPTH = 1000;

/**
 * A path and what of it exists: `inodes[0]` is the root, `inodes[i + 1]` belongs to `components[i]`, undefined from the
 * first that is missing.
 */
export interface ResolvedPath {
  readonly path: string;
  readonly components: readonly string[];
  readonly inodes: readonly (Inode | undefined)[];
}

/** The inode at the end of the path. */
export function lastInode(resolved: ResolvedPath): Inode | undefined {
  return resolved.inodes[resolved.inodes.length - 1];
}

/** The inode before the last; undefined for the root or if it is missing. */
export function parentInode(resolved: ResolvedPath): Inode | undefined {
  return resolved.inodes.length < 2 ? undefined : resolved.inodes[resolved.inodes.length - 2];
}

export function parentPath(resolved: ResolvedPath): string {
  return prefixPath(resolved.components, resolved.components.length - 1);
}

/** The path of the first `count` components. */
export function prefixPath(components: readonly string[], count: number): string {
  return count <= 0 ? '/' : `/${components.slice(0, count).join('/')}`;
}

/** A name that may be created. */
export function isValidName(path: string): boolean {
  if (path.charCodeAt(0) !== 47) return false;
  if (path.includes(':') || path.includes('//')) return false;
  if (!path.includes('/.')) return true;
  const components = path.split('/');
  const underInodes = components.length > 4 && components[1] === '.reserved' && components[2] === '.inodes';
  return components.every((part) => part !== '.' && (part !== '..' || underInodes));
}

export function isExactReserved(path: string): boolean {
  return path === '/.reserved' || path === '/.reserved/';
}

export function isReserved(path: string): boolean {
  return path.startsWith('/.reserved/');
}

/** As INode.getPathComponents: repeated and trailing slashes do not count. */
export function splitPath(path: string): string[] {
  if (path.charCodeAt(0) !== 47)
    throw new HadoopError('IllegalArgumentException', `Absolute path required, but got '${path}'`);
  const parts = path.split('/');
  if (parts.length === 2) return parts[1] === '' ? [] : [parts[1]!];
  let clean = true;
  for (let i = 1; i < parts.length; i++) if (parts[i] === '') clean = false;
  if (clean) {
    parts.shift();
    return parts;
  }
  return parts.filter((part) => part !== '');
}

/** Replaces `/.reserved/.inodes/ID` and `/.reserved/raw` in front. */
function expandReserved(components: string[], inodeById: (id: number) => Inode | undefined): string[] {
  if (components[0] !== '.reserved' || components.length < 2) return components;
  if (components[1] === 'raw') return components.slice(2);
  if (components[1] !== '.inodes' || components.length < 3) return components;
  const path = `/${components.join('/')}`;
  if (!/^\d+$/.test(components[2]!)) throw new HadoopError('FileNotFoundException', `Invalid inode path: ${path}`);
  const id = Number(components[2]);
  if (id === ROOT_INODE_ID && components.length === 3) return [];
  const inode = inodeById(id);
  if (inode === undefined)
    throw new HadoopError('FileNotFoundException', `File for given inode path does not exist: ${path}`);
  if (components[3] === '..') return inode.parent === undefined ? [] : splitPath(pathOf(inode.parent));
  return [...splitPath(pathOf(inode)), ...components.slice(3)];
}

/**
 * Walks from the root as far as directories and names go; a file in the middle ends the walk (see
 * permissions.checkTraverse).
 */
export function resolve(
  root: InodeDirectory,
  path: string,
  inodeById: (id: number) => Inode | undefined,
): ResolvedPath {
  let components = splitPath(path);
  if (components[0] === '.reserved') components = expandReserved(components, inodeById);
  const inodes: (Inode | undefined)[] = [root];
  let at: Inode | undefined = root;
  for (let i = 0; i < components.length; i++) {
    at = at !== undefined && at.kind === 'directory' ? at.child(components[i]!) : undefined;
    inodes.push(at);
  }
  return { path: components.length === 0 ? '/' : `/${components.join('/')}`, components, inodes };
}
