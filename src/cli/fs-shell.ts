/**
 * `hdfs dfs -ls|-mkdir|-touchz|-mv|-rm|-rmdir|-test`: enough of Hadoop's FsShell for a lab without its own DataNodes,
 * over the real RPC, with a client that fails over. Apache's FsShell works against the lab as well (`halab conf`).
 */
import { LabError } from '../base/errors.js';
import { nameNodesOf, nameserviceIdOf } from '../config/hadoop/nameservice.js';
import { HADOOP_CLIENT, NameNodeClient } from '../drill/name-node-client.js';
import { HdfsFileStatusProto_FileType, type HdfsFileStatusProto } from '../wire/hadoop/gen/hdfs.js';
import { hadoopConfiguration, hostFor, userName, type RoleContext } from './role-context.js';
import { notice, print } from './terminal.js';

const USAGE =
  'Usage: hdfs dfs [-ls [-d] [-R] [<path> ...]] [-mkdir [-p] <path> ...] [-touchz <path> ...] [-mv <src> ... <dst>] ' +
  '[-rm [-f] [-r|-R] [-skipTrash] <src> ...] [-rmdir <dir> ...] [-test -[defsz] <path>]';

interface Shell {
  readonly client: NameNodeClient;
  readonly defaultFs: string;
  readonly replication: number;
  readonly blockSize: bigint;
  readonly umask: number;
}

/** A path that cannot be what it should be, in Hadoop's words: told, and the next one tried. */
class PathFailure extends Error {}

/** Resolves with the exit code: 0, 1 (some path failed), 255 (usage). */
export async function fsShell(args: readonly string[], context: RoleContext): Promise<number> {
  const [command = '', ...rest] = args;
  const run = COMMANDS[command];
  if (run === undefined) {
    if (command !== '' && command !== '-help') notice(`${command.replace(/^-?/, '-').slice(1)}: Unknown command`);
    notice(USAGE);
    return command === '-help' ? 0 : 255;
  }
  const conf = await hadoopConfiguration(context);
  const client = new NameNodeClient(
    hostFor(context, 'client-dfs', { quiet: true }),
    nameNodesOf(conf, nameserviceIdOf(conf)).map(({ nameNodeId, rpc }) => ({ id: nameNodeId, ...rpc })),
    { ...HADOOP_CLIENT, user: userName() },
  );
  const shell: Shell = {
    client,
    defaultFs: (conf.get('fs.defaultFS') ?? '').replace(/\/$/, ''),
    replication: conf.getInt('dfs.replication'),
    blockSize: BigInt(conf.getInt('dfs.blocksize')),
    umask: Number.parseInt(conf.get('fs.permissions.umask-mode') ?? '022', 8),
  };
  const flags = new Set<string>();
  const paths: string[] = [];
  for (const word of rest)
    word.startsWith('-') && word.length > 1 && paths.length === 0 ? flags.add(word) : paths.push(word);
  try {
    return await run(shell, flags, paths, command.slice(1));
  } finally {
    client.close();
  }
}

type Run = (shell: Shell, flags: ReadonlySet<string>, paths: readonly string[], name: string) => Promise<number>;

