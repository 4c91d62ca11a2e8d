/**
 * ClientProtocol's calls that change the namespace. Mirrors NameNodeRpcServer and FSNamesystem, one call a line of a
 * table.
 */
import { create } from '../namespace/create.js';
import { checkLease, complete, finalizeFile, inodeForWrite } from '../namespace/complete.js';
import { deletePath } from '../namespace/delete.js';
import { setOwner, setPermission, setQuota, setReplication, setTimes } from '../namespace/attributes.js';
import { HadoopError } from '../namespace/errors.js';
import { mkdirs } from '../namespace/mkdirs.js';
import { MAX_PATH_DEPTH, MAX_PATH_LENGTH, lastInode } from '../namespace/path.js';
import { RenameOption, rename, rename2 } from '../namespace/rename.js';
import { clampToSafe } from '../../wire/edits/ops/writable.js';
import type { clientNamenodeProtocol } from '../../wire/hadoop/protocols/client-namenode.js';
import type { Handlers } from '../../wire/hadoop/rpc/spec.js';
import type { NameNodeCore } from '../core.js';
import { fileStatusMessage, rpcIdsOf } from './convert.js';
import type { Gate } from './gate.js';
import { mutation } from './mutation.js';

type ClientHandlers = Handlers<typeof clientNamenodeProtocol>;

function checkPathLength(operation: string, path: string): void {
  if (path.length > MAX_PATH_LENGTH || path.split('/').length - 1 > MAX_PATH_DEPTH) {
    throw new HadoopError(
      'IOException',
      `${operation}: Pathname too long.  Limit ${MAX_PATH_LENGTH} characters, ${MAX_PATH_DEPTH} levels.`,
    );
  }
}

