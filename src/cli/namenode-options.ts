/**
 * `hdfs namenode -format | -bootstrapStandby | -initializeSharedEdits`: what is done once, with the options of Hadoop's
 * NameNode.
 */
import { confirm } from './hdfs-confirm.js';
import { hadoopConfiguration, hostFor, ownNameNode, roleContext, userName } from './role-context.js';
import { notice } from './terminal.js';

const USAGE = `Usage: hdfs namenode [-format [-clusterid cid ] [-force] [-nonInteractive] ] |
	[-initializeSharedEdits [-force] [-nonInteractive] ] |
	[-bootstrapStandby [-force] [-nonInteractive] [-skipSharedEditsCheck] ]`;

/** Resolves with the exit code. */
export async function nameNodeOption(args: readonly string[]): Promise<number> {
  const [option = '', ...rest] = args;
  const known: Readonly<Record<string, readonly string[]>> = {
    '-format': ['-clusterid', '-force', '-noninteractive'],
    '-bootstrapstandby': ['-force', '-noninteractive', '-skipsharededitscheck'],
    '-initializesharededits': ['-force', '-noninteractive'],
  };
  const allowed = known[option.toLowerCase()];
  const flags = new Set<string>();
  let clusterId: string | undefined;
  let wrong = allowed === undefined;
  for (let index = 0; index < rest.length && !wrong; index++) {
    const flag = rest[index]!.toLowerCase();
    wrong = !allowed!.includes(flag);
    if (flag === '-clusterid') {
      clusterId = rest[++index];
      wrong = clusterId === undefined || clusterId === '' || clusterId.startsWith('-');
    }
    flags.add(flag);
  }
  if (wrong) {
    notice(USAGE);
    return option === '-h' || option === '-help' ? 0 : 255;
  }
  const context = roleContext();
  const conf = await hadoopConfiguration(context);
  const { nameserviceId, nameNodeId } = await ownNameNode(context, conf);
  const [{ nameNodeConfigFrom }, { bootstrapStandby, formatNameNode, initializeSharedEdits }] = await Promise.all([
    import('../namenode/config.js'),
    import('../namenode/name-node.js'),
  ]);
  const config = nameNodeConfigFrom(conf, {
    nameserviceId,
    nameNodeId,
    user: userName(),
    ...(context.address === undefined ? {} : { address: context.address }),
  });
  const host = hostFor(context, nameNodeId);
  const options = {
    force: flags.has('-force'),
    interactive: !flags.has('-noninteractive'),
    print: notice,
    confirm: (question: string) => confirm(question.replace(/ \(Y or N\) *$/, '')),
  };
  const { exitCode } =
    option.toLowerCase() === '-format'
      ? await formatNameNode(host, config, { ...options, ...(clusterId === undefined ? {} : { clusterId }) })
      : option.toLowerCase() === '-bootstrapstandby'
        ? await bootstrapStandby(host, config, { ...options, skipSharedEditsCheck: flags.has('-skipsharededitscheck') })
        : await initializeSharedEdits(host, config, options);
  return exitCode;
}
