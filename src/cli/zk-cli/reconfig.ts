/** `reconfig`: changes the ensemble's members. Mirrors org.apache.zookeeper.cli.ReconfigCommand. */
import { readFileSync } from 'node:fs';
import { messageOf } from '../../base/errors.js';
import { CliFailure, wrongUsage, type CliCommand } from './command.js';
import { parseOptions } from './options.js';
import { printStat } from './stat-lines.js';

export const reconfig: CliCommand = {
  name: 'reconfig',
  options:
    '[-s] [-v version] [[-file path] | [-members serverID=host:port1:port2;port3[,...]*]] | ' +
    '[-add serverId=host:port1:port2;port3[,...]]* [-remove serverId[,...]*]',
  async run(context, args) {
    const options = parseOptions({ flags: 's', valued: ['v', 'file', 'members', 'add', 'remove'] }, args);
    const whole = options.has('file') || options.has('members');
    const steps = options.has('add') || options.has('remove');
    if (!whole && !steps) throw wrongUsage(reconfig);
    const from = versionFrom(options.value('v'));
    if (whole && steps)
      throw new CliFailure(
        "Can't use -file or -members together with -add or -remove (mixing incremental and non-incremental modes is " +
          'not allowed)',
      );
    if (options.has('file') && options.has('members'))
      throw new CliFailure("Can't use -file and -members together (conflicting non-incremental modes)");
    const file = options.value('file');
    const { data, stat } = await context.client.reconfig({
      joiningServers: options.value('add')?.toLowerCase() ?? null,
      leavingServers: options.value('remove')?.toLowerCase() ?? null,
      newMembers: file === undefined ? (options.value('members')?.toLowerCase() ?? null) : membersIn(file),
      curConfigId: from,
    });
    context.out(`Committed new configuration:\n${data?.toString('utf8') ?? ''}`);
    if (options.has('s')) printStat(context, stat);
  },
};

/** Hexadecimal, as `config` prints it; -1: from whatever the configuration is. */
function versionFrom(text: string | undefined): bigint {
  if (text === undefined) return -1n;
  const match = /^([+-]?)([0-9a-f]{1,16})$/i.exec(text);
  if (match === null) throw new CliFailure('-v must be followed by a long (configuration version)');
  const value = BigInt(`0x${match[2]}`);
  return match[1] === '-' ? -value : value;
}

/** The server.N lines of a file; whether they make an ensemble, the server says. */
function membersIn(file: string): string {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.startsWith('server.'))
      .join('\n');
  } catch (error) {
    throw new CliFailure(`Error processing ${file}: ${messageOf(error)}`);
  }
}