/** setTimes and quotas come as unsigned. */
function signed(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

export function namespaceCalls(core: NameNodeCore, gate: Gate): ClientHandlers {
  const ns = core.namespace;
  return {
    mkdirs: mutation(core, gate, {
      name: 'mkdirs',
      refusal: (request) => `Cannot create directory ${request.src}`,
      path: (request) => request.src,
      apply(request, caller) {
        checkPathLength('mkdirs', request.src);
        return mkdirs(ns, caller, request.src, request.masked.perm & 0o1777, request.createParent);
      },
      response: (result) => ({ result }),
    }),
    create: mutation(core, gate, {
      name: 'create',
      refusal: (request) => `Cannot create file${request.src}`,
      path: (request) => request.src,
      retried: (payload) => (payload === undefined ? {} : { fs: fileStatusMessage(payload) }),
      apply(request, caller, call) {
        checkPathLength('create', request.src);
        if (request.ecPolicyName !== undefined && request.ecPolicyName !== '') {
          throw new HadoopError('UnsupportedOperationException', 'erasure coding is not supported by this NameNode');
        }
        return create(ns, caller, {
          path: request.src,
          mode: request.masked.perm & 0o1777,
          clientName: request.clientName,
          clientMachine: call.remoteAddress,
          flags: request.createFlag,
          createParent: request.createParent,
          replication: request.replication,
          blockSize: Number(request.blockSize),
          rpcIds: rpcIdsOf(call),
        });
      },
      response: (status) => ({ fs: fileStatusMessage(status) }),
    }),
    complete: mutation(core, gate, {
      name: 'complete',
      refusal: (request) => `Cannot complete file ${request.src}`,
      path: (request) => request.src,
      apply(request, caller) {
        const last =
          request.last === undefined
            ? undefined
            : {
                blockId: signed(request.last.blockId),
                generationStamp: Number(request.last.generationStamp),
                numBytes: Number(request.last.numBytes ?? 0n),
              };
        return complete(ns, caller, {
          path: request.src,
          clientName: request.clientName,
          fileId: Number(request.fileId ?? 0n),
          last,
        });
      },
      response: (result) => ({ result }),
    }),
    addBlock: mutation(core, gate, {
      name: 'addBlock',
      refusal: (request) => `Cannot add block to ${request.src}`,
      path: (request) => request.src,
      apply(request, caller) {
        const fileId = Number(request.fileId ?? 0n);
        const { inode, path } = inodeForWrite(ns, caller, request.src, fileId);
        checkLease(ns, inode, path, request.clientName, fileId);
        return core.blocks.allocate(request.src, request.excludeNodes.length);
      },
      response: (block) => block,
    }),
    append: mutation(core, gate, {
      name: 'append',
      refusal: (request) => `Cannot append to file${request.src}`,
      path: (request) => request.src,
      apply() {
        throw new HadoopError(
          'UnsupportedOperationException',
          'append is not supported by this NameNode: it has no DataNodes',
        );
      },
      response: () => ({}),
    }),
    fsync: mutation(core, gate, {
      name: 'fsync',
      refusal: (request) => `Cannot fsync file ${request.src}`,
      path: (request) => request.src,
      apply(request, caller) {
        const fileId = Number(request.fileId ?? 0n);
        const { inode, path } = inodeForWrite(ns, caller, request.src, fileId);
        checkLease(ns, inode, path, request.client, fileId);
        return ns.applied(true);
      },
      response: () => ({}),
    }),
    recoverLease: mutation(core, gate, {
      name: 'recoverLease',
      refusal: (request) => `Cannot recover the lease of ${request.src}`,
      path: (request) => request.src,
      apply(request, caller) {
        const resolved = ns.resolve(caller, request.src);
        const inode = lastInode(resolved);
        if (inode === undefined)
          throw new HadoopError('FileNotFoundException', `File does not exist: ${resolved.path}`);
        if (inode.kind !== 'file')
          throw new HadoopError('FileNotFoundException', `Path is not a file: ${resolved.path}`);
        if (inode.underConstruction !== undefined && inode.blocks.length > 0) return ns.applied(false);
        if (inode.underConstruction !== undefined) finalizeFile(ns, inode, resolved.path);
        return ns.applied(true);
      },
      response: (result) => ({ result }),
    }),
    delete: mutation(core, gate, {
      name: 'delete',
      refusal: (request) => `Cannot delete ${request.src}`,
      path: (request) => request.src,
      retried: (): { result: boolean } => ({ result: true }),
      apply: (request, caller, call) => deletePath(ns, caller, request.src, request.recursive, rpcIdsOf(call)),
      response: (result) => ({ result }),
    }),
    rename: mutation(core, gate, {
      name: 'rename',
      refusal: (request) => `Cannot rename ${request.src}`,
      path: (request) => request.dst,
      retried: (): { result: boolean } => ({ result: true }),
      apply(request, caller, call) {
        checkPathLength('rename', request.dst);
        return rename(ns, caller, request.src, request.dst, rpcIdsOf(call));
      },
      response: (result) => ({ result }),
    }),
    rename2: mutation(core, gate, {
      name: 'rename',
      refusal: (request) => `Cannot rename ${request.src}`,
      path: (request) => request.dst,
      retried: () => ({}),
      apply(request, caller, call) {
        checkPathLength('rename', request.dst);
        const options: number[] = [];
        if (request.overwriteDest) options.push(RenameOption.overwrite);
        if (request.moveToTrash === true) options.push(RenameOption.toTrash);
        if (options.length === 0) options.push(RenameOption.none);
        return rename2(ns, caller, request.src, request.dst, options, rpcIdsOf(call));
      },
      response: () => ({}),
    }),
    setPermission: mutation(core, gate, {
      name: 'setPermission',
      refusal: (request) => `Cannot set permission for ${request.src}`,
      path: (request) => request.src,
      apply(request, caller) {
        return setPermission(ns, caller, request.src, request.permission.perm & 0o1777);
      },
      response: () => ({}),
    }),
    setOwner: mutation(core, gate, {
      name: 'setOwner',
      refusal: (request) => `Cannot set owner for ${request.src}`,
      path: (request) => request.src,
      apply(request, caller) {
        return setOwner(ns, caller, request.src, request.username ?? '', request.groupname ?? '');
      },
      response: () => ({}),
    }),
    setTimes: mutation(core, gate, {
      name: 'setTimes',
      refusal: (request) => `Cannot set times ${request.src}`,
      path: (request) => request.src,
      apply(request, caller) {
        return setTimes(
          ns,
          caller,
          request.src,
          clampToSafe(Number(signed(request.mtime))),
          clampToSafe(Number(signed(request.atime))),
        );
      },
      response: () => ({}),
    }),
    setReplication: mutation(core, gate, {
      name: 'setReplication',
      refusal: (request) => `Cannot set replication for ${request.src}`,
      path: (request) => request.src,
      apply: (request, caller) => setReplication(ns, caller, request.src, request.replication),
      response: (result) => ({ result }),
    }),
    setQuota: mutation(core, gate, {
      name: 'setQuota',
      refusal: (request) => `Cannot set quota on ${request.path}`,
      path: (request) => request.path,
      apply(request, caller) {
        return setQuota(ns, caller, request.path, signed(request.namespaceQuota), signed(request.storagespaceQuota));
      },
      response: () => ({}),
    }),
    renewLease: gate.operation('WRITE', (request, call) => {
      core.safeMode.check(`Cannot renew lease for ${request.clientName}`, true);
      ns.leases.renew(request.clientName);
      call.reply({});
    }),
  };
}
