/**
 * One seed, one verdict: builds the world, lets the storm pass, judges. The same seed gives the same run, event for
 * event, so a failure is repeated by one line: `halab sim --seed N --scenario NAME`.
 */
import { hasCode } from '../../base/errors.js';
import { createWorld } from '../../host/sim/index.js';
import type { World } from '../../host/sim/index.js';
import { Violations } from '../checks/check.js';
import type { Check, Violation } from '../checks/check.js';
import { SimCluster } from './cluster.js';
import { scheduleFaults } from './faults.js';
import type { Run, Scenario, ScenarioName, Staged } from './scenario.js';

export interface SeedResult {
  readonly scenario: ScenarioName;
  readonly seed: number;
  readonly verdict: 'held' | 'violated';
  readonly violations: readonly Violation[];
  /** Equal for equal runs. */
  readonly eventLogDigest: string;
  readonly virtualMs: number;
  /** Steps of the simulator. */
  readonly events: number;
  readonly faults: number;
  /** How many events there were of each type: `BecameActive`. */
  readonly seen: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

export interface SeedOptions {
  /** Each line of every role's log, event and fault, as it happens. */
  readonly onLine?: ((nowMs: number, who: string, text: string) => void) | undefined;
  /** Stop at the first violation. */
  readonly stopEarly?: boolean;
}

const CALM_LIMIT_MS = 5000;

/** Shows the checks all that happens. */
export function watch(world: World, checks: readonly Check[]): void {
  world.observe({
    onEvent: (event, nowMs) => {
      for (const check of checks) check.onEvent?.(event, nowMs);
    },
    onTrace: (event) => {
      for (const check of checks) check.onTrace?.(event);
    },
    onEnd: (instance, end) => {
      for (const check of checks) check.onEnd?.(instance.id, end, world.nowMs);
    },
  });
}

export async function runSeed(scenario: Scenario, seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const { onLine } = options;
  const violations = new Violations();
  let staged: Staged | undefined;
  const world = createWorld({
    seed,
    runCommand: (command, by) => staged?.runCommand?.(command, by) ?? { exitCode: 0 },
  });
  const notes: string[] = [];
  const note = (text: string): void => {
    notes.push(text);
    onLine?.(world.nowMs, 'sim', text);
  };
  const cluster = new SimCluster(world);
  const run: Run = { world, cluster, random: world.forkRandom(), report: violations.report, note };
  staged = scenario.prepare(run);
  const { checks } = staged;
  let faults = 0;
  const seen: Record<string, number> = {};
  watch(world, checks);
  world.observe({
    onEvent: (event) => {
      seen[event.type] = (seen[event.type] ?? 0) + 1;
    },
  });
  if (onLine !== undefined) {
    world.observe({
      onEvent: ({ role, wallMs: _wallMs, ...event }, nowMs) =>
        onLine(
          nowMs,
          role,
          JSON.stringify(event, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
        ),
      onLog: (role, level, message, nowMs) => onLine(nowMs, role, `${level.toUpperCase()} ${message}`),
      onEnd: (instance, end) => onLine(world.nowMs, instance.id, `ends: ${end.how} ${end.code} ${end.reason}`),
    });
  }

  const unhandled = (error: unknown): void =>
    violations.report(
      'NoCrash',
      world.nowMs,
      `a promise was rejected and nobody looked: ` +
        `${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  process.on('unhandledRejection', unhandled);
  try {
    const broken = (): boolean => options.stopEarly === true && violations.list.length > 0;
    await staged.begin();
    if (!broken() && violations.list.length === 0) {
      staged.work();
      const stormEndMs = world.nowMs + scenario.stormMs;
      scheduleFaults(cluster, staged.faults, stormEndMs, world.forkRandom(), (text) => {
        faults++;
        onLine?.(world.nowMs, 'FAULT', text);
      });
      await world.run({ untilMs: stormEndMs, until: broken });
      if (!broken()) {
        cluster.calm();
        onLine?.(world.nowMs, 'FAULT', 'calm');
        // The work goes on a little: the cluster has to serve again.
        await world.run({ untilMs: world.nowMs + CALM_LIMIT_MS, until: broken });
        staged.stopWork();
        if (!broken()) {
          await staged.end();
          for (const check of checks) check.finish?.(world.nowMs);
        }
      }
    }
  } catch (error) {
    // Whatever a scenario's own processes meet that they should not is a finding, too, and its seed must be told.
    if (hasCode(error, 'LIVELOCK')) violations.report('Livelock', world.nowMs, (error as Error).message);
    else
      violations.report(
        'NoCrash',
        world.nowMs,
        `the run itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
  } finally {
    process.off('unhandledRejection', unhandled);
  }
  return {
    scenario: scenario.name,
    seed,
    verdict: violations.list.length === 0 ? 'held' : 'violated',
    violations: violations.list,
    eventLogDigest: world.digest(),
    virtualMs: Math.round(world.nowMs),
    events: world.eventCount,
    faults,
    seen,
    notes,
  };
}
