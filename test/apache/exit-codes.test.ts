/** Hadoop's own classes: test/cli/exit-codes.ts holds what they end with and say for lines that are wrong. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeCliConf } from '../cli/cli-conf.js';
import { TOOL_CASES } from '../cli/exit-codes.js';
import { java, stopAll } from './apache.js';

const CLASSES: Readonly<Record<string, string>> = {
  namenode: 'org.apache.hadoop.hdfs.server.namenode.NameNode',
  zkfc: 'org.apache.hadoop.hdfs.tools.DFSZKFailoverController',
  datanode: 'org.apache.hadoop.hdfs.server.datanode.DataNode',
  getconf: 'org.apache.hadoop.hdfs.tools.GetConf',
  haadmin: 'org.apache.hadoop.hdfs.tools.DFSHAAdmin',
  dfs: 'org.apache.hadoop.fs.FsShell',
};

const conf = mkdtempSync(join(tmpdir(), 'halab-exit-'));
writeCliConf(conf);
afterAll(async () => {
  await stopAll();
  rmSync(conf, { recursive: true, force: true });
});

test.each(TOOL_CASES)('hdfs $line', async ({ line, ...wanted }) => {
  const [command, ...words] = line.split(' ');
  const { code, stdout, stderr } = await java(CLASSES[command!]!, words, { classpath: 'hadoop', conf });
  const has = (text: string, first: string | undefined): string | undefined =>
    first === undefined ? undefined : text.split('\n').find((said) => said === first);
  expect({ code, out: has(stdout, wanted.out), err: has(stderr, wanted.err) }, stderr).toEqual(wanted);
});
