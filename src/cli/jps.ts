/**
 * `jps [-q] [-mlvV]`: the lab's processes on this host, as the JDK's tool lists Java's; outside a lab all roles of this
 * user.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { whereAmI } from '../cluster/here.js';
import { readPidFile } from '../cluster/pid-file.js';
import { pidFile } from '../cluster/state-dir.js';
import { enterLab } from './enter-lab.js';
import { notice, print, report } from './terminal.js';

const CLASSES: Readonly<Record<string, string>> = {
  zookeeper: 'org.apache.zookeeper.server.quorum.QuorumPeerMain',
  journalnode: 'org.apache.hadoop.hdfs.qjournal.server.JournalNode',
  namenode: 'org.apache.hadoop.hdfs.server.namenode.NameNode',
  zkfc: 'org.apache.hadoop.hdfs.tools.DFSZKFailoverController',
};

const USAGE = `usage: jps [--help]
       jps [-q] [-mlvV] [<hostid>]

Definitions:
    <hostid>:      this host: there is no other
    -? -h --help -help: Print this help message and exit.`;

export async function main(argv: readonly string[]): Promise<void> {
  const illegal = argv.find((word) => !/^(-q|-[mlvV]+|--?help|-h|-\?|localhost|[^-].*)$/.test(word));
  if (illegal !== undefined) notice(`illegal argument: ${illegal}`);
  if (illegal !== undefined || argv.some((word) => /^(--?help|-h|-\?)$/.test(word))) {
    notice(USAGE);
    process.exitCode = illegal === undefined ? 0 : 1;
    return;
  }
  const env = { ...process.env };
  try {
    await enterLab(env);
    const quiet = argv.includes('-q');
    const long = argv.some((word) => /^-[mvV]*l/.test(word));
    const name = (kind: string): string => (long ? CLASSES[kind]! : CLASSES[kind]!.split('.').at(-1)!);
    for (const { pid, kind } of [...(await processes(env))].sort((a, b) => a.pid - b.pid))
      print(quiet ? String(pid) : `${pid} ${name(kind)}`);
    print(quiet ? String(process.pid) : `${process.pid} ${long ? 'jdk.jcmd/sun.tools.jps.Jps' : 'Jps'}`);
  } catch (error) {
    process.exitCode = report(error, 'jps');
  }
}

interface Found {
  readonly pid: number;
  readonly kind: string;
}

async function processes(env: NodeJS.ProcessEnv): Promise<readonly Found[]> {
  const here = whereAmI(env);
  if (here === undefined)
    return (await commandLines()).flatMap(({ pid, line }) => {
      const kind = roleIn(line);
      return kind === undefined ? [] : [{ pid, kind }];
    });
  return here.host.roles.flatMap((role) => {
    const found = readPidFile(pidFile(here.lab.dir, role.id));
    return found.kind === 'alive' ? [{ pid: found.pid, kind: role.kind }] : [];
  });
}

/** In the background, and in the foreground where nothing is asked of it but to run. */
const DAEMON = /\/dist\/bundle\/role\.js (\w+)/;
const FOREGROUND =
  /(?:\/bin\/hdfs|run\.mjs hdfs)(?: --(?!daemon)\w+(?: [^-\s]\S*)?)* (namenode|journalnode|zkfc)(?: -D ?\S+=\S*)*\s*$/;
const ZOOKEEPER = /run\.mjs zk-server (?:--config \S+ )?start-foreground\b/;

/** The role that a process with this command line is. */
export function roleIn(line: string): string | undefined {
  const kind = DAEMON.exec(line)?.[1] ?? FOREGROUND.exec(line)?.[1] ?? (ZOOKEEPER.test(line) ? 'zookeeper' : undefined);
  return kind !== undefined && kind in CLASSES ? kind : undefined;
}

async function commandLines(): Promise<readonly { readonly pid: number; readonly line: string }[]> {
  if (process.platform === 'linux')
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ pid: Number(name), line: commandLine(name) }));
  const { execa } = await import('execa');
  const { stdout } = await execa('ps', ['-axo', 'pid=,command=']);
  return stdout
    .split('\n')
    .map((line) => ({ pid: Number.parseInt(line, 10), line: line.trim().replace(/^\d+\s+/, '') }));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
