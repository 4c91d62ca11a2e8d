/** Seeds over simulated-quorum.ts. `SEEDS=1000 FROM=1` widens the search; a failure prints the seed that replays it. */
import { expect, it } from 'vitest';
import { simulateQuorum } from './simulated-quorum.js';

const from = Number(process.env['FROM'] ?? 1);
const seeds = Number(process.env['SEEDS'] ?? 10);
const durationMs = Number(process.env['DURATION_MS'] ?? 8_000);

it(`keeps its promises under ${seeds} seeds of crashes, power cuts, pauses and partitions`, async () => {
  let acknowledged = 0;
  let takeOvers = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const outcome = await simulateQuorum(seed, { durationMs }).catch((error: Error & { log?: string[] }) => {
      if (process.env['VERBOSE'] !== undefined) console.error(error.log?.slice(-200).join('\n'));
      throw error;
    });
    acknowledged += outcome.acknowledged;
    takeOvers += outcome.takeOvers;
  }
  if (process.env['VERBOSE'] !== undefined) console.error(`${acknowledged} acknowledged, ${takeOvers} take-overs`);
  // Otherwise the seeds proved nothing.
  expect(acknowledged).toBeGreaterThan(seeds * 50);
  expect(takeOvers).toBeGreaterThan(seeds * 3);
}, 300_000);

it('is the same run for the same seed', async () => {
  const [one, two] = [await simulateQuorum(5, { durationMs: 4_000 }), await simulateQuorum(5, { durationMs: 4_000 })];
  expect(two.digest).toBe(one.digest);
  expect(two.log).toEqual(one.log);
});
