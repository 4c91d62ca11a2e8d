/**
 * `hdfs zkfc -formatZK`: makes the node below which the election takes place, with the configured ACLs; what is there
 * already goes, after a question. Mirrors ZKFailoverController.formatZK and ActiveStandbyElector.ensureParentZNode and
 * clearParentZNode.
 */
import { LabError, hasCode, messageOf } from '../base/errors.js';
import type { Host } from '../host/host.js';
import type { Acl } from '../wire/zookeeper/data/acl.js';
import { ZooKeeperClient } from '../zookeeper/client/client.js';
import type { ZkfcConfig } from './config.js';
import { retryingOnLoss } from './retrying.js';
import { targetText } from './target-text.js';
import { ZkfcExit, noZooKeeper } from './zkfc-exit.js';
import { checkAutoFailover, electorConfigFrom } from './zkfc.js';

export interface FormatZkOptions {
  /** Clear without asking. */
  readonly force: boolean;
  /** Never ask: refuse if there is something to clear, unless `force`. */
  readonly nonInteractive: boolean;
  /** Shows the warning on stderr and asks the question (`... (Y or N) `) there; true for yes. */
  readonly confirm: (warning: string, question: string) => Promise<boolean>;
}

/** Hadoop's usage text of `hdfs zkfc`. */
export const ZKFC_USAGE =
  'Usage: hdfs zkfc [ -formatZK [-force] [-nonInteractive] ]\n' +
  '\t-force: formats the znode if the znode exists.\n' +
  '\t-nonInteractive: formats the znode aborts if the znode exists,\n' +
  '\tunless -force option is specified.';

/**
 * Resolves with the exit code: 0, 1 (could not be cleared) or 2 (there is something, and it may not go). Rejects
 * LabError with `data.exitCode` as startZkfc does.
 */
export async function formatZk(host: Host, config: ZkfcConfig, options: FormatZkOptions): Promise<number> {
  const text = await targetText(host, config.local);
  host.log.info(`Failover controller configured for NameNode ${text}`);
  checkAutoFailover(config, text);
  const { connectString, sessionTimeoutMs, acl, auth, retries } = await electorConfigFrom(host, config);
  const client = new ZooKeeperClient(host, { connectString, sessionTimeoutMs, auth });
  try {
    await client.connected(sessionTimeoutMs).catch((error: unknown) => {
      throw noZooKeeper(config, error);
    });
    const parent = config.parentZnode;
    if (await retryingOnLoss(retries, () => client.exists(parent).then((stat) => stat !== undefined))) {
      if (
        !options.force &&
        (options.nonInteractive || !(await options.confirm(warning(parent), `Proceed formatting ${parent}?`)))
      ) {
        return ZkfcExit.FORMAT_DENIED;
      }
      host.log.info(`Recursively deleting ${parent} from ZK...`);
      try {
        await retryingOnLoss(retries, () => client.deleteRecursive(parent));
      } catch (error) {
        host.log.error(`Unable to clear zk parent znode: Couldn't clear parent znode ${parent}: ${messageOf(error)}`);
        return 1;
      }
      host.log.info(`Successfully deleted ${parent} from ZK.`);
    }
    await ensureParent(client, parent, acl, retries);
    host.log.info(`Successfully created ${parent} in ZK.`);
    return 0;
  } finally {
    await client.close();
  }
}

async function ensureParent(
  client: ZooKeeperClient,
  parent: string,
  acl: readonly Acl[],
  retries: number,
): Promise<void> {
  let path = '';
  for (const name of parent.split('/').slice(1)) {
    path = `${path}/${name}`;
    try {
      await retryingOnLoss(retries, () => client.create(path, Buffer.alloc(0), { acl }));
    } catch (error) {
      if (!hasCode(error, 'NodeExists')) throw failed(`Couldn't create ${path}`, error);
      await setAcl(client, path, acl, retries).catch((cause: unknown) => {
        throw failed(`Couldn't set ACLs on parent ZNode: ${path}`, cause);
      });
    }
  }
}

/** Only where they differ; somebody else's change in between is looked at anew. */
async function setAcl(client: ZooKeeperClient, path: string, acl: readonly Acl[], retries: number): Promise<void> {
  await retryingOnLoss(
    retries,
    async () => {
      const { acl: present, stat } = await client.getAcl(path);
      if (!sameAcls(present, acl)) await client.setAcl(path, acl, stat.aversion);
    },
    'BadVersion',
  );
}

function sameAcls(a: readonly Acl[], b: readonly Acl[]): boolean {
  const within = (one: readonly Acl[], other: readonly Acl[]): boolean =>
    one.every((x) => other.some((y) => x.perms === y.perms && x.id.scheme === y.id.scheme && x.id.id === y.id.id));
  return within(a, b) && within(b, a);
}

function warning(parent: string): string {
  return (
    '===============================================\n' +
    `The configured parent znode ${parent} already exists.\n` +
    'Are you sure you want to clear all failover information from\n' +
    'ZooKeeper?\n' +
    'WARNING: Before proceeding, ensure that all HDFS services and\n' +
    'failover controllers are stopped!\n' +
    '==============================================='
  );
}

function failed(what: string, cause: unknown): LabError {
  return new LabError('ZOOKEEPER_FAILED', `${what}: ${messageOf(cause)}`, {
    ...(hasCode(cause, 'NoAuth')
      ? { remedy: 'ha.zookeeper.auth must say who we are, and ha.zookeeper.acl must let that one in' }
      : {}),
    cause,
  });
}
