/**
 * How Hadoop reads a value: integers with binary suffixes, booleans, durations with a unit, comma-separated lists. Each
 * returns undefined for text that is none, so that the caller can say which file and key it stands in.
 */

/** Decimal or 0x hexadecimal; k m g t p e (binary) where the key is a size. */
export function parseInteger(text: string): number | undefined {
  const trimmed = text.trim();
  const hex = /^([+-]?)0x([0-9a-fA-F]+)$/.exec(trimmed);
  const plain = /^([+-]?\d+)([kKmMgGtTpPeE])?$/.exec(trimmed);
  let value: number;
  if (hex !== null) value = Number.parseInt(hex[2]!, 16) * (hex[1] === '-' ? -1 : 1);
  else if (plain !== null)
    value = Number(plain[1]) * (plain[2] === undefined ? 1 : 1024 ** ('kmgtpe'.indexOf(plain[2].toLowerCase()) + 1));
  else return undefined;
  return Number.isSafeInteger(value) ? value : undefined;
}

export function parseBoolean(text: string): boolean | undefined {
  const lower = text.trim().toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds, whole (rounded down, as Hadoop's conversion does). `bareUnit` is the unit of a number without one. */
export function parseTimeMs(text: string, bareUnit: 'ms' | 's' | 'm'): number | undefined {
  const match = /^([+-]?\d+)\s*(ns|us|ms|s|m|h|d)?$/.exec(text.trim().toLowerCase());
  if (match === null) return undefined;
  const ms = Number(match[1]) * UNIT_MS[match[2] ?? bareUnit]!;
  return Math.trunc(ms);
}

export function parseList(text: string): string[] {
  return text
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** Keys whose bare number is not in milliseconds. */
const BARE_SECONDS = new Set([
  'dfs.client.datanode-restart.timeout',
  'dfs.ha.log-roll.period',
  'dfs.ha.tail-edits.period',
  'dfs.ha.tail-edits.period.backoff-max',
  'dfs.ha.tail-edits.rolledits.timeout',
  'dfs.heartbeat.interval',
  'dfs.namenode.checkpoint.check.period',
  'dfs.namenode.checkpoint.period',
  'dfs.namenode.decommission.interval',
  'dfs.namenode.lease-hard-limit-sec',
  'dfs.namenode.path.based.cache.refresh.interval',
  'dfs.namenode.redundancy.interval.seconds',
  'dfs.namenode.reconstruction.pending.timeout-sec',
  'dfs.namenode.startup.delay.block.deletion.sec',
  'dfs.blockreport.initialDelay',
  'hadoop.security.groups.cache.secs',
  'hadoop.security.groups.negative-cache.secs',
  'hadoop.security.groups.shell.command.timeout',
  'dfs.namenode.lazypersist.file.scrub.interval.sec',
  'hadoop.http.authentication.token.validity',
]);
const BARE_MINUTES = new Set(['fs.trash.interval', 'fs.trash.checkpoint.interval']);

export function bareUnitOf(key: string): 'ms' | 's' | 'm' {
  return BARE_SECONDS.has(key) ? 's' : BARE_MINUTES.has(key) ? 'm' : 'ms';
}
