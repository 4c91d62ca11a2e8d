/** What the tools ask before they destroy anything, and what a "yes" is good for. */
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configurationOf } from '../../../src/config/hadoop/load.js';
import { nameNodeConfigFrom, type NameNodeConfig } from '../../../src/namenode/config.js';
import { formatNameNode, initializeSharedEdits, startNameNode } from '../../../src/namenode/name-node.js';
import { createCluster, type Cluster } from '../cluster-fixture.js';

let cluster: Cluster;
beforeEach(async () => {
  cluster = await createCluster();
});
afterEach(() => cluster.end());

/** Answers in turn, and keeps what was asked. */
function typing(...answers: boolean[]): { asked: string[]; confirm: (question: string) => Promise<boolean> } {
  const asked: string[] = [];
  return {
    asked,
    confirm(question) {
      asked.push(question);
      return Promise.resolve(answers.shift() ?? false);
    },
  };
}

function configWith(overrides: Record<string, string>): NameNodeConfig {
  const [{ rpc }] = cluster.nn;
  return nameNodeConfigFrom(configurationOf({ ...cluster.properties, ...overrides }), {
    nameserviceId: 'ns1',
    nameNodeId: 'nn1',
    user: 'hdfs',
    address: rpc.host,
  });
}

describe('a journal that is formatted already', () => {
  beforeEach(async () => {
    const [nn1] = cluster.nn;
    await formatNameNode(nn1.host, nn1.config, {});
  });

  test('two questions, and yes to both formats no JournalNode', async () => {
    const [nn1] = cluster.nn;
    const { asked, confirm } = typing(true, true);
    await expect(formatNameNode(nn1.host, nn1.config, { interactive: true, confirm })).rejects.toThrow(
      /^Could not format one or more JournalNodes\. \d exceptions? thrown:\n.*the current directory is not empty/s,
    );
    expect(asked[0]).toMatch(/^Re-format filesystem in Storage Directory root= .*nn1; location= null \? /);
    expect(asked[1]).toMatch(/^Re-format filesystem in QJM to \[127\.\S+:8485, 127\.\S+:8485, 127\.\S+:8485\] \? /);
  });

  test('no to the second question', async () => {
    const [nn1] = cluster.nn;
    const lines: string[] = [];
    const { asked, confirm } = typing(true, false);
    const print = (line: string): void => void lines.push(line);
    const { exitCode } = await formatNameNode(nn1.host, nn1.config, { interactive: true, confirm, print });
    expect([exitCode, asked.length]).toEqual([1, 2]);
    expect(lines.at(-1)).toMatch(/^Format aborted in QJM to \[127\./);
  });

  test('-force asks nothing and formats all', async () => {
    const [nn1] = cluster.nn;
    const { asked, confirm } = typing();
    const { exitCode } = await formatNameNode(nn1.host, nn1.config, { interactive: true, force: true, confirm });
    expect([exitCode, asked]).toEqual([0, []]);
  });

  test('-initializeSharedEdits likewise', async () => {
    const [nn1] = cluster.nn;
    const { asked, confirm } = typing(true);
    await expect(initializeSharedEdits(nn1.host, nn1.config, { interactive: true, confirm })).rejects.toThrow(
      /^Could not format one or more JournalNodes\./,
    );
    expect(asked).toEqual([expect.stringMatching(/^Re-format filesystem in QJM to \[/)]);
    expect((await initializeSharedEdits(nn1.host, nn1.config, { force: true })).exitCode).toBe(0);
  });
});

describe('one directory by two names is locked once', () => {
  test.each([
    ['a symbolic link', (dir: string) => `${dir}/name,${dir}/link`, 'dfs.namenode.name.dir'],
    ['dots', (dir: string) => `${dir}/name,${dir}/other/../name`, 'dfs.namenode.name.dir'],
    ['a link to the directory above', (dir: string) => `${dir}/name,${dir}/above/name`, 'dfs.namenode.name.dir'],
    ['edits beside the images', (dir: string) => `${dir}/link`, 'dfs.namenode.edits.dir'],
  ])('%s', async (_what, dirs, key) => {
    const [{ host }] = cluster.nn;
    const dir = join(cluster.directory, 'two');
    for (const name of ['name', 'other']) await mkdir(join(dir, name), { recursive: true });
    await symlink(join(dir, 'name'), join(dir, 'link'));
    await symlink(dir, join(dir, 'above'));
    await formatNameNode(host, configWith({ 'dfs.namenode.name.dir': `${dir}/name` }), {});
    const config = configWith({ 'dfs.namenode.name.dir': `${dir}/name`, [key]: dirs(dir) });
    await expect(startNameNode(host, config)).rejects.toThrow(
      /^Cannot lock storage \/.*\. The directory is already locked/,
    );
    const slashes = configWith({ 'dfs.namenode.name.dir': `${dir}/name/,file://${dir}/name` });
    await (await startNameNode(host, slashes)).stop();
  });
});
