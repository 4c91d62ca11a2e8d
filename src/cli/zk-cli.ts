/**
 * `zkCli.sh [-server host:port,…] [-timeout ms] [command …]`: one command or a prompt, with the output and exit codes
 * of ZooKeeper 3.8.4's own. The shell is zk-cli/shell.ts, its commands are the other files there. As with ZooKeeper's,
 * only `quit` and `close` end the session: that of a single command ends with its time-out, and so do its ephemerals.
 */
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { LabError } from '../base/errors.js';
import { whereAmI, roleHere } from '../cluster/here.js';
import { clientPacketLimit, systemProperties, zooEnvironment } from '../config/zoo.js';
import { enterLab } from './enter-lab.js';
import { hostFor, roleContext } from './role-context.js';
import { notice, print, report } from './terminal.js';
import { COMMANDS, SHELL_COMMANDS } from './zk-cli/commands.js';
import { ZkShell } from './zk-cli/shell.js';
import { childOf } from './zk-cli/subtree.js';

const DEFAULT_TIMEOUT_MS = 30_000;
const UNUSABLE_FILE = 2;

export async function main(argv: readonly string[]): Promise<void> {
  try {
    await enterLab();
    const code = await zkCli(argv);
    // A pipe takes long output bit by bit, and an exit would drop the rest.
    await new Promise((resolve) => process.stdout.write('', resolve));
    // The session is left to its time-out, and its connection must not keep the process.
    process.exit(code);
  } catch (error) {
    report(error, 'zkCli.sh');
    process.exit(1);
  }
}

interface ZkCliOptions {
  readonly server: string | undefined;
  readonly timeout: string;
  readonly waits: boolean;
  readonly clientFile: string | undefined;
  readonly command: readonly string[];
}

/** Options that it does not know are passed over, as ZooKeeper's does. */
export function zkCliOptions(argv: readonly string[], error: (line: string) => void): ZkCliOptions {
  const values = new Map<string, string>();
  let waits = false;
  let at = 0;
  for (; at < argv.length && argv[at]!.startsWith('-'); at++) {
    const option = argv[at]!;
    if (option === '-waitforconnection') waits = true;
    if (!['-server', '-timeout', '-client-configuration'].includes(option)) continue;
    const value = argv[++at];
    if (value === undefined) error(`Error: no argument found for option ${option}`);
    else values.set(option, value);
  }
  return {
    server: values.get('-server'),
    timeout: values.get('-timeout') ?? String(DEFAULT_TIMEOUT_MS),
    waits,
    clientFile: values.get('-client-configuration'),
    command: argv.slice(at),
  };
}

async function zkCli(argv: readonly string[]): Promise<number> {
  const options = zkCliOptions(argv, notice);
  const server = options.server ?? defaultServer();
  if (!/^\d{1,9}$/.test(options.timeout))
    throw new LabError('BAD_CONFIG', `-timeout ${options.timeout}: not a number of milliseconds`, {
      remedy: `leave it out for ${DEFAULT_TIMEOUT_MS}`,
    });
  print(`Connecting to ${server}`);
  if (options.clientFile !== undefined && !existsSync(options.clientFile)) {
    notice(`zkCli.sh: -client-configuration ${options.clientFile}: no such file`);
    return UNUSABLE_FILE;
  }
  const timeoutMs = Number(options.timeout);
  const confDir = process.env['ZOOCFGDIR'];
  const env = confDir === undefined ? process.env : await zooEnvironment(process.env, confDir);
  const shell = new ZkShell(hostFor(roleContext(), 'zkcli', { quiet: true }), {
    server,
    timeoutMs,
    maxPacketBytes: clientPacketLimit(systemProperties(env, 'client')),
    out: print,
    error: notice,
  });
  if (options.waits) {
    await shell.client.connected(timeoutMs).catch(() => {
      throw new LabError('ConnectionLoss', `${server}: no server answered within ${timeoutMs} ms`, {
        remedy: 'does one run there (zkServer.sh status)? name others with -server',
      });
    });
  }
  if (options.command.length > 0) await shell.run(options.command);
  else await prompt(shell);
  return shell.exitCode;
}

function defaultServer(): string {
  const here = whereAmI();
  const role = here === undefined ? undefined : roleHere(here, 'zookeeper');
  if (here === undefined) return 'localhost:2181';
  if (role !== undefined) return `${here.host.name}:${role.ports[0]}`;
  // A host without a server: any other will do.
  const all = here.lab.plan.hosts.flatMap((host) =>
    host.roles.filter(({ kind }) => kind === 'zookeeper').map((found) => `${host.name}:${found.ports[0]}`),
  );
  return all.join(',');
}

async function prompt(shell: ZkShell): Promise<void> {
  print('Welcome to ZooKeeper!');
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: process.stdin.isTTY === true,
    completer: (line: string) => complete(shell, line),
  });
  const ask = (): void => {
    lines.setPrompt(shell.prompt);
    lines.prompt();
  };
  ask();
  for await (const line of lines) {
    await shell.line(line);
    if (shell.left) break;
    ask();
  }
  lines.close();
}

/** A first word by the commands, a path by the nodes that there are. */
async function complete(shell: ZkShell, line: string): Promise<[string[], string]> {
  const word = /\S*$/.exec(line)![0];
  if (word === line)
    return [[...COMMANDS.keys(), ...SHELL_COMMANDS.keys()].filter((name) => name.startsWith(word)), word];
  if (!word.startsWith('/') || shell.client.connection.over) return [[], word];
  const parent = word.slice(0, Math.max(1, word.lastIndexOf('/')));
  const { children } = await shell.client.getChildren(parent).catch(() => ({ children: [] }));
  return [
    children
      .map((name) => childOf(parent, name))
      .filter((path) => path.startsWith(word))
      .sort(),
    word,
  ];
}
