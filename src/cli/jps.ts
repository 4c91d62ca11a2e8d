/**
 * `jps [-q] [-l]`: the lab's processes on this host, as the JDK's tool lists Java's; outside a lab all roles of this
 * user.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
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

export async function main(argv: readonly string[]): Promise<void> {
  const options = argv.join('');
  if (!/^(-[qlmv]+)*$/.test(options)) {
    notice('usage: jps [-help]\n       jps [-q] [-lmv]');
    process.exitCode = /help|-h/.test(options) ? 0 : 1;
    return;
  }
  try {
    await enterLab();
    const quiet = options.includes('q');
    const long = options.includes('l');
    const name = (kind: string): string => (long ? CLASSES[kind]! : CLASSES[kind]!.split('.').at(-1)!);
    for (const { pid, kind } of [...processes()].sort((a, b) => a.pid - b.pid))
      print(quiet ? String(pid) : `${pid} ${name(kind)}`);
    print(quiet ? String(process.pid) : `${process.pid} ${long ? 'jdk.jcmd/sun.tools.jps.Jps' : 'Jps'}`);
  } catch (error) {
    process.exitCode = report(error, 'jps');
  }
}

function processes(): readonly { pid: number; kind: string }[] {
  const here = whereAmI();
  if (here === undefined) return rolesOfThisMachine();
  return here.host.roles.flatMap((role) => {
    const found = readPidFile(pidFile(here.lab.dir, role.id));
    return found.kind === 'alive' ? [{ pid: found.pid, kind: role.kind }] : [];
  });
}

/** In the background, and in the foreground where nothing is asked of it but to run. */
const DAEMON = /\/dist\/cli\/role\.js (\w+)/;
const FOREGROUND = /(?:\/bin\/hdfs|run\.mjs hdfs) (?:--config \S+ )?(namenode|journalnode|zkfc)\s*$/;

/** By their command lines. */
function rolesOfThisMachine(): readonly { pid: number; kind: string }[] {
  const lines =
    process.platform === 'linux'
      ? readdirSync('/proc')
          .filter((name) => /^\d+$/.test(name))
          .map((name) => ({ pid: Number(name), line: commandLine(name) }))
      : execFileSync('ps', ['-axo', 'pid=,command='], { encoding: 'utf8' })
          .split('\n')
          .map((line) => ({ pid: Number.parseInt(line, 10), line: line.trim().replace(/^\d+\s+/, '') }));
  return lines.flatMap(({ pid, line }) => {
    const kind =
      DAEMON.exec(line)?.[1] ??
      FOREGROUND.exec(line)?.[1] ??
      (/ zk-server start-foreground\b/.test(line) ? 'zookeeper' : undefined);
    return kind !== undefined && kind in CLASSES ? [{ pid, kind }] : [];
  });
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
