/** `sync`: waits until the server has caught up with the leader. Mirrors org.apache.zookeeper.cli.SyncCommand. */
import { LabError } from '../../base/errors.js';
import { validatePath } from '../../zookeeper/client/path.js';
import { wrongUsage, type CliCommand } from './command.js';
import { parseOptions } from './options.js';

export const sync: CliCommand = {
  name: 'sync',
  options: 'path',
  async run({ client, out }, args) {
    const [path] = parseOptions({}, args).words;
    if (path === undefined) throw wrongUsage(sync);
    validatePath(path);
    try {
      await client.sync(path);
      out('Sync is OK');
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      out(`Sync has failed. rc=${String(error.data['code'])}`);
    }
  },
};
