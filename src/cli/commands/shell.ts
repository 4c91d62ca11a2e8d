/**
 * `halab shell [HOST]`: bash as if on that host of the lab. Makes the lab's state directory if there is none, and
 * starts nothing: a chapter's manual sequence begins here.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { LabError, messageOf } from '../../base/errors.js';
import { commandsDir, hostEnvironment } from '../../cluster/environment.js';
import { openOrMakeLab, type Lab } from '../../cluster/lab.js';
import { hostOf } from '../../cluster/plan.js';
import { hostRoot, placeOf, shellFile } from '../../cluster/state-dir.js';
import { userName } from '../../cluster/surroundings.js';
import type { Profile } from '../../config/profile.js';
import { exitCodeOfChild } from '../../host/live/index.js';
import type { PlaceOptions } from '../place-options.js';
import { notice } from '../terminal.js';

export interface ShellOptions extends PlaceOptions {
  readonly command?: string;
  readonly topology?: string;
  readonly profile?: Profile;
  readonly oneAddress?: boolean;
}

/** Resolves with the shell's (or the command's) exit code. */
export async function shell(
  hostName: string | undefined,
  command: readonly string[],
  options: ShellOptions,
): Promise<number> {
  const { lab, made, warnings } = await openOrMakeLab(placeOf(options), options);
  // Whoever types several lines need not read them before each.
  if (made) for (const warning of warnings) notice(`halab: warning: ${warning}`);
  const host = hostOf(lab.plan, hostName ?? lab.plan.hosts[0]!.name);
  const env = shellEnvironment(lab, host.name);
  if (options.command !== undefined) return runIn('bash', ['-c', options.command], env);
  if (command.length > 0) return runIn(command[0]!, command.slice(1), env);
  if (made)
    notice(
      `lab ${lab.plan.name} is made, nothing runs yet: zkServer.sh start, hdfs --daemon start journalnode, hdfs ` +
        `namenode -format, … or halab up`,
    );
  return runIn('bash', ['--rcfile', rcFile(lab), '-i'], env);
}

/** What Hadoop's scripts and ours look at. */
export function shellEnvironment(lab: Lab, hostName: string): NodeJS.ProcessEnv {
  const { HALAB_ID: _id, HALAB_EVENTS: _events, ...rest } = process.env;
  return {
    ...rest,
    ...hostEnvironment(lab, hostName),
    PATH: [commandsDir, rest['PATH'] ?? '/usr/bin:/bin'].join(delimiter),
    HOSTNAME: hostName,
    HALAB_PROMPT: `${userName()}@${hostName}`,
    HOME: rest['HOME'] ?? hostRoot(lab.dir, hostName),
  };
}

/** The user's own settings would set the prompt; they are read first. */
function rcFile(lab: Lab): string {
  mkdirSync(lab.dir, { recursive: true });
  const path = shellFile(lab.dir);
  writeFileSync(
    path,
    `[ -f ~/.bashrc ] && . ~/.bashrc\nPATH=${shellQuote(commandsDir)}:$PATH\nPS1='[$HALAB_PROMPT \\W]\\$ ` +
      `'\nhostname() { printf '%s\\n' "$HOSTNAME"; }\n`,
  );
  return path;
}

function shellQuote(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

async function runIn(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  // Ctrl-C is for what runs in the shell.
  process.on('SIGINT', () => {});
  const { execa } = await import('execa');
  const ended = await execa(file, args, { env, extendEnv: false, stdio: 'inherit', reject: false });
  if (ended.exitCode !== undefined || ended.signal !== undefined) return exitCodeOfChild(ended);
  throw new LabError('SHELL_FAILED', `cannot run ${file}: ${messageOf(ended.cause)}`, {
    remedy: ended.code === 'ENOENT' ? `is ${file} installed?` : 'see the message',
  });
}
