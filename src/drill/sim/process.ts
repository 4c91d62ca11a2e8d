/** A process of the driver's own: sets things up, or looks at how they stand. */
import type { Host } from '../../host/host.js';
import type { Run } from './scenario.js';

/**
 * Runs `main` on a machine until it resolves; false if that takes longer than `limitMs`. The process is gone
 * afterwards. A rejection is a fault of the run itself and rejects.
 */
export async function runProcess(
  { world }: Pick<Run, 'world'>,
  machine: string,
  id: string,
  limitMs: number,
  main: (host: Host) => Promise<void>,
): Promise<boolean> {
  let done = false;
  let failure: { error: unknown } | undefined;
  const instance = world.machine(machine).launch(id, (host) =>
    main(host).then(
      () => {
        done = true;
      },
      (error: unknown) => {
        failure = { error };
      },
    ),
  );
  await world.run({ untilMs: world.nowMs + limitMs, until: () => done || failure !== undefined });
  instance.kill();
  if (failure !== undefined) throw failure.error;
  return done;
}
