/**
 * A schedule of faults drawn from a seed, in the lab's one vocabulary: kill, power loss, pause, partition (one way,
 * too), delay, loss, slow and full disk. Each ends by itself after a while; what it does is told as it happens. Beside
 * those that come by chance there are those that come at a bad moment: within milliseconds of an event, to whom it
 * happened, mostly.
 */
import type { LabEvent } from '../../base/events.js';
import type { SeededRandom } from '../../base/prng.js';
import { NO_DISK_FAULTS } from '../../host/sim/file-system.js';
import type { Link } from '../../host/sim/links.js';
import type { SimCluster } from './cluster.js';

export interface FaultPlan {
  /** Weights; a fault without one does not happen. */
  readonly weights: Partial<Record<FaultKind, number>>;
  /** Mean time between two faults. */
  readonly meanGapMs: number;
  readonly longestMs: number;
  /** Event -> chance that a fault follows on its heels. */
  readonly moments: Partial<Record<LabEvent['type'], number>>;
  /** Whoever had one of these events last is worth a fault more than others: the leader, the active, the writer. */
  readonly prey: readonly LabEvent['type'][];
  /** Services and machines that faults may strike. */
  readonly services: readonly string[];
  readonly machines: readonly string[];
}

export const FAULT_KINDS = [
  'kill',
  'power',
  'pause',
  'partition',
  'isolate',
  'delay',
  'loss',
  'slowDisk',
  'fullDisk',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What may follow on an event. `turn`: whoever was cut off comes back, and this one is cut off. */
const AT_A_MOMENT = ['kill', 'kill', 'kill', 'power', 'pause', 'isolate', 'partition', 'turn', 'turn'] as const;
const SOON_MS = 6;

/** The same chance for all of these. */
export function momentsOf(chance: number, types: readonly LabEvent['type'][]): FaultPlan['moments'] {
  return Object.fromEntries(types.map((type) => [type, chance]));
}

/** Lets faults happen from now until `untilMs` of virtual time. `onFault` is told each in words. */
export function scheduleFaults(
  cluster: SimCluster,
  plan: FaultPlan,
  untilMs: number,
  random: SeededRandom,
  onFault: (text: string) => void,
): void {
  const { world } = cluster;
  const kinds = FAULT_KINDS.flatMap((kind) => Array.from({ length: plan.weights[kind] ?? 0 }, () => kind));
  const gapMs = (): number => -Math.log(1 - random.unit()) * plan.meanGapMs;
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;

  const prey = new Map<LabEvent['type'], string>();
  const anyone = (): string => {
    const favoured = [...prey.values()];
    return favoured.length > 0 && random.below(2) === 0 ? pick(favoured) : pick(plan.services);
  };

  const next = (): void => {
    if (world.nowMs >= untilMs) return;
    strike(pick(kinds), anyone());
    world.at(gapMs(), next);
  };
  world.at(gapMs(), next);

  world.observe({
    onEvent(event) {
      const { type, role } = event;
      if (world.nowMs >= untilMs || !plan.services.includes(role)) return;
      if (plan.prey.includes(type)) prey.set(type, role);
      const chance = plan.moments[type];
      if (chance === undefined || random.unit() >= chance) return;
      // Who has something to do with another, and cannot reach it.
      const target =
        'target' in event && plan.services.includes(event.target) ? cluster.machineOf(event.target) : undefined;
      const apart = target !== undefined && target !== cluster.machineOf(role) && random.below(2) === 0;
      const victim = apart || random.below(3) === 0 ? role : anyone();
      const kind = apart ? 'partition' : pick(AT_A_MOMENT);
      world.at(apart ? 0 : SOON_MS * random.unit() * random.unit(), () => {
        if (world.nowMs < untilMs) strike(kind, victim, apart ? target : undefined);
      });
    },
  });

  function cut(links: readonly Link[], forMs: number): void {
    for (const link of links) link.cut();
    world.at(forMs, () => {
      for (const link of links) link.heal();
    });
  }

  /** `victim`: a service, or its machine. `from`: what it is parted from, by chance if absent. */
  function strike(kind: FaultKind | 'turn', victim: string, from?: string): void {
    const home = cluster.machineOf(victim);
    const others = plan.machines.filter((name) => name !== home);
    const machine = plan.machines.includes(home) ? home : pick(plan.machines);
    // Mostly short ones; some outlast every time-out. Who stands still is found out late, so that lasts longer.
    const forMs = 50 + plan.longestMs * random.unit() * (kind === 'pause' ? 1 : random.unit());
    const tell = (what: string): void => onFault(`${what} for ${Math.round(forMs)} ms`);
    switch (kind) {
      case 'kill': {
        tell(`kill ${victim}`);
        cluster.kill(victim);
        world.at(forMs, () => cluster.release(victim));
        return;
      }
      case 'power': {
        // One machine, or all at once.
        const machines = random.below(6) === 0 ? plan.machines : [machine];
        tell(`power loss of ${machines.join(', ')}`);
        for (const name of machines) {
          cluster.powerOff(name);
          world.at(forMs + 300 * random.unit(), () => cluster.powerOn(name));
        }
        return;
      }
      case 'pause': {
        tell(`pause ${victim}`);
        cluster.pause(victim);
        world.at(forMs, () => cluster.resume(victim));
        return;
      }
      case 'partition': {
        const to = from ?? pick(others);
        const oneWay = random.below(3) === 0;
        tell(`partition ${home} ${oneWay ? '->' : '<->'} ${to}`);
        cut([world.links.between(home, to), ...(oneWay ? [] : [world.links.between(to, home)])], forMs);
        return;
      }
      case 'turn':
      case 'isolate':
        if (kind === 'turn') {
          world.healAll();
          for (const id of plan.services) cluster.resume(id);
        }
        // Sometimes one remains: whom alone the last words reach.
        const spared = random.below(3) === 0 ? pick(others) : undefined;
        tell(
          `${kind === 'turn' ? 'heal all and ' : ''}isolate ` +
            `${home}${spared === undefined ? '' : `, but not from ${spared}`}`,
        );
        cut(
          others
            .filter((other) => other !== spared)
            .flatMap((other) => [world.links.between(home, other), world.links.between(other, home)]),
          forMs,
        );
        return;
      case 'delay':
      case 'loss': {
        const to = pick(others);
        const link = world.links.between(home, to);
        const faults =
          kind === 'delay'
            ? { delayMs: 300 * random.unit(), jitterMs: 300 * random.unit(), loss: 0 }
            : { delayMs: 0, jitterMs: 5, loss: 0.3 * random.unit() };
        tell(`${kind} ${home} -> ${to}`);
        link.faults = faults;
        world.at(forMs, () => {
          if (link.faults === faults) link.clearFaults();
        });
        return;
      }
      case 'slowDisk':
      case 'fullDisk': {
        const { files } = world.machine(machine);
        const faults =
          kind === 'slowDisk'
            ? { failure: undefined, slowMs: 20 + 400 * random.unit() }
            : { failure: 'full' as const, slowMs: 0 };
        tell(`${kind === 'slowDisk' ? 'slow' : 'full'} disk of ${machine}`);
        files.faults = faults;
        world.at(forMs, () => {
          if (files.faults === faults) files.faults = NO_DISK_FAULTS;
        });
      }
    }
  }
}
