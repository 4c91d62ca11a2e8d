/** `delete`: removes a node without children. Mirrors org.apache.zookeeper.cli.DeleteCommand. */
import { wrongUsage, type CliCommand } from './command.js';
import { parseOptions, versionOf } from './options.js';

export const deleteNode: CliCommand = {
  name: 'delete',
  options: '[-v version] path',
  async run({ client, error }, args) {
    const options = parseOptions({ valued: ['v'] }, args);
    const [path] = options.words;
    if (path === undefined) throw wrongUsage(deleteNode);
    if (options.words.length > 1)
      error("'delete path [version]' has been deprecated. Please use 'delete [-v version] path' instead.");
    await client.delete(path, versionOf(options));
  },
};
