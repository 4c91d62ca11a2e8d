/**
 * A schedule of faults drawn from a seed, in the lab's one vocabulary: kill, power loss, pause, partition (one way, too), delay,
 * loss, slow and full disk. Each ends by itself after a while; what it does is told as it happens.
 */
import type { SeededRandom } from '../../base/prng.js';
import type { SimCluster } from './cluster.js';

export interface FaultPlan {
  /** Weights; a fault without one does not happen. */
  readonly weights: Partial<Record<FaultKind, number>>;
  /** Mean time between two faults. */
  readonly meanGapMs: number;
  readonly longestMs: number;
  /** Services and machines that faults may strike. */
  readonly services: readonly string[];
  readonly machines: readonly string[];
}

export const FAULT_KINDS = ['kill', 'power', 'pause', 'partition', 'isolate', 'delay', 'loss', 'slowDisk', 'fullDisk'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Lets faults happen from now until `untilMs` of virtual time. `onFault` is told each in words. */
export function scheduleFaults(cluster: SimCluster, plan: FaultPlan, untilMs: number, random: SeededRandom, onFault: (text: string) => void): void {
  const { world } = cluster;
  const kinds = FAULT_KINDS.flatMap((kind) => Array.from({ length: plan.weights[kind] ?? 0 }, () => kind));
  const gapMs = (): number => -Math.log(1 - random.unit()) * plan.meanGapMs;
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;

  const next = (): void => {
    if (world.nowMs >= untilMs) return;
    strike(pick(kinds));
    world.at(gapMs(), next);
  };
  world.at(gapMs(), next);

  function strike(kind: FaultKind): void {
    // Mostly short ones; some outlast every time-out.
    const forMs = 50 + plan.longestMs * random.unit() * random.unit();
    const tell = (what: string): void => onFault(`${what} for ${Math.round(forMs)} ms`);
    switch (kind) {
      case 'kill': {
        const id = pick(plan.services);
        tell(`kill ${id}`);
        cluster.kill(id);
        world.at(forMs, () => cluster.release(id));
        return;
      }
      case 'power': {
        // One machine, or all at once.
        const machines = random.below(6) === 0 ? plan.machines : [pick(plan.machines)];
        tell(`power loss of ${machines.join(', ')}`);
        for (const machine of machines) {
          cluster.powerOff(machine);
          world.at(forMs + 300 * random.unit(), () => cluster.powerOn(machine));
        }
        return;
      }
      case 'pause': {
        const id = pick(plan.services);
        tell(`pause ${id}`);
        cluster.pause(id);
        world.at(forMs, () => cluster.resume(id));
        return;
      }
      case 'partition': {
        const from = pick(plan.machines);
        const to = pick(plan.machines.filter((name) => name !== from));
        const oneWay = random.below(3) === 0;
        tell(`partition ${from} ${oneWay ? '->' : '<->'} ${to}`);
        const links = [world.links.between(from, to), ...(oneWay ? [] : [world.links.between(to, from)])];
        for (const link of links) link.cut();
        world.at(forMs, () => { for (const link of links) link.heal(); });
        return;
      }
      case 'isolate': {
        const alone = pick(plan.machines);
        tell(`isolate ${alone}`);
        const links = plan.machines.filter((name) => name !== alone).flatMap((other) => [world.links.between(alone, other), world.links.between(other, alone)]);
        for (const link of links) link.cut();
        world.at(forMs, () => { for (const link of links) link.heal(); });
        return;
      }
      case 'delay':
      case 'loss': {
        const from = pick(plan.machines);
        const to = pick(plan.machines.filter((name) => name !== from));
        const link = world.links.between(from, to);
        const faults = kind === 'delay' ? { delayMs: 300 * random.unit(), jitterMs: 300 * random.unit(), loss: 0 } : { delayMs: 0, jitterMs: 5, loss: 0.3 * random.unit() };
        tell(`${kind} ${from} -> ${to}`);
        link.faults = faults;
        world.at(forMs, () => { if (link.faults === faults) link.clearFaults(); });
        return;
      }
      case 'slowDisk':
      case 'fullDisk': {
        const machine = world.machine(pick(plan.machines));
        const faults = kind === 'slowDisk' ? { failure: undefined, slowMs: 20 + 400 * random.unit() } : { failure: 'full' as const, slowMs: 0 };
        tell(`${kind === 'slowDisk' ? 'slow' : 'full'} disk of ${machine.name}`);
        machine.files.faults = faults;
        world.at(forMs, () => { if (machine.files.faults === faults) machine.files.faults = { failure: undefined, slowMs: 0 }; });
      }
    }
  }
}
