/**
 * The nodes below /zookeeper/quota in which quotas are kept, as the three quota commands use them. Mirrors
 * org.apache.zookeeper.Quotas and StatsTrack; the servers' half is zookeeper/tree/quota.ts.
 */
import { QUOTA_PATH, formatStats, parseStats } from '../../zookeeper/tree/quota.js';

export const LIMITS_NODE = 'zookeeper_limits';
export const STATS_NODE = 'zookeeper_stats';

export const quotaPath = (path: string): string => `${QUOTA_PATH}${path}`;
export const limitsPath = (path: string): string => `${QUOTA_PATH}${path}/${LIMITS_NODE}`;
export const statsPath = (path: string): string => `${QUOTA_PATH}${path}/${STATS_NODE}`;
/** `/zookeeper/quota/a` -> `/a` */
export const limitedBy = (path: string): string => path.slice(QUOTA_PATH.length);

/** The four limits, by the option that sets each. */
export const LIMITS = {
  n: { key: 'count', name: 'num soft quota' },
  b: { key: 'bytes', name: 'bytes soft quota' },
  N: { key: 'countHardLimit', name: 'num hard quota' },
  B: { key: 'byteHardLimit', name: 'bytes hard quota' },
} as const;
export type LimitOption = keyof typeof LIMITS;
export const LIMIT_OPTIONS = Object.keys(LIMITS) as LimitOption[];

export function quotaText(data: Buffer | null): string {
  return formatStats(parseStats(data)).toString('utf8');
}
