import { describe, expect, test } from 'vitest';
import { Violations } from '../../../src/drill/checks/check.js';
import { judgeNamespace } from '../../../src/drill/checks/ha.js';
import type { NamespaceOperation } from '../../../src/drill/checks/ha.js';
import { judgeTwins, judgeZkEnd, judgeZkHistory } from '../../../src/drill/checks/zk-history.js';
import type { ZkOperation, ZkServerView } from '../../../src/drill/checks/zk-history.js';

const op = (
  kind: ZkOperation['kind'],
  path: string,
  times: readonly [number, number],
  more: Partial<ZkOperation> = {},
): ZkOperation => ({ session: 'c1/0x1', kind, path, startMs: times[0], endMs: times[1], outcome: 'ok', ...more });

const names = (judge: (violations: Violations) => void): string[] => {
  const violations = new Violations();
  judge(violations);
  return violations.list.map(({ check }) => check);
};

describe("what ZooKeeper's clients saw", () => {
  const judged = (history: ZkOperation[]): string[] => names(({ report }) => judgeZkHistory(history, 0, report));

  test('writes in the order of time, reads that only grow', () => {
    expect(
      judged([
        op('create', '/a', [0, 5], { zxid: 1n }),
        op('create', '/b', [6, 9], { zxid: 3n, session: 'c2/0x2' }),
        // Under way at the same time: either order.
        op('create', '/c', [4, 8], { zxid: 2n, session: 'c3/0x3' }),
        op('set', '/k', [10, 11], { zxid: 4n, version: 1 }),
        op('read', '/k', [12, 13], { zxid: 4n }),
      ]),
    ).toEqual([]);
  });
  test('a write that came after another was answered stands before it', () => {
    expect(judged([op('create', '/a', [0, 5], { zxid: 2n }), op('create', '/b', [6, 9], { zxid: 1n })])).toEqual([
      'RealTimeOrder',
    ]);
  });
  test('two sets make the same version', () => {
    expect(
      judged([op('set', '/k', [0, 9], { zxid: 1n, version: 1 }), op('set', '/k', [0, 9], { zxid: 2n, version: 1 })]),
    ).toEqual(['VersionUnique']);
  });
  test('a checked set does not follow what it checked', () => {
    expect(judged([op('checkedSet', '/k', [0, 9], { zxid: 1n, checked: 1, version: 5 })])).toEqual(['VersionUnique']);
  });
  test('a version that grows against the order of zxids', () => {
    expect(
      judged([
        op('set', '/k', [0, 9], { zxid: 2n, version: 1 }),
        op('set', '/k', [0, 9], { zxid: 1n, version: 2, session: 'c2/0x2' }),
      ]),
    ).toEqual(['VersionOrder']);
  });
  test('a checked set is refused although nothing had changed', () => {
    const refused = op('checkedSet', '/k', [2, 3], { checked: 1, outcome: 'refused' });
    const first = op('set', '/k', [0, 1], { zxid: 1n, version: 1 });
    expect(judged([first, refused, op('set', '/k', [4, 5], { zxid: 2n, version: 2 })])).toEqual(['CheckedSetRefused']);
    // The next version may have been made meanwhile.
    expect(judged([first, refused, op('set', '/k', [2, 5], { zxid: 2n, version: 2 })])).toEqual([]);
  });
  test('half a multi', () => {
    expect(names(({ report }) => judgeTwins(['1-a', '1-b', '2-a'], 'c1', 0, report))).toEqual(['MultiAtomic']);
  });
  test('a sequential name is given twice', () => {
    expect(
      judged([
        op('createSequential', '/s/n-1', [0, 9], { zxid: 1n }),
        op('createSequential', '/s/n-1', [0, 9], { zxid: 2n }),
      ]),
    ).toEqual(['SequentialUnique']);
  });
  test('a session sees an older state than before', () => {
    expect(judged([op('read', '/k', [0, 1], { zxid: 9n }), op('read', '/k', [2, 3], { zxid: 4n })])).toEqual([
      'SessionOrder',
    ]);
  });
  test('another session may see an older state', () => {
    expect(
      judged([op('read', '/k', [0, 1], { zxid: 9n }), op('read', '/k', [2, 3], { zxid: 4n, session: 'c2/0x2' })]),
    ).toEqual([]);
  });
});

