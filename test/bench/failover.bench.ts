/**
 * Rounds of each fault, in turns on Apache's cluster and on a lab, both at Apache's timers: time from the fault to the
 * next acknowledged write. Same writer, same way of measuring, same machine, same minutes.
 *
 *   ROUNDS=20 TARGETS="active zkfc host zk-leader" npx vitest run --config test/bench/vitest.config.ts
 */
import { afterAll, beforeAll, test } from 'vitest';
import { createLiveHost } from '../../src/host/live/index.js';
import { EnsembleWriter, longestSilenceMs } from '../../src/drill/ensemble-writer.js';
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

interface Measured {
  readonly outageMs: number;
  readonly zooKeeperOutageMs: number;
}

async function apacheRound(target: string): Promise<Measured> {
  const active = await theirs.settled();
  const host = active.at(-1)!;
  const writer = createLiveHost({ id: 'writer' });
  const ensemble = new EnsembleWriter(writer, theirs.zooKeepers, `/drill-${Date.now()}`);
  const workload = new Workload(writer, theirs.nameNodes, {
    user: 'root',
    directory: `/drill${Date.now()}`,
    lanes: 2,
    pauseMs: 2,
  });
  try {
    await Promise.all([workload.begin(), ensemble.begin()]);
    await eventually('the first writes', () => (workload.acknowledged.length >= 50 ? true : undefined));
    // Anywhere between two pings of a session.
    await new Promise((resolve) => setTimeout(resolve, 3000 + Math.random() * 4000));
    const victims =
      target === 'active'
        ? [active]
        : target === 'zkfc'
          ? [`zkfc${host}`]
          : target === 'host'
            ? ROLES.filter((id) => id.endsWith(host))
            : target === 'zk-leader'
              ? [(await theirs.zooKeeperLeader())!]
              : [`jn${1 + Math.floor(Math.random() * 3)}`];
    const faultAtMs = Date.now();
    await theirs.kill(victims);
    let outageMs: number;
    if (target === 'zk-leader' || target === 'jn') {
      await eventually('writes', () =>
        workload.acknowledged.some((write) => write.issuedAtMs > faultAtMs + 4000) &&
        ensemble.wroteAfter(faultAtMs + 4000)
          ? true
          : undefined,
      );
      outageMs = longestSilenceMs(
        workload.acknowledged.map(({ ackedAtMs }) => ackedAtMs),
        faultAtMs,
      );
    } else {
      const first = await eventually(
        'the other NameNode serving',
        () => workload.acknowledged.find((write) => write.ackedAtMs > faultAtMs && write.by !== active),
        120_000,
      );
      outageMs = first.ackedAtMs - faultAtMs;
    }
    const zooKeeperOutageMs = ensemble.longestSilenceMs(faultAtMs);
    theirs.start(victims);
    await theirs.settled();
    const lost = await ensemble.end();
    if (lost !== undefined) throw new Error(lost);
    return { outageMs, zooKeeperOutageMs };
  } finally {
    await Promise.all([workload.stop(), ensemble.close()]);
  }
}

async function ourRound(target: string): Promise<Measured> {
  await new Promise((resolve) => setTimeout(resolve, 3000 + Math.random() * 4000));
  const {
    rounds: [round],
  } = JSON.parse(await ours.well('kill-active', '--target', target, '--rounds', '1', '--json')) as {
    rounds: readonly Measured[];
  };
  return round!;
}

const summary = (name: string, values: readonly number[]): string => {
  const sorted = [...values].sort((a, b) => a - b);
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  const of = (value: number): string => (value / 1000).toFixed(2);
  return (
    `${name}: median ${of(sorted[Math.floor(sorted.length / 2)]!)} s, mean ${of(mean)} ` +
    `(${of(sorted[0]!)}-${of(sorted.at(-1)!)}, ${sorted.length} rounds)`
  );
};

test.each(targets)('%s', async (target) => {
  const apache: Measured[] = [];
  const lab: Measured[] = [];
  const text = ({ outageMs, zooKeeperOutageMs }: Measured): string =>
    `${outageMs} ms (ZooKeeper ${zooKeeperOutageMs} ms)`;
  for (let round = 1; round <= rounds; round++) {
    apache.push(await apacheRound(target));
    lab.push(await ourRound(target));
    console.log(`${target} ${round}/${rounds}: Apache ${text(apache.at(-1)!)}, ours ${text(lab.at(-1)!)}`);
  }
  for (const outage of ['outageMs', 'zooKeeperOutageMs'] as const) {
    const of = (measured: readonly Measured[]): number[] => measured.map((round) => round[outage]);
    console.log(
      `${target} ${outage === 'outageMs' ? 'HDFS' : 'ZooKeeper'} writes\n  ${summary("Apache's", of(apache))}\n  ` +
        `${summary('ours', of(lab))}`,
    );
  }
});
