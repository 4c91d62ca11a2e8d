/** A lab as the dashboard's tests see it: the book's cluster a moment after nn1 was killed and nn2 took over. */
import type { StampedEvent } from '../../src/base/events.js';
import type { LabStatus, RoleStatus } from '../../src/cluster/status.js';

export const startMs = Date.UTC(2026, 10, 21, 10, 0, 0);

const role = (
  id: string,
  kind: RoleStatus['kind'],
  host: number,
  port: number,
  more: Partial<RoleStatus>,
): RoleStatus => ({
  id,
  kind,
  host: `m${host}`,
  pid: 4000 + host * 10 + (port % 7),
  address: `127.0.0.${host}`,
  port,
  state: 'running',
  answers: true,
  uptimeMs: 60_000,
  pssKb: 30_000,
  detail: '',
  ...more,
});

export const sampleStatus: LabStatus = {
  name: 'book',
  dir: '/home/ann/.local/state/halab/book',
  startedAt: startMs,
  probedAt: startMs + 61_000,
  profile: 'production',
  nameservice: 'hdfs-cluster',
  active: 'nn2',
  lockHolder: { id: 'nn2', session: '0x200000a3f0001' },
  breadcrumb: 'nn2',
  pssKb: 312_000,
  hosts: [1, 2, 3].map((n) => ({
    name: `m${n}`,
    address: `127.0.0.${n}`,
    roles: [
      role(`zk${n}`, 'zookeeper', n, 2181, {
        mode: n === 3 ? 'leader' : 'follower',
        epoch: '1',
        zxid: String((1n << 32n) + 0x2an),
      }),
      role(`jn${n}`, 'journalnode', n, 8485, {
        promisedEpoch: '3',
        txid: n === 1 ? '1180' : '1204',
        lag: n === 1 ? '24' : '0',
      }),
      ...(n === 3
        ? []
        : [
            role(
              `nn${n}`,
              'namenode',
              n,
              9000,
              n === 1
                ? { state: 'dead', answers: false, pid: undefined, detail: 'killed by SIGKILL' }
                : { haState: 'ACTIVE', health: 'healthy', epoch: '3', txid: '1204', lag: '0' },
            ),
            role(`zkfc${n}`, 'zkfc', n, 8019, {}),
          ]),
    ],
  })),
};

const at = (seconds: number, roleId: string, event: Record<string, unknown>): StampedEvent =>
  ({ ...event, role: roleId, wallMs: startMs + seconds * 1000 }) as unknown as StampedEvent;

export const sampleEvents: readonly StampedEvent[] = [
  at(1, 'nn1', { type: 'HaStateChanged', from: 'INITIALIZING', to: 'STANDBY', txid: '0' }),
  at(1.1, 'nn2', { type: 'HaStateChanged', from: 'INITIALIZING', to: 'STANDBY', txid: '0' }),
  at(1.5, 'nn1', { type: 'HaStateChanged', from: 'STANDBY', to: 'ACTIVE', txid: '1' }),
  at(40, 'lab', { type: 'RoleKilled', target: 'nn1', pid: 4016 }),
  at(40.4, 'zkfc1', { type: 'HealthChanged', from: 'SERVICE_HEALTHY', to: 'SERVICE_NOT_RESPONDING' }),
  at(40.5, 'zkfc1', { type: 'ElectionLeft', reason: 'NameNode is not responding' }),
  at(40.6, 'zkfc2', { type: 'LockCreated', session: String(0x200000a3f0001n) }),
  at(40.8, 'zkfc2', { type: 'ActiveFenced', target: 'nn1', method: 'shell(/bin/true)' }),
  at(41.2, 'jn2', { type: 'EpochPromised', journal: 'hdfs-cluster', epoch: '3', previous: '2' }),
  at(41.4, 'jn2', { type: 'SegmentFinalized', journal: 'hdfs-cluster', epoch: '3', firstTxid: '1', lastTxid: '1180' }),
  at(42, 'nn2', { type: 'HaStateChanged', from: 'STANDBY', to: 'ACTIVE', txid: '1181' }),
];
