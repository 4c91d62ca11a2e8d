import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../../../src/base/bytes.js';
import { encodePacket, encodePackets, packet } from '../../../../src/wire/zookeeper/quorum/packet.js';
import type { QuorumPacket } from '../../../../src/wire/zookeeper/quorum/packet.js';
import { PacketStream, SNAPSHOT_SIGNATURE } from '../../../../src/wire/zookeeper/quorum/packet-stream.js';
import { PacketType } from '../../../../src/wire/zookeeper/quorum/packet-type.js';
import { snapshotLength } from '../../../../src/wire/zookeeper/quorum/snapshot-scan.js';

const LIMIT = 4096;

/** A tree with one session, one ACL and these paths. */
function snapshot(paths: readonly string[]): Buffer {
  const w = new ByteWriter().i32(1).i64(7n).i32(4000);
  w.i32(1).i64(1n).i32(1).i32(31).i32(5).utf8('world').i32(6).utf8('anyone');
  for (const path of paths) {
    w.i32(Buffer.byteLength(path)).utf8(path).i32(3).utf8('abc').i64(1n).bytes(Buffer.alloc(60));
  }
  return w.i32(1).utf8('/').take();
}

interface Seen {
  packets: QuorumPacket[];
  snapshots: Buffer[];
}

/** Feeds the bytes in pieces cut at these places. */
function feed(bytes: Buffer, cuts: readonly number[]): Seen {
  const seen: Seen = { packets: [], snapshots: [] };
  const stream = new PacketStream(LIMIT, {
    onPacket: (p) => seen.packets.push(p),
    onSnapshot: (b) => seen.snapshots.push(b),
  });
  let from = 0;
  for (const cut of [...new Set(cuts.map((at) => at % (bytes.length + 1)))].sort((a, b) => a - b)) {
    stream.push(Buffer.from(bytes.subarray(from, cut)));
    from = cut;
  }
  stream.push(Buffer.from(bytes.subarray(from)));
  return seen;
}

const packets = fc.array(
  fc.record({
    type: fc.constantFrom(...Object.values(PacketType).filter((type) => type !== PacketType.SNAP)),
    zxid: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    data: fc.option(fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))),
    authinfo: fc.option(fc.array(fc.record({ scheme: fc.string(), id: fc.string() }), { maxLength: 3 })),
  }),
  { maxLength: 8 },
);

test('packets arrive as they were sent, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      packets,
      fc.array(fc.nat()),
      fc.array(fc.string({ minLength: 2, maxLength: 30 }), { maxLength: 5 }),
      fc.boolean(),
      (list, cuts, paths, withSnapshot) => {
        const tree = snapshot(['', ...paths.map((path) => `/${path}`)]);
        const all = withSnapshot ? [...list, packet(PacketType.SNAP, 9n), packet(PacketType.NEWLEADER, 10n)] : list;
        const bytes = Buffer.concat(
          all.flatMap((p) =>
            p.type === PacketType.SNAP ? [encodePacket(p), tree, SNAPSHOT_SIGNATURE] : [encodePacket(p)],
          ),
        );
        const seen = feed(bytes, cuts);
        expect(seen.packets).toEqual(all);
        expect(seen.snapshots).toEqual(withSnapshot ? [tree] : []);
      },
    ),
  );
});

describe('what cannot be right ends the stream at once', () => {
  test.each<[string, Buffer]>([
    [
      'a data length beyond the limit',
      new ByteWriter()
        .i32(2)
        .i64(0n)
        .i32(LIMIT + 1)
        .take(),
    ],
    ['a negative data length', new ByteWriter().i32(2).i64(0n).i32(-2).take()],
    ['a number of ids beyond the limit', new ByteWriter().i32(2).i64(0n).i32(-1).i32(0x7fffffff).take()],
    [
      'a path beyond the limit',
      Buffer.concat([
        encodePacket(packet(PacketType.SNAP, 1n)),
        new ByteWriter()
          .i32(0)
          .i32(0)
          .i32(LIMIT + 1)
          .take(),
      ]),
    ],
    [
      'another signature',
      Buffer.concat([encodePacket(packet(PacketType.SNAP, 1n)), snapshot(['']), Buffer.from('\0\0\0\nBenWasGone')]),
    ],
  ])('%s', (_, bytes) => {
    expect(() => feed(bytes, [])).toThrow(expect.objectContaining({ code: 'MALFORMED' }) as Error);
  });
});

test('packets encoded together are those encoded one by one', () => {
  const packets = [packet(PacketType.PROPOSAL, 1n, Buffer.from('txn')), packet(PacketType.COMMIT, 1n)];
  expect(encodePackets(packets)).toEqual(Buffer.concat(packets.map(encodePacket)));
});

test('the length of a snapshot with something behind it, and of one that is cut short', () => {
  const tree = snapshot(['', '/a']);
  expect(snapshotLength(Buffer.concat([tree, Buffer.from('digest')]))).toBe(tree.length);
  expect(() => snapshotLength(tree.subarray(0, -1))).toThrow(expect.objectContaining({ code: 'MALFORMED' }) as Error);
});
