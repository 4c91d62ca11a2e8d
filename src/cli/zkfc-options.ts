/** `hdfs zkfc -formatZK [-force] [-nonInteractive]`: what is done once. Mirrors ZKFailoverController.doRun. */
import { zkfcConfigOn } from '../cluster/election-auth.js';
import { ZKFC_USAGE, formatZk } from '../zkfc/format-zk.js';
import { confirm } from './hdfs-confirm.js';
import { hadoopConfiguration, hostFor, ownNameNode, userName, type RoleContext } from './role-context.js';
import { notice } from './terminal.js';

const BAD_ARGUMENT = 1;

/** Resolves with the exit code. */
export async function zkfcOption(args: readonly string[], context: RoleContext): Promise<number> {
  const [option, ...flags] = args;
  const wrong = option === '-formatZK' ? flags.find((flag) => flag !== '-force' && flag !== '-nonInteractive') : option;
  if (wrong !== undefined) {
    notice(`${ZKFC_USAGE}\n`);
    notice(`Bad argument: ${wrong}`);
    return BAD_ARGUMENT;
  }
  const conf = await hadoopConfiguration(context);
  const { nameserviceId, nameNodeId } = await ownNameNode(context, conf);
  return formatZk(
    hostFor(context, `zkfc-${nameNodeId}`),
    zkfcConfigOn(conf, { nameserviceId, nameNodeId, user: userName() }),
    {
      force: flags.includes('-force'),
      nonInteractive: flags.includes('-nonInteractive'),
      confirm(warning, question) {
        notice(warning);
        return confirm(question);
      },
    },
  );
}
