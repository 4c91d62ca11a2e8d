/**
 * A misfortune in three acts, in which a recovery must remember the one before it. Chance alone brings it about too
 * rarely. First a writer reaches one JournalNode alone, which so gets edits that the others lack, and dies. Then a
 * second writer, which cannot reach that node, recovers the segment from the other two, and dies when the first of them
 * has accepted. Then the first writer comes back and meets the longer copy and the accepted one.
 */
import type { SeededRandom } from '../../base/prng.js';
import { MACHINES } from './machines.js';
import type { Run } from './scenario.js';

interface Relay {
  readonly act: 'alone' | 'recovered' | 'met';
  readonly first: string;
  readonly second: string;
  /** The JournalNode that gets more than the others. */
  readonly ahead: string;
}

/** An act that has not come to its end by then never will. */
const LONGEST_ACT_MS = 4000;

/**
 * `summon`: makes a writer want the journal now. Relays begin until `end` is called, each with this chance whenever a
 * segment starts.
 */
export function relays(
  { world, cluster, note }: Run,
  writers: readonly string[],
  chance: number,
  random: SeededRandom,
  summon: (writer: string) => void,
): { end(): void } {
  const everywhere = [...MACHINES, ...writers];
  let relay: Relay | undefined;
  let current: string | undefined;
  let over = false;

  const go = (next: Relay | undefined): void => {
    relay = next;
    if (next === undefined) return;
    note(`relay: ${next.first}, ${next.second}, ahead ${next.ahead}: ${next.act}`);
    world.at(LONGEST_ACT_MS, () => {
      if (relay !== next || over) return;
      relay = undefined;
      world.healAll();
      for (const id of writers) cluster.release(id);
    });
  };
  const part = (machine: string, others: readonly string[]): void => {
    for (const other of others) {
      if (other === machine) continue;
      world.links.between(machine, other).cut();
      world.links.between(other, machine).cut();
    }
  };
  const others = (machine: string): string[] => MACHINES.filter((name) => name !== machine);

  const begin = (first: string): void => {
    const second = writers.find((id) => id !== first)!;
    const ahead = MACHINES[random.below(MACHINES.length)]!;
    go({ act: 'alone', first, second, ahead });
    part(first, others(ahead));
    world.at(100 + 200 * random.unit(), () => {
      if (over || relay?.act !== 'alone') return;
      cluster.kill(first);
      world.healAll();
      part(ahead, everywhere);
      go({ ...relay, act: 'recovered' });
      summon(second);
    });
  };

  world.observe({
    onEvent(event) {
      if (over) return;
      if (event.type === 'WriterEpochEstablished') current = event.role;
      if (event.type === 'SegmentStarted' && relay === undefined && current !== undefined && random.unit() < chance) {
        const first = current;
        world.at(60 * random.unit(), () => {
          if (!over && relay === undefined && cluster.running(first) !== undefined) begin(first);
        });
      }
      if (event.type === 'RecoveryAccepted' && relay?.act === 'recovered' && current === relay.second) {
        const { first, second, ahead } = relay;
        const accepted = cluster.machineOf(event.role);
        const away = others(ahead).find((machine) => machine !== accepted);
        if (away === undefined) return;
        go({ ...relay, act: 'met' });
        world.at(0, () => {
          cluster.kill(second);
          world.healAll();
          part(away, everywhere);
          cluster.release(first);
          summon(first);
        });
      }
    },
  });
  return {
    end() {
      over = true;
    },
  };
}