describe('what is there in the end', () => {
  const view = (server: string, nodes: Record<string, { version?: number; owner?: bigint }>): ZkServerView => ({
    server,
    nodes: new Map(
      Object.entries(nodes).map(([path, { version = 0, owner = 0n }]) => [path, { version, owner, mzxid: 1n }]),
    ),
  });
  const judged = (history: ZkOperation[], views: ZkServerView[], live: bigint[] = []): string[] =>
    names(({ report }) => judgeZkEnd(history, views, new Set(live), 0, report));
  const history = [op('create', '/a', [0, 1], { zxid: 1n }), op('set', '/k', [2, 3], { zxid: 2n, version: 4 })];

  test('everything acknowledged, the same everywhere', () => {
    const nodes = { '/a': {}, '/k': { version: 4 }, '/e': { owner: 7n } };
    expect(judged(history, [view('m1', nodes), view('m2', nodes)], [7n])).toEqual([]);
  });
  test('a node is gone, a version is gone, servers differ, an owner is gone', () => {
    expect(judged(history, [view('m1', { '/k': { version: 4 } })])).toEqual(['AcknowledgedWriteKept']);
    expect(judged(history, [view('m1', { '/a': {}, '/k': { version: 3 } })])).toEqual(['AcknowledgedWriteKept']);
    expect(judged([], [view('m1', { '/a': {} }), view('m2', {})])).toEqual(['ServersAgree']);
    expect(judged([], [view('m1', { '/e': { owner: 7n } })])).toEqual(['EphemeralOutlivesSession']);
  });
  test('a multi is there as it was answered', () => {
    const multi = (outcome: 'ok' | 'refused' | 'unknown'): ZkOperation =>
      op('multi', '/m/1-a', [0, 1], { twin: '/m/1-b', zxid: 1n, outcome });
    const both = { '/m/1-a': {}, '/m/1-b': {} };
    expect(judged([multi('ok')], [view('m1', both)])).toEqual([]);
    expect(judged([multi('refused')], [view('m1', {})])).toEqual([]);
    expect(judged([multi('unknown')], [view('m1', both)])).toEqual([]);
    expect(judged([multi('refused')], [view('m1', both)])).toEqual(['MultiAtomic']);
    expect(judged([multi('ok')], [view('m1', { '/m/1-a': {} })])).toEqual(['MultiAtomic']);
  });
  test('a deletion that nobody answered explains a missing node', () => {
    const deletion = { ...op('delete', '/a', [4, 5]), outcome: 'unknown' as const };
    expect(judged([history[0]!, deletion], [view('m1', {})])).toEqual([]);
  });
});

describe("what NameNodes' clients saw", () => {
  const mkdirs = (path: string): NamespaceOperation => ({
    client: 'c1',
    kind: 'mkdirs',
    path,
    startMs: 0,
    endMs: 1,
    outcome: 'ok',
  });
  const rename = (path: string, target: string, outcome?: 'ok' | 'refused'): NamespaceOperation => ({
    client: 'c1',
    kind: 'rename',
    path,
    target,
    startMs: 2,
    ...(outcome === undefined ? {} : { endMs: 3, outcome }),
  });
  const judged = (history: NamespaceOperation[], paths: string[]): string[] =>
    names(({ report }) => judgeNamespace(history, new Set(paths), 0, report));

  test('all is there; a rename without an answer may have happened or not', () => {
    expect(
      judged(
        [mkdirs('/d/a'), mkdirs('/d/b'), rename('/d/b', '/r/b', 'ok'), mkdirs('/d/c'), rename('/d/c', '/r/c')],
        ['/d/a', '/r/b', '/d/c'],
      ),
    ).toEqual([]);
  });
  test('something is missing, twice there, or refused', () => {
    expect(judged([mkdirs('/d/a')], [])).toEqual(['AcknowledgedWriteKept']);
    expect(judged([mkdirs('/d/b'), rename('/d/b', '/r/b', 'ok')], ['/d/b', '/r/b'])).toEqual(['AcknowledgedWriteKept']);
    expect(judged([mkdirs('/d/b'), rename('/d/b', '/r/b')], [])).toEqual(['AcknowledgedWriteKept']);
    expect(judged([mkdirs('/d/b'), rename('/d/b', '/r/b', 'refused')], ['/r/b'])).toEqual(['RetryAnsweredOnce']);
  });
});
