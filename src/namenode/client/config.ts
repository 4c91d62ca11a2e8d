/** What a client needs of a Hadoop configuration: dfs.client.failover.*, dfs.client.retry.*, ipc.client.*. */
import type { Configuration } from '../../config/hadoop/contract.js';
import type { ClientOptions } from './failover-proxy-shell.js';

/** `ha`: of a nameservice; a client of one NameNode asks once. Throws LabError BAD_CONFIG naming file and key. */
export function clientOptionsFrom(
  conf: Configuration,
  options: { readonly user: string; readonly ha: boolean },
): ClientOptions {
  const { user, ha } = options;
  return {
    user,
    callTimeoutMs: conf.getInt('ipc.client.rpc-timeout.ms'),
    connectTimeoutMs: conf.getTimeMs('ipc.client.connect.timeout'),
    maxFailovers: ha ? conf.getInt('dfs.client.failover.max.attempts') : 0,
    maxRetries: ha ? conf.getInt('dfs.client.retry.max.attempts') : 0,
    sleepBaseMs: conf.getInt('dfs.client.failover.sleep.base.millis'),
    sleepMaxMs: conf.getInt('dfs.client.failover.sleep.max.millis'),
  };
}
