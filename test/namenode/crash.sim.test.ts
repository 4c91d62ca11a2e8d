/**
 * Kills, power losses and failovers at any instant, seed by seed: what was acknowledged is in the namespace of whoever
 * is active next.
 */
import { expect, test } from 'vitest';
import { SimPair } from './sim-pair.js';

const SEEDS = Number(process.env['SEEDS'] ?? 5);
const FIRST = Number(process.env['SEED'] ?? 1);

async function run(seed: number): Promise<{ acknowledged: number; digest: string }> {
  const pair = new SimPair(seed);
  const { random, world } = pair;
  await pair.up();
  for (let round = 0; round < 10; round++) {
    await pair.pass(random.below(1500));
    const active = pair.active;
    const other = 1 - active;
    switch (random.below(8)) {
      case 0: // SIGKILL of the active
        pair.nn[active]!.kill();
        await pair.transition(other, 'ACTIVE');
        await pair.pass(random.below(500));
        pair.startNameNode(active);
        break;
      case 1: {
        // its machine loses power, its JournalNode with it
        const machine = world.machine(`m${active + 1}`);
        machine.powerOff();
        await pair.transition(other, 'ACTIVE');
        await pair.pass(random.below(3000));
        machine.powerOn();
        pair.startJournal(active);
        pair.startNameNode(active);
        break;
      }
      case 2: // graceful
        if (await pair.transition(active, 'STANDBY')) await pair.transition(other, 'ACTIVE');
        break;
      case 3: // the other one takes over unasked: the old one is fenced by the epoch and ends
        await pair.transition(other, 'ACTIVE');
        await pair.pass(1000);
        if (pair.nn[active]!.dead) pair.startNameNode(active);
        break;
      case 4: {
        // one JournalNode, for a while
        const node = random.below(3);
        pair.jn[node]!.kill();
        await pair.pass(random.below(2000));
        pair.startJournal(node);
        break;
      }
      case 5: // killed while it is becoming active
        pair.nn[active]!.kill();
        world.at(random.below(60), () => pair.nn[other]!.kill());
        await pair.transition(other, 'ACTIVE', 2000);
        await pair.pass(60);
        for (let i = 0; i < 2; i++) if (pair.nn[i]!.dead) pair.startNameNode(i);
        await pair.pass(300);
        await pair.transition(random.below(2), 'ACTIVE');
        break;
      case 6: // frozen, and thawed when the other has long taken over
        pair.nn[active]!.pause();
        await pair.transition(other, 'ACTIVE');
        await pair.pass(random.below(2000));
        pair.nn[active]!.resume();
        await pair.pass(500);
        break;
      case 7: {
        // cut off from the two other machines, though not from its clients
        const cutOff = `m${active + 1}`;
        for (const peer of ['m1', 'm2', 'm3']) if (peer !== cutOff) world.partition(cutOff, peer);
        await pair.pass(random.below(300));
        await pair.transition(other, 'ACTIVE');
        await pair.pass(random.below(2000));
        world.healAll();
        await pair.pass(500);
        break;
      }
    }
    for (let i = 0; i < 2; i++) if (pair.nn[i]!.dead) pair.startNameNode(i);
    await pair.pass(300);
  }
  pair.stopWriting();
  // Long enough for a NameNode without a quorum to give up.
  await pair.pass(30_000);
  for (let i = 0; i < 2; i++) if (pair.nn[i]!.dead) pair.startNameNode(i);
  await pair.pass(1000);
  expect(pair.trouble, `seed ${seed}`).toEqual([]);
  expect(await pair.transition(1 - pair.active, 'STANDBY'), `seed ${seed}`).toBe(true);
  expect(await pair.transition(pair.active, 'ACTIVE'), `seed ${seed}`).toBe(true);
  const first = await pair.list(pair.active);
  expect(
    [...pair.acknowledged].filter((name) => !first.has(name)),
    `seed ${seed}: acknowledged and lost`,
  ).toEqual([]);
  expect(await pair.transition(pair.active, 'STANDBY'), `seed ${seed}`).toBe(true);
  expect(await pair.transition(1 - pair.active, 'ACTIVE'), `seed ${seed}`).toBe(true);
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
