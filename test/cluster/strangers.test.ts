/**
 * Configuration directories as strangers write them, each in strangers/: the lab is brought up from the directory
 * alone, its active NameNode is killed, another takes over, and it goes down without leaving a process.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openLab } from '../../src/cluster/lab.js';
import { createProber } from '../../src/cluster/probe.js';
import { waitFor } from '../../src/cluster/ready.js';
import { rolesOf, type LabStatus } from '../../src/cluster/status.js';
import { build, LabFixture, root } from './lab-fixture.js';

const strangers = join(root, 'test', 'cluster', 'strangers');

beforeAll(build, 120_000);

/** What is peculiar to a directory, seen in the lab that came of it. */
const PECULIAR: Readonly<
  Record<string, (lab: LabFixture, status: LabStatus, notices: string) => Promise<void> | void>
> = {
  '01-three-namenodes': (_lab, status) => expect(kinds(status, 'namenode')).toBe(3),
  '02-five-namenodes': (_lab, status) => expect(kinds(status, 'namenode')).toBe(5),
  '03-upper-case': (_lab, status) =>
    expect(status.hosts.map((host) => host.name)).toEqual(['NN1.Example.COM', 'nn2.example.com', 'nn3.example.com']),
  '04-addresses': (_lab, status) =>
    expect(status.hosts.map((host) => host.name)).toEqual(['10.20.0.11', '10.20.0.12', '10.20.0.13']),
  '05-hosts-of-their-own': (_lab, status) =>
    expect(status.hosts.map((host) => `${host.name} ${host.roles.map((role) => role.port).join(' ')}`)).toEqual([
      'jn1 8485',
      'jn2 8485',
      'jn3 8485',
      'master1 25000 25019',
      'master2 25000 25019',
      'zk1 24002',
      'zk2 24002',
      'zk3 24002',
    ]),
  '06-no-zoo-cfg': (_lab, _status, notices) =>
    expect(notices).toContain("there is no zoo.cfg: ZooKeeper's defaults are used, on m1:2181, m2:2181, m3:2181"),
  '09-environment': (_lab, status) => expect(status.nameservice).toBe('envns'),
  '11-closed-acls': async (lab, status) => {
    expect(status.breadcrumb).toBe(status.active);
    const { out } = await lab.halab('status');
    expect(out).toMatch(new RegExp(`lock ${status.active}, session 0x`));
  },
};

const kinds = (status: LabStatus, kind: string): number =>
  rolesOf(status).filter((role) => role.kind === kind && role.answers).length;

describe.concurrent('up, kill active, takeover, down', { timeout: 120_000 }, () => {
  test.each(readdirSync(strangers))('%s', async (name) => {
    const lab = new LabFixture();
    try {
      const up = await lab.halab('up', join(strangers, name), '--profile', 'fast', '--json');
      expect(up.code, up.err).toBe(0);
      const before = JSON.parse(up.out) as LabStatus;
      expect(before.lockHolder?.id).toBe(before.active);
      expect(rolesOf(before).filter((role) => !role.answers)).toEqual([]);
      // A NameNode that has not begun to follow has no lag, and nothing is behind by less than nothing.
      const lags = rolesOf(before).filter((role) => role.kind === 'namenode' && role.txid === '0');
      expect(lags.map((role) => role.lag)).toEqual(lags.map(() => undefined));
      expect(rolesOf(before).filter((role) => role.lag?.startsWith('-'))).toEqual([]);
      await PECULIAR[name]?.(lab, before, up.err);

      expect((await lab.halab('kill', 'active')).code).toBe(0);
      const opened = openLab({ dir: lab.dir, name: undefined });
      const prober = createProber(opened);
      try {
        const active = await waitFor(opened, { what: 'a takeover', limitMs: 30_000 }, async () => {
          const now = await prober.probe({ memory: false });
          return now.active !== undefined && now.active !== before.active && now.lockHolder?.id === now.active
            ? now.active
            : undefined;
        });
        expect(active).not.toBe(before.active);
      } finally {
        await prober.close();
      }
      expect((await lab.halab('down')).code).toBe(0);
      expect(lab.processes()).toEqual([]);
    } finally {
      await lab.end();
    }
  });
});
