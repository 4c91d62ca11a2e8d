/** `halab down [--wipe]` */
import { rmSync } from 'node:fs';
import { bringDown } from '../../cluster/down.js';
import { labExists, openLab } from '../../cluster/lab.js';
import { placeOf } from '../../cluster/state-dir.js';
import { hasCode } from '../../base/errors.js';
import type { PlaceOptions } from '../place-options.js';
import { notice, print, printJson } from '../terminal.js';

export async function down(options: PlaceOptions & { wipe?: boolean; json?: boolean }): Promise<void> {
  const place = placeOf(options);
  if (!labExists(place)) {
    if (options.json === true) printJson({ dir: place.dir, killed: [], strays: [] });
    else print(`no lab in ${place.dir}: nothing to stop`);
    return;
  }
  const wipe = options.wipe === true;
  let lab;
  try {
    lab = openLab(place);
  } catch (error) {
    if (!wipe || !hasCode(error, 'BAD_LAB')) throw error;
    // What it held cannot be read, and is to go anyway; its processes are found by their environment.
    const { strayProcesses } = await import('../../cluster/strays.js');
    const { stopProcess } = await import('../../cluster/control.js');
    await Promise.all(strayProcesses(place.dir).map((pid) => stopProcess(pid, 1500)));
    rmSync(place.dir, { recursive: true, force: true });
    print(`${place.dir} is removed`);
    return;
  }
  const { killed, strays } = await bringDown(lab, { wipe, notice: (text) => notice(`halab: ${text}`) });
  if (options.json === true) printJson({ name: lab.plan.name, dir: lab.dir, wiped: wipe, killed, strays });
  else {
    print(`lab ${lab.plan.name} is down${wipe ? `, ${lab.dir} is removed` : ''}`);
    if (killed.length > 0) print(`  did not stop in time and were killed: ${killed.join(', ')}`);
    if (strays.length > 0) print(`  stopped without a pid file: ${strays.join(', ')}`);
  }
}
