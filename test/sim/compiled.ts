/**
 * The program as plain JavaScript, for campaigns in processes of their own: `dist/` when it is newer than every source,
 * else compiled into a temporary directory. A mutant is a copy of it with one line changed.
 */
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';
import type { SeedResult } from '../../src/drill/sim/campaign.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Removed when the tests of a file are over; a hook can be set up only while the file is loaded. */
const directories: string[] = [];
afterAll(() => {
  for (const path of directories) rmSync(path, { recursive: true, force: true });
});

function temporary(): string {
  const path = mkdtempSync(join(tmpdir(), 'halab-sim-'));
  directories.push(path);
  // Compiled code looks for its packages beside it.
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'));
  writeFileSync(join(path, 'package.json'), '{"type":"module"}\n');
  return path;
}

let compiled: string | undefined;

/** Directory of the compiled sources. */
export function compiledSources(): string {
  if (compiled !== undefined) return compiled;
  const newest = (folder: string, suffix: string): number =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith(suffix))
      .reduce((time, name) => Math.max(time, statSync(join(folder, name)).mtimeMs), 0);
  const dist = join(root, 'dist');
  try {
    if (statSync(join(dist, 'cli/sim.js')).mtimeMs > newest(join(root, 'src'), '.ts')) return (compiled = dist);
  } catch {
    /* never built */
  }
  const out = join(temporary(), 'dist');
  try {
    execFileSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.json'), '--outDir', out, '--noCheck'],
      { stdio: 'pipe' },
    );
  } catch (error) {
    throw new Error(`the sources do not compile: ${String((error as { stdout?: Buffer }).stdout)}`);
  }
  return (compiled = out);
}

export interface Mutation {
  /** Below src/, as .ts; the line has to be found in what it compiles to, too. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Directory of a copy with the mutation in it. Throws if the line is not there exactly once. */
export function mutated({ file, find, replace }: Mutation): string {
  const source = readFileSync(join(root, 'src', file), 'utf8');
  const directory = join(temporary(), 'dist');
  cpSync(compiledSources(), directory, { recursive: true, filter: (path) => basename(path) !== 'bundle' });
  const path = join(directory, file.replace(/\.ts$/, '.js'));
  const code = readFileSync(path, 'utf8');
  for (const [text, where] of [
    [source, `src/${file}`],
    [code, path],
  ] as const) {
    const found = text.split(find).length - 1;
    if (found !== 1) throw new Error(`the mutant's line stands ${found} times in ${where}: ${find}`);
  }
  writeFileSync(
    path,
    code.replace(find, () => replace),
  );
  return directory;
}

export interface CampaignEnd {
  readonly exitCode: number;
  readonly results: readonly SeedResult[];
  readonly output: string;
}

/** `halab sim` with these arguments, from compiled code, in a process of its own. */
export function simulate(
  directory: string,
  args: readonly string[],
  options: { json?: boolean; limitMs?: number } = {},
): Promise<CampaignEnd> {
  const all = options.json === false ? args : [...args, '--json'];
  const script =
    `import(${JSON.stringify(pathToFileURL(join(directory, 'cli/sim.js')).href)}).then(async (m) => { ` +
    `process.exitCode = await m.simCommand(${JSON.stringify(all)}); })`;
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['-e', script],
      { maxBuffer: 1 << 28, timeout: options.limitMs ?? 1_100_000 },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : error.code;
        if (typeof exitCode !== 'number' || (exitCode !== 0 && exitCode !== 1)) {
          reject(
            new Error(
              `halab sim ${args.join(' ')} ended with ${String(exitCode ?? error?.signal)}: ${stderr.slice(-2000)}`,
            ),
          );
          return;
        }
        const results =
          options.json === false
            ? []
            : stdout
                .split('\n')
                .filter(Boolean)
                .map((line) => JSON.parse(line) as SeedResult);
        resolve({ exitCode, results, output: stdout });
      },
    );
  });
}

/** What a failed campaign has to say, one line a seed: what was broken, and how to see it again. */
export function failures(results: readonly SeedResult[]): string[] {
  return results
    .filter(({ verdict }) => verdict === 'violated')
    .map(
      ({ scenario, seed, violations }) =>
        `${violations[0]!.check}: ${violations[0]!.message} | halab sim --seed ${seed} --scenario ${scenario}`,
    );
}
