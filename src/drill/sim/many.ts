/** A campaign: many seeds of one or more scenarios, on as many threads as wanted. */
import { Worker } from 'node:worker_threads';
import { runSeed } from './campaign.js';
import type { SeedOptions, SeedResult } from './campaign.js';
import type { ScenarioName } from './scenario.js';
import { SCENARIOS } from './scenarios.js';
import type { Job } from './worker.js';

export interface CampaignOptions extends SeedOptions {
  readonly scenarios: readonly ScenarioName[];
  readonly firstSeed: number;
  readonly lastSeed: number;
  /** Threads. With 1, all runs in this one. */
  readonly jobs: number;
  readonly onResult: (result: SeedResult) => void;
}

/** Results come in the order in which runs end. Rejects with what a worker died of. */
export async function runCampaign(options: CampaignOptions): Promise<void> {
  const { scenarios, firstSeed, lastSeed, jobs, onResult, onLine: _onLine, ...rest } = options;
  const stopEarly = rest.stopEarly === true;
  const queue: Job[] = [];
  for (let seed = firstSeed; seed <= lastSeed; seed++)
    for (const scenario of scenarios) queue.push({ scenario, seed, options: { stopEarly } });

  if (jobs <= 1) {
    for (const { scenario, seed } of queue) {
      onResult(await runSeed(SCENARIOS[scenario], seed, options));
    }
    return;
  }
  await Promise.all(
    Array.from(
      { length: Math.min(jobs, queue.length) },
      () =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(new URL('./worker.js', import.meta.url));
          const next = (): void => {
            const job = queue.shift();
            if (job === undefined) void worker.terminate().then(() => resolve());
            else worker.postMessage(job);
          };
          worker.on('message', (result: SeedResult) => {
            onResult(result);
            next();
          });
          worker.on('error', reject);
          next();
        }),
    ),
  );
}
