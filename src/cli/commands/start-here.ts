/** `npm start`: the lab is brought up, and shown. It goes on when the dashboard is left. */
import { openLab } from '../../cluster/lab.js';
import { placeOf } from '../../cluster/state-dir.js';
import type { PlaceOptions } from '../place-options.js';
import { notice } from '../terminal.js';
import { watch } from './dash.js';
import { startLab } from './up.js';

export async function startHere(options: PlaceOptions): Promise<void> {
  notice('halab: starting the lab …');
  await startLab(undefined, options, 60_000);
  const lab = openLab(placeOf(options));
  await watch(lab);
  notice(`lab ${lab.plan.name} goes on: \`halab dash\` shows it again, \`halab down\` stops it`);
}
