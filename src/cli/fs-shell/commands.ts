/**
 * What each command does with what its words stand for. Mirrors org.apache.hadoop.fs.shell.{Ls, Mkdir, Touch,
 * MoveCommands, Delete, Test}.
 */
import { hasCode } from '../../base/errors.js';
import { remoteClassName, JavaException } from '../../wire/hadoop/rpc/exceptions.js';
import {
  CommandFault,
  EXISTS,
  IO_ERROR,
  IS_DIRECTORY,
  LineFault,
  MISSING,
  NOT_DIRECTORY,
  NOT_EMPTY,
  PathFault,
} from './fault.js';
import {
  childNamed,
  childrenOf,
  isDirectory,
  parentExists,
  parentOf,
  statusAt,
  wholePath,
  type Item,
} from './items.js';
import { list, listOptions } from './ls.js';

export interface Shell {
  readonly flags: ReadonlySet<string>;
  /** Where `-mv` and its like end; undefined for the others. */
  readonly target: Item | undefined;
  readonly print: (line: string) => void;
  /** Tells what goes wrong, and goes on. */
  readonly trying: (work: () => Promise<void>) => Promise<void>;
  readonly clientName: string;
  readonly replication: number;
  readonly blockSize: bigint;
  readonly umask: number;
  /** `-test`: what the exit code says. */
  answer: boolean;
}

export interface FsCommand {
  /** As the usage shows it. */
  readonly usage: string;
  readonly flags: readonly string[];
  readonly least: number;
  readonly most?: number;
  /** The last word is no argument but where the others go. */
  readonly hasTarget?: true;
  /** Without any word. */
  readonly fallback?: string;
  /** Before the first item. */
  check?(shell: Shell, items: readonly Item[]): Promise<void>;
  run(shell: Shell, item: Item): Promise<void>;
}

