/**
 * What a path may look like. Mirrors org.apache.zookeeper.common.PathUtils.
 *
 * The root is `/` to clients and the empty string as the parent of `/x`; inside the tree it is always the empty string.
 */
import { QUOTA_PATH } from './quota.js';

export const PROC_PATH = '/zookeeper';
export const CONFIG_PATH = '/zookeeper/config';

/** True if a node may have this path. */
export function isValidPath(path: string): boolean {
  if (path.length === 0 || path.charCodeAt(0) !== 0x2f) return false;
  if (path.length === 1) return true;
  if (path.charCodeAt(path.length - 1) === 0x2f) return false;
  let start = 1;
  for (let i = 1; i <= path.length; i++) {
    const c = i < path.length ? path.charCodeAt(i) : 0x2f;
    if (c === 0x2f) {
      const size = i - start;
      if (size === 0) return false;
      if (path.charCodeAt(start) === 0x2e && (size === 1 || (size === 2 && path.charCodeAt(start + 1) === 0x2e)))
        return false;
      start = i + 1;
    } else if (c <= 0x1f || (c >= 0x7f && c <= 0x9f) || (c >= 0xd800 && c <= 0xf8ff) || c >= 0xfff0) {
      return false;
    }
  }
  return true;
}

/** `/a/b` -> `/a`, `/a` -> `` (the root); undefined if there is no slash at all. */
export function parentOf(path: string): string | undefined {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? undefined : path.slice(0, slash);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The root by its inner name. */
export function canonical(path: string): string {
  return path === '/' ? '' : path;
}

/** Nodes that exist from the start and cannot be deleted. */
export function isSpecialPath(path: string): boolean {
  return path === '/' || path === '' || path === PROC_PATH || path === QUOTA_PATH || path === CONFIG_PATH;
}
