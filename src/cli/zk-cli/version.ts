/** `version`. Mirrors org.apache.zookeeper.cli.VersionCommand. */
import { ZOOKEEPER_VERSION } from '../../base/versions.js';
import { wrongUsage, type CliCommand } from './command.js';
import { parseOptions } from './options.js';

export const version: CliCommand = {
  name: 'version',
  options: '',
  async run({ out }, args) {
    if (parseOptions({}, args).words.length > 0) throw wrongUsage(version);
    out(`ZooKeeper CLI version: ${ZOOKEEPER_VERSION} (the lab's own client)`);
  },
};
