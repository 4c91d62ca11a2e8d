/** `create`: makes a node. Mirrors org.apache.zookeeper.cli.CreateCommand. */
import { hasCode } from '../../base/errors.js';
import { CreateMode } from '../../wire/zookeeper/client/modes.js';
import { validatePath } from '../../zookeeper/client/path.js';
import { parseAcl, refuseEmptyAcl } from './acl-text.js';
import { CliFailure, wrongUsage, type CliCommand } from './command.js';
import { parseInt64, parseOptions, type ParsedOptions } from './options.js';

/** Five bytes of a node's ephemeralOwner hold its time to live, in milliseconds. */
const MAX_TTL_MS = 0xff_ffff_ffffn;

export const create: CliCommand = {
  name: 'create',
  options: '[-s] [-e] [-c] [-t ttl] path [data] [acl]',
  async run(context, args) {
    const options = parseOptions({ flags: 'esc', valued: ['t'] }, args);
    const [path, data, aclText] = options.words;
    if (path === undefined) throw wrongUsage(create);
    const ttlMs = ttlOf(options);
    const mode = modeOf(options);
    const acl = aclText === undefined ? undefined : parseAcl(context, aclText);
    validatePath(path, options.has('s'));
    try {
      if (acl !== undefined) refuseEmptyAcl(acl);
      const made = await context.client.create(path, data === undefined ? null : Buffer.from(data), {
        mode,
        ...(acl === undefined ? {} : { acl }),
        ...(ttlMs === undefined ? {} : { ttlMs }),
      });
      context.error(`Created ${made}`);
    } catch (error) {
      if (hasCode(error, 'InvalidACL')) context.error(error.message);
      if (hasCode(error, 'EphemeralOnLocalSession'))
        context.error('Unable to create ephemeral node on a local session');
      throw error;
    }
  },
};

function ttlOf(options: ParsedOptions): bigint | undefined {
  if (options.has('c') && (options.has('e') || options.has('s')))
    throw new CliFailure('-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.');
  const text = options.value('t');
  if (text === undefined) return undefined;
  const ttl = parseInt64(text);
  if (ttl === undefined) throw new CliFailure('-t argument must be a long value');
  if (options.has('e')) throw new CliFailure('TTLs cannot be used with Ephemeral znodes');
  if (options.has('c')) throw new CliFailure('TTLs cannot be used with Container znodes');
  if (ttl <= 0n || ttl > MAX_TTL_MS)
    throw new CliFailure(`ttl must be positive and cannot be larger than: ${MAX_TTL_MS}`);
  return ttl;
}

function modeOf(options: ParsedOptions): CreateMode {
  const sequential = options.has('s');
  if (options.has('e')) return sequential ? CreateMode.EPHEMERAL_SEQUENTIAL : CreateMode.EPHEMERAL;
  if (options.has('c')) return CreateMode.CONTAINER;
  if (options.has('t')) return sequential ? CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL : CreateMode.PERSISTENT_WITH_TTL;
  return sequential ? CreateMode.PERSISTENT_SEQUENTIAL : CreateMode.PERSISTENT;
}
