/** `config`: the servers that the ensemble runs with. Mirrors org.apache.zookeeper.cli.GetConfigCommand. */
import { CONFIG_PATH } from '../../zookeeper/tree/path.js';
import type { CliCommand } from './command.js';
import { parseOptions } from './options.js';
import { printStat } from './stat-lines.js';

export const config: CliCommand = {
  name: 'config',
  options: '[-c] [-w] [-s]',
  async run(context, args) {
    const { client, out, watcher } = context;
    const options = parseOptions({ flags: 'swc' }, args);
    const { data, stat } = await client.getData(CONFIG_PATH, options.has('w') ? watcher : undefined);
    const text = data === null ? 'null' : data.toString('utf8');
    out(options.has('c') ? clientAddresses(text) : text);
    if (options.has('s')) printStat(context, stat);
  },
};

/** `VERSION host:port,host:port`: what a client connects to. */
function clientAddresses(text: string): string {
  let version = '';
  const addresses: string[] = [];
  for (const line of text.split('\n')) {
    const [key = '', value = ''] = split(line);
    if (key === 'version') version = value;
    if (!key.startsWith('server.')) continue;
    const client = value.split(';')[1];
    // A line without a client port leaves a gap between two commas, as there.
    addresses.push(client === undefined ? '' : client.includes(':') ? client : `0.0.0.0:${client}`);
  }
  return `${version} ${addresses.join(',')}`;
}

function split(line: string): [string, string] {
  const equals = line.indexOf('=');
  return equals < 0 ? [line.trim(), ''] : [line.slice(0, equals).trim(), line.slice(equals + 1).trim()];
}
