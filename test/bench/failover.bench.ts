/**
 * Rounds of each fault, in turns on Apache's cluster and on a lab, both at Apache's timers: time from the fault to the next acknowledged
 * write. Same writer, same way of measuring, same machine, same minutes.
 *
 *   ROUNDS=20 TARGETS="active zkfc host zk-leader" npx vitest run --config test/bench/vitest.config.ts
 */
import { afterAll, beforeAll, test } from 'vitest';
import { createLiveHost } from '../../src/host/live/index.js';
import { Workload } from '../../src/drill/writer.js';
import { eventually, stopAll } from '../apache/apache.js';
import { TestLab } from '../apache/lab.js';
import { ApacheCluster, ROLES } from './apache-cluster.js';

const rounds = Number(process.env['ROUNDS'] ?? 20);
const targets = (process.env['TARGETS'] ?? 'active zkfc host zk-leader').split(' ');

const theirs = new ApacheCluster();
const ours = new TestLab();

beforeAll(async () => {
  await theirs.up();
  await ours.up();
});

afterAll(async () => {
  await theirs.down();
  await ours.end();
  await stopAll();
});

async function apacheRound(target: string): Promise<number> {
  const active = await theirs.settled();
  const host = active.at(-1)!;
  const workload = new Workload(createLiveHost({ id: 'writer' }), theirs.nameNodes, { user: 'root', directory: `/drill${Date.now()}`, lanes: 2, pauseMs: 2 });
  try {
    await workload.begin();
    await eventually('the first writes', () => (workload.acknowledged.length >= 50 ? true : undefined));
    // Anywhere between two pings of a session.
    await new Promise((resolve) => setTimeout(resolve, 3000 + Math.random() * 4000));
    const victims = target === 'active' ? [active] : target === 'zkfc' ? [`zkfc${host}`] : target === 'host' ? ROLES.filter((id) => id.endsWith(host))
      : target === 'zk-leader' ? [(await theirs.zooKeeperLeader())!] : [`jn${1 + Math.floor(Math.random() * 3)}`];
    const faultAtMs = Date.now();
    await theirs.kill(victims);
    let outageMs: number;
    if (target === 'zk-leader' || target === 'jn') {
      await eventually('a write', () => (workload.acknowledged.some((write) => write.issuedAtMs > faultAtMs + 4000) ? true : undefined));
      const acks = workload.acknowledged.map(({ ackedAtMs }) => ackedAtMs).filter((at) => at > faultAtMs).sort((a, b) => a - b);
      outageMs = acks.reduce((longest, at, index) => Math.max(longest, at - (index === 0 ? faultAtMs : acks[index - 1]!)), 0);
    } else {
      const first = await eventually('the other NameNode serving', () => workload.acknowledged.find((write) => write.ackedAtMs > faultAtMs && write.by !== active), 120_000);
      outageMs = first.ackedAtMs - faultAtMs;
    }
    theirs.start(victims);
    await theirs.settled();
    return outageMs;
  } finally {
    await workload.stop();
  }
}

async function ourRound(target: string): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 3000 + Math.random() * 4000));
  const { outageMs } = JSON.parse(await ours.well('kill-active', '--target', target, '--rounds', '1', '--json')) as { outageMs: { median: number } };
  return outageMs.median;
}

const summary = (name: string, values: readonly number[]): string => {
  const sorted = [...values].sort((a, b) => a - b);
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  const of = (value: number): string => (value / 1000).toFixed(2);
  return `${name}: median ${of(sorted[Math.floor(sorted.length / 2)]!)} s, mean ${of(mean)} (${of(sorted[0]!)}-${of(sorted.at(-1)!)}, ${sorted.length} rounds)`;
};

test.each(targets)('%s', async (target) => {
  const measured = { apache: [] as number[], ours: [] as number[] };
  for (let round = 1; round <= rounds; round++) {
    measured.apache.push(await apacheRound(target));
    measured.ours.push(await ourRound(target));
    console.log(`${target} ${round}/${rounds}: Apache ${measured.apache.at(-1)} ms, ours ${measured.ours.at(-1)} ms`);
  }
  console.log(`${target}\n  ${summary("Apache's", measured.apache)}\n  ${summary('ours', measured.ours)}`);
});
