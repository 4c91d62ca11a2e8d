/** `setquota`: limits the nodes or bytes below a node. Mirrors org.apache.zookeeper.cli.SetQuotaCommand. */
import { hasCode } from '../../base/errors.js';
import type { ZooKeeperClient } from '../../zookeeper/client/client.js';
import { QUOTA_PATH, formatStats, parseStats } from '../../zookeeper/tree/quota.js';
import { CliFailure, wrongUsage, type CliCommand, type CliContext } from './command.js';
import { parseInt64, parseOptions } from './options.js';
import { LIMITS, LIMITS_NODE, LIMIT_OPTIONS, limitedBy, limitsPath, quotaPath, statsPath } from './quota.js';
import type { LimitOption } from './quota.js';
import { childOf, visitSubtree } from './subtree.js';

const GROUP = LIMIT_OPTIONS.map((option) => `-${option} ${LIMITS[option].name}`).join(', ');

export const setQuota: CliCommand = {
  name: 'setquota',
  options: '-n|-b|-N|-B val path',
  async run(context, args) {
    const { client, error } = context;
    const options = parseOptions(
      { valued: LIMIT_OPTIONS, oneOf: { names: LIMIT_OPTIONS, required: `[${GROUP}]` } },
      args,
    );
    const [path] = options.words;
    if (path === undefined) throw wrongUsage(setQuota);
    if (path.startsWith(QUOTA_PATH)) {
      error(`cannot set a quota under the path: ${QUOTA_PATH}`);
      return;
    }
    const option = LIMIT_OPTIONS.find((name) => options.has(name))!;
    const limit = limitOf(context, option, options.value(option)!);
    if (limit === undefined) return;
    if ((await client.exists(path)) === undefined) throw new CliFailure(`${path} does not exist.`);
    await refuseBelow(client, path);
    await refuseAbove(client, path);
    await makeParents(client, path);

    const key = LIMITS[option].key;
    const isNew = (await client.exists(limitsPath(path))) === undefined;
    const limits = isNew
      ? new Map<string, number>(LIMIT_OPTIONS.map((name) => [LIMITS[name].key, -1]))
      : parseStats((await client.getData(limitsPath(path))).data);
    limits.set(key, limit);
    if (isNew) {
      await client.create(limitsPath(path), formatStats(limits));
      await client.create(
        statsPath(path),
        formatStats(
          new Map([
            ['count', 0],
            ['bytes', 0],
          ]),
        ),
      );
    }
    warnOfUse(context, limits, parseStats((await client.getData(statsPath(path))).data));
    if (!isNew) await client.setData(limitsPath(path), formatStats(limits));
  },
};

/** Undefined, with the reason told: no such limit. */
function limitOf({ error }: CliContext, option: LimitOption, text: string): number | undefined {
  const value = parseInt64(text);
  const ofNodes = option === 'n' || option === 'N';
  if (value === undefined || (ofNodes && BigInt.asIntN(32, value) !== value)) {
    error('NumberFormatException happens when parsing the option value');
    return undefined;
  }
  if (value < (ofNodes ? 1n : 0n)) {
    error(
      ofNodes ? 'the num quota must be greater than zero' : 'the bytes quota must be greater than or equal to zero',
    );
    return undefined;
  }
  return Number(value);
}

async function refuseBelow(client: ZooKeeperClient, path: string): Promise<void> {
  try {
    await visitSubtree(client, quotaPath(path), async (node) => {
      if (node === quotaPath(path)) return;
      if ((await client.getChildren(node)).children.includes(LIMITS_NODE))
        throw new CliFailure(`${path} has a child ${limitedBy(node)} which has a quota`);
    });
  } catch (error) {
    if (!hasCode(error, 'NoNode')) throw error;
  }
}

async function refuseAbove(client: ZooKeeperClient, path: string): Promise<void> {
  let at = QUOTA_PATH;
  for (const name of path.split('/').slice(1, -1)) {
    at = childOf(at, name);
    try {
      if ((await client.getChildren(at)).children.includes(LIMITS_NODE))
        throw new CliFailure(`${path} has a parent ${limitedBy(at)} which has a quota`);
    } catch (error) {
      if (hasCode(error, 'NoNode')) return;
      throw error;
    }
  }
}

async function makeParents(client: ZooKeeperClient, path: string): Promise<void> {
  let at = QUOTA_PATH;
  for (const name of path.split('/').slice(1)) {
    at = childOf(at, name);
    await client.create(at, null).catch((error: unknown) => {
      if (!hasCode(error, 'NodeExists')) throw error;
    });
  }
}

function warnOfUse({ out }: CliContext, limits: ReadonlyMap<string, number>, used: ReadonlyMap<string, number>): void {
  const over = (key: string, use: number): boolean => (limits.get(key) ?? -1) > -1 && limits.get(key)! < use;
  const count = used.get('count') ?? -1;
  const bytes = used.get('bytes') ?? -1;
  if (over('count', count) || over('countHardLimit', count))
    out(`[Warning]: the count quota you create is less than the existing count:${count}`);
  if (over('bytes', bytes) || over('byteHardLimit', bytes))
    out(`[Warning]: the bytes quota you create is less than the existing bytes:${bytes}`);
}
