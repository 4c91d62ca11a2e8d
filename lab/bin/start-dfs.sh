#!/usr/bin/env node
// As Hadoop's: starts NameNodes, JournalNodes and ZKFCs on all hosts of the lab.
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const { run } = await import(pathToFileURL(join(here, '..', 'run.mjs')).href);
await run('start-dfs');
