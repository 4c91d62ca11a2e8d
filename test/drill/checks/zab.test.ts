import { describe, expect, test } from 'vitest';
import { election } from '../../../src/drill/checks/election.js';
import { zabDurability } from '../../../src/drill/checks/zab-durability.js';
import { zabOrder } from '../../../src/drill/checks/zab-order.js';
import { zkSessions } from '../../../src/drill/checks/zk-sessions.js';
import { broken } from './feed.js';
import type { Seen } from './feed.js';

const z = (epoch: number, counter: number): bigint => (BigInt(epoch) << 32n) | BigInt(counter);
const logged = (role: string, zxid: bigint): Seen => [role, { type: 'TxnLogged', zxid, digest: 'd' }];
const acked = (role: string, zxid: bigint): Seen => [role, { type: 'TxnAcked', zxid }];
const committed = (role: string, zxid: bigint, digest = 'd'): Seen => [role, { type: 'TxnCommitted', zxid, digest }];
const loaded = (role: string, zxid: bigint, epoch = 1n): Seen => [
  role,
  { type: 'HistoryLoaded', zxid, currentEpoch: epoch, acceptedEpoch: epoch, incarnation: 2 },
];
const killed = (role: string): Seen => [role, { how: 'kill', code: 137, reason: '' }];

describe('order', () => {
  const order = (seen: Seen[]): string[] => broken((report) => zabOrder(['zk1', 'zk2', 'zk3'], report), seen);
  const onTwo = (zxid: bigint): Seen[] => [logged('zk1', zxid), logged('zk2', zxid)];

  test('a transaction on two disks, applied everywhere in order', () => {
    expect(
      order([
        ...onTwo(z(1, 1)),
        committed('zk1', z(1, 1)),
        ...onTwo(z(1, 2)),
        committed('zk1', z(1, 2)),
        committed('zk2', z(1, 1)),
        committed('zk2', z(1, 2)),
      ]),
    ).toEqual([]);
  });
  test('committed on one disk only', () => {
    expect(order([logged('zk1', z(1, 1)), committed('zk1', z(1, 1))])).toEqual(['CommittedLogDurability']);
  });
  test('two leaders of one epoch', () => {
    const established = (role: string): Seen => [
      role,
      { type: 'LeaderEstablished', epoch: 3n, zxid: 0n, supporters: [1, 2] },
    ];
    expect(order([established('zk1'), established('zk2')])).toEqual(['Leadership1']);
  });
  test('one zxid, two transactions', () => {
    expect(order([...onTwo(z(1, 1)), committed('zk1', z(1, 1)), committed('zk2', z(1, 1), 'other')])).toEqual([
      'Agreement',
    ]);
  });
  test('one server leaves a transaction out', () => {
    expect(
      order([
        ...onTwo(z(1, 1)),
        ...onTwo(z(1, 2)),
        committed('zk1', z(1, 1)),
        committed('zk1', z(1, 2)),
        committed('zk2', z(1, 2)),
      ]),
    ).toEqual(['TotalOrder']);
  });
  test('a server goes back', () => {
    expect(order([...onTwo(z(1, 2)), committed('zk1', z(1, 2)), committed('zk1', z(1, 1))])).toContain(
      'CommittedLogMonotonicity',
    );
  });
  test('after a crash the same is applied again, which is fine', () => {
    expect(
      order([
        ...onTwo(z(1, 1)),
        committed('zk1', z(1, 1)),
        killed('zk1'),
        ['zk1', { type: 'SnapshotRestored', zxid: 0n }],
        committed('zk1', z(1, 1)),
      ]),
    ).toEqual([]);
  });
  test('a leader begins without what was committed', () => {
    expect(
      order([...onTwo(z(1, 1)), committed('zk1', z(1, 1)), ['zk3', { type: 'LeaderServing', epoch: 2n, zxid: 0n }]]),
    ).toEqual(['LeaderLogCompleteness']);
  });
});

