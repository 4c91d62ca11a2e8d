/** A lab of a test's own: the programs of lab/bin as a user runs them, with the state in a temporary directory. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { strayProcesses } from '../../src/cluster/strays.js';
import type { LabStatus } from '../../src/cluster/status.js';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What the programs need is compiled once; it costs little where nothing has changed. */
export function build(): void {
  execFileSync(process.execPath, [join(root, 'lab', 'setup.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
}

export function run(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = '',
): Promise<Ran> {
  return new Promise((resolve) => {
    const clean = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith('HALAB_') && !name.startsWith('HADOOP_')),
    );
    const child = execFile(
      file,
      args,
      { env: { ...clean, ...env }, maxBuffer: 16 * 1024 * 1024 },
      (error, out, err) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 128, out, err });
      },
    );
    child.stdin?.end(input);
  });
}

export class LabFixture {
  readonly home = mkdtempSync(join(tmpdir(), 'halab-test-'));
  /** A blank in it: nothing may fall apart there. */
  readonly dir = join(this.home, 'the state');

  /** `halab …` on this lab. */
  halab(...args: readonly string[]): Promise<Ran> {
    const [command, ...rest] = args;
    return run(join(root, 'lab/bin/halab'), [command!, '--dir', this.dir, ...rest]);
  }

  /** A line in the lab's shell on a host. */
  on(host: string, line: string): Promise<Ran> {
    return this.halab('shell', host, '-c', line);
  }

  async status(): Promise<LabStatus> {
    const { out, err } = await this.halab('status', '--json');
    if (out === '') throw new Error(err);
    return JSON.parse(out) as LabStatus;
  }

  /** Processes of this lab, with or without a pid file. */
  processes(): readonly number[] {
    return strayProcesses(this.dir);
  }

  async end(): Promise<void> {
    await this.halab('down', '--wipe');
    rmSync(this.home, { recursive: true, force: true });
  }
}
