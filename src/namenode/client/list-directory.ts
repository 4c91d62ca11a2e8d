/** A whole directory, page by page (dfs.ls.limit entries each). Mirrors DistributedFileSystem.listStatusInternal. */
import type { HdfsFileStatusProto } from '../../wire/hadoop/gen/hdfs.js';
import type { ClientRequest, ClientResponse } from './failover-proxy-shell.js';

/**
 * In the order of names; undefined if there is nothing at the path. A file lists itself, without a name. `page` makes
 * one call.
 */
export async function listDirectory(
  page: (request: ClientRequest<'getListing'>) => Promise<ClientResponse<'getListing'>>,
  src: string,
): Promise<readonly HdfsFileStatusProto[] | undefined> {
  const found: HdfsFileStatusProto[] = [];
  for (let startAfter = Buffer.alloc(0); ; ) {
    const { dirList } = await page({ src, startAfter, needLocation: false });
    if (dirList === undefined) return undefined;
    found.push(...dirList.partialListing);
    const last = dirList.partialListing.at(-1);
    if (last === undefined || dirList.remainingEntries === 0) return found;
    startAfter = Buffer.from(last.path);
  }
}
