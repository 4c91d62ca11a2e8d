/** `addWatch`: a watch that stays. Mirrors org.apache.zookeeper.cli.AddWatchCommand. */
import { wrongUsage, type CliCommand } from './command.js';
import { parseOptions } from './options.js';

export const addWatch: CliCommand = {
  name: 'addWatch',
  options:
    '[-m mode] path # optional mode is one of [PERSISTENT, PERSISTENT_RECURSIVE] - default is PERSISTENT_RECURSIVE',
  async run({ client, watcher }, args) {
    const options = parseOptions({ valued: ['m'] }, args);
    const mode = (options.value('m') ?? 'PERSISTENT_RECURSIVE').toUpperCase();
    if (options.words.length !== 1 || (mode !== 'PERSISTENT' && mode !== 'PERSISTENT_RECURSIVE'))
      throw wrongUsage(addWatch);
    await client.addWatch(options.words[0]!, mode === 'PERSISTENT_RECURSIVE', watcher);
  },
};
