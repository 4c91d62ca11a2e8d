/**
 * `zkCli.sh [-server host:port,…] [-timeout ms] [command …]`: a small ZooKeeper shell, one command or a prompt, with
 * the output of ZooKeeper 3.8's own. Its commands are data in zk-cli-commands.ts.
 */
import { createInterface } from 'node:readline/promises';
import { LabError } from '../base/errors.js';
import { whereAmI, roleHere } from '../cluster/here.js';
import { WatchEventType } from '../wire/zookeeper/client/modes.js';
import type { SessionEvent } from '../zookeeper/client/session-machine.js';
import { ZooKeeperClient } from '../zookeeper/client/client.js';
import { hostFor, roleContext } from './role-context.js';
import { enterLab } from './enter-lab.js';
import { notice, print, report } from './terminal.js';
import { CLI_COMMANDS, cliMessage, splitLine, type CliContext } from './zk-cli-commands.js';

export async function main(argv: readonly string[]): Promise<void> {
  try {
    await enterLab();
    process.exitCode = await zkCli([...argv]);
  } catch (error) {
    process.exitCode = report(error, 'zkCli.sh');
  }
}

async function zkCli(argv: string[]): Promise<number> {
  let server = defaultServer();
  let timeoutMs = 30_000;
  let waits = false;
  while (argv[0]?.startsWith('-') === true) {
    const option = argv.shift()!;
    if (option === '-waitforconnection') {
      waits = true;
      continue;
    }
    if (option === '-r') continue; // read-only servers are not offered
    const value = argv.shift();
    if (value === undefined) {
      notice(`Error: no argument found for option ${option}`);
      return 1;
    }
    if (option === '-server') server = value;
    else if (option === '-timeout') timeoutMs = Number(value) || timeoutMs;
    else
      throw new LabError('USAGE', `unknown option ${option}`, {
        remedy: 'zkCli.sh -server host:port [command arguments]',
      });
  }
  print(`Connecting to ${server}`);
  const events = (state: SessionEvent): void => {
    if (state === 'SyncConnected' || state === 'Disconnected' || state === 'Expired')
      print(`\nWATCHER::\n\nWatchedEvent state:${state} type:None path:null`);
  };
  const client = new ZooKeeperClient(hostFor(roleContext(), 'zkcli', { quiet: true }), {
    connectString: server,
    sessionTimeoutMs: timeoutMs,
    onEvent: events,
  });
  const context: CliContext = {
    client,
    out: print,
    error: notice,
    server,
    watcher: ({ type, path }) =>
      print(`\nWATCHER::\n\nWatchedEvent state:SyncConnected type:${eventName(type)} path:${path}`),
  };
  try {
    if (argv.length > 0 || waits) {
      await client.connected(timeoutMs).catch(() => {
        throw new LabError('ConnectionLoss', `${server}: no server answered within ${timeoutMs} ms`, {
          remedy: 'is one of them running (zkServer.sh status)? name others with -server',
        });
      });
    }
    return argv.length > 0 ? await one(context, argv) : await prompt(context);
  } finally {
    await client.close();
  }
}

function eventName(type: WatchEventType): string {
  return Object.entries(WatchEventType).find(([, value]) => value === type)?.[0] ?? String(type);
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

async function one(context: CliContext, words: readonly string[]): Promise<number> {
  const command = CLI_COMMANDS[words[0]!];
  if (command === undefined) {
    context.error(`Command not found: Command not found ${words[0]}`);
    return 127;
  }
  try {
    await command.run(context, words.slice(1));
    return 0;
  } catch (error) {
    context.error(cliMessage(error, command.usage));
    return 1;
  }
}

async function prompt(context: CliContext): Promise<number> {
  print('Welcome to ZooKeeper!');
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: process.stdin.isTTY === true,
    completer: (line: string): [string[], string] => [
      Object.keys(CLI_COMMANDS).filter((name) => name.startsWith(line)),
      line,
    ],
  });
  let number = 0;
  const ask = (): void => {
    lines.setPrompt(
      `[zk: ${context.server}(${context.client.connection.connected ? 'CONNECTED' : 'CONNECTING'}) ${number++}] `,
    );
    lines.prompt();
  };
  ask();
  for await (const line of lines) {
    const words = splitLine(line);
    if (words[0] === 'quit' || words[0] === 'close') break;
    if (words[0] === 'help') for (const { usage } of Object.values(CLI_COMMANDS)) print(`\t${usage}`);
    else if (words.length > 0) await one(context, words);
    ask();
  }
  lines.close();
  return 0;
}
