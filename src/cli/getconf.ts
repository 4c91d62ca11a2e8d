/** `hdfs getconf`: what a configuration says. Mirrors org.apache.hadoop.hdfs.tools.GetConf. */
import type { Configuration } from '../config/hadoop/contract.js';
import { sharedEdits } from '../config/hadoop/cluster.js';
import { nameNodeIds, nameNodesOf, nameserviceIds } from '../config/hadoop/nameservice.js';
import { asksForHelp } from './generic-options.js';
import { notice, print } from './terminal.js';

const USAGE = `hdfs getconf is utility for getting configuration information from the config file.

hadoop getconf
	[-namenodes]			gets list of namenodes in the cluster.
	[-secondaryNameNodes]			gets list of secondary namenodes in the cluster.
	[-backupNodes]			gets list of backup nodes in the cluster.
	[-journalNodes]			gets list of journal nodes in the cluster.
	[-includeFile]			gets the include file path that defines the datanodes that can join the cluster.
	[-excludeFile]			gets the exclude file path that defines the datanodes that need to decommissioned.
	[-nnRpcAddresses]			gets the namenode rpc addresses
	[-confKey [key]]			gets a specific key from the configuration
`;

/** Hadoop's -1. */
const FAILED = 255;

/** The commands, and what each takes behind it. */
const COMMANDS: Readonly<Record<string, string>> = {
  '-namenodes': '',
  '-secondarynamenodes': '',
  '-backupnodes': '',
  '-journalnodes': '',
  '-includefile': '',
  '-excludefile': '',
  '-nnrpcaddresses': '',
  '-confkey': '-confKey [key]',
};

export function getconf(conf: Configuration, args: readonly string[]): number {
  const all = () =>
    nameserviceIds(conf)
      .filter((id) => nameNodeIds(conf, id).length > 0)
      .flatMap((id) => nameNodesOf(conf, id));
  const command = (args[0] ?? '').toLowerCase();
  const takes = COMMANDS[command];
  if (takes === undefined) return wrong(args);
  if (takes !== '' && args.length !== 2) {
    notice(`usage: ${takes}`);
    return FAILED;
  }
  if (takes === '' && args.length > 1) {
    notice(`Did not expect argument: ${args[1]}`);
    return FAILED;
  }
  switch (command) {
    case '-namenodes':
      print([...new Set(all().map(({ rpc }) => rpc.host))].join(' '));
      return 0;
    case '-nnrpcaddresses': {
      const found = all();
      if (found.length === 0) {
        notice('Did not get namenode service rpc addresses.');
        return FAILED;
      }
      for (const { rpc } of found) print(`${rpc.host}:${rpc.port}`);
      return 0;
    }
    case '-journalnodes':
      print(
        [
          ...new Set(
            nameserviceIds(conf)
              .filter((id) => nameNodeIds(conf, id).length > 0)
              .flatMap((id) => sharedEdits(conf, id).nodes.map((node) => node.host)),
          ),
        ].join(' '),
      );
      return 0;
    case '-secondarynamenodes':
    case '-backupnodes':
      print('');
      return 0;
    case '-includefile':
      return key(conf, 'dfs.hosts');
    case '-excludefile':
      return key(conf, 'dfs.hosts.exclude');
    default:
      return key(conf, args[1]!);
  }
}

function wrong(args: readonly string[]): number {
  if (asksForHelp(args)) {
    print(USAGE);
    return 0;
  }
  notice(USAGE);
  return FAILED;
}

function key(conf: Configuration, name: string): number {
  const value = conf.get(name);
  if (value === undefined) {
    notice(`Configuration ${name} is missing.`);
    return FAILED;
  }
  print(value);
  return 0;
}
