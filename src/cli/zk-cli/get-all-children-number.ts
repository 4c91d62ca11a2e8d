/** `getAllChildrenNumber`: how many nodes are below one. Mirrors GetAllChildrenNumberCommand. */
import { wrongUsage, type CliCommand } from './command.js';
import { parseOptions } from './options.js';

export const getAllChildrenNumber: CliCommand = {
  name: 'getAllChildrenNumber',
  options: 'path',
  async run({ client, out }, args) {
    const [path] = parseOptions({}, args).words;
    if (path === undefined) throw wrongUsage(getAllChildrenNumber);
    out(String(await client.getAllChildrenNumber(path)));
  },
};
