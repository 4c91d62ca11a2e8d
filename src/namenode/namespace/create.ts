/**
 * ClientProtocol.create: a file under construction, leased to its client. Mirrors FSNamesystem.startFileInt and
 * FSDirWriteFileOp.startFile.
 */
import type { RpcIds } from '../../wire/edits/ops/writable.js';
import { HadoopError, invalidPath } from './errors.js';
import { removeSubtree } from './delete.js';
import { finalizeFile } from './complete.js';
import { InodeFile } from './inode.js';
import type { InodeDirectory } from './inode.js';
import { createAncestors } from './mkdirs.js';
import type { Applied, Namespace } from './namespace.js';
import { isExactReserved, isReserved, isValidName, lastInode, parentPath } from './path.js';
import { Access, MAX_NAME_LENGTH, checkPermission } from './permissions.js';
import type { Caller } from './permissions.js';
import { statusOf } from './file-status.js';
import type { FileStatus } from './file-status.js';

/** CreateFlag's bits that matter here. */
export const CreateFlag = { create: 1, overwrite: 2, append: 4 } as const;

export interface CreateRequest {
  readonly path: string;
  readonly mode: number;
  readonly clientName: string;
  readonly clientMachine: string;
  readonly flags: number;
  readonly createParent: boolean;
  readonly replication: number;
  readonly blockSize: number;
  readonly rpcIds: RpcIds;
}

export function create(ns: Namespace, caller: Caller, request: CreateRequest): Applied<FileStatus> {
  const { path, flags } = request;
  if (
    !isValidName(path) ||
    isExactReserved(path) ||
    (isReserved(path) && !/^\/\.reserved\/(raw|\.inodes)(\/|$)/.test(path))
  ) {
    throw invalidPath(path);
  }
  const resolved = ns.resolve(caller, path, true);
  if (ns.limits.permissionsEnabled) checkPermission(caller, resolved, { ancestor: Access.write });
  const existing = lastInode(resolved);
  const overwrite = (flags & CreateFlag.overwrite) !== 0;
  if (existing === undefined) {
    if (!request.createParent) ns.verifyParentDirectory(resolved);
    if ((flags & CreateFlag.create) === 0)
      throw new HadoopError('FileNotFoundException', `Can't overwrite non-existent ${path}`);
  } else {
    if (existing.kind === 'directory') {
      throw new HadoopError('FileAlreadyExistsException', `${resolved.path} already exists as a directory`);
    }
    if (ns.limits.permissionsEnabled && overwrite) checkPermission(caller, resolved, { target: Access.write });
  }
  if (request.blockSize < ns.limits.minBlockSize) {
    throw new HadoopError(
      'IOException',
      'Specified block size is less than configured minimum value ' +
        `(dfs.namenode.fs-limits.min-block-size): ${request.blockSize} < ${ns.limits.minBlockSize}`,
    );
  }
  if (!Number.isSafeInteger(request.blockSize))
    throw new HadoopError('IOException', `Specified block size is too large: ${request.blockSize}`);
  if (request.clientName.length > MAX_NAME_LENGTH)
    throw new HadoopError('IOException', `the client's name is longer than ${MAX_NAME_LENGTH} characters`);
  verifyReplication(ns, path, request.replication, request.clientMachine);
  if (existing !== undefined) {
    if (!overwrite) {
      recoverLease(ns, existing, resolved.path, request.clientName, request.clientMachine);
      throw new HadoopError(
        'FileAlreadyExistsException',
        `${resolved.path} for client ${request.clientMachine} already exists`,
      );
    }
    removeSubtree(ns, existing, ns.clock.wallMs());
  }
  const parent = createAncestors(ns, resolved, caller.user, undefined);
  const name = resolved.components[resolved.components.length - 1]!;
  ns.verifyNewChild(parent, name, parentPath(resolved));
  const now = ns.clock.wallMs();
  const file = linkFile(
    ns,
    parent,
    {
      id: ns.allocateInodeId(),
      name,
      user: caller.user,
      group: parent.group,
      mode: request.mode,
      mtime: now,
      atime: now,
      replication: request.replication,
      blockSize: request.blockSize,
      storagePolicyId: 0,
    },
    request.clientName,
    request.clientMachine,
  );
  ns.log({
    type: 'OP_ADD',
    inodeId: file.id,
    path: resolved.path,
    replication: file.replication,
    mtime: file.mtime,
    atime: file.atime,
    blockSize: file.blockSize,
    blocks: file.blocks,
    permission: { user: file.user, group: file.group, mode: file.mode },
    clientName: request.clientName,
    clientMachine: request.clientMachine,
    overwrite,
    storagePolicyId: file.storagePolicyId,
    rpcIds: request.rpcIds,
  });
  const status = statusOf(file);
  ns.remember(request.rpcIds, status);
  return ns.applied(status);
}

/** The change itself, live or from the log. */
export function linkFile(
  ns: Namespace,
  parent: InodeDirectory,
  fields: ConstructorParameters<typeof InodeFile>[0],
  clientName: string,
  clientMachine: string,
): InodeFile {
  const file = new InodeFile(fields);
  file.underConstruction = { clientName, clientMachine };
  ns.link(parent, file);
  if (fields.mtime > parent.mtime) parent.mtime = fields.mtime;
  ns.leases.add(clientName, file.id);
  return file;
}

export function verifyReplication(ns: Namespace, path: string, replication: number, client: string | undefined): void {
  const { minReplication, maxReplication } = ns.limits;
  const why =
    replication > maxReplication
      ? ` exceeds maximum of ${maxReplication}`
      : replication < minReplication
        ? ` is less than the required minimum of ${minReplication}`
        : undefined;
  if (why === undefined) return;
  throw new HadoopError(
    'IOException',
    `Requested replication factor of ${replication}${why} for ` +
      `${path}${client === undefined ? '' : `, clientName=${client}`}`,
  );
}

/**
 * A file in the way whose writer has been silent beyond the soft limit is closed; one with a living writer is not to be
 * had.
 */
function recoverLease(ns: Namespace, file: InodeFile, path: string, holder: string, machine: string): void {
  const writer = file.underConstruction;
  if (writer === undefined) return;
  const why = (reason: string): HadoopError =>
    new HadoopError(
      'AlreadyBeingCreatedException',
      `Failed to CREATE_FILE ${path} for ${holder} on ${machine} because ${reason}`,
    );
  const lease = ns.leases.ofFile(file.id);
  if (lease !== undefined && lease.holder === holder) throw why(`${holder} is already the current lease holder.`);
  if (lease === undefined) throw why('the file is under construction but no leases found.');
  if (!ns.leases.softLimitExpired(lease)) {
    throw why(`this file lease is currently owned by ${writer.clientName} on ${writer.clientMachine}`);
  }
  finalizeFile(ns, file, path);
}
