/**
 * The namespace as an fsimage. Everything is written in one turn, so the image is the namespace at exactly `lastTxid`.
 * Mirrors FSImageFormatProtobuf.Saver and FSImageFormatPBINode.Saver.
 */
import { ImageWriter } from '../../wire/fsimage/container.js';
import { MASK_BITS, STORAGE_POLICY_XATTR, StringTableBuilder } from '../../wire/fsimage/strings.js';
import {
  CacheManagerSection,
  ErasureCodingSection,
  FilesUnderConstructionSection_FileUnderConstructionEntry,
  INodeDirectorySection_DirEntry,
  INodeSection,
  INodeSection_INode,
  INodeSection_INode_Type,
  NameSystemSection,
  SecretManagerSection,
  SnapshotSection,
  StringTableSection,
  StringTableSection_Entry,
} from '../../wire/hadoop/gen/fsimage.js';
import { BlockTypeProto, ErasureCodingPolicyState } from '../../wire/hadoop/gen/hdfs.js';
import { pathOf } from '../namespace/inode.js';
import type { Inode } from '../namespace/inode.js';
import type { Namespace } from '../namespace/namespace.js';

/** Hadoop's built-in policies, all disabled, as a newly formatted NameNode has them. */
const BUILT_IN_EC_POLICY_IDS = [1, 2, 3, 4, 5];
/** SequentialBlockGroupIdGenerator: Long.MIN_VALUE until one is made. */
const NO_STRIPED_BLOCK = 1n << 63n;

export interface SavedImage {
  readonly txid: bigint;
  readonly bytes: Buffer;
  readonly md5: string;
}

export function saveImage(ns: Namespace, namespaceId: number): SavedImage {
  const image = new ImageWriter();
  const strings = new StringTableBuilder();
  const { blockIds } = ns;
  image.message(NameSystemSection, {
    namespaceId,
    genstampV1: BigInt(blockIds.genStampV1),
    genstampV2: BigInt(blockIds.genStampV2),
    genstampV1Limit: BigInt(blockIds.genStampV1Limit),
    lastAllocatedBlockId: blockIds.lastAllocatedBlockId,
    transactionId: ns.lastTxid,
    lastAllocatedStripedBlockId: NO_STRIPED_BLOCK,
  });
  image.endSection('NS_INFO');
  image.message(ErasureCodingSection, {
    policies: BUILT_IN_EC_POLICY_IDS.map((id) => ({ id, state: ErasureCodingPolicyState.DISABLED })),
  } as ErasureCodingSection);
  image.endSection('ERASURE_CODING');
  image.message(INodeSection, { lastInodeId: BigInt(ns.lastInodeId), numInodes: BigInt(ns.inodeCount) });
  for (const inode of ns.inodes()) image.message(INodeSection_INode, inodeMessage(inode, strings));
  image.endSection('INODE');
  for (const inode of ns.inodes()) {
    if (inode.kind !== 'directory' || inode.childCount === 0) continue;
    // Sorted: Hadoop searches children by halves.
    const children = inode.sortedChildren().map((child) => BigInt(child.id));
    image.message(INodeDirectorySection_DirEntry, { parent: BigInt(inode.id), children, refChildren: [] });
  }
  image.endSection('INODE_DIR');
  for (const inode of ns.inodes()) {
    if (inode.kind !== 'file' || inode.underConstruction === undefined) continue;
    image.message(FilesUnderConstructionSection_FileUnderConstructionEntry, {
      inodeId: BigInt(inode.id),
      fullPath: pathOf(inode),
    });
  }
  image.endSection('FILES_UNDERCONSTRUCTION');
  image.message(SnapshotSection, { snapshotCounter: 0, snapshottableDir: [], numSnapshots: 0 });
  image.endSection('SNAPSHOT');
  image.endSection('INODE_REFERENCE');
  image.message(SecretManagerSection, { currentId: 0, tokenSequenceNumber: 0, numKeys: 0, numTokens: 0 });
  image.endSection('SECRET_MANAGER');
  image.message(CacheManagerSection, { nextDirectiveId: 1n, numPools: 0, numDirectives: 0 });
  image.endSection('CACHE_MANAGER');
  image.message(StringTableSection, { numEntry: strings.size, maskBits: MASK_BITS });
  for (const entry of strings.entries()) image.message(StringTableSection_Entry, entry);
  image.endSection('STRING_TABLE');
  return { txid: ns.lastTxid, ...image.finish() };
}

/** Stored unsigned, meant signed. */
function time(value: number): bigint {
  return BigInt.asUintN(64, BigInt(value));
}

function inodeMessage(inode: Inode, strings: StringTableBuilder): INodeSection_INode {
  const permission = strings.permission(inode.user, inode.group, inode.mode);
  const id = BigInt(inode.id);
  const name = Buffer.from(inode.name);
  if (inode.kind === 'directory') {
    return {
      type: INodeSection_INode_Type.DIRECTORY,
      id,
      name,
      directory: {
        modificationTime: time(inode.mtime),
        nsQuota: BigInt.asUintN(64, inode.nsQuota),
        dsQuota: BigInt.asUintN(64, inode.dsQuota),
        permission,
        xAttrs:
          inode.storagePolicyId === 0
            ? undefined
            : {
                xAttrs: [{ name: strings.systemXAttr(STORAGE_POLICY_XATTR), value: Buffer.of(inode.storagePolicyId) }],
              },
      },
    };
  }
  const writer = inode.underConstruction;
  return {
    type: INodeSection_INode_Type.FILE,
    id,
    name,
    file: {
      replication: inode.replication,
      modificationTime: time(inode.mtime),
      accessTime: time(inode.atime),
      preferredBlockSize: BigInt(inode.blockSize),
      permission,
      blocks: inode.blocks.map((block) => ({
        blockId: BigInt.asUintN(64, block.blockId),
        genStamp: BigInt(block.generationStamp),
        numBytes: BigInt(block.numBytes),
      })),
      fileUC: writer === undefined ? undefined : { clientName: writer.clientName, clientMachine: writer.clientMachine },
      storagePolicyID: inode.storagePolicyId,
      blockType: BlockTypeProto.CONTIGUOUS,
    },
  };
}
