/** `getEphemerals`: this session's ephemeral nodes. Mirrors org.apache.zookeeper.cli.GetEphemeralsCommand. */
import type { CliCommand } from './command.js';
import { parseOptions } from './options.js';

export const getEphemerals: CliCommand = {
  name: 'getEphemerals',
  options: 'path',
  async run({ client, out }, args) {
    const [prefix] = parseOptions({}, args).words;
    out(`[${(await client.getEphemerals(prefix ?? '/')).join(', ')}]`);
  },
};
