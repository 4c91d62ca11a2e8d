/**
 * The commands of zkCli.sh as a table: each with its usage line and what it prints, as org.apache.zookeeper.cli has
 * them.
 */
import { LabError, messageOf } from '../base/errors.js';
import { CreateMode } from '../wire/zookeeper/client/modes.js';
import { Perms, type Acl } from '../wire/zookeeper/data/acl.js';
import type { Stat } from '../wire/zookeeper/data/stat.js';
import type { ZooKeeperClient } from '../zookeeper/client/client.js';
import type { Watcher } from '../zookeeper/client/watches.js';
import { javaDate } from './java-date.js';

export interface CliContext {
  readonly client: ZooKeeperClient;
  readonly server: string;
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
  readonly watcher: Watcher;
}

export interface CliCommand {
  readonly usage: string;
  run(context: CliContext, args: readonly string[]): Promise<void>;
}

/** The command was not written as its usage says. */
class WrongUsage extends Error {}

interface Parsed {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly words: readonly string[];
}

/** `flags` stand alone, `valued` take the next word; the rest are words, at least `least`. */
function parse(args: readonly string[], flags: string, valued: string, least: number): Parsed {
  const found = new Set<string>();
  const values = new Map<string, string>();
  const words: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    const letter = /^-([a-zA-Z])$/.exec(arg)?.[1];
    if (letter !== undefined && valued.includes(letter)) {
      const value = args[++index];
      if (value === undefined) throw new WrongUsage();
      values.set(letter, value);
    } else if (letter !== undefined && flags.includes(letter)) {
      found.add(letter);
    } else if (arg.startsWith('-') && arg.length > 1 && !/^-\d/.test(arg)) {
      throw new WrongUsage();
    } else {
      words.push(arg);
    }
  }
  if (words.length < least) throw new WrongUsage();
  return { flags: found, values, words };
}

export const CLI_COMMANDS: Readonly<Record<string, CliCommand>> = {
  ls: {
    usage: 'ls [-s] [-w] [-R] path',
    async run({ client, out, watcher }, args) {
      const { flags, words } = parse(args, 'swR', '', 1);
      const path = words[0]!;
      if (flags.has('R')) {
        const visit = async (at: string): Promise<void> => {
          out(at);
          for (const child of [...(await client.getChildren(at)).children].sort())
            await visit(at === '/' ? `/${child}` : `${at}/${child}`);
        };
        await visit(path);
        return;
      }
      const { children, stat } = await client.getChildren(path, flags.has('w') ? watcher : undefined);
      out(`[${[...children].sort().join(', ')}]`);
      if (flags.has('s')) for (const line of statLines(stat)) out(line);
    },
  },
  get: {
    usage: 'get [-s] [-w] path',
    async run({ client, out, watcher }, args) {
      const { flags, words } = parse(args, 'sw', '', 1);
      const { data, stat } = await client.getData(words[0]!, flags.has('w') ? watcher : undefined);
      out(data === null ? 'null' : data.toString('utf8'));
      if (flags.has('s')) for (const line of statLines(stat)) out(line);
    },
  },
  stat: {
    usage: 'stat [-w] path',
    async run({ client, out, watcher }, args) {
      const { flags, words } = parse(args, 'w', '', 1);
      const stat = await client.exists(words[0]!, flags.has('w') ? watcher : undefined);
      if (stat === undefined) throw new LabError('NoNode', '', { data: { path: words[0]! } });
      for (const line of statLines(stat)) out(line);
    },
  },
  create: {
    usage: 'create [-s] [-e] [-c] [-t ttl] path [data] [acl]',
    async run({ client, error }, args) {
      const { flags, values, words } = parse(args, 'sec', 't', 1);
      const ttl = values.get('t');
      if (
        (flags.has('c') && (flags.has('e') || flags.has('s'))) ||
        (ttl !== undefined && (flags.has('e') || flags.has('c')))
      )
        throw new WrongUsage();
      const sequential = flags.has('s');
      const mode = flags.has('c')
        ? CreateMode.CONTAINER
        : ttl !== undefined
          ? sequential
            ? CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL
            : CreateMode.PERSISTENT_WITH_TTL
          : flags.has('e')
            ? sequential
              ? CreateMode.EPHEMERAL_SEQUENTIAL
              : CreateMode.EPHEMERAL
            : sequential
              ? CreateMode.PERSISTENT_SEQUENTIAL
              : CreateMode.PERSISTENT;
      const [path, data, acl] = words;
      const made = await client.create(path!, data === undefined ? null : Buffer.from(data), {
        mode,
        ...(acl === undefined ? {} : { acl: parseAcl(acl) }),
        ...(ttl === undefined ? {} : { ttlMs: BigInt(ttl) }),
      });
      error(`Created ${made}`);
    },
  },
  set: {
    usage: 'set [-s] [-v version] path data',
    async run({ client, out }, args) {
      const { flags, values, words } = parse(args, 's', 'v', 2);
      const stat = await client.setData(words[0]!, Buffer.from(words[1]!), versionOf(values));
      if (flags.has('s')) for (const line of statLines(stat)) out(line);
    },
  },
  delete: {
    usage: 'delete [-v version] path',
    async run({ client }, args) {
      const { values, words } = parse(args, '', 'v', 1);
      await client.delete(words[0]!, versionOf(values));
    },
  },
  deleteall: {
    usage: 'deleteall path',
    async run({ client }, args) {
      const { words } = parse(args, '', 'b', 1);
      if ((await client.exists(words[0]!)) === undefined)
        throw new LabError('NoNode', '', { data: { path: words[0]! } });
      await client.deleteRecursive(words[0]!);
    },
  },
  getAcl: {
    usage: 'getAcl [-s] path',
    async run({ client, out }, args) {
      const { flags, words } = parse(args, 's', '', 1);
      const { acl, stat } = await client.getAcl(words[0]!);
      for (const { id, perms } of acl) out(`'${id.scheme},'${id.id}\n: ${permissionText(perms)}`);
      if (flags.has('s')) for (const line of statLines(stat)) out(line);
    },
  },
  setAcl: {
    usage: 'setAcl [-s] [-v version] path acl',
    async run({ client, out }, args) {
      const { flags, values, words } = parse(args, 's', 'v', 2);
      const stat = await client.setAcl(words[0]!, parseAcl(words[1]!), versionOf(values));
      if (flags.has('s')) for (const line of statLines(stat)) out(line);
    },
  },
  sync: {
    usage: 'sync path',
    async run({ client, out }, args) {
      const { words } = parse(args, '', '', 1);
      await client.sync(words[0]!);
      out('Sync is OK');
    },
  },
  addauth: {
    usage: 'addauth scheme auth',
    async run({ client }, args) {
      const { words } = parse(args, '', '', 1);
      await client.addAuth(words[0]!, Buffer.from(words[1] ?? ''));
    },
  },
  getAllChildrenNumber: {
    usage: 'getAllChildrenNumber path',
    async run({ client, out }, args) {
      const { words } = parse(args, '', '', 1);
      out(String(await client.getAllChildrenNumber(words[0]!)));
    },
  },
  getEphemerals: {
    usage: 'getEphemerals path',
    async run({ client, out }, args) {
      const { words } = parse(args, '', '', 0);
      out(`[${(await client.getEphemerals(words[0] ?? '/')).join(', ')}]`);
    },
  },
  version: {
    usage: 'version',
    async run({ out }) {
      out("ZooKeeper CLI version: 3.8.4 (the lab's own client)");
    },
  },
  close: { usage: 'close', async run() {} },
  quit: { usage: 'quit', async run() {} },
};

