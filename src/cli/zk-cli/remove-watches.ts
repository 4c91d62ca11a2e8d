/** `removewatches`: takes watches off a node. Mirrors org.apache.zookeeper.cli.RemoveWatchesCommand. */
import { WatcherType } from '../../wire/zookeeper/client/modes.js';
import { wrongUsage, type CliCommand } from './command.js';
import { parseOptions } from './options.js';

export const removeWatches: CliCommand = {
  name: 'removewatches',
  options: 'path [-c|-d|-a] [-l]',
  async run({ client }, args) {
    const options = parseOptions({ flags: 'cdal' }, args);
    const [path] = options.words;
    if (path === undefined) throw wrongUsage(removeWatches);
    const type = options.has('c') ? WatcherType.Children : options.has('d') ? WatcherType.Data : WatcherType.Any;
    await client.removeWatches(path, { type, local: options.has('l') });
  },
};
