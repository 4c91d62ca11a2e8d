/**
 * `hdfs namenode -format | -bootstrapStandby | -initializeSharedEdits | -genClusterId`: what is done once. What is
 * wrong in a line, and what that exits with, is as in NameNode.parseArguments and BootstrapStandby.
 */
import { LabError } from '../base/errors.js';
import { nameNodeConfigFrom } from '../namenode/config.js';
import { bootstrapStandby, formatNameNode, initializeSharedEdits, newClusterId } from '../namenode/name-node.js';
import { confirm } from './hdfs-confirm.js';
import { hadoopConfiguration, hostFor, ownNameNode, userName, type RoleContext } from './role-context.js';
import { notice, print } from './terminal.js';

export const NAMENODE_USAGE = `Usage: hdfs namenode [-backup] |
	[-checkpoint] |
	[-format [-clusterid cid ] [-force] [-nonInteractive] ] |
	[-upgrade [-clusterid cid] [-renameReserved<k-v pairs>] ] |
	[-upgradeOnly [-clusterid cid] [-renameReserved<k-v pairs>] ] |
	[-rollback] |
	[-rollingUpgrade <rollback|started> ] |
	[-importCheckpoint] |
	[-initializeSharedEdits] |
	[-bootstrapStandby [-force] [-nonInteractive] [-skipSharedEditsCheck] ] |
	[-recover [ -force] ] |
	[-metadataVersion ]`.replaceAll('|\n', '| \n');

const BOOTSTRAP_USAGE = `Usage: BootstrapStandby [-force] [-nonInteractive] [-skipSharedEditsCheck]
	-force: formats if the name directory exists.
	-nonInteractive: formats aborts if the name directory exists,
	unless -force option is specified.
	-skipSharedEditsCheck: skips edits check which ensures that
	we have enough edits already in the shared directory to start
	up from the last checkpoint on the active.`;

/** Hadoop knows these, and the lab has nothing behind them. */
const NOT_HERE: readonly string[] = [
  '-backup',
  '-checkpoint',
  '-importcheckpoint',
  '-metadataversion',
  '-observer',
  '-recover',
  '-rollback',
  '-rollingupgrade',
  '-upgrade',
  '-upgradeonly',
];

/** Hadoop ends well where it could not read a line. */
const UNREADABLE = 0;
const BAD_ARGUMENT = 1;

export type NameNodeAction =
  | { readonly type: 'format'; readonly force: boolean; readonly interactive: boolean; readonly clusterId?: string }
  | { readonly type: 'initializeSharedEdits'; readonly force: boolean; readonly interactive: boolean }
  | {
      readonly type: 'bootstrapStandby';
      readonly force: boolean;
      readonly interactive: boolean;
      readonly skipSharedEditsCheck: boolean;
    }
  | { readonly type: 'generateClusterId' }
  | { readonly type: 'regular' }
  | { readonly type: 'unreadable'; readonly why?: string }
  | { readonly type: 'badArgument'; readonly word: string };

/** Throws LabError `UNSUPPORTED`. */
export function nameNodeAction(args: readonly string[]): NameNodeAction {
  const [option = '', ...rest] = args;
  switch (option.toLowerCase()) {
    case '-format':
      return formatAction(rest);
    case '-initializesharededits': {
      const wrong = rest.find((word) => word !== '-force' && word !== '-nonInteractive');
      if (wrong !== undefined) return { type: 'unreadable', why: `Invalid argument: ${wrong}` };
      return {
        type: 'initializeSharedEdits',
        force: rest.includes('-force'),
        interactive: !rest.includes('-nonInteractive'),
      };
    }
    case '-bootstrapstandby': {
      const wrong = rest.find((word) => !['-force', '-nonInteractive', '-skipSharedEditsCheck'].includes(word));
      if (wrong !== undefined) return { type: 'badArgument', word: wrong };
      return {
        type: 'bootstrapStandby',
        force: rest.includes('-force'),
        interactive: !rest.includes('-nonInteractive'),
        skipSharedEditsCheck: rest.includes('-skipSharedEditsCheck'),
      };
    }
    case '-genclusterid':
      return rest.length === 0 ? { type: 'generateClusterId' } : { type: 'unreadable' };
    case '-regular':
      return rest.length === 0 ? { type: 'regular' } : { type: 'unreadable' };
    default:
  }
  if (NOT_HERE.includes(option.toLowerCase()))
    throw new LabError('UNSUPPORTED', `namenode ${option}: the lab's NameNode does not do this`, {
      remedy: "Hadoop's own does, on the same directories",
    });
  return { type: 'unreadable' };
}

/** Words that it does not know are passed over. */
function formatAction(words: readonly string[]): NameNodeAction {
  const lower = words.map((word) => word.toLowerCase());
  const at = lower.indexOf('-clusterid');
  const clusterId = words[at + 1] ?? '';
  if (at >= 0 && (clusterId === '' || ['-force', '-noninteractive'].includes(clusterId.toLowerCase())))
    return { type: 'unreadable', why: 'Must specify a valid cluster ID after the -clusterid flag' };
  return {
    type: 'format',
    force: lower.includes('-force'),
    interactive: !lower.includes('-noninteractive'),
    ...(at < 0 ? {} : { clusterId }),
  };
}

/** Resolves with the exit code; undefined: the NameNode is to be started. */
export async function nameNodeOption(args: readonly string[], context: RoleContext): Promise<number | undefined> {
  const action = nameNodeAction(args);
  switch (action.type) {
    case 'regular':
      return undefined;
    case 'generateClusterId': {
      const host = hostFor(context, 'namenode');
      host.log.info(`Generated new cluster id: ${newClusterId(host)}`);
      return 0;
    }
    case 'unreadable':
      if (action.why !== undefined) notice(action.why);
      notice(`${NAMENODE_USAGE}\n`);
      return UNREADABLE;
    case 'badArgument':
      print(BOOTSTRAP_USAGE);
      notice(`Illegal argument: ${action.word}`);
      return BAD_ARGUMENT;
    default:
  }
  const conf = await hadoopConfiguration(context);
  const { nameserviceId, nameNodeId } = await ownNameNode(context, conf);
  const config = nameNodeConfigFrom(conf, {
    nameserviceId,
    nameNodeId,
    user: userName(),
    ...(context.address === undefined ? {} : { address: context.address }),
  });
  const host = hostFor(context, nameNodeId);
  const options = {
    ...action,
    print: notice,
    confirm: (question: string) => confirm(question.replace(/ \(Y or N\) *$/, '')),
  };
  const { exitCode } =
    action.type === 'format'
      ? await formatNameNode(host, config, options)
      : action.type === 'bootstrapStandby'
        ? await bootstrapStandby(host, config, options)
        : await initializeSharedEdits(host, config, options);
  return exitCode;
}