function versionOf(values: ReadonlyMap<string, string>): number {
  const text = values.get('v');
  if (text === undefined) return -1;
  if (!/^-?\d+$/.test(text)) throw new WrongUsage();
  return Number(text);
}

const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;

export function statLines(stat: Stat): readonly string[] {
  return [
    `cZxid = ${hex(stat.czxid)}`,
    `ctime = ${javaDate(Number(stat.ctime))}`,
    `mZxid = ${hex(stat.mzxid)}`,
    `mtime = ${javaDate(Number(stat.mtime))}`,
    `pZxid = ${hex(stat.pzxid)}`,
    `cversion = ${stat.cversion}`,
    `dataVersion = ${stat.version}`,
    `aclVersion = ${stat.aversion}`,
    `ephemeralOwner = ${hex(stat.ephemeralOwner)}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.numChildren}`,
  ];
}

const LETTERS = [
  ['c', Perms.CREATE],
  ['d', Perms.DELETE],
  ['r', Perms.READ],
  ['w', Perms.WRITE],
  ['a', Perms.ADMIN],
] as const;

function permissionText(perms: number): string {
  return LETTERS.filter(([, bit]) => (perms & bit) !== 0)
    .map(([letter]) => letter)
    .join('');
}

/** `scheme:id:perms,…`; the id may hold colons. */
export function parseAcl(text: string): readonly Acl[] {
  return text.split(',').map((entry) => {
    const first = entry.indexOf(':');
    const last = entry.lastIndexOf(':');
    if (first < 0 || first === last) throw new WrongUsage();
    const perms = [...entry.slice(last + 1)].reduce(
      (bits, letter) => bits | (LETTERS.find(([name]) => name === letter)?.[1] ?? 0),
      0,
    );
    return { perms, id: { scheme: entry.slice(0, first), id: entry.slice(first + 1, last) } };
  });
}

/** What ZooKeeper's shell says of a failure. */
export function cliMessage(error: unknown, usage: string): string {
  if (error instanceof WrongUsage) return usage;
  if (!(error instanceof LabError)) return messageOf(error);
  const path = String(error.data['path'] ?? '');
  switch (error.code) {
    case 'NoNode':
      return `Node does not exist: ${path}`;
    case 'NoChildrenForEphemerals':
      return `Ephemerals cannot have children: ${path}`;
    case 'NodeExists':
      return `Node already exists: ${path}`;
    case 'NotEmpty':
      return `Node not empty: ${path}`;
    case 'InvalidACL':
      return `Acl is not valid : ${path}`;
    case 'NoAuth':
      return `Insufficient permission : ${path}`;
    case 'BadArguments':
      return `Arguments are not valid : ${path}`;
    case 'BadVersion':
      return `version No is not valid : ${path}`;
    default:
      return error.message;
  }
}

/** Words of a line; quotes of either kind keep blanks together. */
export function splitLine(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
    (match) => match[1]?.replace(/\\(.)/g, '$1') ?? match[2] ?? match[3]!,
  );
}
