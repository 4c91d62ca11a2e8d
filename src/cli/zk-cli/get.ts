/** `get`: a node's data. Mirrors org.apache.zookeeper.cli.GetCommand. */
import { wrongUsage, type CliCommand } from './command.js';
import { parseOptions } from './options.js';
import { oldWatchForm } from './old-watch-form.js';
import { printStat } from './stat-lines.js';

export const get: CliCommand = {
  name: 'get',
  options: '[-s] [-w] path',
  async run(context, args) {
    const { client, out, watcher } = context;
    let options = parseOptions({ flags: 'sw' }, args);
    if (options.words.length > 1) options = parseOptions({ flags: 'sw' }, oldWatchForm(context, get, args));
    const [path] = options.words;
    if (path === undefined) throw wrongUsage(get);
    const { data, stat } = await client.getData(path, options.has('w') ? watcher : undefined);
    out(data === null ? 'null' : data.toString('utf8'));
    if (options.has('s')) printStat(context, stat);
  },
};
