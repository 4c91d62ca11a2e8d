/**
 * A ZKFC's start: what must be configured, and how the start fails. The ZKFC itself is zk-failover-controller-shell.ts.
 * Mirrors org.apache.hadoop.ha.ZKFailoverController.run and org.apache.hadoop.hdfs.tools.DFSZKFailoverController of
 * 3.3.6, exit codes and messages included.
 */
import { LabError } from '../base/errors.js';
import type { Host } from '../host/host.js';
import type { RunningRole } from '../host/role.js';
import { parseConnectString } from '../zookeeper/client/connect-string.js';
import type { ZkfcConfig } from './config.js';
import type { ElectorConfig } from './elector-shell.js';
import { targetText } from './target-text.js';
import { ZKFailoverControllerShell } from './zk-failover-controller-shell.js';
import { parseAcls, parseAuths, resolveIndirection } from './zookeeper-security.js';
import { ZkfcExit } from './zkfc-exit.js';

/**
 * Resolves once ZooKeeper was reached and ZKFCProtocol is served; the election follows by itself. Rejects LabError with
 * `data.exitCode`: `AUTO_FAILOVER_NOT_ENABLED` 5, `NO_ZOOKEEPER` 6, `NO_PARENT_ZNODE` 3, `NO_FENCER` 4; other faults (a
 * port in use, a bad value) as they are. A fatal error later ends the process through `host.exit(1)`.
 */
export async function startZkfc(host: Host, config: ZkfcConfig): Promise<RunningRole> {
  const text = await targetText(host, config.local);
  host.log.info(`Failover controller configured for NameNode ${text}`);
  checkAutoFailover(config, text);
  const electorConfig = await electorConfigFrom(host, config);
  const controller = new ZKFailoverControllerShell(host, config, electorConfig, text);
  await controller.start();
  return controller;
}

/** Throws LabError `AUTO_FAILOVER_NOT_ENABLED`. */
export function checkAutoFailover(config: ZkfcConfig, text: string): void {
  if (config.local.autoFailoverEnabled) return;
  throw new LabError(
    'AUTO_FAILOVER_NOT_ENABLED',
    `Automatic failover is not enabled for ${text}. Please ensure that automatic failover is enabled in the ` +
      `configuration before running the ZK failover controller.`,
    {
      remedy: 'set dfs.ha.automatic-failover.enabled to true in hdfs-site.xml',
      data: { exitCode: ZkfcExit.AUTO_FAILOVER_NOT_ENABLED },
    },
  );
}

/** Rejects LabError `BAD_CONFIG` for a quorum, an ACL or credentials that cannot be used. */
export async function electorConfigFrom(host: Host, config: ZkfcConfig): Promise<ElectorConfig> {
  if (config.quorum === undefined) {
    throw new LabError('BAD_CONFIG', "Missing required configuration 'ha.zookeeper.quorum' for ZooKeeper quorum", {
      remedy: 'set ha.zookeeper.quorum in core-site.xml, for example m1:2181,m2:2181,m3:2181',
    });
  }
  try {
    parseConnectString(config.quorum);
  } catch (error) {
    throw new LabError('BAD_CONFIG', `ha.zookeeper.quorum: ${(error as Error).message}`, {
      remedy: 'for example m1:2181,m2:2181,m3:2181',
      cause: error,
    });
  }
  const acl = await resolveIndirection(host, 'ha.zookeeper.acl', config.zookeeperAcl);
  const auth = await resolveIndirection(host, 'ha.zookeeper.auth', config.zookeeperAuth);
  return {
    connectString: config.quorum,
    sessionTimeoutMs: config.sessionTimeoutMs,
    parentZnode: config.parentZnode,
    acl: parseAcls(acl ?? ''),
    auth: parseAuths(auth),
    retries: config.zookeeperRetries,
    nameNode: config.local.nameNodeId,
  };
}
