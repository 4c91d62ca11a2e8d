/**
 * `shell(command)`: runs a command under bash with the configuration and the target in its environment; exit code 0 is
 * success. There is no time-out, as in Hadoop: a script that hangs hangs the failover. Mirrors
 * org.apache.hadoop.ha.ShellCommandFencer.
 */
import { LabError, messageOf } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import type { HaServiceState } from '../ha-service.js';
import type { FencingSubject } from './subject.js';

/** Long commands are shortened to this many characters in front of what they print. */
const ABBREVIATED_LENGTH = 20;

export async function fenceByShell(host: Host, subject: FencingSubject, argument: string): Promise<boolean> {
  const command = commandFor(subject.transitionTo, argument);
  const prefix = abbreviate(command, ABBREVIATED_LENGTH);
  host.log.info(`Launched fencing command '${command}'`);
  try {
    const { exitCode } = await host.exec.run({
      file: 'bash',
      args: ['-e', '-c', command],
      env: shellEnvironment(subject),
      onStdout: (line) => host.log.info(`${prefix}: ${line}`),
      onStderr: (line) => host.log.warn(`${prefix}: ${line}`),
    });
    return exitCode === 0;
  } catch (error) {
    host.log.warn(`Unable to execute ${command}: ${messageOf(error)}`);
    return false;
  }
}

/**
 * One command for both sides of a failover, or two with a comma between: the first for the node that is to become
 * active, the second for the one that is to become standby.
 */
function commandFor(transitionTo: HaServiceState | undefined, argument: string): string {
  const commands = argument.split(',');
  while (commands.length > 1 && commands.at(-1) === '') commands.pop();
  if (commands.length === 1) return commands[0]!;
  if (commands.length > 2)
    throw new LabError('BAD_FENCING', `Expecting arguments size of at most two, getting [${commands.join(', ')}]`);
  if (transitionTo === 'ACTIVE') return commands[0]!;
  if (transitionTo === 'STANDBY') return commands[1]!;
  throw new LabError('BAD_FENCING', `Unexpected HA service state:${transitionTo ?? 'null'}`);
}

/**
 * Every configuration key with `_` for `.`, then `target_` (`source_` for the node that a manual failover makes
 * standby) and host, port, address, nameserviceid, namenodeid.
 */
export function shellEnvironment(subject: FencingSubject): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const [key, value] of subject.target.settings()) {
    // What no environment can hold: a zero byte anywhere, or `=` in a name.
    if (!key.includes('=') && !key.includes('\0') && !value.includes('\0')) env[key.replaceAll('.', '_')] = value;
  }
  const prefix = subject.transitionTo === 'STANDBY' ? 'source_' : 'target_';
  env[`${prefix}host`] = subject.target.address.host;
  env[`${prefix}port`] = String(subject.target.address.port);
  env[`${prefix}address`] = subject.addressText;
  env[`${prefix}nameserviceid`] = subject.target.nameserviceId;
  env[`${prefix}namenodeid`] = subject.target.nameNodeId;
  return env;
}

/** The middle of a long text gives way to `...`. */
export function abbreviate(text: string, length: number): string {
  if (text.length <= length || length < 5) return text;
  const first = Math.floor((length - 3) / 2);
  return `${text.slice(0, first)}...${text.slice(text.length - (length - first - 3))}`;
}
