/** Properties of the tree under arbitrary requests, prepared ahead of what is applied, as on a leader. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWriter } from '../../../src/base/bytes.js';
import { writeCreateRequest } from '../../../src/wire/zookeeper/client/create.js';
import { writeDeleteRequest } from '../../../src/wire/zookeeper/client/delete.js';
import { writeMultiRequest } from '../../../src/wire/zookeeper/client/multi.js';
import { writeSetAclRequest } from '../../../src/wire/zookeeper/client/set-acl.js';
import { writeSetDataRequest } from '../../../src/wire/zookeeper/client/set-data.js';
import { OPEN_ACL_UNSAFE, READ_ACL_UNSAFE } from '../../../src/wire/zookeeper/data/acl.js';
import { ErrorCode } from '../../../src/wire/zookeeper/error-code.js';
import { Op } from '../../../src/wire/zookeeper/op.js';
import { decodeTxn, encodeTxn } from '../../../src/wire/zookeeper/txn/txn.js';
import type { DecodedTxn } from '../../../src/wire/zookeeper/txn/txn.js';
import { DataTree } from '../../../src/zookeeper/tree/data-tree.js';
import { nodeDigest } from '../../../src/zookeeper/tree/digest.js';
import { RequestPreparer } from '../../../src/zookeeper/tree/prepare.js';
import type { PreparedTxn } from '../../../src/zookeeper/tree/prepare.js';
import { readSnapshot, writeSnapshot } from '../../../src/zookeeper/tree/snapshot.js';

const path = fc.constantFrom('/', '/a', '/b', '/a/x', '/a/y', '/a/x/z', '/zookeeper', '/zookeeper/quota');
const version = fc.constantFrom(-1, -1, 0, 1, 2);
const create = fc.record({ op: fc.constant(Op.create), path, flags: fc.constantFrom(0, 0, 1, 2, 3) });
const part = fc.oneof(
  create,
  fc.record({ op: fc.constant(Op.delete), path, version }),
  fc.record({ op: fc.constant(Op.setData), path, version }),
  fc.record({ op: fc.constant(Op.check), path, version }),
);
const step = fc.oneof(
  { weight: 6, arbitrary: part },
  { weight: 1, arbitrary: fc.record({ op: fc.constant(Op.setACL), path, version, open: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant(Op.multi), parts: fc.array(part, { maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant(Op.closeSession) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('apply' as const), count: fc.integer({ min: 1, max: 5 }) }) },
);

function bodyOf(s: any): Buffer {
  const w = new ByteWriter();
  const acl = OPEN_ACL_UNSAFE;
  const data = Buffer.from('d');
  if (s.op === Op.create) writeCreateRequest(w, { path: s.path, data, acl, flags: s.flags });
  if (s.op === Op.delete || s.op === Op.check) writeDeleteRequest(w, s);
  if (s.op === Op.setData) writeSetDataRequest(w, { ...s, data });
  if (s.op === Op.setACL)
    writeSetAclRequest(w, { path: s.path, version: s.version, acl: s.open ? acl : READ_ACL_UNSAFE });
  if (s.op === Op.multi)
    writeMultiRequest(
      w,
      s.parts.map((one: any) => ({ op: one.op, request: { ...one, acl, data } })),
    );
  return w.take();
}

const shape = (tree: DataTree): unknown =>
  [...tree.nodes]
    .map(([at, node]) => [at, node.data?.toString(), node.stat, [...(node.children ?? [])].sort(), tree.aclOf(node)])
    .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1));

test('what is foretold comes true, on every server, and a snapshot tells all of it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(step, fc.constantFrom(1n, 2n)), { maxLength: 60 }), fc.nat(), (steps, cut) => {
      const leader = new DataTree({ extendedTypes: false });
      const follower = new DataTree({ extendedTypes: false });
      const restored = new DataTree({ extendedTypes: false });
      const preparer = new RequestPreparer(leader, {
        check: () => ErrorCode.OK,
        open: () => undefined,
        closing: () => undefined,
      });
      const waiting: PreparedTxn[] = [];
      let zxid = 0n;
      let snapshotAt = -1;
      const log: DecodedTxn[] = [];
      const apply = (count: number): void => {
        for (const txn of waiting.splice(0, count)) {
          const mine = leader.apply(txn.header, txn.record);
          preparer.applied(txn.header.zxid);
          const sent = decodeTxn(encodeTxn(txn.header, txn.record, txn.digest));
          expect(follower.apply(sent.header, sent.record)).toEqual(mine);
          if (txn.record.kind !== 'error' && txn.record.kind !== 'multi') expect(mine.err).toBe(ErrorCode.OK);
          if (txn.digest !== undefined) expect(BigInt(leader.digest)).toBe(txn.digest.treeDigest);
          log.push(sent);
          if (txn.header.zxid === BigInt(cut % 40)) {
            readSnapshot(restored, writeSnapshot(leader, new Map()));
            snapshotAt = log.length;
          }
        }
      };
      for (const [s, sessionId] of steps) {
        if (s.op === 'apply') apply(s.count);
        else
          waiting.push(
            preparer.prepare(
              { sessionId, cxid: 0, op: s.op, body: bodyOf(s), authInfo: [], origin: 1 },
              ++zxid,
              zxid * 10n,
            ),
          );
      }
      apply(waiting.length);
      expect(preparer.outstanding).toBe(0);
      expect(shape(follower)).toEqual(shape(leader));
      // From the snapshot on, applying over again a few transactions that are in it already, as after a fuzzy one.
      if (snapshotAt !== -1) {
        for (const { header, record } of log.slice(Math.max(0, snapshotAt - (cut % 7)))) restored.apply(header, record);
        expect(shape(restored)).toEqual(shape(leader));
      }

      // The sums kept along the way are those of the nodes that are there.
      let digest = 0;
      let size = 1;
      for (const [at, node] of leader.nodes) {
        digest += nodeDigest(at, node.data, node.stat);
        size += at.length + (node.data?.length ?? 0);
      }
      expect(leader.digest).toBe(digest);
      expect(leader.approximateDataSize).toBe(size + (leader.nodes.get('')!.data?.length ?? 0));
      const owned = [...leader.nodes]
        .filter(([, node]) => node.stat.ephemeralOwner !== 0n)
        .map(([at]) => at)
        .sort();
      expect([...leader.ephemerals.values()].flatMap((paths) => [...paths]).sort()).toEqual(owned);
    }),
    { numRuns: 300 },
  );
});
