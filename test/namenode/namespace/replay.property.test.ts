/**
 * Whatever clients do, the edits they leave make the same namespace again, byte for byte on the way through the log and
 * an image.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { setOwner, setPermission, setReplication, setTimes } from '../../../src/namenode/namespace/attributes.js';
import { complete } from '../../../src/namenode/namespace/complete.js';
import { create } from '../../../src/namenode/namespace/create.js';
import { deletePath } from '../../../src/namenode/namespace/delete.js';
import { HadoopError } from '../../../src/namenode/namespace/errors.js';
import { mkdirs } from '../../../src/namenode/namespace/mkdirs.js';
import { rename, rename2 } from '../../../src/namenode/namespace/rename.js';
import { replay } from '../../../src/namenode/edit-log/replay.js';
import { loadImage } from '../../../src/namenode/image/load-image.js';
import { saveImage } from '../../../src/namenode/image/save-image.js';
import { OpBatch } from '../../../src/wire/edits/ops/batch.js';
import { picture } from './picture.js';
import { bob, eve, hdfs, newNamespace } from './new-namespace.js';

const name = fc.constantFrom('a', 'b', 'c', 'ü');
const path = fc.array(name, { minLength: 0, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
const caller = fc.constantFrom(hdfs, hdfs, bob, eve);
const rpcIds = fc.record({ clientId: fc.constant(Buffer.alloc(16, 7)), callId: fc.integer({ min: 0, max: 1000 }) });

const step = fc.oneof(
  fc.record({
    kind: fc.constant('mkdirs' as const),
    caller,
    path,
    mode: fc.constantFrom(0o755, 0o777, 0o1777, 0o700),
    flag: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('create' as const),
    caller,
    path,
    flags: fc.constantFrom(1, 3),
    flag: fc.boolean(),
    rpcIds,
  }),
  fc.record({ kind: fc.constant('complete' as const), caller, path }),
  fc.record({ kind: fc.constant('delete' as const), caller, path, flag: fc.boolean(), rpcIds }),
  fc.record({ kind: fc.constant('rename' as const), caller, path, to: path, rpcIds }),
  fc.record({
    kind: fc.constant('rename2' as const),
    caller,
    path,
    to: path,
    option: fc.constantFrom(0, 1, 2),
    rpcIds,
  }),
  fc.record({
    kind: fc.constant('attributes' as const),
    caller,
    path,
    mode: fc.integer({ min: 0, max: 0o1777 }),
    owner: fc.constantFrom('', 'bob', 'eve'),
  }),
);

test('replayed edits make the same namespace', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { ns, clock } = newNamespace();
      const batch = new OpBatch();
      ns.openForWrite({
        append(op) {
          batch.append(op, BigInt(batch.count) + 1n);
          return BigInt(batch.count);
        },
      });
      for (const { caller: who, path: at, ...rest } of steps) {
        clock.ms += 17;
        try {
          switch (rest.kind) {
            case 'mkdirs':
              mkdirs(ns, who, at, rest.mode, rest.flag);
              break;
            case 'create':
              create(ns, who, {
                path: at,
                mode: 0o644,
                clientName: who.user,
                clientMachine: 'm',
                flags: rest.flags,
                createParent: rest.flag,
                replication: 3,
                blockSize: 1 << 27,
                rpcIds: rest.rpcIds,
              });
              break;
            case 'complete':
              complete(ns, who, { path: at, clientName: who.user, fileId: 0, last: undefined });
              break;
            case 'delete':
              deletePath(ns, who, at, rest.flag, rest.rpcIds);
              break;
            case 'rename':
              rename(ns, who, at, rest.to, rest.rpcIds);
              break;
            case 'rename2':
              rename2(ns, who, at, rest.to, [rest.option], rest.rpcIds);
              break;
            case 'attributes':
              setPermission(ns, who, at, rest.mode);
              setOwner(ns, who, at, rest.owner, '');
              setTimes(ns, who, at, clock.ms - 5, -1);
              setReplication(ns, who, at, 1 + (rest.mode % 3));
          }
        } catch (error) {
          if (!(error instanceof HadoopError)) throw error;
        }
      }
      const { bytes } = batch.take();
      const again = newNamespace();
      replay(again.ns, bytes, 'test');
      expect(picture(again.ns)).toEqual(picture(ns));
      expect(again.ns.retryCache.size).toBe(ns.retryCache.size);
      const loaded = newNamespace();
      loadImage(loaded.ns, saveImage(ns, 1).bytes);
      expect(picture(loaded.ns)).toEqual(picture(ns));
    }),
    { numRuns: 300 },
  );
});
