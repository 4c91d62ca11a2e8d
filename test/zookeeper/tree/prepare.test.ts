import { beforeEach, describe, expect, test } from 'vitest';
import { ByteWriter } from '../../../src/base/bytes.js';
import { writeCreateTtlRequest } from '../../../src/wire/zookeeper/client/create-ttl.js';
import { writeCreateRequest } from '../../../src/wire/zookeeper/client/create.js';
import { writeDeleteRequest } from '../../../src/wire/zookeeper/client/delete.js';
import { writeMultiRequest } from '../../../src/wire/zookeeper/client/multi.js';
import type { MultiOp } from '../../../src/wire/zookeeper/client/multi.js';
import { writeReconfigRequest } from '../../../src/wire/zookeeper/client/reconfig.js';
import { writeSetDataRequest } from '../../../src/wire/zookeeper/client/set-data.js';
import { OPEN_ACL_UNSAFE } from '../../../src/wire/zookeeper/data/acl.js';
import { ErrorCode, errorName } from '../../../src/wire/zookeeper/error-code.js';
import { Op } from '../../../src/wire/zookeeper/op.js';
import { DataTree } from '../../../src/zookeeper/tree/data-tree.js';
import { RequestPreparer } from '../../../src/zookeeper/tree/prepare.js';
import type { PreparedTxn } from '../../../src/zookeeper/tree/prepare.js';

const acl = OPEN_ACL_UNSAFE;
let tree: DataTree;
let preparer: RequestPreparer;
let waiting: PreparedTxn[];
let zxid: bigint;
let closed: Set<bigint>;

function setUp(extendedTypes = false): void {
  tree = new DataTree({ extendedTypes });
  closed = new Set();
  preparer = new RequestPreparer(tree, {
    check: (session) => (closed.has(session) ? ErrorCode.SESSIONEXPIRED : ErrorCode.OK),
    open: () => undefined,
    closing: (session) => void closed.add(session),
  });
  waiting = [];
  zxid = 0n;
}

beforeEach(() => setUp());

/** Prepares, does not apply. Returns the path or error, or the parts of a multi. */
function ask(op: number, write: (w: ByteWriter) => void = () => undefined, sessionId = 1n): string {
  const w = new ByteWriter();
  write(w);
  const txn = preparer.prepare({ sessionId, cxid: 1, op, body: w.take(), authInfo: [], origin: 1 }, ++zxid, 1000n);
  waiting.push(txn);
  const { record } = txn;
  if (record.kind === 'error') return errorName(record.txn.err);
  if (record.kind === 'multi') {
    return record.txn.txns
      .map((part) => (part.type === Op.error ? errorName(part.data.readInt32BE(0)) : part.type))
      .join(' ');
  }
  if (record.kind === 'setData') return `version ${record.txn.version}`;
  if (record.kind === 'closeSession') return record.txn!.paths2Delete.join(' ');
  return 'path' in record.txn ? record.txn.path : '';
}

/** Applies the next `count` transactions; the tree must come to what was foretold. */
function commit(count = waiting.length): void {
  for (const txn of waiting.splice(0, count)) {
    const result = tree.apply(txn.header, txn.record);
    preparer.applied(txn.header.zxid);
    if (txn.record.kind !== 'error' && txn.record.kind !== 'multi') expect(result.err).toBe(ErrorCode.OK);
    if (txn.digest !== undefined) expect(BigInt(tree.digest)).toBe(txn.digest.treeDigest);
  }
}

const create = (path: string, flags = 0, session = 1n): string =>
  ask(Op.create, (w) => writeCreateRequest(w, { path, data: null, acl, flags }), session);
const set = (path: string, version: number): string =>
  ask(Op.setData, (w) => writeSetDataRequest(w, { path, data: null, version }));
const del = (path: string, version = -1): string => ask(Op.delete, (w) => writeDeleteRequest(w, { path, version }));
const multi = (...ops: MultiOp[]): string => ask(Op.multi, (w) => writeMultiRequest(w, ops));
const createOp = (path: string, flags = 0): MultiOp => ({ op: Op.create, request: { path, data: null, acl, flags } });
const setOp = (path: string, version: number): MultiOp => ({ op: Op.setData, request: { path, data: null, version } });

describe('what is on its way counts', () => {
  test('sequential names, versions and existence', () => {
    expect([create('/a'), create('/a'), create('/a/b'), set('/a', 0), set('/a', 0), set('/a', 1)]).toEqual([
      '/a',
      'NODEEXISTS',
      '/a/b',
      'version 1',
      'BADVERSION',
      'version 2',
    ]);
    expect([create('/a/s', 2), create('/a/s', 2)]).toEqual(['/a/s0000000001', '/a/s0000000002']);
    commit();
    expect(tree.node('/a')!.stat).toMatchObject({ version: 2, cversion: 3 });
  });

  test('a node that will be gone is gone, and one with a child to come cannot go', () => {
    create('/a');
    commit();
    expect([create('/a/b'), del('/a'), del('/a/b'), del('/a'), create('/a/c'), create('/a')]).toEqual([
      '/a/b',
      'NOTEMPTY',
      '/a/b',
      '/a',
      'NONODE',
      '/a',
    ]);
    commit();
    expect(tree.node('/a')!.stat.czxid).toBe(7n);
  });

  test('also while older ones are applied in between', () => {
    create('/a');
    set('/a', 0);
    commit(1);
    expect(set('/a', 1)).toBe('version 2');
    commit(1);
    expect(set('/a', 2)).toBe('version 3');
    commit();
    expect(preparer.outstanding).toBe(0);
    expect(set('/a', 3)).toBe('version 4');
  });

  test('the root has one name here, however it is called', () => {
    expect([create('/a'), set('/', 0), create('/b'), set('/', 1)]).toEqual(['/a', 'version 1', '/b', 'version 2']);
    commit();
  });
});

