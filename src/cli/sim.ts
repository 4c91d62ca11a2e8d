/**
 * `halab sim`: the lab's roles in virtual time, under faults drawn from a seed. Every failure is told with the one line
 * that repeats it, event for event.
 */
import { availableParallelism } from 'node:os';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { runSeed } from '../drill/sim/campaign.js';
import type { SeedResult } from '../drill/sim/campaign.js';
import { runCampaign } from '../drill/sim/many.js';
import { SCENARIO_NAMES } from '../drill/sim/scenario.js';
import type { ScenarioName } from '../drill/sim/scenario.js';
import { SCENARIOS } from '../drill/sim/scenarios.js';
import { Exit, print } from './terminal.js';

interface Options {
  readonly seed?: number;
  readonly seeds?: { readonly first: number; readonly last: number };
  readonly scenario: ScenarioName | 'all';
  readonly json?: true;
  readonly log?: true;
  readonly stopEarly?: true;
  readonly jobs: number;
}

const MOST_SHOWN = 5;

/** Returns the exit code: 0 all held, 1 a violation, 2 wrong usage. */
export async function simCommand(args: readonly string[]): Promise<number> {
  const command = new Command('halab sim')
    .description(
      "Runs simulated clusters of the lab's own roles, in virtual time, under faults drawn from seeds, and checks " +
        'what they promise. ' +
        'The same seed gives the same run.',
    )
    .option('--seed <n>', 'one seed', wholeNumber)
    .option('--seeds <a..b>', 'from a to b (default: 1..20)', seedRange)
    .addOption(
      new Option(
        '--scenario <name>',
        'zk: an ensemble and clients; qjm: JournalNodes and writers; ha: the whole cluster',
      )
        .choices([...SCENARIO_NAMES, 'all'])
        .default('all'),
    )
    .option('--json', 'print one JSON object a run')
    .option('--log', 'with --seed: print what happens, as it happens')
    .option('--stop-early', 'end a run at its first violation')
    .option('--jobs <n>', 'threads', wholeNumber, Math.max(1, availableParallelism() - 1))
    .exitOverride();
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? Exit.OK : Exit.USAGE;
  }
  const options = command.opts<Options>();
  const scenarios = options.scenario === 'all' ? SCENARIO_NAMES : [options.scenario];
  const { first, last } =
    options.seeds ??
    (options.seed === undefined ? { first: 1, last: 20 } : { first: options.seed, last: options.seed });
  const startedMs = performance.now();
  const results: SeedResult[] = [];
  const onResult = (result: SeedResult): void => {
    results.push(result);
    if (options.json) print(JSON.stringify(result));
    else if (result.verdict === 'violated' || first === last) tell(result);
  };

  if (first === last && options.log) {
    for (const scenario of scenarios) {
      onResult(
        await runSeed(SCENARIOS[scenario], first, {
          stopEarly: options.stopEarly === true,
          onLine: (nowMs, who, text) => print(`${nowMs.toFixed(3).padStart(11)} ${who.padEnd(7)} ${text}`),
        }),
      );
    }
  } else {
    await runCampaign({
      scenarios,
      firstSeed: first,
      lastSeed: last,
      jobs: first === last ? 1 : options.jobs,
      stopEarly: options.stopEarly === true,
      onResult,
    });
  }
  const violated = results.filter(({ verdict }) => verdict === 'violated');
  if (!options.json && first !== last) {
    const virtualSeconds = Math.round(results.reduce((sum, { virtualMs }) => sum + virtualMs, 0) / 1000);
    print(
      `${results.length} runs, ${violated.length} violated; ${virtualSeconds} s of virtual time in ` +
        `${((performance.now() - startedMs) / 1000).toFixed(1)} s`,
    );
  }
  return violated.length === 0 ? Exit.OK : Exit.FAILED;
}

function tell(result: SeedResult): void {
  const { scenario, seed, verdict, virtualMs, events, faults, eventLogDigest, violations, notes } = result;
  if (verdict === 'held') {
    print(
      `held: ${scenario}, seed ${seed}: ${faults} faults in ${Math.round(virtualMs / 1000)} s of virtual time, ` +
        `${events} steps; ${notes.at(-1) ?? ''}; event log ${eventLogDigest}`,
    );
    return;
  }
  for (const { check, atMs, message } of violations.slice(0, MOST_SHOWN)) print(`  ${check} at ${atMs} ms: ${message}`);
  if (violations.length > MOST_SHOWN) print(`  and ${violations.length - MOST_SHOWN} more`);
  print(`violated: ${violations[0]!.check}; repeat it: halab sim --seed ${seed} --scenario ${scenario}`);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(text);
}

function seedRange(text: string): { first: number; last: number } {
  const match = /^(\d{1,15})\.\.(\d{1,15})$/.exec(text);
  if (match === null || Number(match[2]) < Number(match[1])) throw new InvalidArgumentError('Write it as 1..200.');
  return { first: Number(match[1]), last: Number(match[2]) };
}