export const COMMANDS: Readonly<Record<string, FsCommand>> = {
  ls: {
    usage: '[-C] [-d] [-h] [-q] [-R] [-t] [-S] [-r] [-u] [<path> ...]',
    flags: ['C', 'd', 'h', 'q', 'R', 't', 'S', 'r', 'u'],
    least: 0,
    fallback: '.',
    async run(shell, item) {
      existing(item);
      await list(item, listOptions(shell.flags), shell);
    },
  },
  mkdir: {
    usage: '[-p] <path> ...',
    flags: ['p'],
    least: 1,
    async run({ flags, umask }, item) {
      if (item.status !== undefined) {
        if (!isDirectory(item.status)) throw new PathFault(item.shown, NOT_DIRECTORY);
        if (!flags.has('p')) throw new PathFault(item.shown, EXISTS);
        return;
      }
      if (!flags.has('p')) {
        if (/^[^/]*:\/\/[^/]+$/.test(item.shown)) throw new PathFault(rootless(item.shown), MISSING);
        const parent = parentOf(item.path);
        if ((await statusAt(item.fs, parent)) === undefined) throw new PathFault(`${item.fs.uri}${parent}`, MISSING);
      }
      await item.fs.call('mkdirs', {
        src: item.path,
        masked: { perm: 0o777 & ~umask },
        createParent: true,
        unmasked: { perm: 0o777 },
      });
    },
  },
  touchz: {
    usage: '<path> ...',
    flags: [],
    least: 1,
    async run(shell, item) {
      if (isDirectory(item.status)) throw new PathFault(item.shown, IS_DIRECTORY);
      if (item.status !== undefined && item.status.length > 0n)
        throw new PathFault(item.shown, 'Not a zero-length file');
      if (item.status === undefined && !(await parentExists(item)))
        throw new PathFault(item.shown, MISSING, { whole: wholePath(item) });
      await touch(shell, item);
    },
  },
  mv: {
    usage: '<src> ... <dst>',
    flags: [],
    least: 2,
    hasTarget: true,
    async check({ target }, items) {
      const { status, shown } = target!;
      if (items.length > 1) {
        if (status === undefined) throw new PathFault(shown, MISSING);
        if (!isDirectory(status)) throw new PathFault(shown, NOT_DIRECTORY);
      } else if (status !== undefined) {
        if (!isDirectory(status)) throw new PathFault(shown, EXISTS);
      } else if (!(await parentExists(target!))) {
        throw new PathFault(shown, MISSING, { whole: wholePath(target!) });
      }
    },
    async run({ target }, item) {
      existing(item);
      const into = isDirectory(target!.status);
      const to = into ? await childNamed(target!, item.path.slice(item.path.lastIndexOf('/') + 1)) : target!;
      if (isDirectory(item.status) && item.fs === to.fs) {
        if (to.path === item.path) throw new PathFault(item.shown, 'are identical', { target: wholePath(to) });
        if (to.path.startsWith(item.path.endsWith('/') ? item.path : `${item.path}/`))
          throw new PathFault(item.shown, 'is a subdirectory of itself', { target: to.shown });
      }
      if (item.fs.host !== to.fs.host) throw new PathFault(item.shown, 'Does not match target filesystem');
      if (to.status !== undefined) throw new PathFault(to.shown, EXISTS);
      const { result } = await item.fs.call('rename', { src: item.path, dst: to.path });
      if (!result) throw new PathFault(item.shown, IO_ERROR);
    },
  },
  rm: {
    usage: '[-f] [-r|-R] [-skipTrash] [-safely] <src> ...',
    flags: ['f', 'r', 'R', 'skipTrash', 'safely'],
    least: 1,
    async run({ flags, print }, item) {
      if (item.status === undefined && flags.has('f')) return;
      existing(item);
      const recursive = flags.has('r') || flags.has('R');
      if (isDirectory(item.status) && !recursive) throw new PathFault(item.shown, IS_DIRECTORY);
      // Another word of the same line may have removed it.
      if ((await statusAt(item.fs, item.path)) === undefined)
        throw new CommandFault(`File does not exist: ${wholePath(item)}`);
      const { result } = await item.fs.call('delete', { src: item.path, recursive });
      if (!result) throw new PathFault(item.shown, IO_ERROR);
      print(`Deleted ${item.shown}`);
    },
  },
  rmdir: {
    usage: '[--ignore-fail-on-non-empty] <dir> ...',
    flags: ['-ignore-fail-on-non-empty'],
    least: 1,
    async run({ flags }, item) {
      existing(item);
      if (!isDirectory(item.status)) throw new PathFault(item.shown, NOT_DIRECTORY);
      if ((await childrenOf(item.fs, item.path)).length > 0) {
        if (flags.has('-ignore-fail-on-non-empty')) return;
        throw new PathFault(item.shown, NOT_EMPTY);
      }
      const { result } = await item.fs.call('delete', { src: item.path, recursive: false });
      if (!result) throw new PathFault(item.shown, IO_ERROR);
    },
  },
  test: {
    usage: '-[defswrz] <path>',
    flags: ['d', 'e', 'f', 's', 'w', 'r', 'z'],
    least: 1,
    most: 1,
    async check({ flags }) {
      if (flags.size === 0) throw new LineFault('No test flag given');
      if (flags.size > 1) throw new LineFault('Only one test flag is allowed');
    },
    async run(shell, item) {
      shell.answer = await holds([...shell.flags][0]!, item);
    },
  },
};

/** What a URI without a path is told, which means the user's home. */
function rootless(shown: string): string {
  return `Item: ${shown} parent's path is null. This can happen if mkdir is called on root, so there's no parent.`;
}

function existing(item: Item): void {
  if (item.status === undefined) throw new PathFault(item.shown, MISSING);
}

async function touch(shell: Shell, item: Item): Promise<void> {
  const { clientName } = shell;
  const { fs } = await item.fs.call('create', {
    src: item.path,
    masked: { perm: 0o666 & ~shell.umask },
    clientName,
    // CREATE | OVERWRITE
    createFlag: 3,
    createParent: true,
    replication: shell.replication,
    blockSize: shell.blockSize,
    cryptoProtocolVersion: [2],
    unmasked: { perm: 0o666 },
  });
  const file = fs?.fileId === undefined ? {} : { fileId: fs.fileId };
  const { result } = await item.fs.call('complete', { src: item.path, clientName, ...file });
  if (!result) throw new PathFault(item.shown, 'could not be completed');
}

async function holds(flag: string, { fs, path, status }: Item): Promise<boolean> {
  switch (flag) {
    case 'e':
      return status !== undefined;
    case 'd':
      return isDirectory(status);
    case 'f':
      return status !== undefined && !isDirectory(status);
    case 's':
      return status !== undefined && status.length > 0n;
    case 'z':
      return status !== undefined && status.length === 0n;
    default:
      return (
        status !== undefined && (await allowed(() => fs.call('checkAccess', { path, mode: flag === 'w' ? 2 : 4 })))
      );
  }
}

async function allowed(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (hasCode(error, 'REMOTE') && remoteClassName(error) === JavaException.ACCESS_CONTROL) return false;
    throw error;
  }
}
