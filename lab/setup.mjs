/**
 * What `npm start` and `npm test` do before anything else: install the packages that package-lock.json names and
 * compile src/ into dist/ and its programs into dist/bundle/, each only when it is needed. Plain Node, since nothing is
 * installed yet. Leaves everything else to npm and tsc.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const buildStamp = join(root, 'dist', '.halab-sources');

function fail(message, remedy) {
  process.stderr.write(`halab set-up: ${message}\n  ${remedy}\n`);
  process.exit(1);
}

function run(command, args, remedy) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (result.error) fail(`cannot run ${command}: ${result.error.message}`, remedy);
  if (result.status !== 0) fail(`${command} ${args.join(' ')} ended with ${result.status ?? result.signal}`, remedy);
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** True when npm's own record of what it installed has every package of package-lock.json that this machine needs. */
function installed() {
  const record = read(join(root, 'node_modules', '.package-lock.json'));
  if (record === undefined) return false;
  const have = JSON.parse(record).packages;
  const want = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(want).every(
    ([path, { version, optional }]) => path === '' || optional || have[path]?.version === version,
  );
}

/**
 * A digest of the names, sizes and times of everything that the build reads: cheap, and wrong only towards building
 * once more.
 */
function sourcesDigest() {
  const hash = createHash('sha256');
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (/\.(ts|json)$/.test(entry.name)) {
        const { size, mtimeMs } = statSync(path);
        hash.update(`${path}\0${size}\0${mtimeMs}\n`);
      }
    }
  };
  visit(join(root, 'src'));
  for (const file of ['tsconfig.json', 'package-lock.json', 'lab/bundle.mjs'])
    hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(
    `Node ${process.versions.node} is too old`,
    'Install Node 20.19 or newer (https://nodejs.org), then run the same command again.',
  );
}

if (!installed()) {
  process.stderr.write('halab set-up: installing packages (npm ci) ...\n');
  run(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'npm must reach its registry once; behind a proxy set `npm config set proxy`.',
  );
}

const sources = sourcesDigest();
if (read(buildStamp) !== sources) {
  process.stderr.write('halab set-up: compiling ...\n');
  // Beside, then swapped: whoever runs from dist/ meanwhile finds it whole.
  const fresh = join(root, '.cache', `dist-${process.pid}`);
  const old = `${fresh}.old`;
  run(
    process.execPath,
    [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.json', '--outDir', fresh],
    'The sources do not compile: see the lines above.',
  );
  run(
    process.execPath,
    [join(root, 'lab', 'bundle.mjs'), fresh],
    'The programs do not fit together: see the lines above.',
  );
  writeFileSync(join(fresh, '.halab-sources'), sources);
  if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old);
  renameSync(fresh, join(root, 'dist'));
  rmSync(old, { recursive: true, force: true });
}
