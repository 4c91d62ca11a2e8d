/** A worker thread of a campaign: runs the seeds it is given, one at a time. */
import { parentPort } from 'node:worker_threads';
import { runSeed } from './campaign.js';
import type { SeedOptions } from './campaign.js';
import type { ScenarioName } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

export interface Job {
  readonly scenario: ScenarioName;
  readonly seed: number;
  readonly options: SeedOptions;
}

parentPort?.on('message', ({ scenario, seed, options }: Job) => {
  void runSeed(SCENARIOS[scenario], seed, options).then((result) => parentPort!.postMessage(result));
});
