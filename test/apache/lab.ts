/** A lab as its users have it: `halab up` in a directory of its own, `halab conf`, and Apache's programs as its clients. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, java, tools } from './apache.js';
import type { Classpath, JavaResult } from './apache.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LabStatus {
  readonly name: string;
  readonly active: string | undefined;
  readonly lockHolder: string | undefined;
  readonly hosts: readonly { readonly name: string; readonly address: string; readonly roles: readonly { readonly id: string; readonly kind: string; readonly pid?: number; readonly state?: string }[] }[];
}

export class TestLab {
  readonly directory = mkdtempSync(join(tmpdir(), 'halab-lab-'));
  readonly conf = join(this.directory, 'client-conf');

  /** A program of lab/bin. */
  run(program: string, args: readonly string[], options: { readonly input?: string; readonly env?: Record<string, string> } = {}): Promise<Ran> {
    const child = spawn(join(root, 'lab', 'bin', program), args, {
      env: { ...process.env, HALAB_DIR: join(this.directory, 'lab'), ...options.env }, stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => { stdout += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  }

  async halab(...args: string[]): Promise<string> {
    const ran = await this.run('halab', [args[0]!, '--dir', join(this.directory, 'lab'), ...args.slice(1)]);
    if (ran.code !== 0) throw new Error(`halab ${args.join(' ')} ended with ${ran.code}\n${ran.stdout}\n${ran.stderr}`);
    return ran.stdout;
  }

  async up(topology = 'configs/book'): Promise<void> {
    await this.halab('up', join(root, topology));
    await this.halab('conf', this.conf);
  }

  /** Ends the lab and leaves nothing. */
  async down(): Promise<void> {
    await this.halab('down', '--wipe').catch(() => undefined);
    rmSync(this.directory, { recursive: true, force: true });
  }

  async status(): Promise<LabStatus> {
    return JSON.parse(await this.halab('status', '--json')) as LabStatus;
  }

  /** Waits for an active NameNode (another than `not`) that holds the lock. */
  active(not?: string): Promise<string> {
    return eventually('an active NameNode', async () => {
      const { active } = await this.status();
      return active === null || active === undefined || active === not ? undefined : active;
    }, 60_000);
  }

  /** `m1:2181,...` with addresses. */
  async zooKeepers(): Promise<string> {
    return readFileSync(join(this.conf, 'core-site.xml'), 'utf8').match(/<name>ha\.zookeeper\.quorum<\/name>\s*<value>([^<]*)</)![1]!;
  }

  java(main: string, args: readonly string[], options: { readonly classpath?: Classpath; readonly extra?: readonly string[]; readonly input?: string } = {}): Promise<JavaResult> {
    return java(main, args, { classpath: options.classpath ?? 'hadoop', conf: this.conf, timeoutMs: 100_000, ...options });
  }

  /** `hdfs dfs ...` of Apache's; fails unless it ends with 0. */
  async dfs(...args: string[]): Promise<string> {
    const result = await this.java('org.apache.hadoop.fs.FsShell', args);
    if (result.code !== 0) throw new Error(`FsShell ${args.join(' ')} ended with ${result.code}\n${result.stdout}\n${result.stderr}`);
    return result.stdout;
  }

  /** Several of them in one JVM. */
  shell(lines: readonly (readonly string[])[]): Promise<JavaResult[]> {
    return tools('org.apache.hadoop.fs.FsShell', lines.map((words) => ({ words })), { classpath: 'hadoop', conf: this.conf, timeoutMs: 100_000 });
  }
}
