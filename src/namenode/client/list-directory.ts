/** A whole directory, page by page (dfs.ls.limit entries each). Mirrors DistributedFileSystem.listStatusInternal. */
import type { HdfsFileStatusProto } from '../../wire/hadoop/gen/hdfs.js';
import type { FailoverProxyShell } from './failover-proxy-shell.js';

/** In the order of names; undefined if there is nothing at the path. A file lists itself, without a name. */
export async function listDirectory(
  client: Pick<FailoverProxyShell, 'call'>,
  src: string,
): Promise<readonly HdfsFileStatusProto[] | undefined> {
  const found: HdfsFileStatusProto[] = [];
  for (let startAfter = Buffer.alloc(0); ; ) {
    const { response } = await client.call('getListing', { src, startAfter, needLocation: false });
    const page = response.dirList;
    if (page === undefined) return undefined;
    found.push(...page.partialListing);
    const last = page.partialListing.at(-1);
    if (last === undefined || page.remainingEntries === 0) return found;
    startAfter = Buffer.from(last.path);
  }
}
