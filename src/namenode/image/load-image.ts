/**
 * An fsimage into the namespace. What this NameNode does not have (snapshots, symlinks, ACLs, extended attributes,
 * striped files) is refused by name rather than lost. Mirrors FSImageFormatProtobuf.Loader and
 * FSImageFormatPBINode.Loader.
 */
import { ByteReader } from '../../base/bytes.js';
import { LabError, messageOf } from '../../base/errors.js';
import { decodeMessages, readDelimited, readImageFile } from '../../wire/fsimage/container.js';
import { clampToSafe } from '../../wire/edits/ops/writable.js';
import { STORAGE_POLICY_XATTR, StringTable } from '../../wire/fsimage/strings.js';
import {
  CacheManagerSection,
  INodeDirectorySection_DirEntry,
  INodeSection,
  INodeSection_INode,
  INodeSection_INodeDirectory,
  INodeSection_INode_Type,
  NameSystemSection,
  SnapshotSection,
  StringTableSection,
  StringTableSection_Entry,
} from '../../wire/hadoop/gen/fsimage.js';
import { BlockTypeProto } from '../../wire/hadoop/gen/hdfs.js';
import { InodeDirectory, InodeFile, ROOT_INODE_ID } from '../namespace/inode.js';
import type { Inode } from '../namespace/inode.js';
import type { Namespace } from '../namespace/namespace.js';

/**
 * Replaces the namespace by the image's. Throws LabError CORRUPT, MALFORMED or UNSUPPORTED_IMAGE, and leaves it empty
 * then.
 */
