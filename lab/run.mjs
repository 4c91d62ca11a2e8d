// What every command in lab/bin does first: checks Node, builds the programs where that has not been done, runs the one
// asked for.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

// A reader that has seen enough, such as `head`, is no failure to tell of.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

/** `name` is a program of lab/bundle.mjs that exports `main(argv)`. */
export async function run(name, argv = process.argv.slice(2)) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`halab needs Node 20.19 or later; this is ${process.version}`);
    process.exit(1);
  }
  const program = join(root, 'dist', 'bundle', `${name}.js`);
  if (!existsSync(program)) {
    const setup = join(root, 'lab', 'setup.mjs');
    const made = existsSync(setup) && spawnSync(process.execPath, [setup], { stdio: ['ignore', 2, 2] }).status === 0;
    if (!made || !existsSync(program)) {
      console.error(`${program} is missing\n  run \`npm ci && npm run build\` in ${root}`);
      process.exit(1);
    }
  }
  nodeModule.enableCompileCache?.(); // Node 22 and later
  const { main } = nodeModule.createRequire(import.meta.url)(program);
  await main(argv);
}

// The commands that are shell scripts call this file itself.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await run(process.argv[2], process.argv.slice(3));
}
