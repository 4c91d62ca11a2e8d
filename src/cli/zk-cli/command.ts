/**
 * What every command of zkCli.sh has: a name, the options its usage shows, and what it does. One file a command; the
 * table of them is commands.ts. Mirrors org.apache.zookeeper.cli.CliCommand and CliException.
 */
import { LabError, messageOf } from '../../base/errors.js';
import type { ZooKeeperClient } from '../../zookeeper/client/client.js';
import type { Watcher } from '../../zookeeper/client/watches.js';

export interface CliContext {
  readonly client: ZooKeeperClient;
  /** A line on standard output. */
  out(line: string): void;
  /** A line on standard error. */
  error(line: string): void;
  /** What a watch that a command sets calls. */
  readonly watcher: Watcher;
}

export interface CliCommand {
  readonly name: string;
  /** What its usage shows after the name. */
  readonly options: string;
  /** `words` without the name. Throws CliFailure for a line that is wrong; failures of the server pass through. */
  run(context: CliContext, words: readonly string[]): Promise<void>;
}

/** A command that failed: what is printed, and the exit code of a zkCli.sh that runs this command alone. */
export class CliFailure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The line was not written as the usage says. */
export function wrongUsage(command: Pick<CliCommand, 'name' | 'options'>): CliFailure {
  return new CliFailure(`${command.name} ${command.options}`);
}

/** What ZooKeeper's shell says of a failure. Mirrors CliWrapperException. */
export function cliMessage(error: unknown): string {
  if (!(error instanceof LabError)) return messageOf(error);
  // A failure that concerns no path says so, as Java does.
  const path = String(error.data['path'] ?? null);
  switch (error.code) {
    case 'NoNode':
      return `Node does not exist: ${path}`;
    case 'NoChildrenForEphemerals':
      return `Ephemerals cannot have children: ${path}`;
    case 'NodeExists':
      return `Node already exists: ${path}`;
    case 'NotEmpty':
      return `Node not empty: ${path}`;
    case 'NotReadOnly':
      return `Not a read-only call: ${path}`;
    case 'InvalidACL':
      return `Acl is not valid : ${path}`;
    case 'NoAuth':
      return `Insufficient permission : ${path}`;
    case 'BadArguments':
      return `Arguments are not valid : ${path}`;
    case 'BadVersion':
      return `version No is not valid : ${path}`;
    case 'ReconfigInProgress':
      return 'Another reconfiguration is in progress -- concurrent reconfigs not supported (yet)';
    case 'NewConfigNoQuorum':
      return (
        'No quorum of new config is connected and up-to-date with the leader of last commmitted config - try ' +
        'invoking reconfiguration after new servers are connected and synced'
      );
    case 'QuotaExceeded':
      return `Quota has exceeded : ${path}`;
    default:
      return error.message;
  }
}
