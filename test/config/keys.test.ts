/** The table of keys is true: what it says works is read, what it says is refused is refused, the rest warns. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { QuorumPeerConfig } from '../../src/config/quorum-peer-config.js';
import { loadZooConfig, systemProperties } from '../../src/config/zoo.js';
import { ZOOKEEPER_KEYS, type ZooKeeperKey } from '../../src/config/zookeeper/keys.js';
import { keysPage } from './keys-page.js';

const root = mkdtempSync(join(tmpdir(), 'halab-keys-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
mkdirSync(join(root, 'data', 'version-2'), { recursive: true });
writeFileSync(join(root, 'data', 'myid'), '1');
writeFileSync(join(root, 'dynamic'), 'server.1=a:5:6\nserver.2=b:5:6\n');

function load(lines: readonly string[], flags = '') {
  const keys = lines.map((line) => line.split('=', 1)[0]);
  const base = ['dataDir=/data', 'clientPort=2181', 'initLimit=5', 'syncLimit=5', 'server.1=a:1:2', 'server.2=b:1:2'];
  const dynamic = keys.includes('dynamicConfigFile');
  // One server alone is where standaloneEnabled makes a difference.
  if (keys.includes('standaloneEnabled')) base.pop();
  const kept = base.filter((line) => !keys.includes(line.split('=', 1)[0]) && !(dynamic && line.startsWith('server.')));
  const file = join(root, 'zoo.cfg');
  writeFileSync(file, [...kept, ...lines, ''].join('\n'));
  return loadZooConfig(file, { root, properties: systemProperties({ SERVER_JVMFLAGS: flags }) });
}

/** For each key that works: a value, and the part of the configuration that it changes. */
const SAMPLES: Readonly<Record<string, readonly [value: string, field: keyof QuorumPeerConfig | 'refusal']>> = {
  dataDir: ['/data/.', 'dataDir'],
  dataLogDir: ['/log', 'dataLogDir'],
  clientPort: ['2182', 'client'],
  clientPortAddress: ['127.0.0.9', 'client'],
  'server.*': ['a:3:4', 'servers'],
  dynamicConfigFile: [join(root, 'dynamic'), 'servers'],
  tickTime: ['100', 'tickTimeMs'],
  initLimit: ['6', 'initLimit'],
  syncLimit: ['6', 'syncLimit'],
  connectToLearnerMasterLimit: ['6', 'connectToLearnerMasterLimit'],
  minSessionTimeout: ['6', 'minSessionTimeoutMs'],
  maxSessionTimeout: ['60001', 'maxSessionTimeoutMs'],
  maxClientCnxns: ['6', 'maxClientCnxns'],
  standaloneEnabled: ['false', 'mode'],
  electionAlg: ['1', 'refusal'],
  peerType: ['leader', 'refusal'],
  quorumListenOnAllIPs: ['true', 'quorumListenOnAllIPs'],
  syncEnabled: ['false', 'syncEnabled'],
  'observer.syncEnabled': ['false', 'syncEnabled'],
  'autopurge.snapRetainCount': ['6', 'autopurge'],
  'autopurge.purgeInterval': ['6', 'autopurge'],
  snapCount: ['6', 'snapCount'],
  commitLogCount: ['600', 'commitLogCount'],
  '4lw.commands.whitelist': ['*', 'fourLetterWordWhitelist'],
  leaderServes: ['no', 'leaderServes'],
  extendedTypesEnabled: ['true', 'extendedTypesEnabled'],
  'DigestAuthenticationProvider.superDigest': ['super:x', 'superDigest'],
  enforceQuota: ['true', 'enforceQuota'],
  skipACL: ['yes', 'skipAcl'],
  maxCnxns: ['6', 'maxCnxns'],
  forceSync: ['no', 'forceSync'],
  cnxTimeout: ['600', 'cnxTimeoutMs'],
  'znode.container.checkIntervalMs': ['600', 'containerCheckIntervalMs'],
  'datadir.autocreate': ['false', 'refusal'],
  'jute.maxbuffer': ['4096', 'juteMaxBuffer'],
};

