/**
 * ZooKeeper's configuration beside Apache's own QuorumPeerConfig 3.8.4: every input of test/config/zoo-cases.ts, taken
 * or refused, and what is read from it; that no name of a property is missing from our table; which of a line and a
 * `-D` wins.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { clientHost } from '../../src/cluster/client-host.js';
import { fourLetterWord } from '../../src/cluster/four-letter.js';
import { loadZooConfig } from '../../src/config/zoo.js';
import { findProperty } from '../../src/config/zookeeper/keys.js';
import type { QuorumPeerConfig } from '../../src/config/quorum-peer-config.js';
import { lay, nameOf, ZOO_CASES } from '../config/zoo-cases.js';
import { eventually, jar, java, javac, startJava, stopAll } from './apache.js';

const source = (name: string): string => fileURLToPath(new URL(`java/${name}.java`, import.meta.url));

afterAll(stopAll);

describe("every input, read by Apache's QuorumPeerConfig", async () => {
  const { files, remove } = lay(ZOO_CASES);
  afterAll(remove);
  const classes = await javac([source('ParseZoo')], 'zk');
  const { stdout, stderr } = await java('ParseZoo', [], {
    classpath: 'zk',
    extra: [classes],
    input: `${files.join('\n')}\n`,
  });
  const answers = stdout.split('\n').filter((line) => /^(taken|refused)\t/.test(line));
  if (answers.length !== files.length) throw new Error(`${answers.length} answers to ${files.length} files\n${stderr}`);

  test.each(ZOO_CASES.map((each, index) => [nameOf(each), index] as const))('%s', (_name, index) => {
    const { apache, says } = ZOO_CASES[index]!;
    const [verdict, ...fields] = answers[index]!.split('\t');
    expect(verdict, answers[index]).toBe(apache);
    if (says !== undefined) return;
    const theirs = Object.fromEntries(
      fields.map((field) => [field.split('=', 1)[0], field.slice(field.indexOf('=') + 1)]),
    );
    expect(shown(loadZooConfig(files[index]!).config)).toEqual(shownOfTheirs(theirs));
  });
});

/** Both sides in the same words. Limits that only an ensemble has are not looked at where there is none. */
function shown(config: QuorumPeerConfig): Record<string, string> {
  const ensemble = config.mode === 'quorum';
  const { client } = config;
  return {
    mode: config.mode,
    ...(ensemble ? { sid: String(config.sid), initLimit: String(config.initLimit) } : {}),
    client: client === undefined ? 'none' : `${client.host === '::1' ? '0:0:0:0:0:0:0:1' : client.host} ${client.port}`,
    tickTime: String(config.tickTimeMs),
    minSessionTimeout: String(config.minSessionTimeoutMs),
    maxSessionTimeout: String(config.maxSessionTimeoutMs),
    maxClientCnxns: String(config.maxClientCnxns),
    connectToLearnerMasterLimit: String(config.connectToLearnerMasterLimit),
    snapRetainCount: String(config.autopurge.snapRetainCount),
    quorumListenOnAllIPs: String(config.quorumListenOnAllIPs),
    dataDir: config.dataDir,
    dataLogDir: config.dataLogDir,
    members: config.servers
      .map(({ sid, type }) => `${sid} ${type}`)
      .sort()
      .join(),
  };
}

function shownOfTheirs(theirs: Record<string, string>): Record<string, string> {
  const ensemble = theirs['distributed'] === 'true';
  const members = [...theirs['members']!.matchAll(/server\.(\d+)=.*?:(participant|observer)/g)];
  const same = ['client', 'tickTime', 'minSessionTimeout', 'maxSessionTimeout', 'maxClientCnxns', 'snapRetainCount'];
  same.push('connectToLearnerMasterLimit', 'quorumListenOnAllIPs', 'dataDir', 'dataLogDir');
  return {
    mode: ensemble ? 'quorum' : 'standalone',
    ...(ensemble ? { sid: theirs['sid']!, initLimit: theirs['initLimit']! } : {}),
    ...Object.fromEntries(same.map((name) => [name, theirs[name]!])),
    members: ensemble
      ? members
          .map(([, sid, type]) => `${sid} ${type}`)
          .sort()
          .join()
      : '',
  };
}

test('every name of a property in the classes of ZooKeeper stands in our table', async () => {
  const classes = await javac([source('PropertyNames')], 'zk');
  const names: string[] = [];
  for (const prefix of ['zookeeper-3', 'zookeeper-jute-3']) {
    const { stdout, stderr } = await java('PropertyNames', [jar('zk', prefix)], { classpath: 'zk', extra: [classes] });
    expect(stderr).toBe('');
    names.push(...stdout.split('\n').filter((name) => name !== ''));
  }
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name) => findProperty(name) === undefined && !NO_PROPERTIES.includes(name))).toEqual([]);
});

/** Texts that look like one and are none. */
const NO_PROPERTIES: readonly string[] = ['zookeeper.configuration', 'zookeeper.version'];

test('a line of zoo.cfg is stronger than -D, in Apache as here', async () => {
  const root = mkdtempSync(join(tmpdir(), 'halab-zoo-'));
  mkdirSync(join(root, 'data'));
  const port = await freePort();
  const file = join(root, 'zoo.cfg');
  writeFileSync(
    file,
    `dataDir=${root}/data\nclientPort=${port}\nadmin.enableServer=false\n4lw.commands.whitelist=ruok\n`,
  );
  const server = startJava('org.apache.zookeeper.server.quorum.QuorumPeerMain', [file], {
    classpath: 'zk',
    properties: { 'zookeeper.4lw.commands.whitelist': 'mntr', 'zookeeper.admin.enableServer': 'true' },
  });
  const answer = (word: string) =>
    fourLetterWord(clientHost(undefined, 'test'), word, { host: '127.0.0.1', port }, 2000);
  expect(await eventually('ruok', () => answer('ruok').catch(() => undefined))).toBe('imok');
  expect(await answer('mntr')).toBe('mntr is not executed because it is not in the whitelist.\n');
  server.kill();
  await server.exited;
  rmSync(root, { recursive: true, force: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