export function loadImage(ns: Namespace, file: Buffer): { readonly namespaceId: number; readonly txid: bigint } {
  ns.clear();
  try {
    return load(ns, file);
  } catch (error) {
    ns.clear();
    if (error instanceof LabError) throw error;
    throw new LabError('CORRUPT', `fsimage: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** What an image says it is, without loading it. Throws LabError CORRUPT or MALFORMED. */
export function imageIdentity(file: Buffer): { readonly namespaceId: number; readonly txid: bigint } {
  const info = readImageFile(file).get('NS_INFO');
  if (info === undefined) throw new LabError('CORRUPT', 'fsimage: section NS_INFO is missing');
  const { namespaceId, transactionId } = readDelimited(NameSystemSection, new ByteReader(info));
  return { namespaceId: (namespaceId ?? 0) | 0, txid: transactionId ?? 0n };
}

function load(ns: Namespace, file: Buffer): { namespaceId: number; txid: bigint } {
  const sections = readImageFile(file);
  const section = (name: string): Buffer => {
    const found = sections.get(name);
    if (found === undefined) throw new LabError('CORRUPT', `fsimage: section ${name} is missing`);
    return found;
  };
  refuseUnsupported(sections);
  const info = readDelimited(NameSystemSection, new ByteReader(section('NS_INFO')));
  const strings = loadStrings(section('STRING_TABLE'));
  loadInodes(ns, section('INODE'), strings);
  loadDirectories(ns, section('INODE_DIR'));
  for (const inode of ns.inodes()) {
    if (inode.parent === undefined && inode !== ns.root)
      throw new LabError('CORRUPT', `fsimage: inode ${inode.id} is in no directory`);
    if (inode.kind === 'file' && inode.underConstruction !== undefined)
      ns.leases.add(inode.underConstruction.clientName, inode.id);
  }
  ns.blockIds.genStampV1 = Number(info.genstampV1 ?? 1000n);
  ns.blockIds.genStampV2 = Number(info.genstampV2 ?? 1000n);
  ns.blockIds.genStampV1Limit = Number(info.genstampV1Limit ?? 0n);
  ns.blockIds.lastAllocatedBlockId = BigInt.asIntN(64, info.lastAllocatedBlockId ?? 0n);
  ns.lastTxid = info.transactionId ?? 0n;
  return { namespaceId: (info.namespaceId ?? 0) | 0, txid: ns.lastTxid };
}

function unsupported(what: string): LabError {
  return new LabError('UNSUPPORTED_IMAGE', `fsimage: ${what} not supported by this NameNode`);
}

function refuseUnsupported(sections: ReadonlyMap<string, Buffer>): void {
  if ((sections.get('INODE_REFERENCE')?.length ?? 0) > 0) throw unsupported('snapshot references are');
  const snapshot = sections.get('SNAPSHOT');
  if (snapshot !== undefined && snapshot.length > 0) {
    const { numSnapshots, snapshottableDir } = readDelimited(SnapshotSection, new ByteReader(snapshot));
    if ((numSnapshots ?? 0) > 0 || snapshottableDir.length > 0) throw unsupported('snapshots are');
  }
  const cache = sections.get('CACHE_MANAGER');
  if (cache !== undefined && cache.length > 0) {
    const { numPools, numDirectives } = readDelimited(CacheManagerSection, new ByteReader(cache));
    if (numPools > 0 || numDirectives > 0) throw unsupported('cache pools are');
  }
}

function loadStrings(section: Buffer): StringTable {
  const reader = new ByteReader(section);
  const { maskBits } = readDelimited(StringTableSection, reader);
  const table = new StringTable(maskBits ?? 0);
  for (const entry of decodeMessages(StringTableSection_Entry, reader.view(reader.remaining)))
    table.put(entry.id ?? 0, entry.str ?? '');
  return table;
}

function loadInodes(ns: Namespace, section: Buffer, strings: StringTable): void {
  const reader = new ByteReader(section);
  const { lastInodeId } = readDelimited(INodeSection, reader);
  ns.lastInodeId = Number(lastInodeId ?? BigInt(ROOT_INODE_ID));
  for (const message of decodeMessages(INodeSection_INode, reader.view(reader.remaining))) {
    if (Number(message.id) === ROOT_INODE_ID) loadRoot(ns, message, strings);
    else ns.adopt(toInode(message, strings));
  }
}

function loadRoot(ns: Namespace, message: INodeSection_INode, strings: StringTable): void {
  const { directory } = message;
  if (directory === undefined) throw new LabError('CORRUPT', 'fsimage: the root is not a directory');
  Object.assign(ns.root, strings.permission(directory.permission ?? 0n), { mtime: time(directory.modificationTime) });
  setQuota(ns.root, directory);
  ns.root.storagePolicyId = storagePolicyOf(directory, strings, ROOT_INODE_ID);
}

/** Of ACLs and attributes, a directory's storage policy is all that is known here. */
function storagePolicyOf(directory: INodeSection_INodeDirectory, strings: StringTable, id: number): number {
  if (directory.acl !== undefined) throw unsupported(`ACLs (inode ${id}) are`);
  let policy = 0;
  for (const { name, value } of directory.xAttrs?.xAttrs ?? []) {
    if (strings.systemXAttr(name) !== STORAGE_POLICY_XATTR) throw unsupported(`extended attributes (inode ${id}) are`);
    policy = value?.[0] ?? 0;
  }
  return policy;
}

/** Stored unsigned, meant signed. */
function time(value: bigint | undefined): number {
  return clampToSafe(Number(BigInt.asIntN(64, value ?? 0n)));
}

function setQuota(
  directory: InodeDirectory,
  from: { nsQuota?: bigint | undefined; dsQuota?: bigint | undefined },
): void {
  if (from.nsQuota !== undefined) directory.nsQuota = BigInt.asIntN(64, from.nsQuota);
  if (from.dsQuota !== undefined) directory.dsQuota = BigInt.asIntN(64, from.dsQuota);
}

function toInode(message: INodeSection_INode, strings: StringTable): Inode {
  const id = Number(message.id);
  const name = message.name?.toString('utf8') ?? '';
  if (message.type === INodeSection_INode_Type.SYMLINK) throw unsupported('symlinks are');
  if (message.type === INodeSection_INode_Type.DIRECTORY && message.directory !== undefined) {
    const { directory } = message;
    const inode = new InodeDirectory({
      id,
      name,
      ...strings.permission(directory.permission ?? 0n),
      mtime: time(directory.modificationTime),
    });
    setQuota(inode, directory);
    inode.storagePolicyId = storagePolicyOf(directory, strings, id);
    return inode;
  }
  const { file } = message;
  if (file === undefined) throw new LabError('CORRUPT', `fsimage: inode ${id} is neither a file nor a directory`);
  if (file.acl !== undefined || file.xAttrs !== undefined)
    throw unsupported(`ACLs and extended attributes (inode ${id}) are`);
  if (file.blockType === BlockTypeProto.STRIPED) throw unsupported('erasure-coded files are');
  const inode = new InodeFile({
    id,
    name,
    ...strings.permission(file.permission ?? 0n),
    mtime: time(file.modificationTime),
    atime: time(file.accessTime),
    replication: file.replication ?? 1,
    blockSize: Number(file.preferredBlockSize ?? 0n),
    storagePolicyId: file.storagePolicyID ?? 0,
  });
  if (file.blocks.length > 0) {
    inode.blocks = file.blocks.map((block) => ({
      blockId: BigInt.asIntN(64, block.blockId),
      numBytes: Number(block.numBytes ?? 0n),
      generationStamp: Number(block.genStamp),
    }));
  }
  if (file.fileUC !== undefined) {
    inode.underConstruction = {
      clientName: file.fileUC.clientName ?? '',
      clientMachine: file.fileUC.clientMachine ?? '',
    };
  }
  return inode;
}

function loadDirectories(ns: Namespace, section: Buffer): void {
  for (const { parent, children, refChildren } of decodeMessages(INodeDirectorySection_DirEntry, section)) {
    const directory = ns.inode(Number(parent ?? 0n));
    if (directory?.kind !== 'directory') throw new LabError('CORRUPT', `fsimage: directory ${parent} is missing`);
    if (refChildren.length > 0) throw unsupported('snapshot references are');
    for (const id of children) {
      const child = ns.inode(Number(id));
      if (child === undefined || child.parent !== undefined || child === ns.root) {
        throw new LabError('CORRUPT', `fsimage: inode ${id} of directory ${parent} is missing or in two directories`);
      }
      directory.addChild(child);
    }
  }
}
