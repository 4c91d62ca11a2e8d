/** `getAcl`: who may do what with a node. Mirrors org.apache.zookeeper.cli.GetAclCommand. */
import { permissionText } from './acl-text.js';
import { wrongUsage, type CliCommand } from './command.js';
import { parseOptions } from './options.js';
import { printStat } from './stat-lines.js';

export const getAcl: CliCommand = {
  name: 'getAcl',
  options: '[-s] path',
  async run(context, args) {
    const options = parseOptions({ flags: 's' }, args);
    const [path] = options.words;
    if (path === undefined) throw wrongUsage(getAcl);
    const { acl, stat } = await context.client.getAcl(path);
    for (const { id, perms } of acl) context.out(`'${id.scheme},'${id.id}\n: ${permissionText(perms)}`);
    if (options.has('s')) printStat(context, stat);
  },
};
