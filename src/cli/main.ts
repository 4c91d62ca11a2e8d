/**
 * `halab`: one program, one file a command. Only the command asked for is loaded. Exit codes: 0, 1 failed, 2 wrong
 * usage.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { PlaceOptions } from './place-options.js';
import { Exit, report } from './terminal.js';
import { version } from './version.js';

/** Runs a command's function; its number is the exit code. */
function run<A extends unknown[]>(
  load: () => Promise<(...args: A) => Promise<number | void>>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    try {
      process.exitCode = (await (await load())(...args)) ?? Exit.OK;
    } catch (error) {
      process.exitCode = report(error);
    }
  };
}

function placed(command: Command): Command {
  return command
    .option('--name <name>', "which lab (default: the shell's own, else book)")
    .option('--dir <dir>', "where the lab's state lies (default: below the user's state directory)");
}

const json = (command: Command): Command => command.option('--json', 'print JSON');

function milliseconds(text: string): string {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is not a number of milliseconds above 0.');
  return text;
}

function program(): Command {
  const halab = new Command('halab')
    .description(
      'An HDFS-HA failover lab: ZooKeeper, JournalNodes, NameNodes and ZKFCs as local processes that speak ' +
        "Apache's wire",
    )
    .version(`halab ${version()} (speaks ZooKeeper 3.8.4 and Hadoop 3.3.6)`)
    .exitOverride()
    .showHelpAfterError('(halab --help shows what there is)')
    .helpCommand(false);

  json(placed(halab.command('up')))
    .description('start a lab: format on first use, wait until one NameNode is active')
    .argument(
      '[topology]',
      "topology YAML, or a Hadoop configuration directory, with or without a zoo.cfg (default: the book's cluster)",
    )
    .addOption(new Option('--wait <for>', 'what to wait for').choices(['active', 'started']).default('active'))
    .addOption(new Option('--profile <profile>', "timers: Apache's, or short ones").choices(['production', 'fast']))
    .option('--timeout <seconds>', 'give up after', '60')
    .option('--one-address', 'put all hosts on 127.0.0.1 and shift their ports')
    .action(run(async () => (await import('./commands/up.js')).up));

  json(placed(halab.command('down')))
    .description('stop all processes of a lab')
    .option('--wipe', 'remove its state too: everything it holds is gone')
    .action(run(async () => (await import('./commands/down.js')).down));

  json(placed(halab.command('status')))
    .description('who is active, who holds the lock, what each process does')
    .option('--timeout <ms>', 'how long a role may take to answer', milliseconds, '1000')
    .action(run(async () => (await import('./commands/status.js')).status));

  placed(halab.command('dash'))
    .description('the terminal dashboard; lines where there is no terminal')
    .option('--lines', 'print lines even on a terminal')
    .option('--once', 'one look, then leave (lines)')
    .option('--svg <file>', 'write a picture of it instead')
    .action(run(async () => (await import('./commands/dash.js')).dash));

  placed(halab.command('shell'))
    .description('a shell on a host of the lab, with hdfs, zkServer.sh, zkCli.sh, start-dfs.sh, jps; starts nothing')
    .argument('[host]', 'which host (default: the first)')
    .argument('[command...]', 'run this instead of an interactive shell (after --)')
    .option('-c, --command <line>', 'run this line instead of an interactive shell')
    .option('--topology <topology>', 'for a lab that is not there yet')
    .addOption(new Option('--profile <profile>', 'for a lab that is not there yet').choices(['production', 'fast']))
    .option('--one-address', 'for a lab that is not there yet: all hosts on 127.0.0.1')
    .action(run(async () => (await import('./commands/shell.js')).shell));

  json(placed(halab.command('conf')))
    .description(
      "write core-site.xml, hdfs-site.xml, zoo.cfg and log4j.properties with which Apache's own programs reach the lab",
    )
    .argument('<directory>', 'where to')
    .action(run(async () => (await import('./commands/conf.js')).conf));

  const signals: readonly (readonly [string, string])[] = [
    ['kill', 'kill processes with SIGKILL, as a crash does'],
    ['pause', 'freeze processes with SIGSTOP'],
    ['resume', 'let frozen processes go on (SIGCONT)'],
    ['stop', 'stop processes in order (SIGTERM)'],
    ['start', 'start processes that do not run'],
    ['restart', 'stop, then start'],
  ];
  for (const [verb, description] of signals) {
    json(placed(halab.command(verb)))
      .description(description)
      .argument(
        '<targets...>',
        'roles (nn1, jn2, zk3, zkfc1), hosts (m1), kinds, or active, standby, active-zkfc, active-host, zk-leader, ' +
          'zk-follower, all',
      )
      .action(
        run(async () => {
          const { act } = await import('./commands/act.js');
          return (targets: string[], options: PlaceOptions & { json?: boolean }) =>
            act(verb as Parameters<typeof act>[0], targets, options);
        }),
      );
  }

  json(placed(halab.command('kill-active')))
    .description(
      'write, kill the active NameNode (or something else), wait for the takeover, check that nothing was lost',
    )
    .addOption(
      new Option('--target <what>', 'what to kill')
        .choices(['active', 'zkfc', 'zk-leader', 'jn', 'host'])
        .default('active'),
    )
    .option('--rounds <n>', 'how many times', '1')
    .option('--timeout <seconds>', 'how long a takeover may take', '120')
    .action(run(async () => (await import('./commands/kill-active.js')).killActive));

  halab
    .command('sim')
    .description('the same roles in virtual time: campaigns of simulated failures (halab sim --help)')
    .allowUnknownOption()
    .helpOption(false)
    .argument('[args...]')
    .action(run(async () => (await import('./commands/sim.js')).sim));

  placed(halab.command('start-here'))
    .description('up, then the dashboard: what `npm start` does')
    .action(run(async () => (await import('./commands/start-here.js')).startHere));

  return halab;
}

/** Returns the exit code, unless the command goes on (a dashboard). */
export async function main(argv: readonly string[]): Promise<void> {
  const halab = program();
  for (const command of halab.commands) command.exitOverride();
  try {
    await halab.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed help or the fault already.
    process.exitCode = error.exitCode === 0 ? Exit.OK : Exit.USAGE;
  }
}
