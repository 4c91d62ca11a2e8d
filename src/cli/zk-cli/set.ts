/** `set`: gives a node new data. Mirrors org.apache.zookeeper.cli.SetCommand. */
import { wrongUsage, type CliCommand } from './command.js';
import { parseOptions, versionOf } from './options.js';
import { printStat } from './stat-lines.js';

export const set: CliCommand = {
  name: 'set',
  options: '[-s] [-v version] path data',
  async run(context, args) {
    const options = parseOptions({ flags: 's', valued: ['v'] }, args);
    const [path, data] = options.words;
    if (path === undefined || data === undefined) throw wrongUsage(set);
    const stat = await context.client.setData(path, Buffer.from(data), versionOf(options));
    if (options.has('s')) printStat(context, stat);
  },
};
