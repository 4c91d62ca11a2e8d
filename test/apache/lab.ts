/**
 * A lab as its users have it: `halab up` in a directory of its own, `halab conf`, and Apache's programs as its clients.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabFixture, root } from '../cluster/lab-fixture.js';
import { eventually, java, tools } from './apache.js';
import type { Classpath, JavaResult } from './apache.js';

export class TestLab extends LabFixture {
  readonly conf = join(this.home, 'client-conf');

  /** `halab …` that must end well; resolves with what it prints. */
  async well(...args: readonly string[]): Promise<string> {
    const { code, out, err } = await this.halab(...args);
    if (code !== 0) throw new Error(`halab ${args.join(' ')} ended with ${code}\n${out}\n${err}`);
    return out;
  }

  async up(topology = 'configs/book'): Promise<void> {
    await this.well('up', join(root, topology));
    await this.well('conf', this.conf);
  }

  /** Waits for an active NameNode (another than `not`) that holds the lock. */
  active(not?: string): Promise<string> {
    return eventually(
      'an active NameNode',
      async () => {
        const { active } = await this.status();
        return active === not ? undefined : active;
      },
      60_000,
    );
  }

  /** `m1:2181,...` with addresses. */
  async zooKeepers(): Promise<string> {
    return readFileSync(join(this.conf, 'core-site.xml'), 'utf8').match(
      /<name>ha\.zookeeper\.quorum<\/name>\s*<value>([^<]*)</,
    )![1]!;
  }

  java(
    main: string,
    args: readonly string[],
    options: { readonly classpath?: Classpath; readonly extra?: readonly string[]; readonly input?: string } = {},
  ): Promise<JavaResult> {
    return java(main, args, {
      classpath: options.classpath ?? 'hadoop',
      conf: this.conf,
      timeoutMs: 100_000,
      ...options,
    });
  }

  /** `hdfs dfs ...` of Apache's; fails unless it ends with 0. */
  async dfs(...args: string[]): Promise<string> {
    const result = await this.java('org.apache.hadoop.fs.FsShell', args);
    if (result.code !== 0)
      throw new Error(`FsShell ${args.join(' ')} ended with ${result.code}\n${result.stdout}\n${result.stderr}`);
    return result.stdout;
  }

  /** Several of them in one JVM. */
  shell(lines: readonly (readonly string[])[]): Promise<JavaResult[]> {
    return tools(
      'org.apache.hadoop.fs.FsShell',
      lines.map((words) => ({ words })),
      { classpath: 'hadoop', conf: this.conf, timeoutMs: 100_000 },
    );
  }
}
