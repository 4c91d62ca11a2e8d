import { describe, expect, test } from 'vitest';
import { ha } from '../../../src/drill/checks/ha.js';
import { judgeEdits, judgeSegments, qjm } from '../../../src/drill/checks/qjm.js';
import { rolesLive } from '../../../src/drill/checks/roles.js';
import { Violations } from '../../../src/drill/checks/check.js';
import { broken } from './feed.js';
import type { Seen } from './feed.js';

const established = (role: string, epoch: bigint): Seen => [role, { type: 'WriterEpochEstablished', epoch }];
const recovered = (role: string, lastTxid: bigint): Seen => [
  role,
  { type: 'SegmentsRecovered', lastTxid, segments: 1 },
];

describe('QJM', () => {
  const judged = (seen: Seen[]): string[] => broken((report) => qjm(3, new Map(), report), seen);
  const promised = (role: string, epoch: bigint): Seen => [
    role,
    { type: 'EpochPromised', journal: 'j', epoch, previous: 0n },
  ];
  const written = (role: string, epoch: bigint, txid: bigint, digest = 'd'): Seen => [
    role,
    { type: 'EditsWritten', journal: 'j', epoch, firstTxid: txid, lastTxid: txid, digest },
  ];
  const acknowledged = (epoch: bigint, txid: bigint): Seen => [
    'nn1',
    { type: 'EditsAcknowledged', epoch, firstTxid: txid, lastTxid: txid, digest: 'd' },
  ];
  const finalized = (role: string, epoch: bigint, last: bigint): Seen => [
    role,
    { type: 'SegmentFinalized', journal: 'j', epoch, firstTxid: 1n, lastTxid: last },
  ];

  test('a writer, and the next one behind it', () => {
    expect(
      judged([
        promised('jn1', 1n),
        promised('jn2', 1n),
        established('nn1', 1n),
        recovered('nn1', 0n),
        written('jn1', 1n, 1n),
        written('jn2', 1n, 1n),
        acknowledged(1n, 1n),
        promised('jn2', 2n),
        promised('jn3', 2n),
        established('nn2', 2n),
        recovered('nn2', 1n),
        finalized('jn2', 2n, 1n),
        finalized('jn3', 2n, 1n),
      ]),
    ).toEqual([]);
  });
  test('an epoch is established on one promise', () =>
    expect(judged([promised('jn1', 1n), established('nn1', 1n)])).toEqual(['EpochOnMajority']));
  test('an accepted recovery is told of, until the segment is closed', () => {
    const accepted: Seen = ['jn1', { type: 'RecoveryAccepted', journal: 'j', epoch: 2n, firstTxid: 1n, lastTxid: 5n }];
    const prepared = (acceptedInEpoch?: bigint): Seen => [
      'jn1',
      {
        type: 'RecoveryPrepared',
        journal: 'j',
        epoch: 3n,
        firstTxid: 1n,
        lastTxid: 5n,
        finalized: false,
        acceptedInEpoch,
        lastWriterEpoch: 1n,
      },
    ];
    expect(judged([accepted, prepared(2n)])).toEqual([]);
    expect(judged([accepted, finalized('jn1', 2n, 5n), prepared()])).toEqual([]);
    expect(judged([accepted, prepared()])).toEqual(['RecoveryRemembered']);
  });
  test('a promise goes back', () =>
    expect(judged([promised('jn1', 2n), promised('jn1', 2n)])).toEqual(['PromiseOnlyGrows']));
  test('an older writer is taken', () =>
    expect(judged([promised('jn1', 2n), written('jn1', 1n, 5n)])).toEqual(['PromiseKept']));
  test('two writers of one epoch', () =>
    expect(judged([promised('jn1', 1n), promised('jn2', 1n), established('nn1', 1n), established('nn2', 1n)])).toEqual([
      'OneWriterAnEpoch',
    ]));
  test('acknowledged on one node', () =>
    expect(judged([written('jn1', 1n, 1n), written('jn2', 1n, 1n, 'other'), acknowledged(1n, 1n)])).toEqual([
      'AcknowledgedOnMajority',
    ]));
  test('the next writer goes on before what was acknowledged', () => {
    expect(
      judged([
        promised('jn1', 1n),
        promised('jn2', 1n),
        established('nn1', 1n),
        written('jn1', 1n, 1n),
        written('jn2', 1n, 1n),
        acknowledged(1n, 1n),
        promised('jn2', 2n),
        promised('jn3', 2n),
        established('nn2', 2n),
        recovered('nn2', 0n),
      ]),
    ).toEqual(['RecoveryKeepsAcknowledged']);
  });
  test('a recovery that a majority has accepted is decided anew', () => {
    const accepted = (role: string, epoch: bigint, lastTxid: bigint): Seen => [
      role,
      { type: 'RecoveryAccepted', journal: 'j', epoch, firstTxid: 1n, lastTxid },
    ];
    expect(
      judged([accepted('jn1', 2n, 5n), accepted('jn2', 3n, 7n), accepted('jn3', 3n, 7n), accepted('jn1', 4n, 7n)]),
    ).toEqual([]);
    expect(judged([accepted('jn1', 2n, 5n), accepted('jn2', 2n, 5n), accepted('jn3', 3n, 7n)])).toEqual([
      'RecoveryDecidesOnce',
    ]);
  });
  test('a recovery takes another than the best copy', () => {
    const prepared = (jn: string, lastTxid: bigint | undefined, rest: object = {}): Seen => [
      jn,
      {
        type: 'RecoveryPrepared',
        journal: 'j',
        epoch: 3n,
        firstTxid: 1n,
        lastTxid,
        finalized: false,
        acceptedInEpoch: undefined,
        lastWriterEpoch: 1n,
        ...rest,
      },
    ];
    const accepted = (lastTxid: bigint): Seen => [
      'jn1',
      { type: 'RecoveryAccepted', journal: 'j', epoch: 3n, firstTxid: 1n, lastTxid },
    ];
    const bound = [prepared('jn1', 9n), prepared('jn2', 5n, { acceptedInEpoch: 2n })];
    expect(judged([...bound, accepted(5n)])).toEqual([]);
    expect(judged([...bound, accepted(9n)])).toEqual(['RecoveryTakesBestCopy']);
    const newer = [prepared('jn1', 9n), prepared('jn2', 2n, { lastWriterEpoch: 2n })];
    expect(judged([...newer, accepted(2n)])).toEqual([]);
    expect(judged([...newer, accepted(9n)])).toEqual(['RecoveryTakesBestCopy']);
    const finished = [prepared('jn1', 9n), prepared('jn2', 4n, { finalized: true })];
    expect(judged([...finished, accepted(9n)])).toEqual(['RecoveryTakesBestCopy']);
    // With three answers the writer may have heard any two of them first.
    const three = [prepared('jn1', undefined), prepared('jn2', 5n), prepared('jn3', 6n)];
    expect(judged([...three, accepted(5n)])).toEqual([]);
    expect(judged([...three, accepted(6n)])).toEqual([]);
    expect(judged([...three, accepted(4n)])).toEqual(['RecoveryTakesBestCopy']);
  });
  test('a segment has two ends', () =>
    expect(judged([finalized('jn1', 1n, 5n), finalized('jn2', 2n, 6n)])).toEqual(['FinalizedEqual']));

  test('what is read in the end', () => {
    const violations = new Violations();
    judgeEdits(
      new Map([
        [1n, 'a'],
        [2n, 'b'],
        [3n, 'c'],
      ]),
      new Map([
        [1n, 'a'],
        [2n, 'x'],
      ]),
      0,
      violations.report,
    );
    judgeSegments(
      new Map([
        ['jn1', new Map([['edits_1-2', 'a']])],
        ['jn2', new Map([['edits_1-2', 'b']])],
      ]),
      0,
      violations.report,
    );
    expect(violations.list.map(({ check }) => check)).toEqual([
      'AcknowledgedWriteKept',
      'AcknowledgedWriteKept',
      'FinalizedEqual',
    ]);
  });
});

