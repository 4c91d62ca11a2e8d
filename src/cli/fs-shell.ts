/**
 * `hdfs dfs`: the part of Hadoop's FsShell that a lab without DataNodes can have, over the real RPC. Here is how a line
 * is read and how it ends; what a command does is in fs-shell/. Apache's FsShell works against the lab as well
 * (`halab conf`). Mirrors FsShell, Command and CommandFormat.
 */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { hasCode, LabError, messageOf } from '../base/errors.js';
import type { Configuration } from '../config/hadoop/contract.js';
import type { Host } from '../host/host.js';
import { COMMANDS, type FsCommand, type Shell } from './fs-shell/commands.js';
import { CommandFault, LineFault, PathFault } from './fs-shell/fault.js';
import { FileSystems } from './fs-shell/file-systems.js';
import { Items, type Item } from './fs-shell/items.js';
import { hadoopConfiguration, hostFor, userName, type RoleContext } from './role-context.js';
import { notice, print } from './terminal.js';

export interface FsShellWorld {
  readonly host: Host;
  readonly conf: Configuration;
  readonly user: string;
  /** `name/address` of this machine, for messages. */
  readonly localName: string;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

const OK = 0;
const FAILED = 1;
const BAD_LINE = 255;

/** Hadoop's FsShell has these, which need DataNodes, this machine's files, or more of a NameNode than there is. */
const NOT_HERE: readonly string[] = (
  'appendToFile cat checksum chgrp chmod chown concat copyFromLocal copyToLocal count cp createSnapshot ' +
  'deleteSnapshot df du expunge find get getfacl getfattr getmerge head moveFromLocal moveToLocal put renameSnapshot ' +
  'setfacl setfattr setrep stat tail text touch truncate'
).split(' ');

/** Resolves with the exit code: 0, 1 (some path failed), 255 (the line makes no sense). */
export async function fsShell(args: readonly string[], context: RoleContext): Promise<number> {
  const name = context.hostName ?? hostname();
  // Of all tools, this one alone minds: FsShell.main takes quiet mode from its Configuration.
  const missing = context.commandLine.files?.find((file) => !existsSync(file));
  if (missing !== undefined)
    throw new LabError('CONFIG_MISSING', `${missing} not found`, { remedy: 'name a file of this machine after -conf' });
  return runFsShell(args, {
    host: hostFor(context, 'client-dfs', { quiet: true }),
    conf: await hadoopConfiguration(context),
    user: userName(),
    localName: `${name}/${context.address ?? '127.0.0.1'}`,
    out: print,
    err: notice,
  });
}

export async function runFsShell(args: readonly string[], world: FsShellWorld): Promise<number> {
  const [word = '', ...rest] = args;
  const name = word.startsWith('-') ? word.slice(1) : '';
  if (name === 'help' || name === 'usage') return help(word, rest, world);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    if (NOT_HERE.includes(name)) {
      world.err(`${word}: the lab's hdfs dfs does not do this; Apache's does, against the same NameNodes (halab conf)`);
      return FAILED;
    }
    if (word !== '') world.err(`${word}: Unknown command`);
    world.err(generalUsage());
    return BAD_LINE;
  }
  try {
    return await runCommand(name, command, rest, world);
  } catch (error) {
    if (!(error instanceof LineFault)) throw error;
    world.err(`-${name}: ${error.message}`);
    world.err(`${generalUsage()}\n${usageOf(name, command)}`);
    return BAD_LINE;
  }
}

