/** `listquota`: a quota and what is used of it. Mirrors org.apache.zookeeper.cli.ListQuotaCommand. */
import { hasCode } from '../../base/errors.js';
import { wrongUsage, type CliCommand } from './command.js';
import { parseOptions } from './options.js';
import { limitsPath, quotaText, statsPath } from './quota.js';

export const listQuota: CliCommand = {
  name: 'listquota',
  options: 'path',
  async run({ client, out, error }, args) {
    const [path] = parseOptions({}, args).words;
    if (path === undefined) throw wrongUsage(listQuota);
    error(`absolute path is ${limitsPath(path)}`);
    try {
      const limits = await client.getData(limitsPath(path));
      const stats = await client.getData(statsPath(path));
      out(`Output quota for ${path} ${quotaText(limits.data)}`);
      out(`Output stat for ${path} ${quotaText(stats.data)}`);
    } catch (failure) {
      if (!hasCode(failure, 'NoNode')) throw failure;
      error(`quota for ${path} does not exist.`);
    }
  },
};
