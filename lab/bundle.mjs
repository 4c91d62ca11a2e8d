/**
 * Packs the compiled programs (dist/cli) into few files (dist/bundle): a lab starts ten processes at once, and loading
 * some 150 modules each is most of what a start costs. Same code, nothing minified, so that a stack still tells. Run by
 * lab/setup.mjs and `npm run build`.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = process.argv[2] ?? join(root, 'dist');

/** What a user runs, and what a process of ours is told to run. */
const PROGRAMS = {
  main: 'cli/main.js',
  role: 'cli/role.js',
  hdfs: 'cli/hdfs.js',
  jps: 'cli/jps.js',
  'lab-ssh': 'cli/lab-ssh.js',
  'start-dfs': 'cli/start-dfs.js',
  'stop-dfs': 'cli/stop-dfs.js',
  'zk-cli': 'cli/zk-cli.js',
  'zk-server': 'cli/zk-server.js',
  worker: 'drill/sim/worker.js',
};
/** Native code beside them, or sloppy-mode code: these stay where npm put them. */
const EXTERNAL = ['level', 'classic-level', 'blessed'];

rmSync(join(dist, 'bundle'), { recursive: true, force: true });
const bundle = await rolldown({
  input: Object.fromEntries(Object.entries(PROGRAMS).map(([name, path]) => [name, join(dist, path)])),
  platform: 'node',
  external: EXTERNAL,
  // A module that one program loads late and another at once stays in the chunk of the latter: as it should.
  checks: { ineffectiveDynamicImport: false },
});
// CommonJS, since Node loads it with less ado: no resolving of URLs, no facade for each of its own modules.
await bundle.write({ dir: join(dist, 'bundle'), format: 'cjs', comments: false, banner: '"use strict";' });
writeFileSync(join(dist, 'bundle', 'package.json'), '{"type":"commonjs"}\n');
await bundle.close();