describe('multi', () => {
  test('its parts see each other; one refusal undoes them all', () => {
    expect(multi(createOp('/a'), setOp('/a', 0), createOp('/a/b'))).toBe('1 5 1');
    expect(multi(createOp('/c'), setOp('/a', 7), createOp('/d'))).toBe('1 BADVERSION RUNTIMEINCONSISTENCY');
    expect(create('/c')).toBe('/c');
    expect(create('/a/s', 2)).toBe('/a/s0000000001');
    commit();
    expect([...tree.nodes.keys()].filter((path) => !path.startsWith('/zookeeper')).sort()).toEqual([
      '',
      '/a',
      '/a/b',
      '/a/s0000000001',
      '/c',
    ]);
  });

  test('what stood before a failed multi, and is still on its way, stands again', () => {
    create('/p');
    commit();
    expect(create('/p/s', 2)).toBe('/p/s0000000000');
    expect(set('/p', 0)).toBe('version 1');
    expect(multi(createOp('/p/s', 2), setOp('/p', 1), setOp('/nothing', 0))).toBe('1 5 NONODE');
    expect(create('/p/s', 2)).toBe('/p/s0000000001');
    expect(set('/p', 1)).toBe('version 2');
    commit();
  });

  test('of reads and writes, or with an operation it may not hold, it is malformed', () => {
    expect(multi(createOp('/a'), { op: Op.getData, request: { path: '/', watch: false } })).toBe('MARSHALLINGERROR');
    expect(ask(Op.multi, (w) => w.i32(99).bool(false).i32(-1))).toBe('MARSHALLINGERROR');
    expect(create('/a')).toBe('/a');
  });
});

describe('the end of a session', () => {
  test('takes its ephemeral nodes, those on their way too, and those that will be gone not', () => {
    create('/e1', 1, 7n);
    create('/e2', 1, 7n);
    create('/other', 1, 8n);
    commit();
    create('/e3', 1, 7n);
    del('/e2');
    expect(ask(Op.closeSession, undefined, 7n)).toBe('/e1 /e3');
    expect(create('/e4', 1, 7n)).toBe('SESSIONEXPIRED');
    expect(create('/e1')).toBe('/e1');
    commit();
    expect([...tree.ephemerals]).toEqual([[8n, new Set(['/other'])]]);
  });

  test('leaves the parent empty at once: it can be deleted before the end is applied', () => {
    create('/p');
    create('/p/e', 1, 7n);
    commit();
    ask(Op.closeSession, undefined, 7n);
    expect(del('/p')).toBe('/p');
    commit();
  });
});

describe('refusals', () => {
  test('of what this version does not offer', () => {
    const asked = { joiningServers: null, leavingServers: '3', newMembers: null, curConfigId: -1n };
    expect(ask(Op.reconfig, (w) => writeReconfigRequest(w, asked))).toBe('RECONFIGDISABLED');
    expect(ask(Op.reconfig)).toBe('MARSHALLINGERROR');
    expect(ask(Op.check)).toBe('UNIMPLEMENTED');
    expect(ask(12345)).toBe('UNIMPLEMENTED');
    expect(ask(Op.createSession)).toBe('MARSHALLINGERROR');
  });

  test('a time to live needs extendedTypes', () => {
    const ttl = (ms: bigint, flags = 5): string =>
      ask(Op.createTTL, (w) => writeCreateTtlRequest(w, { path: '/t', data: null, acl, flags, ttl: ms }));
    expect(ttl(5n)).toBe('UNIMPLEMENTED');
    setUp(true);
    expect([ttl(0n), ttl(1n << 50n), ttl(5n, 0), ttl(5n)]).toEqual([
      'BADARGUMENTS',
      'BADARGUMENTS',
      'BADARGUMENTS',
      '/t',
    ]);
    commit();
    expect([...tree.ttls]).toEqual(['/t']);
    expect(tree.statOf(tree.node('/t')!).ephemeralOwner).toBe(0n);
  });

  test('only containers and nodes with a time to live are swept', () => {
    create('/plain');
    ask(Op.createContainer, (w) => writeCreateRequest(w, { path: '/c', data: null, acl, flags: 4 }));
    create('/c/x');
    const sweep = (path: string): string => ask(Op.deleteContainer, (w) => w.utf8(path), 0n);
    expect([sweep('/plain'), sweep('/c'), sweep('/nothing'), del('/c/x'), sweep('/c')]).toEqual([
      'BADVERSION',
      'NOTEMPTY',
      'NONODE',
      '/c/x',
      '/c',
    ]);
    commit();
  });
});
