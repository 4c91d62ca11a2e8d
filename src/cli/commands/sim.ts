/** `halab sim …`: handed on to the simulator's own command line. */
import { simCommand } from '../sim.js';

export async function sim(args: readonly string[]): Promise<number | void> {
  return simCommand(args);
}
