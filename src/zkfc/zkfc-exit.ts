/** How a ZKFC's start, and `hdfs zkfc -formatZK`, fail: codes and words. Mirrors ZKFailoverController. */
import { LabError } from '../base/errors.js';
import type { ZkfcConfig } from './config.js';

/** The exit codes; a start-up that failed has it in `data.exitCode`, and no code there means 1. */
export const ZkfcExit = {
  FORMAT_DENIED: 2,
  NO_PARENT_ZNODE: 3,
  NO_FENCER: 4,
  AUTO_FAILOVER_NOT_ENABLED: 5,
  NO_ZK: 6,
} as const;

/** What `ConnectionLoss` at the start means. */
export function noZooKeeper(config: ZkfcConfig, cause: unknown): LabError {
  return new LabError(
    'NO_ZOOKEEPER',
    `Unable to start failover controller. Unable to connect to ZooKeeper quorum at ${config.quorum ?? ''}. ` +
      'Please check the configured value for ha.zookeeper.quorum and ensure that ZooKeeper is running.',
    {
      remedy: 'start ZooKeeper (zkServer.sh start) on a majority of its servers',
      data: { exitCode: ZkfcExit.NO_ZK },
      cause,
    },
  );
}
