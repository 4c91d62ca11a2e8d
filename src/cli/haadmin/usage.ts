/**
 * The commands of `hdfs haadmin` and the words about them. A user's scripts compare this output, so every line is the
 * one that Hadoop 3.3.6 prints (org.apache.hadoop.hdfs.tools.DFSHAAdmin); test/apache holds it against the original.
 */
import { GENERIC_USAGE } from '../generic-options.js';

export interface CommandUsage {
  /** Undefined: takes none. */
  readonly args: string | undefined;
  readonly help: string;
  /** Options it knows, without dashes. */
  readonly options: readonly string[];
}

/** In the order in which the usage lists them. */
export const COMMANDS: Readonly<Record<string, CommandUsage>> = Object.freeze({
  '-checkHealth': {
    args: '<serviceId>',
    help:
      'Requests that the service perform a health check.\nThe HAAdmin tool will exit with a non-zero exit ' +
      'code\nif the check fails.',
    options: [],
  },
  '-failover': {
    args: '[--forcefence] [--forceactive] <serviceId> <serviceId>',
    help:
      'Failover from the first service to the second.\n' +
      'Unconditionally fence services if the --forcefence option is used.\n' +
      'Try to failover to the target service even if it is not ready if the --forceactive option is used.',
    options: ['forcefence', 'forceactive', 'forcemanual'],
  },
  '-getAllServiceState': { args: undefined, help: 'Returns the state of all the services', options: [] },
  '-getServiceState': { args: '<serviceId>', help: 'Returns the state of the service', options: [] },
  '-help': { args: '<command>', help: 'Displays help on the specified command', options: [] },
  '-transitionToActive': {
    args: '[--forceactive] <serviceId>',
    help: 'Transitions the service into Active state',
    options: ['forceactive', 'forcemanual'],
  },
  '-transitionToObserver': {
    args: '<serviceId>',
    help: 'Transitions the service into Observer state',
    options: ['forcemanual'],
  },
  '-transitionToStandby': {
    args: '<serviceId>',
    help: 'Transitions the service into Standby state',
    options: ['forcemanual'],
  },
});

/**
 * What is printed in front of a command where its usage is shown alone: most commands belong to the general tool, but
 * all print the same head.
 */
const HEAD = 'Usage: haadmin [-ns <nameserviceId>]';

export function commandUsage(name: string): string {
  const { args } = COMMANDS[name]!;
  return `${HEAD} [${name}${args === undefined ? '' : ` ${args}`}]\n`;
}

export function fullUsage(): string {
  const lines = Object.entries(COMMANDS).map(
    ([name, { args }]) => `    [${name}${args === undefined ? '' : ` ${args}`}]\n`,
  );
  return `${HEAD}\n${lines.join('')}\n${GENERIC_USAGE}`;
}

export function commandHelp(name: string): string {
  const { args, help } = COMMANDS[name]!;
  return `${name}${args === undefined ? '' : ` [${args}]`}: ${help}\n`;
}

/** Asked before --forcemanual takes effect. */
export const FORCEMANUAL_QUESTION =
  'You have specified the --forcemanual flag. This flag is dangerous, as it can induce a split-brain ' +
  'scenario that WILL CORRUPT your HDFS namespace, possibly irrecoverably.\n\n' +
  'It is recommended not to use this flag, but instead to shut down the cluster and disable automatic failover if ' +
  'you prefer to ' +
  'manually manage your HA state.\n\n' +
  "You may abort safely by answering 'n' or hitting ^C now.\n\n" +
  'Are you sure you want to continue?';