describe('durability', () => {
  const durability = (seen: Seen[]): string[] => broken(zabDurability, seen);
  const stored = (role: string, which: 'accepted' | 'current', epoch: bigint): Seen => [
    role,
    { type: 'EpochStored', which, epoch },
  ];
  const told = (role: string, epoch: bigint): Seen => [role, { type: 'EpochTold', epoch }];

  test('acknowledged after it was logged, and there after a crash', () => {
    expect(
      durability([
        loaded('zk1', 0n),
        logged('zk1', z(1, 1)),
        acked('zk1', z(1, 1)),
        killed('zk1'),
        loaded('zk1', z(1, 1)),
      ]),
    ).toEqual([]);
  });
  test('acknowledged before it was logged', () => {
    expect(durability([acked('zk1', z(1, 1)), logged('zk1', z(1, 1))])).toEqual(['AckAfterSync']);
  });
  test('acknowledged, and gone after a crash', () => {
    expect(durability([logged('zk1', z(1, 1)), acked('zk1', z(1, 1)), killed('zk1'), loaded('zk1', 0n)])).toEqual([
      'AckedTransactionKept',
    ]);
  });
  test('acknowledged, and cut off by a leader that never had it, which is fine', () => {
    expect(
      durability([
        logged('zk1', z(1, 1)),
        acked('zk1', z(1, 1)),
        ['zk1', { type: 'LogTruncated', zxid: 0n }],
        loaded('zk1', 0n),
      ]),
    ).toEqual([]);
  });
  test('an epoch is stored, promised, stored as the current one, and acknowledged', () => {
    expect(
      durability([
        loaded('zk1', 0n),
        stored('zk1', 'accepted', 4n),
        told('zk1', 4n),
        stored('zk1', 'current', 4n),
        acked('zk1', z(4, 0)),
        killed('zk1'),
        loaded('zk1', 0n, 4n),
      ]),
    ).toEqual([]);
  });
  test('an epoch is promised before it is on disk', () => {
    expect(durability([loaded('zk1', 0n, 3n), told('zk1', 4n)])).toEqual(['PromiseOnDisk']);
  });
  test('a leader is acknowledged before its epoch is on disk', () => {
    expect(
      durability([loaded('zk1', 0n, 3n), stored('zk1', 'accepted', 4n), told('zk1', 4n), acked('zk1', z(4, 0))]),
    ).toEqual(['PromiseOnDisk']);
  });
  test('an accepted epoch is forgotten', () => {
    expect(durability([stored('zk1', 'accepted', 4n), told('zk1', 4n), killed('zk1'), loaded('zk1', 0n, 3n)])).toEqual([
      'EpochOnlyGrows',
    ]);
  });
  test('a leader of a lower epoch is followed', () => {
    expect(durability([stored('zk1', 'accepted', 4n), told('zk1', 4n), told('zk1', 3n)])).toEqual(['EpochOnlyGrows']);
  });
});