const COMMANDS: Readonly<Record<string, Run>> = {
  async '-ls'(shell, flags, paths, name) {
    return each(paths.length === 0 ? [`/user/${userName()}`] : paths, name, async (path) => {
      const status = await statusOf(shell, path);
      if (status === undefined) throw new PathFailure(`\`${path}': No such file or directory`);
      if (status.fileType !== HdfsFileStatusProto_FileType.IS_DIR || flags.has('-d')) {
        print(listLine(status, path));
        return;
      }
      await list(shell, path, flags.has('-R'), true);
    });
  },
  async '-mkdir'(shell, flags, paths, name) {
    return each(paths, name, async (path) => {
      const status = await statusOf(shell, path);
      if (status !== undefined) {
        if (status.fileType === HdfsFileStatusProto_FileType.IS_DIR && flags.has('-p')) return;
        throw new PathFailure(
          status.fileType === HdfsFileStatusProto_FileType.IS_DIR
            ? `\`${path}': File exists`
            : `\`${path}': Is not a directory`,
        );
      }
      if (!flags.has('-p') && (await statusOf(shell, parentOf(path))) === undefined)
        throw new PathFailure(`\`${shown(shell, parentOf(path))}': No such file or directory`);
      await shell.client.call('mkdirs', {
        src: bare(path),
        masked: { perm: 0o777 & ~shell.umask },
        createParent: true,
        unmasked: { perm: 0o777 },
      });
    });
  },
  async '-touchz'(shell, _flags, paths, name) {
    return each(paths, name, async (path) => {
      const status = await statusOf(shell, path);
      if (status?.fileType === HdfsFileStatusProto_FileType.IS_DIR) throw new PathFailure(`\`${path}': Is a directory`);
      if (status !== undefined && status.length > 0n) throw new PathFailure(`\`${path}': Not a zero-length file`);
      if ((await statusOf(shell, parentOf(path))) === undefined)
        throw new PathFailure(`\`${path}': No such file or directory: \`${shown(shell, path)}'`);
      const clientName = `DFSClient_NONMAPREDUCE_${process.pid}_1`;
      // CREATE | OVERWRITE
      const { response } = await shell.client.call('create', {
        src: bare(path),
        masked: { perm: 0o666 & ~shell.umask },
        clientName,
        createFlag: 3,
        createParent: true,
        replication: shell.replication,
        blockSize: shell.blockSize,
        cryptoProtocolVersion: [2],
        unmasked: { perm: 0o666 },
      });
      for (let attempt = 0; attempt < 6; attempt++) {
        const done = await shell.client.call('complete', {
          src: bare(path),
          clientName,
          ...(response.fs?.fileId === undefined ? {} : { fileId: response.fs.fileId }),
        });
        if (done.response.result) return;
      }
      throw new PathFailure(`\`${path}': could not be completed`);
    });
  },
  async '-mv'(shell, _flags, paths, name) {
    const target = paths.at(-1);
    if (target === undefined || paths.length < 2) {
      notice(USAGE);
      return 255;
    }
    const into = (await statusOf(shell, target))?.fileType === HdfsFileStatusProto_FileType.IS_DIR;
    if (paths.length > 2 && !into) {
      notice(`mv: \`${target}': Is not a directory`);
      return 1;
    }
    return each(paths.slice(0, -1), name, async (path) => {
      if ((await statusOf(shell, path)) === undefined) throw new PathFailure(`\`${path}': No such file or directory`);
      const dst = into ? `${bare(target).replace(/\/$/, '')}/${bare(path).split('/').at(-1)}` : bare(target);
      if ((await statusOf(shell, dst)) !== undefined) throw new PathFailure(`\`${into ? dst : target}': File exists`);
      const { response } = await shell.client.call('rename', { src: bare(path), dst });
      if (!response.result) throw new PathFailure(`\`${path}': rename destination parent ${parentOf(dst)} not found.`);
    });
  },
  async '-rm'(shell, flags, paths, name) {
    const recursive = flags.has('-r') || flags.has('-R');
    return each(paths, name, async (path) => {
      const status = await statusOf(shell, path);
      if (status === undefined) {
        if (flags.has('-f')) return;
        throw new PathFailure(`\`${path}': No such file or directory`);
      }
      if (status.fileType === HdfsFileStatusProto_FileType.IS_DIR && !recursive)
        throw new PathFailure(`\`${path}': Is a directory`);
      await shell.client.call('delete', { src: bare(path), recursive });
      print(`Deleted ${path}`);
    });
  },
  async '-rmdir'(shell, _flags, paths, name) {
    return each(paths, name, async (path) => {
      const status = await statusOf(shell, path);
      if (status === undefined) throw new PathFailure(`\`${path}': No such file or directory`);
      if (status.fileType !== HdfsFileStatusProto_FileType.IS_DIR)
        throw new PathFailure(`\`${path}': Is not a directory`);
      if ((status.childrenNum ?? 0) > 0) throw new PathFailure(`\`${path}': Directory is not empty`);
      await shell.client.call('delete', { src: bare(path), recursive: false });
    });
  },
  async '-test'(shell, flags, paths) {
    const status = await statusOf(shell, paths[0] ?? '/');
    const directory = status?.fileType === HdfsFileStatusProto_FileType.IS_DIR;
    if (flags.has('-e')) return status === undefined ? 1 : 0;
    if (flags.has('-d')) return directory ? 0 : 1;
    if (flags.has('-f')) return status !== undefined && !directory ? 0 : 1;
    if (flags.has('-z')) return status !== undefined && status.length === 0n ? 0 : 1;
    if (flags.has('-s')) return status !== undefined && status.length > 0n ? 0 : 1;
    return 255;
  },
};

