/** `ls`: a node's children. Mirrors org.apache.zookeeper.cli.LsCommand. */
import { wrongUsage, type CliCommand } from './command.js';
import { oldWatchForm } from './old-watch-form.js';
import { parseOptions } from './options.js';
import { printStat } from './stat-lines.js';
import { visitSubtree } from './subtree.js';

const FLAGS = { flags: '?swR' };
const HELP = ['usage: ls [options] path', ' -?   help', ' -R   recurse', ' -s   stat', ' -w   watch'];

export const ls: CliCommand = {
  name: 'ls',
  options: '[-s] [-w] [-R] path',
  async run(context, args) {
    const { client, out } = context;
    let options = parseOptions(FLAGS, args);
    if (options.has('?')) HELP.forEach((line) => out(line));
    if (options.words.length > 1) options = parseOptions(FLAGS, oldWatchForm(context, ls, args));
    const [path] = options.words;
    if (path === undefined) throw wrongUsage(ls);
    const watcher = options.has('w') ? context.watcher : undefined;
    if (options.has('R')) return visitSubtree(client, path, out, watcher);
    const { children, stat } = await client.getChildren(path, watcher);
    out(`[${[...children].sort().join(', ')}]`);
    if (options.has('s')) printStat(context, stat);
  },
};
