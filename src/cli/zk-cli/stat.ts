/** `stat`: a node's Stat. Mirrors org.apache.zookeeper.cli.StatCommand. */
import { keeperError } from '../../zookeeper/client/keeper-error.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import { wrongUsage, type CliCommand } from './command.js';
import { oldWatchForm } from './old-watch-form.js';
import { parseOptions } from './options.js';
import { printStat } from './stat-lines.js';

export const stat: CliCommand = {
  name: 'stat',
  options: '[-w] path',
  async run(context, args) {
    let options = parseOptions({ flags: 'w' }, args);
    if (options.words.length > 1) options = parseOptions({ flags: 'w' }, oldWatchForm(context, stat, args));
    const [path] = options.words;
    if (path === undefined) throw wrongUsage(stat);
    const found = await context.client.exists(path, options.has('w') ? context.watcher : undefined);
    if (found === undefined) throw keeperError(ErrorCode.NONODE, path);
    printStat(context, found);
  },
};
