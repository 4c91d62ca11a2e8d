/** ClientProtocol's calls that only look. What needs DataNodes is answered as by a cluster that has none. */
import { ChecksumTypeProto } from '../../wire/hadoop/gen/hdfs.js';
import type { clientNamenodeProtocol } from '../../wire/hadoop/protocols/client-namenode.js';
import type { Handlers } from '../../wire/hadoop/rpc/spec.js';
import type { NameNodeCore } from '../core.js';
import { touchAccessTime } from '../namespace/attributes.js';
import { HadoopError } from '../namespace/errors.js';
import { pathOf } from '../namespace/inode.js';
import { lastInode } from '../namespace/path.js';
import { checkPermission } from '../namespace/permissions.js';
import type { Access } from '../namespace/permissions.js';
import { fileToRead, getContentSummary, getFileInfo, getListing } from '../namespace/status.js';
import { fileStatusMessage, locatedBlocksMessage } from './convert.js';
import type { Gate } from './gate.js';

type ClientHandlers = Handlers<typeof clientNamenodeProtocol>;

/** FSConstants.QUOTA_RESET */
function unsignedQuota(quota: bigint): bigint {
  return BigInt.asUintN(64, quota);
}

export function readCalls(core: NameNodeCore, gate: Gate): ClientHandlers {
  const ns = core.namespace;
  const poolId = core.info.blockPoolId;
  return {
    getFileInfo: gate.operation('READ', (request, call, caller) => {
      const status = getFileInfo(ns, caller, request.src);
      call.reply(status === undefined ? {} : { fs: fileStatusMessage(status) });
    }),
    getFileLinkInfo: gate.operation('READ', (request, call, caller) => {
      const status = getFileInfo(ns, caller, request.src);
      call.reply(status === undefined ? {} : { fs: fileStatusMessage(status) });
    }),
    getLocatedFileInfo: gate.operation('READ', (request, call, caller) => {
      const status = getFileInfo(ns, caller, request.src ?? '');
      call.reply(status === undefined ? {} : { fs: fileStatusMessage(status, { poolId }) });
    }),
    getListing: gate.operation('READ', (request, call, caller) => {
      const listing = getListing(ns, caller, request.src, request.startAfter.toString('utf8'));
      if (listing === undefined) {
        call.reply({});
        return;
      }
      const located = request.needLocation ? { poolId } : undefined;
      call.reply({
        dirList: {
          partialListing: listing.entries.map((entry) => fileStatusMessage(entry, located)),
          remainingEntries: listing.remaining,
        },
      });
    }),
    getBlockLocations: gate.operation('READ', (request, call, caller) => {
      const file = fileToRead(ns, caller, request.src);
      if (core.ha.state === 'ACTIVE' && !core.safeMode.isOn) touchAccessTime(ns, pathOf(file), file);
      call.reply({ locations: locatedBlocksMessage(file, poolId) });
    }),
    isFileClosed: gate.operation('READ', (request, call, caller) => {
      const resolved = ns.resolve(caller, request.src);
      const inode = lastInode(resolved);
      if (inode?.kind !== 'file')
        throw new HadoopError('FileNotFoundException', `File does not exist: ${resolved.path}`);
      call.reply({ result: inode.underConstruction === undefined });
    }),
    getPreferredBlockSize: gate.operation('READ', (request, call, caller) => {
      call.reply({ bsize: BigInt(fileToRead(ns, caller, request.filename).blockSize) });
    }),
    getContentSummary: gate.operation('READ', (request, call, caller) => {
      const summary = getContentSummary(ns, caller, request.path);
      call.reply({
        summary: {
          length: BigInt(summary.length),
          fileCount: BigInt(summary.fileCount),
          directoryCount: BigInt(summary.directoryCount),
          quota: unsignedQuota(summary.quota),
          spaceConsumed: BigInt(summary.spaceConsumed),
          spaceQuota: unsignedQuota(summary.spaceQuota),
          snapshotLength: 0n,
          snapshotFileCount: 0n,
          snapshotDirectoryCount: 0n,
          snapshotSpaceConsumed: 0n,
          erasureCodingPolicy: 'Replicated',
        },
      });
    }),
    getQuotaUsage: gate.operation('READ', (request, call, caller) => {
      const summary = getContentSummary(ns, caller, request.path);
      call.reply({
        usage: {
          fileAndDirectoryCount: BigInt(summary.fileCount + summary.directoryCount),
          quota: unsignedQuota(summary.quota),
          spaceConsumed: BigInt(summary.spaceConsumed),
          spaceQuota: unsignedQuota(summary.spaceQuota),
        },
      });
    }),
    checkAccess: gate.operation('READ', (request, call, caller) => {
      const resolved = ns.resolve(caller, request.path);
      if (lastInode(resolved) === undefined)
        throw new HadoopError('FileNotFoundException', `Path not found: ${resolved.path}`);
      if (ns.limits.permissionsEnabled) checkPermission(caller, resolved, { target: request.mode as number as Access });
      call.reply({});
    }),
    getAclStatus: gate.operation('READ', (request, call, caller) => {
      const status = getFileInfo(ns, caller, request.src);
      if (status === undefined)
        throw new HadoopError('FileNotFoundException', `File/Directory does not exist: ${request.src}`);
      call.reply({
        result: {
          owner: status.owner,
          group: status.group,
          sticky: (status.mode & 0o1000) !== 0,
          entries: [],
          permission: { perm: status.mode },
        },
      });
    }),
    getXAttrs: gate.operation('READ', (_request, call) => call.reply({ xAttrs: [] })),
    listXAttrs: gate.operation('READ', (_request, call) => call.reply({ xAttrs: [] })),
    getEZForPath: gate.operation('READ', (_request, call) => call.reply({})),
    listEncryptionZones: gate.operation('READ', (_request, call) => call.reply({ zones: [], hasMore: false })),
    getErasureCodingPolicies: gate.operation('READ', (_request, call) => call.reply({ ecPolicies: [] })),
    getErasureCodingPolicy: gate.operation('READ', (_request, call) => call.reply({})),
    getStoragePolicies: gate.operation('READ', (_request, call) => call.reply({ policies: [] })),
    getSnapshottableDirListing: gate.operation('READ', (_request, call) => call.reply({})),
    listCorruptFileBlocks: gate.operation('READ', (_request, call) =>
      call.reply({ corrupt: { files: [], cookie: '' } }),
    ),
    getDatanodeReport: gate.operation('UNCHECKED', (_request, call) => call.reply({ di: [] })),
    getDatanodeStorageReport: gate.operation('UNCHECKED', (_request, call) =>
      call.reply({ datanodeStorageReports: [] }),
    ),
    getSlowDatanodeReport: gate.operation('UNCHECKED', (_request, call) => call.reply({ datanodeInfoProto: [] })),
    getFsStats: gate.operation('READ', (_request, call) => {
      call.reply({
        capacity: 0n,
        used: 0n,
        remaining: 0n,
        under_replicated: 0n,
        corrupt_blocks: 0n,
        missing_blocks: BigInt(core.blocks.missing),
        missing_repl_one_blocks: 0n,
        blocks_in_future: 0n,
        pending_deletion_blocks: 0n,
      });
    }),
    getFsReplicatedBlockStats: gate.operation('READ', (_request, call) => {
      call.reply({
        low_redundancy: 0n,
        corrupt_blocks: 0n,
        missing_blocks: 0n,
        missing_repl_one_blocks: 0n,
        blocks_in_future: 0n,
        pending_deletion_blocks: 0n,
        highest_prio_low_redundancy_blocks: 0n,
      });
    }),
    getFsECBlockGroupStats: gate.operation('READ', (_request, call) => {
      call.reply({
        low_redundancy: 0n,
        corrupt_blocks: 0n,
        missing_blocks: 0n,
        blocks_in_future: 0n,
        pending_deletion_blocks: 0n,
        highest_prio_low_redundancy_blocks: 0n,
      });
    }),
    getServerDefaults: gate.operation('READ', (_request, call) => {
      const defaults = core.config.serverDefaults;
      call.reply({
        serverDefaults: {
          blockSize: BigInt(defaults.blockSize),
          bytesPerChecksum: defaults.bytesPerChecksum,
          writePacketSize: defaults.writePacketSize,
          replication: defaults.replication,
          fileBufferSize: defaults.fileBufferSize,
          encryptDataTransfer: defaults.encryptDataTransfer,
          trashInterval: BigInt(defaults.trashIntervalMinutes),
          checksumType: ChecksumTypeProto.CHECKSUM_CRC32C,
          keyProviderUri: '',
          policyId: 0,
        },
      });
    }),
    listOpenFiles: gate.operation('READ', (request, call, caller) => {
      if (!caller.isSuperUser)
        throw new HadoopError(
          'AccessControlException',
          `Access denied for user ${caller.user}. Superuser privilege is required`,
        );
      const entries = [];
      for (const inode of ns.inodes()) {
        if (inode.kind !== 'file' || inode.underConstruction === undefined || BigInt(inode.id) <= request.id) continue;
        entries.push({
          id: BigInt(inode.id),
          path: pathOf(inode),
          clientName: inode.underConstruction.clientName,
          clientMachine: inode.underConstruction.clientMachine,
        });
      }
      entries.sort((a, b) => Number(a.id - b.id));
      call.reply({ entries: entries.slice(0, 1000), hasMore: entries.length > 1000, types: [] });
    }),
    getDelegationToken: gate.operation('UNCHECKED', (_request, call) => call.reply({})),
    getCurrentEditLogTxid: gate.operation('READ', (_request, call) => call.reply({ txid: core.writer.lastTxid })),
    // Of the category of writes, since only the active knows what is the latest.
    msync: gate.operation('WRITE', (_request, call) => call.reply({})),
  };
}
