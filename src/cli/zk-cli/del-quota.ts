/** `delquota`: takes limits off a node, or its whole quota. Mirrors org.apache.zookeeper.cli.DelQuotaCommand. */
import { hasCode } from '../../base/errors.js';
import type { ZooKeeperClient } from '../../zookeeper/client/client.js';
import { QUOTA_PATH, formatStats, parseStats } from '../../zookeeper/tree/quota.js';
import { wrongUsage, type CliCommand } from './command.js';
import { parseOptions } from './options.js';
import { LIMITS, LIMIT_OPTIONS, limitsPath, quotaPath } from './quota.js';
import { childOf } from './subtree.js';

export const delQuota: CliCommand = {
  name: 'delquota',
  options: '[-n|-b|-N|-B] path',
  async run({ client, out, error }, args) {
    const options = parseOptions({ flags: 'nbNB', oneOf: { names: LIMIT_OPTIONS } }, args);
    const [path] = options.words;
    if (path === undefined) throw wrongUsage(delQuota);
    try {
      if ((await client.exists(limitsPath(path))) === undefined) {
        out(`Quota does not exist for ${path}`);
        return;
      }
      const given = LIMIT_OPTIONS.filter((option) => options.has(option));
      if (given.length === 0) return await removeQuota(client, path);
      const limits = parseStats((await client.getData(limitsPath(path))).data);
      for (const option of given) limits.set(LIMITS[option].key, -1);
      await client.setData(limitsPath(path), formatStats(limits));
    } catch (failure) {
      if (!hasCode(failure, 'NoNode')) throw failure;
      error(`quota for ${path} does not exist.`);
    }
  },
};

/** Then upwards, as long as nothing else is below. */
async function removeQuota(client: ZooKeeperClient, path: string): Promise<void> {
  for (const name of (await client.getChildren(quotaPath(path))).children)
    await client.delete(childOf(quotaPath(path), name));
  for (let at = quotaPath(path); at !== QUOTA_PATH; at = at.slice(0, at.lastIndexOf('/'))) {
    if ((await client.getChildren(at)).children.length > 0) return;
    await client.delete(at);
  }
}