describe('HA', () => {
  const judged = (seen: Seen[]): string[] => broken((report) => ha(report, { fencingWorks: true }), seen);
  const active = (role: string): Seen => [role, { type: 'HaStateChanged', from: 'STANDBY', to: 'ACTIVE', txid: 0n }];
  const standby = (role: string): Seen => [role, { type: 'HaStateChanged', from: 'ACTIVE', to: 'STANDBY', txid: 0n }];
  const fenced = (target: string): Seen => ['zkfc2', { type: 'ActiveFenced', target, method: 'shell' }];
  const killed = (role: string): Seen => [role, { how: 'kill', code: 137, reason: '' }];

  test('one after the other: obeyed, dead or fenced', () => {
    expect(
      judged([
        active('nn1'),
        standby('nn1'),
        active('nn2'),
        killed('nn2'),
        active('nn1'),
        fenced('nn1'),
        active('nn2'),
      ]),
    ).toEqual([]);
  });
  test('two at once', () => expect(judged([active('nn1'), active('nn2')])).toEqual(['ActiveBeforeFenced']));
  test('fenced in an earlier life', () => {
    expect(
      judged([
        active('nn1'),
        fenced('nn1'),
        active('nn2'),
        standby('nn2'),
        standby('nn1'),
        active('nn1'),
        active('nn2'),
      ]),
    ).toEqual(['ActiveBeforeFenced']);
  });
  test('fenced, it is said, and active as before', () => {
    const fencing: Seen = ['zkfc2', { type: 'FencingStarted', target: 'nn1' }];
    expect(judged([active('nn1'), fencing, standby('nn1'), fenced('nn1')])).toEqual([]);
    expect(judged([active('nn1'), fencing, killed('nn1'), fenced('nn1')])).toEqual([]);
    expect(judged([active('nn1'), fencing, fenced('nn1')])).toEqual(['FencedIsOut']);
  });
  test('fencing failed: not a word to the breadcrumb before the lock was lost', () => {
    const failed: Seen = ['zkfc2', { type: 'FencingFailed', target: 'nn1', reason: 'no power switch' }];
    const lost: Seen = ['zkfc2', { type: 'LockLost', session: 1n, reason: 'session closed' }];
    const breadcrumb: Seen = ['zkfc2', { type: 'BreadcrumbWritten', nameNode: 'nn2' }];
    expect(judged([failed, lost, fenced('nn1'), breadcrumb])).toEqual([]);
    expect(judged([failed, ['zkfc2', { how: 'kill', code: 137, reason: '' }], breadcrumb])).toEqual([]);
    expect(judged([failed, breadcrumb])).toEqual(['FencedBeforeBreadcrumb']);
  });
  test('an old active acknowledges what the new one does not have', () => {
    const acknowledged = (txid: bigint): Seen => [
      'nn1',
      { type: 'MutationAcknowledged', operation: 'mkdirs', path: '/a', txid },
    ];
    const takeover: Seen[] = [
      established('nn1', 1n),
      recovered('nn1', 0n),
      established('nn2', 2n),
      recovered('nn2', 5n),
    ];
    expect(judged([...takeover, acknowledged(5n)])).toEqual([]);
    expect(judged([...takeover, acknowledged(6n)])).toEqual(['AcceptedBeyondFence']);
  });
  test('activation without a breadcrumb', () => {
    const wanted: Seen = ['zkfc1', { type: 'ActivationRequested', target: 'nn1' }];
    expect(judged([['zkfc1', { type: 'BreadcrumbWritten', nameNode: 'nn1' }], wanted])).toEqual([]);
    expect(judged([wanted])).toEqual(['ActiveWithoutBreadcrumb']);
  });
});

test('a role that throws', () => {
  const live = (seen: Seen[]): string[] =>
    broken((report) => rolesLive((_role, reason) => reason === 'disk full', report), seen);
  expect(
    live([
      ['zk1', { how: 'kill', code: 137, reason: '' }],
      ['zk1', { how: 'exit', code: 1, reason: 'disk full' }],
      ['zk1', { how: 'exit', code: 0, reason: 'stopped' }],
    ]),
  ).toEqual([]);
  expect(live([['zk1', { how: 'crash', code: 1, reason: 'threw' }]])).toEqual(['NoCrash']);
  expect(live([['zk1', { how: 'exit', code: 1, reason: 'cannot' }]])).toEqual(['NoCrash']);
});
