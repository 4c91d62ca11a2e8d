/**
 * Kills, power losses and failovers at any instant, seed by seed: what was acknowledged is in the namespace of whoever
 * is active next.
 */
import { expect, test } from 'vitest';
import { NameNodePair, otherThan } from './name-node-pair.js';

const SEEDS = Number(process.env['SEEDS'] ?? 5);
const FIRST = Number(process.env['SEED'] ?? 1);

async function run(seed: number): Promise<{ acknowledged: number; digest: string }> {
  const pair = new NameNodePair(seed);
  const { cluster, random, world } = pair;
  await pair.up();
  for (let round = 0; round < 10; round++) {
    await pair.pass(random.below(1500));
    const active = pair.active;
    const other = otherThan(active);
    const machine = cluster.machineOf(active);
    switch (random.below(8)) {
      case 0: // SIGKILL of the active
        cluster.kill(active);
        await pair.transition(other, 'ACTIVE');
        await pair.pass(random.below(500));
        cluster.release(active);
        break;
      case 1: // its machine loses power, its JournalNode with it
        cluster.powerOff(machine);
        await pair.transition(other, 'ACTIVE');
        await pair.pass(random.below(3000));
        cluster.powerOn(machine);
        break;
      case 2: // graceful
        if (await pair.transition(active, 'STANDBY')) await pair.transition(other, 'ACTIVE');
        break;
      case 3: // the other one takes over unasked: the old one is fenced by the epoch and ends
        await pair.transition(other, 'ACTIVE');
        await pair.pass(1000);
        break;
      case 4: {
        // one JournalNode, for a while
        const node = `jn${1 + random.below(3)}`;
        cluster.kill(node);
        await pair.pass(random.below(2000));
        cluster.release(node);
        break;
      }
      case 5: // killed while it is becoming active
        cluster.kill(active);
        world.at(random.below(60), () => cluster.kill(other));
        await pair.transition(other, 'ACTIVE', 2000);
        await pair.pass(60);
        for (const id of [active, other]) cluster.release(id);
        await pair.pass(300);
        await pair.transition(random.below(2) === 0 ? 'nn1' : 'nn2', 'ACTIVE');
        break;
      case 6: // frozen, and thawed when the other has long taken over
        cluster.pause(active);
        await pair.transition(other, 'ACTIVE');
        await pair.pass(random.below(2000));
        cluster.resume(active);
        await pair.pass(500);
        break;
      case 7: {
        // cut off from the two other machines, though not from its clients
        for (const peer of ['m1', 'm2', 'm3']) if (peer !== machine) world.partition(machine, peer);
        await pair.pass(random.below(300));
        await pair.transition(other, 'ACTIVE');
        await pair.pass(random.below(2000));
        world.healAll();
        await pair.pass(500);
        break;
      }
    }
    // Long enough for what gave up by itself to be started again.
    await pair.pass(1000);
  }
  pair.stopWriting();
  // Long enough for a NameNode without a quorum to give up.
  await pair.pass(30_000);
  expect(pair.trouble, `seed ${seed}`).toEqual([]);
  expect(await pair.transition(otherThan(pair.active), 'STANDBY'), `seed ${seed}`).toBe(true);
  expect(await pair.transition(pair.active, 'ACTIVE'), `seed ${seed}`).toBe(true);
  const first = await pair.list(pair.active);
  expect(
    [...pair.acknowledged].filter((name) => !first.has(name)),
    `seed ${seed}: acknowledged and lost`,
  ).toEqual([]);
  expect(await pair.transition(pair.active, 'STANDBY'), `seed ${seed}`).toBe(true);
  expect(await pair.transition(otherThan(pair.active), 'ACTIVE'), `seed ${seed}`).toBe(true);
  expect(await pair.list(pair.active), `seed ${seed}: the two differ`).toEqual(first);
  return { acknowledged: pair.acknowledged.size, digest: world.digest() };
}

test(
  `nothing acknowledged is lost, seeds ${FIRST} to ${FIRST + SEEDS - 1}`,
  async () => {
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const { acknowledged } = await run(seed);
      expect(acknowledged).toBeGreaterThan(100);
    }
  },
  Math.max(300_000, SEEDS * 30_000),
);

test('the same seed gives the same run', async () => {
  const first = await run(3);
  expect(await run(3)).toEqual(first);
}, 120_000);
