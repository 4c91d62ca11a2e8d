/** The book's three machines. */
import type { Run } from './scenario.js';

export const MACHINES = ['m1', 'm2', 'm3'] as const;

export function addMachines({ world }: Pick<Run, 'world'>, names: readonly string[] = MACHINES): void {
  names.forEach((name, index) => world.addMachine(name, `127.0.0.${index + 1}`));
}
