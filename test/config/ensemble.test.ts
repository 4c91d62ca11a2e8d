/** The ensemble that goes with a Hadoop directory: one zoo.cfg, one a host, or none. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readEnsemble, zooFileFor, type Ensemble } from '../../src/config/ensemble.js';
import { findZooFiles } from '../../src/config/topology.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halab-zoo-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const HEAD = 'tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/zk\nclientPort=2181\n';

function write(name: string, text: string): void {
  mkdirSync(dirname(join(dir, name)), { recursive: true });
  writeFileSync(join(dir, name), text);
}

const servers = (...hosts: string[]): string =>
  `${HEAD}${hosts.map((host, n) => `server.${n + 1}=${host}:2888:3888\n`).join('')}`;

function read(quorum: readonly string[] = []): Ensemble {
  const parsed = quorum.map((text) => ({ host: text.split(':')[0]!, port: Number(text.split(':')[1] ?? 2181) }));
  return readEnsemble(findZooFiles(dir), parsed, 'core-site.xml: line 7', {});
}

const told = (ensemble: Ensemble): string[] =>
  ensemble.servers.map(({ sid, host, clientPort, peerPorts }) => [sid, host, clientPort, ...peerPorts].join(' '));

describe('no zoo.cfg', () => {
  test('the quorum, with the defaults of the sample, and it is said', () => {
    const found = read(['m1:2181', 'm2:2181', 'm3:2181']);
    expect(told(found)).toEqual(['1 m1 2181 2888 3888', '2 m2 2181 2888 3888', '3 m3 2181 2888 3888']);
    expect(found.written).toContain('clientPort=2181\nserver.1=m1:2888:3888\n');
    expect(found.warnings).toEqual([
      "there is no zoo.cfg: ZooKeeper's defaults are used, on m1:2181, m2:2181, m3:2181 (ha.zookeeper.quorum)",
    ]);
  });

  test('ports that differ stand in the lines of the servers', () => {
    const found = read(['m1:2181', 'm2:2182', 'm3:2183']);
    expect(found.written).toContain('server.2=m2:2888:3888;2182\n');
    expect(found.written).not.toContain('clientPort');
    expect(told(found)).toEqual(['1 m1 2181 2888 3888', '2 m2 2182 2888 3888', '3 m3 2183 2888 3888']);
  });

  test('one server stands alone', () => {
    const found = read(['zk:2181']);
    expect(told(found)).toEqual(['1 zk 2181']);
    expect(found.written).not.toContain('server.');
  });

  test('two servers of one host are refused; no quorum is no ensemble', () => {
    expect(() => read(['m1:2181', 'M1:2182', 'm3:2181'])).toThrow(
      'core-site.xml: line 7: ha.zookeeper.quorum names two servers of M1',
    );
    expect(told(read())).toEqual([]);
  });
});

describe('a zoo.cfg a host', () => {
  test("in its own file a host's line may be a wildcard", () => {
    write('m1/zoo.cfg', servers('0.0.0.0', 'm2', 'm3'));
    write('M2/zoo.cfg', servers('m1', '0.0.0.0', 'm3'));
    write('m3/zoo.cfg', servers('m1', 'm2', '[::]'));
    const found = read();
    expect(told(found)).toEqual(['1 m1 2181 2888 3888', '2 m2 2181 2888 3888', '3 m3 2181 2888 3888']);
    expect(zooFileFor(found, 'm2')?.file).toBe(join(dir, 'M2', 'zoo.cfg'));
  });

  test('a client port of its own, and one file for the others', () => {
    write('zoo.cfg', servers('m1', 'm2', 'm3'));
    write('m2/zoo.cfg', servers('m1', 'm2', 'm3').replace('clientPort=2181', 'clientPort=2182'));
    const found = read();
    expect(told(found)).toEqual(['1 m1 2181 2888 3888', '2 m2 2182 2888 3888', '3 m3 2181 2888 3888']);
    expect(zooFileFor(found, 'm3')?.file).toBe(join(dir, 'zoo.cfg'));
  });

  test('files that contradict each other are named with the line', () => {
    write('m1/zoo.cfg', servers('m1', 'm2', 'm3'));
    write('m2/zoo.cfg', servers('m1', 'm2', 'm4'));
    expect(() => read()).toThrow(/m2\/zoo\.cfg: line 8: server\.3 is m4:2888:3888, and another host's file says m3:/);
  });
});

describe('one zoo.cfg for all', () => {
  test.each(['0.0.0.0', '[::]'])('a wildcard (%s) does not say which host it is', (host) => {
    write('zoo.cfg', servers('m1', host, 'm3'));
    expect(() => read()).toThrow(/zoo\.cfg: line 7: server\.2: .* does not say which host it is/);
  });

  test('without servers it is that of the only host of the quorum', () => {
    write('zoo.cfg', HEAD);
    expect(told(read(['zk:2181']))).toEqual(['1 zk 2181']);
  });
});
