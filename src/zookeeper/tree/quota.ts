/**
 * Quotas: `/zookeeper/quota/<path>/zookeeper_limits`, set by a client, makes the servers keep `zookeeper_stats` beside
 * it, with the count and bytes of the subtree; where quotas are enforced, hard limits refuse what would exceed them.
 * Only the nearest quota above a path counts. Mirrors org.apache.zookeeper.Quotas, StatsTrack,
 * ZooKeeperServer.checkQuota and the quota parts of DataTree.
 */
import { LabError } from '../../base/errors.js';
import type { DataNode } from './data-node.js';

export const QUOTA_PATH = '/zookeeper/quota';
const LIMITS = 'zookeeper_limits';
const STATS = 'zookeeper_stats';

/** `/zookeeper/quota/a/b/zookeeper_limits` -> `/a/b`; undefined for every other path. */
function limitedPathOf(path: string): string | undefined {
  if (!path.startsWith(`${QUOTA_PATH}/`) || !path.endsWith(`/${LIMITS}`)) return undefined;
  const limited = path.slice(QUOTA_PATH.length, path.length - LIMITS.length - 1);
  return limited === '' ? undefined : limited;
}

/** The same for the statistics node. */
function trackedPathOf(path: string): string | undefined {
  if (!path.startsWith(`${QUOTA_PATH}/`) || !path.endsWith(`/${STATS}`)) return undefined;
  const tracked = path.slice(QUOTA_PATH.length, path.length - STATS.length - 1);
  return tracked === '' ? undefined : tracked;
}

function statsPathOf(path: string): string {
  return `${QUOTA_PATH}${path}/${STATS}`;
}

/** A limit that a change would exceed. */
export interface QuotaExcess {
  readonly hard: boolean;
  readonly message: string;
}

export class Quotas {
  readonly #nodes: ReadonlyMap<string, DataNode>;
  readonly #replace: (node: DataNode, data: Buffer) => void;
  /** Paths under a quota. */
  readonly #limited = new Set<string>();

  /** `replace` puts data into a statistics node; below /zookeeper no digest is kept, so nothing else is to be done. */
  constructor(nodes: ReadonlyMap<string, DataNode>, replace: (node: DataNode, data: Buffer) => void) {
    this.#nodes = nodes;
    this.#replace = replace;
  }

  clear(): void {
    this.#limited.clear();
  }

  /** Finds the quotas of a tree that was restored, and counts anew. */
  restore(): void {
    for (const path of this.#nodes.keys()) {
      const limited = limitedPathOf(path);
      if (limited === undefined) continue;
      this.#limited.add(limited);
      this.#recount(limited);
    }
  }

  created(path: string, data: Buffer | null): void {
    if (path.startsWith(QUOTA_PATH)) {
      const limited = limitedPathOf(path);
      if (limited !== undefined) this.#limited.add(limited);
      const tracked = trackedPathOf(path);
      if (tracked !== undefined) this.#recount(tracked);
    }
    this.changed(path, data?.length ?? 0, 1);
  }

  deleted(path: string, data: Buffer | null): void {
    if (path.startsWith(QUOTA_PATH)) {
      const limited = limitedPathOf(path);
      if (limited !== undefined) this.#limited.delete(limited);
    }
    this.changed(path, -(data?.length ?? 0), -1);
  }

  changed(path: string, bytes: number, count: number): void {
    const governing = this.#governing(path);
    if (governing === undefined) return;
    const node = this.#nodes.get(statsPathOf(governing));
    if (node === undefined) return;
    const stats = parseStats(node.data);
    stats.set('count', valueOf(stats, 'count') + count);
    stats.set('bytes', valueOf(stats, 'bytes') + bytes);
    this.#replace(node, formatStats(stats));
  }

  /**
   * What a change would exceed, count before bytes and none behind a hard limit. As Apache's, it compares with what is
   * applied: changes on their way, and earlier parts of the same multi, do not count yet. Throws LabError MALFORMED if
   * a client has written something else than limits.
   */
  exceededBy(path: string, bytes: number, count: number): readonly QuotaExcess[] {
    const governing = this.#governing(path);
    if (governing === undefined) return [];
    const limitsNode = this.#nodes.get(`${QUOTA_PATH}${governing}/${LIMITS}`);
    const statsNode = this.#nodes.get(statsPathOf(governing));
    if (limitsNode === undefined || statsNode === undefined) return [];
    const limits = wellFormed(limitsNode);
    const stats = wellFormed(statsNode);
    const found: QuotaExcess[] = [];
    for (const [name, change, soft, hard] of [
      ['count', count, 'count', 'countHardLimit'],
      ['bytes', bytes, 'bytes', 'byteHardLimit'],
    ] as const) {
      const isHard = valueOf(limits, hard) > -1;
      const limit = isHard ? valueOf(limits, hard) : valueOf(limits, soft);
      const next = valueOf(stats, name) + change;
      if (change === 0 || limit < 0 || next <= limit) continue;
      const kind = isHard ? 'hard' : 'soft';
      found.push({ hard: isHard, message: `quota of ${governing} exceeded: ${name} ${next}, ${kind} limit ${limit}` });
      if (isHard) break;
    }
    return found;
  }

  /** The longest path with a quota that is `path` or an ancestor of it. */
  #governing(path: string): string | undefined {
    if (this.#limited.size === 0) return undefined;
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) if (this.#limited.has(at)) return at;
    return undefined;
  }

  #recount(path: string): void {
    const node = this.#nodes.get(statsPathOf(path));
    if (node === undefined) return;
    let count = 0;
    let bytes = 0;
    for (const [other, { data }] of this.#nodes) {
      if (other !== path && !other.startsWith(`${path}/`)) continue;
      count++;
      bytes += data?.length ?? 0;
    }
    this.#replace(node, formatStats(new Map(Object.entries({ count, bytes }))));
  }
}

function wellFormed({ data }: DataNode): ReadonlyMap<string, number> {
  const text = (data ?? Buffer.alloc(0)).toString('utf8');
  if (text !== '' && !/^[^=,;]+=-?\d+(=?[,;]+[^=,;]+=-?\d+)*=?[,;]*$/.test(text))
    throw new LabError('MALFORMED', `malformed quota: ${JSON.stringify(text.slice(0, 100))}`);
  return parseStats(data);
}

function valueOf(stats: ReadonlyMap<string, number>, key: string): number {
  return stats.get(key) ?? -1;
}

/** Content of a statistics node: `count=2,bytes=10` and, kept as they are, other pairs. */
export function parseStats(data: Buffer | null): Map<string, number> {
  const stats = new Map<string, number>();
  for (const pair of (data ?? Buffer.alloc(0)).toString('utf8').split(/[,;]+/)) {
    const [key, value] = pair.split('=');
    if (key !== undefined && key !== '' && value !== undefined) stats.set(key, value === '' ? -1 : Number(value) || 0);
  }
  return stats;
}

export function formatStats(stats: ReadonlyMap<string, number>): Buffer {
  const first = `count=${valueOf(stats, 'count')},bytes=${valueOf(stats, 'bytes')}`;
  const others = [...stats.keys()].filter((key) => key !== 'count' && key !== 'bytes').sort();
  // The lone = keeps old readers from stumbling over what follows.
  const rest = others.map((key) => `;${key}=${stats.get(key)}`).join('');
  return Buffer.from(rest === '' ? first : `${first}=${rest}`);
}
