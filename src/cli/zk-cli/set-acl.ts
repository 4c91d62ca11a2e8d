/** `setAcl`: says who may do what with a node. Mirrors org.apache.zookeeper.cli.SetAclCommand. */
import { LabError } from '../../base/errors.js';
import { validatePath } from '../../zookeeper/client/path.js';
import { parseAcl, refuseEmptyAcl } from './acl-text.js';
import { wrongUsage, type CliCommand } from './command.js';
import { parseOptions, versionOf } from './options.js';
import { printStat } from './stat-lines.js';
import { visitSubtree } from './subtree.js';

export const setAcl: CliCommand = {
  name: 'setAcl',
  options: '[-s] [-v version] [-R] path acl',
  async run(context, args) {
    const { client } = context;
    const options = parseOptions({ flags: 'sR', valued: ['v'] }, args);
    const [path, text] = options.words;
    if (path === undefined || text === undefined) throw wrongUsage(setAcl);
    const acl = parseAcl(context, text);
    const version = versionOf(options);
    if (!options.has('R')) {
      validatePath(path);
      refuseEmptyAcl(acl);
      const stat = await client.setAcl(path, acl, version);
      if (options.has('s')) printStat(context, stat);
      return;
    }
    await visitSubtree(client, path, async (node) => {
      try {
        refuseEmptyAcl(acl);
        await client.setAcl(node, acl, version);
      } catch (error) {
        // The rest of the tree is done all the same.
        if (!(error instanceof LabError)) throw error;
        context.out(error.message);
      }
    });
  },
};
