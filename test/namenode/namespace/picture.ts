/** A namespace as a plain value, to compare two of them. */
import { pathOf } from '../../../src/namenode/namespace/inode.js';
import type { Namespace } from '../../../src/namenode/namespace/namespace.js';

/** Everything that a namespace is, as text that diffs well. */
export function picture(ns: Namespace): unknown {
  const inodes = [...ns.inodes()]
    .sort((a, b) => a.id - b.id)
    .map((inode) => ({
      id: inode.id,
      path: pathOf(inode),
      kind: inode.kind,
      user: inode.user,
      group: inode.group,
      mode: inode.mode,
      mtime: inode.mtime,
      policy: inode.storagePolicyId,
      ...(inode.kind === 'file'
        ? {
            atime: inode.atime,
            replication: inode.replication,
            blockSize: inode.blockSize,
            uc: inode.underConstruction,
            blocks: inode.blocks,
          }
        : { nsQuota: inode.nsQuota, dsQuota: inode.dsQuota, children: inode.childCount }),
    }));
  return {
    inodes,
    lastInodeId: ns.lastInodeId,
    blockIds: { ...ns.blockIds },
    lastTxid: ns.lastTxid,
    leases: ns.leases.fileCount,
  };
}
