/** `halab kill-active`: rounds of breaking a lab under load, with a verdict. What lab/kill-active.sh runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../../base/errors.js';
import { openLab } from '../../cluster/lab.js';
import { placeOf } from '../../cluster/state-dir.js';
import { runRound, type Fault, type RoundResult } from '../../drill/round.js';
import { PHASES } from '../../drill/stopwatch.js';
import type { PlaceOptions } from '../place-options.js';
import { Exit, notice, print, printJson, table } from '../terminal.js';
import { secondsOf } from './up.js';

export interface KillOptions extends PlaceOptions {
  readonly target: Fault;
  readonly rounds: string;
  readonly timeout: string;
  readonly json?: boolean;
}

/**
 * Rounds that follow each other at once would all meet the sessions at the same point between two pings and two ticks,
 * and so all measure the same time-out, not its spread: each comes a moment later, of any length up to this.
 */
const PHASE_MS = 5000;

/**
 * Resolves with 0 if every round came off: somebody served, nothing acknowledged is missing, never two that were
 * writable.
 */
export async function killActive(options: KillOptions): Promise<number> {
  const rounds = Number(options.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new LabError('USAGE', `--rounds ${options.rounds}: not a number of rounds`);
  const limitMs = secondsOf(options.timeout);
  const lab = openLab(placeOf(options));
  const results: RoundResult[] = [];
  for (let round = 1; round <= rounds; round++) {
    if (round > 1) await sleep(Math.random() * PHASE_MS);
    const label = rounds === 1 ? '' : `round ${round}/${rounds}: `;
    const result = await runRound(lab, { fault: options.target, limitMs, say: (text) => notice(`${label}${text}`) });
    results.push(result);
    for (const path of result.missing.slice(0, 10)) notice(`${label}LOST: ${path}`);
    for (const { other, write } of result.conflicts.slice(0, 10))
      notice(
        `${label}TWO WRITABLE: ${write.by} acknowledged ${write.path} after ${other.by} had acknowledged ${other.path}`,
      );
  }
  const bad = results.filter((result) => result.missing.length > 0 || result.conflicts.length > 0);
  if (options.json === true)
    printJson({
      name: lab.plan.name,
      target: options.target,
      passed: results.length - bad.length,
      failed: bad.length,
      outageMs: spread(results, 'outageMs'),
      zooKeeperOutageMs: spread(results, 'zooKeeperOutageMs'),
      rounds: results,
    });
  else print(resultText(results));
  return bad.length === 0 ? Exit.OK : Exit.FAILED;
}

const ms = (value: number | undefined): string => (value === undefined ? '-' : String(Math.round(value)));

function resultText(results: readonly RoundResult[]): string {
  const rows = [
    ['KILLED', 'ACTIVE', 'OUTAGE', 'ZOOKEEPER', ...PHASES.map((phase) => phase.toUpperCase()), 'WRITES', 'LOST', 'TWO'],
    ...results.map((result) => [
      result.killed.length > 2 ? `${result.killed.length} roles` : result.killed.join(','),
      result.failedOver ? `${result.from} -> ${result.to}` : result.from,
      `${ms(result.outageMs)} ms`,
      `${ms(result.zooKeeperOutageMs)} ms`,
      ...PHASES.map((phase) => ms(result.times?.phases[phase])),
      String(result.acknowledged),
      String(result.missing.length),
      String(result.conflicts.length),
    ]),
  ];
  const summary = (outage: Outage): string => {
    const { median, least, most } = spread(results, outage);
    const range = `(median; ${ms(least)}-${ms(most)}, ${results.length} rounds)`;
    return `${ms(median)} ms${results.length > 1 ? ` ${range}` : ''}`;
  };
  const lost = results.reduce((sum, result) => sum + result.missing.length, 0);
  const two = results.reduce((sum, result) => sum + result.conflicts.length, 0);
  const writes = results.reduce((sum, result) => sum + result.acknowledged, 0);
  return (
    `${table(rows)}\n\noutage ${summary('outageMs')}; without ZooKeeper writes ` +
    `${summary('zooKeeperOutageMs')}; ${writes} acknowledged writes, ${lost} lost; two writable NameNodes: ` +
    `${two === 0 ? 'never' : `${two} times`}`
  );
}

type Outage = 'outageMs' | 'zooKeeperOutageMs';

function spread(results: readonly RoundResult[], outage: Outage): { median: number; least: number; most: number } {
  const sorted = results.map((result) => result[outage]).sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)]!, least: sorted[0]!, most: sorted.at(-1)! };
}
