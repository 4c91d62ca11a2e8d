/** `halab sim …`: handed on to the simulator's own command line. */
export async function sim(args: readonly string[]): Promise<number | void> {
  // By address, since a lab that only runs has no need of the simulator.
  const { simCommand } = (await import(new URL('../sim.js', import.meta.url).href)) as { simCommand: (args: readonly string[]) => Promise<number | void> };
  return simCommand(args);
}
