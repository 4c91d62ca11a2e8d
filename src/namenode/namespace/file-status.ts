/** What a reader sees of one inode. Mirrors FSDirStatAndListingOp.createFileStatus. */
import type { Inode, InodeFile } from './inode.js';

/** org.apache.hadoop.hdfs.protocol.HdfsFileStatus as it was when asked. */
export interface FileStatus {
  readonly directory: boolean;
  /** Local name; empty for the target of the call itself. */
  readonly name: string;
  readonly fileId: number;
  readonly length: number;
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  readonly mtime: number;
  readonly atime: number;
  readonly replication: number;
  readonly blockSize: number;
  readonly childrenCount: number;
  readonly storagePolicyId: number;
  /** Set while the inode lives: for block locations. */
  readonly file: InodeFile | undefined;
}

export function statusOf(inode: Inode, name = ''): FileStatus {
  if (inode.kind === 'directory') {
    return {
      directory: true,
      name,
      fileId: inode.id,
      length: 0,
      mode: inode.mode,
      owner: inode.user,
      group: inode.group,
      mtime: inode.mtime,
      atime: 0,
      replication: 0,
      blockSize: 0,
      childrenCount: inode.childCount,
      storagePolicyId: effectiveStoragePolicy(inode),
      file: undefined,
    };
  }
  return {
    directory: false,
    name,
    fileId: inode.id,
    length: inode.length,
    mode: inode.mode,
    owner: inode.user,
    group: inode.group,
    mtime: inode.mtime,
    atime: inode.atime,
    replication: inode.replication,
    blockSize: inode.blockSize,
    childrenCount: 0,
    storagePolicyId: effectiveStoragePolicy(inode),
    file: inode,
  };
}

const NOBODYS_DIRECTORY = {
  directory: true,
  fileId: 0,
  length: 0,
  owner: '',
  atime: 0,
  replication: 0,
  blockSize: 0,
  childrenCount: 0,
  storagePolicyId: 0,
  file: undefined,
} as const;

/** `/.reserved` is no inode. Mirrors FSDirectory.DOT_RESERVED_STATUS. */
export const RESERVED_STATUS: FileStatus = { ...NOBODYS_DIRECTORY, name: '', group: '', mode: 0o1770, mtime: 0 };

/** What `/.reserved` holds, as old as the namespace. Mirrors FSDirectory.createReservedStatuses. */
export function reservedListing(group: string, createdMs: number): readonly FileStatus[] {
  return ['.inodes', 'raw'].map((name) => ({
    ...NOBODYS_DIRECTORY,
    name,
    group,
    mode: 0o770,
    mtime: createdMs,
    atime: createdMs,
  }));
}

/** The inode's own policy, or the nearest ancestor's; 0 when nobody said. */
function effectiveStoragePolicy(inode: Inode): number {
  for (let at: Inode | undefined = inode; at !== undefined; at = at.parent)
    if (at.storagePolicyId !== 0) return at.storagePolicyId;
  return 0;
}
