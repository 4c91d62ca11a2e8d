/**
 * What `ssh HOST COMMAND` does between the hosts of a lab, so that a configuration with sshfence fences there as it
 * does on the cluster it comes from. The hosts have no sshd, and a real `fuser -k` would kill the NameNodes of all of
 * them, which share a port. So this knows the two commands of SshFenceByTcpPort, done to the lab's own processes, and
 * nothing else; keys are not looked at. A host all of whose roles are gone or paused is one that does not answer. Any
 * other host is left to the real ssh.
 */
import { delimiter } from 'node:path';
import { messageOf } from '../base/errors.js';
import { accepts } from '../cluster/addresses.js';
import { hostsCommandsDir } from '../cluster/environment.js';
import { openLab, type Lab } from '../cluster/lab.js';
import { readPidFile } from '../cluster/pid-file.js';
import type { PlannedHost } from '../cluster/plan.js';
import { pidFile } from '../cluster/state-dir.js';
import { notice, print, report } from './terminal.js';

const SSH_FAILED = 255;
const NO_SUCH_COMMAND = 127;

export async function main(argv: readonly string[]): Promise<void> {
  try {
    process.exitCode = await ssh(argv);
  } catch (error) {
    report(error, 'ssh');
    process.exitCode = SSH_FAILED;
  }
}

async function ssh(argv: readonly string[]): Promise<number> {
  const { name, command } = wordsOf(argv);
  const dir = process.env['HALAB_DIR'];
  const lab = dir === undefined || dir === '' ? undefined : openLab({ dir, name: undefined });
  const host = lab?.plan.hosts.find(
    (candidate) => candidate.name === name || (candidate.portShift === 0 && candidate.address === name),
  );
  if (lab === undefined || host === undefined) return realSsh(argv);
  if (!answers(lab, host)) {
    notice(`ssh: connect to host ${name} port 22: No route to host`);
    return SSH_FAILED;
  }
  const kill = /\bfuser -v -k -n tcp (\d+)$/.exec(command);
  if (kill !== null) return killListener(lab, host, Number(kill[1]));
  const look = /^nc -z \S+ (\d+)$/.exec(command);
  if (look !== null) return (await accepts(host.address, Number(look[1]))) ? 0 : 1;
  notice(`${command}: the hosts of a lab know only what sshfence asks for`);
  return NO_SUCH_COMMAND;
}

/** Options that take a value are those that ssh.ts of the ZKFC gives, and the usual ones of a script. */
function wordsOf(argv: readonly string[]): { readonly name: string; readonly command: string } {
  let at = 0;
  for (; at < argv.length && argv[at]!.startsWith('-'); at++) if (/^-[FoiplJ]$/.test(argv[at]!)) at++;
  return { name: (argv[at] ?? '').replace(/^.*@/, ''), command: argv.slice(at + 1).join(' ') };
}

function answers(lab: Lab, host: PlannedHost): boolean {
  return host.roles.some(({ id }) => {
    const found = readPidFile(pidFile(lab.dir, id));
    return found.kind === 'alive' && !found.facts.paused;
  });
}

/** As fuser: 0 if something was killed, 1 if nothing listens there. */
function killListener(lab: Lab, host: PlannedHost, port: number): number {
  let killed = 1;
  for (const { id, ports } of host.roles) {
    const found = readPidFile(pidFile(lab.dir, id));
    if (!ports.includes(port) || found.kind !== 'alive') continue;
    process.kill(found.pid, 'SIGKILL');
    print(`${port}/tcp: ${found.pid} (${id})`);
    killed = 0;
  }
  return killed;
}

async function realSsh(argv: readonly string[]): Promise<number> {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((directory) => directory !== hostsCommandsDir)
    .join(delimiter);
  const { execa } = await import('execa');
  const ended = await execa('ssh', argv, { env: { PATH: path }, stdio: 'inherit', reject: false });
  if (ended.exitCode === undefined && ended.signal === undefined) {
    notice(`ssh: ${messageOf(ended.cause)}`);
    return ended.code === 'ENOENT' ? NO_SUCH_COMMAND : SSH_FAILED;
  }
  return ended.exitCode ?? SSH_FAILED;
}
