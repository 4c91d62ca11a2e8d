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

/** The inode's own policy, or the nearest ancestor's; 0 when nobody said. */
function effectiveStoragePolicy(inode: Inode): number {
  for (let at: Inode | undefined = inode; at !== undefined; at = at.parent)
    if (at.storagePolicyId !== 0) return at.storagePolicyId;
  return 0;
}
