/**
 * Quotas as far as clients notice: `/zookeeper/quota/<path>/zookeeper_limits` set by a client makes the servers keep
 * `zookeeper_stats` beside it, with the count and bytes of the subtree. Limits are not enforced (zookeeper.enforceQuota
 * is false by default). Mirrors org.apache.zookeeper.Quotas, StatsTrack and the quota parts of DataTree.
 */
export const QUOTA_PATH = '/zookeeper/quota';
const LIMITS = 'zookeeper_limits';
const STATS = 'zookeeper_stats';

/** `/zookeeper/quota/a/b/zookeeper_limits` -> `/a/b`; undefined for every other path. */
export function limitedPathOf(path: string): string | undefined {
  if (!path.startsWith(`${QUOTA_PATH}/`) || !path.endsWith(`/${LIMITS}`)) return undefined;
  const limited = path.slice(QUOTA_PATH.length, path.length - LIMITS.length - 1);
  return limited === '' ? undefined : limited;
}

/** The same for the statistics node. */
export function trackedPathOf(path: string): string | undefined {
  if (!path.startsWith(`${QUOTA_PATH}/`) || !path.endsWith(`/${STATS}`)) return undefined;
  const tracked = path.slice(QUOTA_PATH.length, path.length - STATS.length - 1);
  return tracked === '' ? undefined : tracked;
}

export function statsPathOf(path: string): string {
  return `${QUOTA_PATH}${path}/${STATS}`;
}

/** The longest of `limited` that is `path` or an ancestor of it. */
export function governingPath(limited: ReadonlySet<string>, path: string): string | undefined {
  let at = path;
  while (at !== '') {
    if (limited.has(at)) return at;
    at = at.slice(0, at.lastIndexOf('/'));
  }
  return undefined;
}

/** Content of a statistics node: `count=2,bytes=10` and, kept as they are, other pairs. */
export function parseStats(data: Buffer | null): Map<string, number> {
  const stats = new Map<string, number>();
  for (const pair of (data ?? Buffer.alloc(0)).toString('utf8').split(/[,;]+/)) {
    const [key, value] = pair.split('=');
    if (key !== undefined && key !== '' && value !== undefined) stats.set(key, Number(value) || 0);
  }
  return stats;
}

export function formatStats(stats: ReadonlyMap<string, number>): Buffer {
  const first = `count=${stats.get('count') ?? -1},bytes=${stats.get('bytes') ?? -1}`;
  const others = [...stats.keys()].filter((key) => key !== 'count' && key !== 'bytes').sort();
  // The lone = keeps old readers from stumbling over what follows.
  const rest = others.map((key) => `;${key}=${stats.get(key)}`).join('');
  return Buffer.from(rest === '' ? first : `${first}=${rest}`);
}