async function each(paths: readonly string[], name: string, work: (path: string) => Promise<void>): Promise<number> {
  if (paths.length === 0) {
    notice(USAGE);
    return 255;
  }
  let code = 0;
  for (const path of paths) {
    try {
      await work(path);
    } catch (error) {
      if (!(error instanceof PathFailure || error instanceof LabError)) throw error;
      code = 1;
      notice(`${name}: ${error.message}`);
    }
  }
  return code;
}

/** Without scheme and nameservice; relative ones lie in the user's home. */
function bare(path: string): string {
  const local = path.replace(/^hdfs:\/\/[^/]*/, '');
  const absolute = local.startsWith('/') ? local : `/user/${userName()}/${local}`;
  return absolute.length > 1 ? absolute.replace(/\/+$/, '').replace(/\/{2,}/g, '/') || '/' : absolute;
}

function shown(shell: Shell, path: string): string {
  return `${shell.defaultFs}${bare(path)}`;
}

function parentOf(path: string): string {
  const whole = bare(path);
  return whole.slice(0, Math.max(1, whole.lastIndexOf('/')));
}

async function statusOf(shell: Shell, path: string): Promise<HdfsFileStatusProto | undefined> {
  return (await shell.client.call('getFileInfo', { src: bare(path) })).response.fs;
}

async function list(shell: Shell, path: string, recursive: boolean, first: boolean): Promise<void> {
  const found: HdfsFileStatusProto[] = [];
  for (let startAfter = Buffer.alloc(0); ; ) {
    const { dirList } = (await shell.client.call('getListing', { src: bare(path), startAfter, needLocation: false }))
      .response;
    found.push(...(dirList?.partialListing ?? []));
    if (dirList === undefined || dirList.remainingEntries === 0) break;
    startAfter = Buffer.from(dirList.partialListing.at(-1)!.path);
  }
  if (first && !recursive && found.length > 0) print(`Found ${found.length} items`);
  for (const status of found) {
    const child = `${path === '/' ? '' : path.replace(/\/$/, '')}/${status.path.toString('utf8')}`;
    print(listLine(status, child));
    if (recursive && status.fileType === HdfsFileStatusProto_FileType.IS_DIR) await list(shell, child, true, false);
  }
}

function listLine(status: HdfsFileStatusProto, path: string): string {
  const directory = status.fileType === HdfsFileStatusProto_FileType.IS_DIR;
  const bits = [...'rwxrwxrwx'].map((letter, index) =>
    (status.permission.perm & (0o400 >> index)) !== 0 ? letter : '-',
  );
  if ((status.permission.perm & 0o1000) !== 0) bits[8] = bits[8] === 'x' ? 't' : 'T';
  const at = new Date(Number(status.modification_time));
  const two = (value: number): string => String(value).padStart(2, '0');
  const stamp =
    `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` +
    `${two(at.getHours())}:${two(at.getMinutes())}`;
  return (
    `${directory ? 'd' : '-'}${bits.join('')}   ${directory ? '-' : (status.block_replication ?? 0)} ` +
    `${status.owner} ${status.group} ${String(status.length).padStart(10)} ${stamp} ${path}`
  );
}
