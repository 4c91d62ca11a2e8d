#!/usr/bin/env node
// As ZooKeeper's: zkCli.sh [-server host:port] [command …]
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const { run } = await import(pathToFileURL(join(here, '..', 'run.mjs')).href);
await run('zk-cli');
