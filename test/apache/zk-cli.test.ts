/** zkCli.sh's shell beside ZooKeeper 3.8.4's own: the same lines, each at a server of ours, give the same answers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { ZK_CLI_LINES } from '../cli/zk-cli-lines.js';
import { startZooKeeper, transcript, typeAt, type Answer } from '../cli/zk-fixture.js';
import { java, javac, stopAll } from './apache.js';

const conf = mkdtempSync(join(tmpdir(), 'halab-logback-'));
writeFileSync(join(conf, 'logback.xml'), '<configuration/>');

afterAll(async () => {
  await stopAll();
  rmSync(conf, { recursive: true, force: true });
});

async function theirs(server: string, lines: readonly string[]): Promise<readonly Answer[]> {
  const classes = await javac([fileURLToPath(new URL('java/ZkCliBatch.java', import.meta.url))], 'zk');
  const result = await java('ZkCliBatch', [server], {
    classpath: 'zk',
    conf,
    extra: [classes],
    input: `${lines.join('\n')}\n`,
    timeoutMs: 100_000,
  });
  const answers = result.stdout.split('\n').filter((line) => line !== '');
  if (answers.length !== lines.length)
    throw new Error(`${answers.length} answers to ${lines.length} lines\n${result.stderr}`);
  return answers.map((answer, at) => {
    const [code, out, err] = answer.split('\t') as [string, string, string];
    const text = (encoded: string): string => Buffer.from(encoded, 'base64').toString();
    return { line: lines[at]!, code: Number(code), out: text(out), err: text(err) };
  });
}

test.each(Object.keys(ZK_CLI_LINES))('%s', async (group) => {
  const lines = ZK_CLI_LINES[group]!;
  const [first, second] = [await startZooKeeper(), await startZooKeeper()];
  try {
    const expected = transcript(await theirs(first.server, lines), first.server);
    const found = transcript(await typeAt(second.server, lines), second.server);
    expect(found).toBe(expected);
  } finally {
    await first.stop();
    await second.stop();
  }
});
