/** ClientProtocol.setPermission, setOwner, setTimes, setReplication, setQuota. Mirrors FSDirAttrOp. */
import { HadoopError, invalidPath } from './errors.js';
import type { Inode } from './inode.js';
import type { Applied, Namespace } from './namespace.js';
import { isExactReserved, lastInode } from './path.js';
import type { ResolvedPath } from './path.js';
import { Access, MAX_NAME_LENGTH, checkPermission, checkSuperUser } from './permissions.js';
import { verifyReplication } from './create.js';
import type { Caller } from './permissions.js';

function ownedInode(ns: Namespace, caller: Caller, path: string): { inode: Inode; resolved: ResolvedPath } {
  if (isExactReserved(path)) throw invalidPath(path);
  const resolved = ns.resolve(caller, path);
  const inode = lastInode(resolved);
  if (inode === undefined) throw new HadoopError('FileNotFoundException', `File does not exist: ${resolved.path}`);
  if (ns.limits.permissionsEnabled) checkPermission(caller, resolved, { owner: true });
  return { inode, resolved };
}

export function setPermission(ns: Namespace, caller: Caller, path: string, mode: number): Applied<true> {
  const { inode, resolved } = ownedInode(ns, caller, path);
  if (inode.mode === mode) return ns.applied(true);
  inode.mode = mode;
  ns.log({ type: 'OP_SET_PERMISSIONS', src: resolved.path, mode });
  return ns.applied(true);
}

/** `user` or `group` empty: stays. Only the superuser gives files away; an owner may choose among his groups. */
export function setOwner(ns: Namespace, caller: Caller, path: string, user: string, group: string): Applied<true> {
  if (user.length > MAX_NAME_LENGTH || group.length > MAX_NAME_LENGTH) {
    throw new HadoopError(
      'HadoopIllegalArgumentException',
      `a user's or group's name is longer than ${MAX_NAME_LENGTH} characters`,
    );
  }
  const { inode, resolved } = ownedInode(ns, caller, path);
  if (ns.limits.permissionsEnabled && !caller.isSuperUser) {
    if (user !== '' && user !== caller.user) {
      throw new HadoopError(
        'AccessControlException',
        `User ${caller.user} is not a super user (non-super user cannot change owner).`,
      );
    }
    if (group !== '' && !caller.groups.includes(group)) {
      throw new HadoopError('AccessControlException', `User ${caller.user} does not belong to ${group}`);
    }
  }
  if ((user === '' || inode.user === user) && (group === '' || inode.group === group)) return ns.applied(true);
  applyOwner(inode, user, group);
  ns.log({ type: 'OP_SET_OWNER', src: resolved.path, user, group });
  return ns.applied(true);
}

export function applyOwner(inode: Inode, user: string, group: string): void {
  if (user !== '') inode.user = user;
  if (group !== '') inode.group = group;
}

/** -1: stays. */
export function setTimes(ns: Namespace, caller: Caller, path: string, mtime: number, atime: number): Applied<true> {
  const resolved = ns.resolve(caller, path);
  const inode = lastInode(resolved);
  if (ns.limits.permissionsEnabled) checkPermission(caller, resolved, { target: Access.write });
  if (inode === undefined)
    throw new HadoopError('FileNotFoundException', `File/Directory ${resolved.path} does not exist.`);
  if (mtime < 0 && atime < 0) return ns.applied(true);
  applyTimes(inode, mtime, atime);
  ns.log({ type: 'OP_TIMES', path: resolved.path, mtime, atime });
  return ns.applied(true);
}

export function applyTimes(inode: Inode, mtime: number, atime: number): void {
  if (mtime >= 0) inode.mtime = mtime;
  if (atime >= 0 && inode.kind === 'file') inode.atime = atime;
}

/** A reader has touched the file: worth an edit once a dfs.namenode.accesstime.precision. */
export function touchAccessTime(ns: Namespace, path: string, inode: Inode): void {
  const now = ns.clock.wallMs();
  if (
    ns.limits.accessTimePrecisionMs === 0 ||
    inode.kind !== 'file' ||
    now <= inode.atime + ns.limits.accessTimePrecisionMs
  )
    return;
  applyTimes(inode, -1, now);
  ns.log({ type: 'OP_TIMES', path, mtime: -1, atime: now });
}

/** False for a directory. */
export function setReplication(ns: Namespace, caller: Caller, path: string, replication: number): Applied<boolean> {
  verifyReplication(ns, path, replication, undefined);
  const resolved = ns.resolve(caller, path);
  if (ns.limits.permissionsEnabled) checkPermission(caller, resolved, { target: Access.write });
  const inode = lastInode(resolved);
  if (inode?.kind !== 'file') return ns.applied(false);
  inode.replication = replication;
  ns.log({ type: 'OP_SET_REPLICATION', path: resolved.path, replication });
  return ns.applied(true);
}

/** HdfsConstants.QUOTA_DONT_SET */
const QUOTA_DONT_SET = 0x7fffffffffffffffn;

/** Kept and shown; not enforced. */
export function setQuota(ns: Namespace, caller: Caller, path: string, nsQuota: bigint, dsQuota: bigint): Applied<true> {
  if (ns.limits.permissionsEnabled) checkSuperUser(caller);
  const resolved = ns.resolve(caller, path);
  const inode = lastInode(resolved);
  if (inode === undefined) throw new HadoopError('FileNotFoundException', `Directory does not exist: ${resolved.path}`);
  if (inode.kind !== 'directory')
    throw new HadoopError('FileNotFoundException', `Path is not a directory: ${resolved.path}`);
  applyQuota(inode, nsQuota, dsQuota);
  ns.log({ type: 'OP_SET_QUOTA', src: resolved.path, nsQuota, dsQuota });
  return ns.applied(true);
}

export function applyQuota(inode: Inode, nsQuota: bigint, dsQuota: bigint): void {
  if (inode.kind !== 'directory') return;
  if (nsQuota !== QUOTA_DONT_SET) inode.nsQuota = nsQuota;
  if (dsQuota !== QUOTA_DONT_SET) inode.dsQuota = dsQuota;
}
