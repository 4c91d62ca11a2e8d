/** `halab conf DIR`: configuration with which Apache's own programs reach the lab. */
import { resolve } from 'node:path';
import { draftPlan } from '../../cluster/draft.js';
import { openLab } from '../../cluster/lab.js';
import { renderClient } from '../../cluster/render.js';
import { placeOf } from '../../cluster/state-dir.js';
import type { PlaceOptions } from '../place-options.js';
import { print, printJson } from '../terminal.js';

export async function conf(directory: string, options: PlaceOptions & { json?: boolean }): Promise<void> {
  const lab = openLab(placeOf(options));
  const {
    draft: _draft,
    warnings: _warnings,
    ...described
  } = await draftPlan(lab.plan.source, { profile: lab.plan.profile });
  const files = renderClient(lab, described, resolve(directory));
  if (options.json === true) printJson({ name: lab.plan.name, files });
  else print(`${files.join('\n')}\nwith Apache's own: hdfs --config ${resolve(directory)} haadmin -getAllServiceState`);
}
