/** Elections, leaders and learners together: the protocol's own scenes, as stories. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runTrace } from '../../trace.js';
import { TraceEnsemble } from './ensemble.js';

const here = fileURLToPath(new URL('.', import.meta.url));

test.each(readdirSync(here).filter((name) => /^ensemble-.*\.trace$/.test(name)))('%s', async (name) => {
  const ensemble = new TraceEnsemble();
  await expect(runTrace(here + name, (command) => ensemble.execute(command))).toMatchFileSnapshot(here + name);
});