describe('election', () => {
  const elections = (seen: Seen[]): string[] => broken((report) => election(['zk1', 'zk2', 'zk3'], report), seen);
  const looking = (role: string): Seen => [role, { type: 'LookingStarted', round: 1n }];
  const elected = (role: string): Seen => [
    role,
    { type: 'LeaderElected', leader: Number(role.slice(2)), round: 1n, zxid: 0n },
  ];
  const pasts: Seen[] = [loaded('zk1', z(1, 5)), loaded('zk2', z(1, 5)), loaded('zk3', z(1, 1))];

  test('the one with the most', () => {
    expect(elections([...pasts, looking('zk1'), looking('zk2'), looking('zk3'), elected('zk2')])).toEqual([]);
  });
  test('the one with the least, whom both others voted for', () => {
    expect(elections([...pasts, looking('zk1'), looking('zk2'), looking('zk3'), elected('zk3')])).toEqual([
      'ElectedMostRecent',
    ]);
  });
  test('the one that has seen a later epoch begin, with fewer transactions', () => {
    expect(
      elections([...pasts, acked('zk3', z(2, 0)), looking('zk1'), looking('zk2'), looking('zk3'), elected('zk3')]),
    ).toEqual([]);
  });
  test('the one with less, by the vote of one with more', () => {
    const counted: Seen = ['zk3', { type: 'VotesCounted', leader: 3, supporters: [2, 3] }];
    expect(elections([...pasts, killed('zk1'), looking('zk2'), looking('zk3'), counted, elected('zk3')])).toEqual([
      'ElectedMostRecent',
    ]);
  });
  describe('discovery', () => {
    const accepts = (role: string, epoch: bigint): Seen => [role, { type: 'EpochAccepted', epoch }];
    const stored = (role: string, which: 'accepted' | 'current', epoch: bigint): Seen => [
      role,
      { type: 'EpochStored', which, epoch },
    ];
    const told = (role: string, epoch: bigint): Seen => [role, { type: 'EpochTold', epoch }];
    const elects: Seen[] = [...pasts, looking('zk1'), looking('zk2'), elected('zk2')];

    test('a greater epoch, promised by one more, who has no more', () => {
      expect(
        elections([
          ...elects,
          accepts('zk2', 2n),
          stored('zk2', 'accepted', 2n),
          told('zk2', 2n),
          told('zk1', 2n),
          stored('zk2', 'current', 2n),
        ]),
      ).toEqual([]);
    });
    test('promised by nobody else, or by one that is ahead', () => {
      expect(elections([...elects, stored('zk2', 'current', 2n)])).toEqual(['LeaderMostRecent']);
      expect(elections([...elects, loaded('zk3', z(1, 9)), told('zk3', 2n), stored('zk2', 'current', 2n)])).toEqual([
        'LeaderMostRecent',
      ]);
    });
    test('an epoch that two others have accepted', () => {
      expect(
        elections([
          ...pasts,
          stored('zk1', 'accepted', 5n),
          stored('zk3', 'accepted', 5n),
          looking('zk2'),
          elected('zk2'),
          accepts('zk2', 5n),
        ]),
      ).toEqual(['EpochIsNew']);
    });
  });
  test('a leader that is back before its followers have noticed', () => {
    const following = (role: string): Seen => [role, { type: 'FollowingEstablished', leader: 3, epoch: 1n, zxid: 0n }];
    expect(
      elections([
        ...pasts,
        looking('zk1'),
        looking('zk2'),
        following('zk1'),
        following('zk2'),
        looking('zk3'),
        elected('zk3'),
      ]),
    ).toEqual([]);
  });
});

describe('sessions', () => {
  const created: Seen = ['zk1', { type: 'EphemeralCreated', path: '/e', session: 7n, zxid: z(1, 2) }];
  const ended: Seen = ['zk1', { type: 'SessionEndedAt', session: 7n, zxid: z(1, 3) }];

  test('answers go on, in each session', () => {
    const read = (session: bigint, zxid: bigint): Seen => ['c1', { type: 'ReplyRead', session, zxid }];
    expect(broken(zkSessions, [read(7n, 5n), read(7n, 5n), read(8n, 3n), read(7n, 6n)])).toEqual([]);
    expect(broken(zkSessions, [read(7n, 5n), read(7n, 4n)])).toEqual(['SessionOrder']);
  });
  test('its nodes go with it', () => {
    expect(
      broken(zkSessions, [
        created,
        ['zk1', { type: 'EphemeralDeleted', path: '/e', session: 7n, zxid: z(1, 3) }],
        ended,
      ]),
    ).toEqual([]);
  });
  test('a node stays', () => {
    expect(broken(zkSessions, [created, ended])).toEqual(['EphemeralOutlivesSession']);
  });
  test('a node that is not in the snapshot that took the place of everything', () => {
    expect(broken(zkSessions, [created, ['zk1', { type: 'SnapshotRestored', zxid: z(1, 9) }], ended])).toEqual([]);
  });
});