async function runCommand(
  name: string,
  command: FsCommand,
  words: readonly string[],
  world: FsShellWorld,
): Promise<number> {
  const { flags, rest } = parse(command, words);
  const { conf } = world;
  const fileSystems = new FileSystems(world);
  const items = new Items(fileSystems, `/user/${world.user}`);
  const told = new Told(name, world);
  try {
    const given = command.fallback !== undefined && rest.length === 0 ? [command.fallback] : rest;
    const target = command.hasTarget === true ? await one(items, given.at(-1)!) : undefined;
    const found: Item[] = [];
    for (const word of command.hasTarget === true ? given.slice(0, -1) : given)
      await told.trying(async () => void found.push(...(await expand(items, word, name, flags))));
    const shell: Shell = {
      flags,
      target,
      print: world.out,
      trying: (work) => told.trying(work),
      clientName: `DFSClient_NONMAPREDUCE_${process.pid}_1`,
      replication: conf.getInt('dfs.replication'),
      blockSize: sizeOf(conf.get('dfs.blocksize') ?? ''),
      umask: Number.parseInt(conf.get('fs.permissions.umask-mode') ?? '022', 8),
      answer: true,
    };
    if (found.length > 0) {
      await command.check?.(shell, found);
      for (const item of found) await told.trying(() => command.run(shell, item));
    }
    return told.failed || !shell.answer ? FAILED : OK;
  } catch (error) {
    if (error instanceof LineFault) throw error;
    told.tell(error);
    return FAILED;
  } finally {
    fileSystems.close();
  }
}

/** Says what went wrong with one word, so that the others have their turn. */
class Told {
  readonly #name: string;
  readonly #world: FsShellWorld;
  failed = false;

  constructor(name: string, world: FsShellWorld) {
    this.#name = name;
    this.#world = world;
  }

  async trying(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof LineFault) throw error;
      this.tell(error);
    }
  }

  tell(error: unknown): void {
    // A fault of the configuration is the user's to mend, with the file and the remedy.
    const known = error instanceof CommandFault || (error instanceof LabError && !hasCode(error, 'BAD_CONFIG'));
    if (!known) throw error;
    this.failed = true;
    this.#world.err(`${this.#name}: ${messageOf(error).split('\n')[0]}`);
  }
}

async function one(items: Items, word: string): Promise<Item> {
  const found = await items.expand(word);
  if (found.length > 1) throw new PathFault(word, 'Too many matches');
  return found[0]!;
}

async function expand(items: Items, word: string, name: string, flags: ReadonlySet<string>): Promise<readonly Item[]> {
  try {
    return await items.expand(word);
  } catch (error) {
    if (error instanceof PathFault && name === 'rm' && flags.has('f')) return [];
    throw error;
  }
}

/** Options come first. Throws LineFault. */
function parse(command: FsCommand, words: readonly string[]): { flags: ReadonlySet<string>; rest: readonly string[] } {
  const flags = new Set<string>();
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at]!;
    if (!word.startsWith('-') || word === '-') break;
    if (word === '--') {
      at++;
      break;
    }
    const flag = word.slice(1);
    if (!command.flags.includes(flag)) throw new LineFault(`Illegal option ${word}`);
    flags.add(flag);
  }
  const rest = words.slice(at);
  const { least, most = Infinity } = command;
  if (rest.length < least) throw new LineFault(`Not enough arguments: expected ${least} but got ${rest.length}`);
  if (rest.length > most) throw new LineFault(`Too many arguments: expected ${most} but got ${rest.length}`);
  return { flags, rest };
}

function help(word: string, names: readonly string[], world: FsShellWorld): number {
  if (names.length === 0) {
    world.out(generalUsage());
    return OK;
  }
  for (const name of names) {
    const bare = name.replace(/^-/, '');
    const command = Object.hasOwn(COMMANDS, bare) ? COMMANDS[bare] : undefined;
    if (command === undefined) {
      world.err(`${word}: \`${name}': Unknown command`);
      return BAD_LINE;
    }
    world.out(usageOf(bare, command));
  }
  return OK;
}

function usageOf(name: string, command: FsCommand): string {
  return `Usage: hadoop fs [generic options] -${name} ${command.usage}`;
}

function generalUsage(): string {
  const lines = Object.entries(COMMANDS).map(([name, { usage }]) => `\t[-${name} ${usage}]`);
  return `Usage: hadoop fs [generic options]\n${[...lines, '\t[-usage [cmd ...]]'].join('\n')}\n`;
}

/** `128m`. Mirrors Configuration.getLongBytes, as far as a block's size needs it. */
function sizeOf(text: string): bigint {
  const match = /^(\d+)([kmgtpe]?)$/i.exec(text);
  if (match === null) throw new LineFault(`dfs.blocksize: "${text}" is not a size`);
  return BigInt(match[1]!) << BigInt(10 * ' kmgtpe'.indexOf(match[2]!.toLowerCase() || ' '));
}
