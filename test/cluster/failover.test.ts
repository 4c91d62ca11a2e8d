/** The active is killed under load: the other takes over, nothing acknowledged is lost, and the phases add up. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RoundResult } from '../../src/drill/round.js';
import { build, LabFixture, root, run } from './lab-fixture.js';

const lab = new LabFixture();
beforeAll(build, 120_000);
afterAll(() => lab.end());

interface Report {
  readonly passed: number;
  readonly failed: number;
  readonly rounds: readonly RoundResult[];
}

test('lab/kill-active.sh', async () => {
  const { code, out, err } = await run(join(root, 'lab/kill-active.sh'), ['--dir', lab.dir, '--json', '--rounds', '2']);
  expect(code, err).toBe(0);
  const report = JSON.parse(out) as Report;
  expect(report).toMatchObject({ passed: 2, failed: 0 });
  for (const round of report.rounds) {
    expect(round).toMatchObject({
      fault: 'active',
      killed: [round.from],
      failedOver: true,
      missing: [],
      conflicts: [],
    });
    expect(round.acknowledged).toBeGreaterThan(50);
    const { totalMs, phases } = round.times!;
    expect(totalMs).toBe(round.outageMs);
    expect(Object.values(phases).reduce<number>((sum, ms) => sum + (ms ?? 0), 0)).toBe(totalMs);
  }
  expect(report.rounds[0]!.to).toBe(report.rounds[1]!.from);
}, 240_000);

test('a JournalNode lost, and the leader of ZooKeeper: the same NameNode goes on', async () => {
  for (const target of ['jn', 'zk-leader']) {
    const { code, out, err } = await lab.halab('kill-active', '--target', target, '--json');
    expect(code, err).toBe(0);
    expect((JSON.parse(out) as Report).rounds[0]).toMatchObject({ failedOver: false, missing: [], conflicts: [] });
  }
}, 240_000);
