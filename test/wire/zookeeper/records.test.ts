/**
 * Properties of every record: what is written is read back, to the last byte; and no bytes make a reader fail but as
 * MALFORMED.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter } from '../../../src/base/bytes.js';
import { hasCode } from '../../../src/base/errors.js';
import * as addWatch from '../../../src/wire/zookeeper/client/add-watch.js';
import * as auth from '../../../src/wire/zookeeper/client/auth.js';
import * as connect from '../../../src/wire/zookeeper/client/connect.js';
import * as create2Response from '../../../src/wire/zookeeper/client/create2-response.js';
import * as createTtl from '../../../src/wire/zookeeper/client/create-ttl.js';
import * as create from '../../../src/wire/zookeeper/client/create.js';
import * as getAclResponse from '../../../src/wire/zookeeper/client/get-acl-response.js';
import * as getChildren2Response from '../../../src/wire/zookeeper/client/get-children2-response.js';
import * as getDataResponse from '../../../src/wire/zookeeper/client/get-data-response.js';
import * as multi from '../../../src/wire/zookeeper/client/multi.js';
import * as setWatches2 from '../../../src/wire/zookeeper/client/set-watches2.js';
import * as watcherEvent from '../../../src/wire/zookeeper/client/watcher-event.js';
import * as whoAmI from '../../../src/wire/zookeeper/client/who-am-i-response.js';
import { Op } from '../../../src/wire/zookeeper/op.js';
import { decodeTxn, encodeTxn } from '../../../src/wire/zookeeper/txn/txn.js';
import type { TxnRecord } from '../../../src/wire/zookeeper/txn/txn.js';
import { DataTree } from '../../../src/zookeeper/tree/data-tree.js';
import { readSnapshot } from '../../../src/zookeeper/tree/snapshot.js';

const int = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const long = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
const bool = fc.boolean();
const ustring = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => Buffer.from(text).toString());
const buffer = fc.option(
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  { nil: null },
);
const ustrings = fc.array(ustring, { maxLength: 4 });
const acl = fc.array(fc.record({ perms: int, id: fc.record({ scheme: ustring, id: ustring }) }), { maxLength: 3 });
const stat = fc.record({
  czxid: long,
  mzxid: long,
  ctime: long,
  mtime: long,
  version: int,
  cversion: int,
  aversion: int,
  ephemeralOwner: long,
  dataLength: int,
  numChildren: int,
  pzxid: long,
});
const createRequest = fc.record({ path: ustring, data: buffer, acl, flags: int });

interface Codec {
  readonly name: string;
  readonly values: fc.Arbitrary<any>;
  readonly write: (w: ByteWriter, m: any) => void;
  readonly read: (r: ByteReader) => unknown;
}

const readOnly = fc.option(bool, { nil: undefined });
const codecs: readonly Codec[] = [
  {
    name: 'ConnectRequest',
    write: connect.writeConnectRequest,
    read: connect.readConnectRequest,
    values: fc.record({
      protocolVersion: int,
      lastZxidSeen: long,
      timeOut: int,
      sessionId: long,
      passwd: buffer,
      readOnly,
    }),
  },
  {
    name: 'ConnectResponse',
    write: connect.writeConnectResponse,
    read: connect.readConnectResponse,
    values: fc.record({ protocolVersion: int, timeOut: int, sessionId: long, passwd: buffer, readOnly }),
  },
  { name: 'CreateRequest', write: create.writeCreateRequest, read: create.readCreateRequest, values: createRequest },
  {
    name: 'CreateTTLRequest',
    write: createTtl.writeCreateTtlRequest,
    read: createTtl.readCreateTtlRequest,
    values: fc.record({ path: ustring, data: buffer, acl, flags: int, ttl: long }),
  },
  {
    name: 'Create2Response',
    write: create2Response.writeCreate2Response,
    read: create2Response.readCreate2Response,
    values: fc.record({ path: ustring, stat }),
  },
  {
    name: 'GetDataResponse',
    write: getDataResponse.writeGetDataResponse,
    read: getDataResponse.readGetDataResponse,
    values: fc.record({ data: buffer, stat }),
  },
  {
    name: 'GetACLResponse',
    write: getAclResponse.writeGetAclResponse,
    read: getAclResponse.readGetAclResponse,
    values: fc.record({ acl, stat }),
  },
  {
    name: 'GetChildren2Response',
    write: getChildren2Response.writeGetChildren2Response,
    read: getChildren2Response.readGetChildren2Response,
    values: fc.record({ children: ustrings, stat }),
  },
  {
    name: 'SetWatches2',
    write: setWatches2.writeSetWatches2,
    read: setWatches2.readSetWatches2,
    values: fc.record({
      relativeZxid: long,
      dataWatches: ustrings,
      existWatches: ustrings,
      childWatches: ustrings,
      persistentWatches: ustrings,
      persistentRecursiveWatches: ustrings,
    }),
  },
  {
    name: 'AddWatchRequest',
    write: addWatch.writeAddWatchRequest,
    read: addWatch.readAddWatchRequest,
    values: fc.record({ path: ustring, mode: int }),
  },
  {
    name: 'AuthPacket',
    write: auth.writeAuthPacket,
    read: auth.readAuthPacket,
    values: fc.record({ type: int, scheme: ustring, auth: buffer }),
  },
  {
    name: 'WatcherEvent',
    write: watcherEvent.writeWatcherEvent,
    read: watcherEvent.readWatcherEvent,
    values: fc.record({ type: int, state: int, path: ustring }),
  },
  {
    name: 'WhoAmIResponse',
    write: whoAmI.writeWhoAmIResponse,
    read: whoAmI.readWhoAmIResponse,
    values: fc.record({ clientInfo: fc.array(fc.record({ authScheme: ustring, user: ustring }), { maxLength: 3 }) }),
  },
  {
    name: 'multi request',
    write: multi.writeMultiRequest,
    read: multi.readMultiRequest,
    values: fc.array(
      fc.oneof(
        fc.record({ op: fc.constantFrom(Op.create, Op.create2, Op.createContainer), request: createRequest }),
        fc.record({ op: fc.constant(Op.delete), request: fc.record({ path: ustring, version: int }) }),
        fc.record({ op: fc.constant(Op.setData), request: fc.record({ path: ustring, data: buffer, version: int }) }),
        fc.record({ op: fc.constant(Op.check), request: fc.record({ path: ustring, version: int }) }),
      ),
      { maxLength: 5 },
    ),
  },
  {
    name: 'multi response',
    write: multi.writeMultiResponse,
    read: multi.readMultiResponse,
    values: fc.array(
      fc.oneof(
        fc.record({ op: fc.constant(Op.create), path: ustring }),
        fc.record({ op: fc.constant(Op.create2), path: ustring, stat }),
        fc.record({ op: fc.constantFrom(Op.delete, Op.check) }),
        fc.record({ op: fc.constant(Op.setData), stat }),
        fc.record({ op: fc.constant(Op.getChildren), children: ustrings }),
        fc.record({ op: fc.constant(Op.getData), data: buffer, stat }),
        fc.record({ op: fc.constant(Op.error), err: int }),
      ),
      { maxLength: 5 },
    ),
  },
];

function malformedOrFine(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!hasCode(error, 'MALFORMED')) throw error;
  }
}

describe.each(codecs)('$name', ({ values, write, read }) => {
  test('is read back as it was written', () => {
    fc.assert(
      fc.property(values, (value) => {
        const w = new ByteWriter();
        write(w, value);
        const r = new ByteReader(w.take());
        expect(read(r)).toEqual(value);
        expect(r.remaining).toBe(0);
      }),
    );
  });

  test('cut short or spoiled, it is MALFORMED or something else, never worse', () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.nat(), fc.nat({ max: 255 }), (value, cut, at, byte) => {
        const w = new ByteWriter();
        write(w, value);
        const bytes = w.take();
        malformedOrFine(() => read(new ByteReader(bytes.subarray(0, cut % (bytes.length + 1)))));
        if (bytes.length > 0) bytes[at % bytes.length] = byte;
        malformedOrFine(() => read(new ByteReader(bytes)));
      }),
    );
  });
});

describe('transactions', () => {
  const header = fc.record({ clientId: long, cxid: int, zxid: long, time: long });
  const records: fc.Arbitrary<[number, TxnRecord]> = fc.oneof(
    fc
      .record({ path: ustring, data: buffer, acl, ephemeral: bool, parentCVersion: int })
      .map((txn): [number, TxnRecord] => [Op.create2, { kind: 'create', txn }]),
    fc
      .record({ path: ustring, data: buffer, acl, parentCVersion: int, ttl: long })
      .map((txn): [number, TxnRecord] => [Op.createTTL, { kind: 'createTTL', txn }]),
    fc
      .record({ path: ustring, data: buffer, acl, parentCVersion: int })
      .map((txn): [number, TxnRecord] => [Op.createContainer, { kind: 'createContainer', txn }]),
    fc
      .record({ path: ustring, data: buffer, version: int })
      .map((txn): [number, TxnRecord] => [Op.setData, { kind: 'setData', txn }]),
    fc
      .record({ path: ustring, acl, version: int })
      .map((txn): [number, TxnRecord] => [Op.setACL, { kind: 'setACL', txn }]),
    fc
      .record({ paths2Delete: ustrings })
      .map((txn): [number, TxnRecord] => [Op.closeSession, { kind: 'closeSession', txn }]),
    fc.record({ err: int }).map((txn): [number, TxnRecord] => [Op.error, { kind: 'error', txn }]),
    fc.constant<[number, TxnRecord]>([Op.closeSession, { kind: 'closeSession', txn: undefined }]),
  );
  const digest = fc.option(fc.record({ version: int, treeDigest: long }), { nil: undefined });

  test('are read back as they were written, with and without a digest', () => {
    fc.assert(
      fc.property(header, records, digest, (head, [type, record], tail) => {
        const full = { ...head, type };
        // Before 3.6 neither existed.
        const with36 = record.kind === 'closeSession' && record.txn === undefined ? undefined : tail;
        expect(decodeTxn(encodeTxn(full, record, with36))).toEqual({ header: full, record, digest: with36 });
      }),
    );
  });

  test('spoiled, they are MALFORMED or something else, and a tree takes whatever can be read', () => {
    const tree = new DataTree({ extendedTypes: false });
    fc.assert(
      fc.property(header, records, fc.nat(), fc.nat({ max: 255 }), (head, [type, record], at, byte) => {
        const bytes = encodeTxn({ ...head, type }, record);
        bytes[at % bytes.length] = byte;
        malformedOrFine(() => {
          const decoded = decodeTxn(bytes);
          tree.apply(decoded.header, decoded.record);
        });
      }),
    );
  });

  test('arbitrary bytes are no snapshot, and leave an empty tree', () => {
    const tree = new DataTree({ extendedTypes: false });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        malformedOrFine(() => readSnapshot(tree, bytes));
        expect(tree.nodeCount).toBe(5);
      }),
    );
  });
});
