/**
 * What a scenario is: services, work for them to do, checks, and how it is judged in the end. Every run has the same
 * course: start, settle, storm (faults and work), calm, and the judgement.
 */
import type { SeededRandom } from '../../base/prng.js';
import type { World } from '../../host/sim/index.js';
import type { RunCommand } from '../../host/sim/sim-host.js';
import type { Check, Report } from '../checks/check.js';
import type { SimCluster } from './cluster.js';
import type { FaultPlan } from './faults.js';

export interface Run {
  readonly world: World;
  readonly cluster: SimCluster;
  readonly random: SeededRandom;
  readonly report: Report;
  /** Into the log of the run, when somebody looks. */
  note(text: string): void;
}

export interface Scenario {
  readonly name: ScenarioName;
  readonly stormMs: number;
  /** Adds machines and services; nothing runs yet. */
  prepare(run: Run): Staged;
}

export interface Staged {
  readonly checks: readonly Check[];
  readonly faults: FaultPlan;
  /** What commands do that roles run; each succeeds if absent. */
  readonly runCommand?: RunCommand;
  /** Before the storm: formats, starts, first leader. Reports what never came to be. */
  begin(): Promise<void>;
  /** Work goes on from now until told to stop. */
  work(): void;
  stopWork(): void;
  /** All faults are over: converges, or reports `Converges`; then judges what is left. */
  end(): Promise<void>;
}

export const SCENARIO_NAMES = ['zk', 'qjm', 'ha'] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];
