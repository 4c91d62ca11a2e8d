/** Between the namespace's types and the messages of ClientProtocol. Mirrors PBHelperClient. */
import { HdfsFileStatusProto_FileType } from '../../wire/hadoop/gen/hdfs.js';
import type { HdfsFileStatusProto, LocatedBlockProto, LocatedBlocksProto } from '../../wire/hadoop/gen/hdfs.js';
import { NO_RPC_IDS } from '../../wire/edits/ops/writable.js';
import type { RpcIds } from '../../wire/edits/ops/writable.js';
import type { RpcCall } from '../../wire/hadoop/rpc/spec.js';
import type { InodeFile } from '../namespace/inode.js';
import type { FileStatus } from '../namespace/file-status.js';

const NO_NAME = Buffer.alloc(0);

/** What is no client id of 16 bytes does not get into the edit log. */
export function rpcIdsOf(call: RpcCall<unknown>): RpcIds {
  return call.clientId.length === 16 ? { clientId: call.clientId, callId: call.callId } : NO_RPC_IDS;
}

/** Messages carry nothing negative in an int64 that is declared unsigned. */
function unsigned(value: number): bigint {
  return BigInt.asUintN(64, BigInt(value));
}

export function fileStatusMessage(status: FileStatus, located?: { poolId: string }): HdfsFileStatusProto {
  return {
    fileType: status.directory ? HdfsFileStatusProto_FileType.IS_DIR : HdfsFileStatusProto_FileType.IS_FILE,
    path: status.name === '' ? NO_NAME : Buffer.from(status.name),
    length: BigInt(status.length),
    permission: { perm: status.mode },
    owner: status.owner,
    group: status.group,
    modification_time: unsigned(status.mtime),
    access_time: unsigned(status.atime),
    block_replication: status.replication,
    blocksize: BigInt(status.blockSize),
    fileId: BigInt(status.fileId),
    childrenNum: status.childrenCount,
    storagePolicy: status.storagePolicyId,
    flags: 0,
    ...(located === undefined || status.file === undefined
      ? {}
      : { locations: locatedBlocksMessage(status.file, located.poolId) }),
  };
}

/** No DataNode has reported anything, so no block has a location. */
export function locatedBlocksMessage(file: InodeFile, poolId: string): LocatedBlocksProto {
  const blocks: LocatedBlockProto[] = [];
  let offset = 0;
  for (const block of file.blocks) {
    blocks.push({
      b: {
        poolId,
        blockId: BigInt.asUintN(64, block.blockId),
        generationStamp: BigInt(block.generationStamp),
        numBytes: BigInt(block.numBytes),
      },
      offset: BigInt(offset),
      locs: [],
      corrupt: false,
      blockToken: { identifier: NO_NAME, password: NO_NAME, kind: '', service: '' },
      isCached: [],
      storageTypes: [],
      storageIDs: [],
      blockTokens: [],
    });
    offset += block.numBytes;
  }
  const underConstruction = file.underConstruction !== undefined;
  const last = blocks[blocks.length - 1];
  return {
    fileLength: BigInt(offset),
    blocks,
    underConstruction,
    isLastBlockComplete: !underConstruction,
    ...(last === undefined ? {} : { lastBlock: last }),
  };
}
