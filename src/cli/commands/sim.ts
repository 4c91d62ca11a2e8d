/** `halab sim …`: handed on to the simulator's own command line. */
import { simCommand } from '../sim.js';

export function sim(args: readonly string[]): Promise<number> {
  return simCommand(args);
}