const inFile = ({ where }: ZooKeeperKey): boolean => where !== 'property';
const byFlag = ({ where }: ZooKeeperKey): boolean => where !== 'zoo.cfg';
const concrete = ({ key }: ZooKeeperKey): string => (key === 'server.*' ? 'server.1' : key.replace(/\*$/, '1'));
const property = (entry: ZooKeeperKey): string => (entry.where === 'both' ? 'zookeeper.' : '') + concrete(entry);
const of = (state: ZooKeeperKey['state']) => ZOOKEEPER_KEYS.filter((entry) => entry.state === state);
const named = (entry: ZooKeeperKey) => [`${entry.key} (${entry.where})`, entry] as const;

/** A value of the right type that asks for something. */
function asking({ asks, type }: ZooKeeperKey): string {
  const values = type === 'text' || type === undefined ? ['x', 'true', 'false', '7'] : ['7', 'true', 'false'];
  const fits = (value: string) =>
    type === 'boolean' ? !/7/.test(value) : type === undefined || type === 'text' || value === '7';
  return values.find((value) => fits(value) && asks?.(value) !== false)!;
}

test('no key stands twice', () => {
  const names = ZOOKEEPER_KEYS.map(({ key, where }) => `${key} ${where}`);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

describe('what works', () => {
  test.each(of('works').map(named))('%s changes what a server is told', (_name, entry) => {
    const [value, field] = SAMPLES[entry.key]!;
    const tries: (() => QuorumPeerConfig)[] = [];
    if (inFile(entry)) tries.push(() => load([`${concrete(entry)}=${value}`]).config);
    if (byFlag(entry)) tries.push(() => load([], `-D${property(entry)}=${value}`).config);
    for (const one of tries) {
      if (field === 'refusal') {
        if (entry.key === 'datadir.autocreate')
          rmSync(join(root, 'data', 'version-2'), { recursive: true, force: true });
        expect(one).toThrow();
        mkdirSync(join(root, 'data', 'version-2'), { recursive: true });
      } else
        expect(one()[field]).not.toEqual(
          load(entry.key === 'standaloneEnabled' ? ['standaloneEnabled=true'] : []).config[field],
        );
    }
  });

  test('and the servers read it', () => {
    const folder = fileURLToPath(new URL('../../src/zookeeper/', import.meta.url));
    const text = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    const read = (field: string) =>
      new RegExp(`[cC]onfig\\.${field}\\b|\\{[^}]*\\b${field}\\b[^}]*\\} = [\\w.#]*[cC]onfig\\b`).test(text);
    const fields = [...new Set(Object.values(SAMPLES).map(([, field]) => field))].filter(
      (field) => field !== 'refusal',
    );
    expect(fields.filter((field) => !read(field))).toEqual([]);
  });
});

test.each(of('refused').map(named))('refused: %s', (_name, entry) => {
  const value = asking(entry);
  if (inFile(entry)) expect(() => load([`${concrete(entry)}=${value}`])).toThrow(entry.note);
  if (byFlag(entry)) expect(() => load([], `-D${property(entry)}=${value}`)).toThrow(entry.note);
});

test.each(of('no meaning here').map(named))('without meaning: %s', (_name, entry) => {
  // Only classes that exist and versions that are numbers are taken.
  const special: Readonly<Record<string, string>> = { version: '7' };
  const value = special[entry.key] ?? asking(entry);
  const warning = expect.stringContaining(entry.note);
  if (inFile(entry)) expect(load([`${concrete(entry)}=${value}`]).warnings).toContainEqual(warning);
  if (byFlag(entry)) expect(load([], `-D${property(entry)}=${value}`).warnings).toContainEqual(warning);
});

test('the page of keys is that of the table', async () => {
  await expect(keysPage()).toMatchFileSnapshot('../../src/KEYS.md');
});
