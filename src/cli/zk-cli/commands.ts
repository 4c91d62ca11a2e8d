/** The table of zkCli.sh's commands. Mirrors org.apache.zookeeper.cli.CommandFactory. */
import { addAuth } from './add-auth.js';
import { addWatch } from './add-watch.js';
import { close } from './close.js';
import type { CliCommand } from './command.js';
import { config } from './config.js';
import { create } from './create.js';
import { delQuota } from './del-quota.js';
import { deleteAll } from './delete-all.js';
import { deleteNode } from './delete.js';
import { getAcl } from './get-acl.js';
import { getAllChildrenNumber } from './get-all-children-number.js';
import { getEphemerals } from './get-ephemerals.js';
import { get } from './get.js';
import { listQuota } from './list-quota.js';
import { ls } from './ls.js';
import { reconfig } from './reconfig.js';
import { removeWatches } from './remove-watches.js';
import { setAcl } from './set-acl.js';
import { setQuota } from './set-quota.js';
import { set } from './set.js';
import { stat } from './stat.js';
import { sync } from './sync.js';
import { version } from './version.js';
import { whoAmI } from './who-am-i.js';

const ALL: readonly CliCommand[] = [
  addAuth,
  addWatch,
  close,
  config,
  create,
  delQuota,
  deleteAll,
  deleteNode,
  get,
  getAcl,
  getAllChildrenNumber,
  getEphemerals,
  listQuota,
  ls,
  reconfig,
  removeWatches,
  set,
  setAcl,
  setQuota,
  stat,
  sync,
  version,
  whoAmI,
];

export const COMMANDS: ReadonlyMap<string, CliCommand> = new Map(ALL.map((command) => [command.name, command]));

/** What the shell does itself, with what its usage shows. */
export const SHELL_COMMANDS: ReadonlyMap<string, string> = new Map([
  ['connect', 'host:port'],
  ['history', ''],
  ['printwatches', 'on|off'],
  ['quit', ''],
  ['redo', 'cmdno'],
]);

/** By name, and each with what follows it. */
export function usageLines(): readonly string[] {
  const shown = new Map([...SHELL_COMMANDS, ...ALL.map(({ name, options }) => [name, options] as const)]);
  return [
    'ZooKeeper -server host:port -client-configuration properties-file cmd args',
    ...[...shown.keys()].sort().map((name) => `\t${name} ${shown.get(name)}`),
  ];
}
